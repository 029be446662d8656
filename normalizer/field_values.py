"""Values of fields of one's own (config/field_settings.py): what is one, and how it is written as text.

`read_value` takes what JSON, a form or a table says and gives the value as it is kept: text without what stands around
it, a number, true or false, a date as YYYY-MM-DD, an option as it was declared, several as a list in the order of the
options, an address in its one spelling. Nothing (null, blank text, an empty list) is None: the field is emptied.
`text_of` gives the text that `read_value` takes again.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from yarl import URL

from ..config.field_settings import FieldSettings, OwnFields
from .addresses import normalise_address

LONGEST_TEXT = 1000
DECIMALS = 12

_NUMBER = re.compile(r"[+-]?(?:\d{1,15}|\d{0,15}\.\d{1,15})", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
_YES, _NO = frozenset({"true", "yes", "on", "1"}), frozenset({"false", "no", "off", "0"})
_PAGE = re.compile(r"https?://", re.IGNORECASE)
_SEPARATORS = re.compile(r"[;,\n]")


class NoValue(ValueError):
    """This is no value of the field; the words say what is expected."""


def read_value(field: FieldSettings, given: object) -> Any:
    """The value as it is kept; None empties the field. Raises NoValue."""
    if isinstance(given, str):
        given = given.strip()
    return None if given is None or given in ("", [], ()) else _READERS[field.type](field, given)


LONGEST_FACTS = {"name": 200, "company": 200, "segment": 100, "notes": 4000}
"""Characters of what every customer's record has."""
LONGEST_ID = 200


def read_fact(name: str, given: object) -> str:
    """One of `CUSTOMER_FACTS` as it is kept, in one line but for notes; empty (a language: `unknown`) for none.

    Raises NoValue.
    """
    if not isinstance(given, str):
        raise NoValue("text")
    match name:
        case "language":
            return read_language(given)
        case "time_zone":
            return read_time_zone(given)
        case _:
            return read_line(given, LONGEST_FACTS[name], is_line=name != "notes")


def read_external_id(given: object) -> str | None:
    """An id in another system, which may send it as a number; None for none. Raises NoValue."""
    if isinstance(given, bool) or not isinstance(given, str | int | None):
        raise NoValue("an id as text or a whole number")
    return read_line("" if given is None else str(given), LONGEST_ID) or None


def read_line(given: str, longest: int, *, is_line: bool = True) -> str:
    """Text without what stands around it. Raises NoValue."""
    text = given.strip()
    if len(text) > longest:
        raise NoValue(f"at most {longest} characters")
    if any(not char.isprintable() and (is_line or char not in "\n\r\t") for char in text):
        raise NoValue("text without control characters" + (", in one line" if is_line else ""))
    return text


def read_place(fields: OwnFields, name: str, given: object) -> tuple[str, str, Any] | None:
    """What a source says for a field: whose record, which place, which value (None: nothing); None for nowhere.

    Raises NoValue.
    """
    found = fields.place(name)
    if found is None:
        return None
    kind, place = found
    if kind == "ticket":
        return kind, place, read_value(fields.ticket[place], given)
    if place.startswith("fields."):
        return kind, place, read_value(fields.customer[place.removeprefix("fields.")], given)
    if place.startswith("external_ids."):
        return kind, place, read_external_id(given)
    return kind, place, read_fact(place, given) or None


def text_of(value: object) -> str:
    """A value as people write it."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            return "; ".join(map(text_of, value))
        case float():
            return f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")
        case _:
            return str(value)


def read_language(given: str) -> str:
    """A language as two letters; `unknown` for none. Raises NoValue."""
    code = given.strip().lower()
    if not re.fullmatch("[a-z]{2}|unknown|", code):
        raise NoValue("a language as two letters of ISO 639-1, such as en")
    return code or "unknown"


def read_time_zone(given: str) -> str:
    """A time zone by its IANA name; empty for none. Raises NoValue."""
    zone = given.strip()
    if zone and zone not in _zones():
        raise NoValue("a time zone by its IANA name, such as Europe/Madrid")
    return zone


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _text(_: FieldSettings, given: object) -> str:
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        raise NoValue("text")
    text = given if isinstance(given, str) else text_of(given)
    if len(text) > LONGEST_TEXT:
        raise NoValue(f"a text of at most {LONGEST_TEXT} characters")
    if any(not char.isprintable() and char not in "\n\t" for char in text):
        raise NoValue("text without control characters")
    return text


def _number(_: FieldSettings, given: object) -> int | float:
    if isinstance(given, str) and _NUMBER.fullmatch(given):
        given = float(given) if "." in given else int(given)
    if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given):
        raise NoValue("a number such as 12 or 12.5")
    if abs(given) >= 10**15:
        raise NoValue("a number of at most 15 digits")
    given = round(given, DECIMALS)
    return int(given) if float(given).is_integer() else given


def _boolean(_: FieldSettings, given: object) -> bool:
    text = text_of(given).lower() if isinstance(given, str | bool | int) else ""
    if text not in _YES | _NO:
        raise NoValue("yes or no")
    return text in _YES


def _date(_: FieldSettings, given: object) -> str:
    text = given if isinstance(given, str) else ""
    if match := _DAY_FIRST.fullmatch(text):
        text = f"{match[3]}-{match[2]:0>2}-{match[1]:0>2}"
    try:
        return date.fromisoformat(text if len(text) == 10 else "").isoformat()
    except ValueError:
        raise NoValue("a date such as 2026-11-29") from None


def _choice(field: FieldSettings, given: object) -> str:
    text = text_of(given) if isinstance(given, str | int | float) else ""
    chosen = next((option for option in field.options if option.casefold() == text.casefold()), None)
    if chosen is None:
        raise NoValue(f"one of {', '.join(field.options)}")
    return chosen


def _choices(field: FieldSettings, given: object) -> list[str] | None:
    parts: Sequence[object] = _SEPARATORS.split(given) if isinstance(given, str) else [given]
    if isinstance(given, list | tuple):
        parts = given
    chosen = {_choice(field, part.strip() if isinstance(part, str) else part) for part in parts if part != ""}
    return [option for option in field.options if option in chosen] or None


def _email(_: FieldSettings, given: object) -> str:
    address = normalise_address(given) if isinstance(given, str) else None
    if address is None:
        raise NoValue("an e-mail address")
    return address


def _url(_: FieldSettings, given: object) -> str:
    text = given if isinstance(given, str) else ""
    if not _PAGE.match(text) or not _host(text) or len(text) > LONGEST_TEXT or not text.isprintable():
        raise NoValue("the address of a page, such as https://example.org")
    return text


def _host(address: str) -> str:
    try:
        return URL(address).host or ""
    except ValueError:
        return ""


_READERS: Mapping[str, Callable[[FieldSettings, Any], Any]] = {
    "text": _text,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "choice": _choice,
    "choices": _choices,
    "email": _email,
    "url": _url,
}
