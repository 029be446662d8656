"""From the JSON of a source to our fields, by the paths that its settings declare.

The same reading is used before a message is stored (then what is wrong is refused, every field by name) and after, when
it is parsed. It is strict where a mistake would do harm: an address that is none, an id with control characters, a
number where text belongs. What is not mapped is not looked at; the stored bytes keep it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic_core import from_json

from ...config.errors import Invalid
from ...config.field_settings import CurrentFields, OwnFields
from ...normalizer.addresses import normalise_address
from ...normalizer.field_values import NoValue, read_place
from ...normalizer.phone import normalise as normalise_phone
from ...web.problem import FieldError, invalid
from .settings import KNOWN, SourceSettings

LONGEST = {
    "name": 200,
    "email": 320,
    "phone": 50,
    "customer": 200,
    "subject": 500,
    "conversation": 200,
    "language": 35,  # RFC 5646 section 4.4.1
}
_KEYS = frozenset({"customer", "conversation", "sequence", "phone"})
"""Fields that other systems like to send as numbers, and that must hold no control characters."""

_CUT = frozenset({"subject"})
"""What is only shown: it is cut where it is too long, and all of it stays in the bytes as they came."""

SEQUENCE_DIGITS = 18


@dataclass(frozen=True)
class Fields:
    """What was found: known fields as text, those of tickets and customers as they came."""

    known: Mapping[str, str]
    own: Mapping[str, Any]

    @property
    def email_key(self) -> str:
        """The normalised address; empty without one."""
        return (normalise_address(self.known["email"]) or "") if "email" in self.known else ""

    @property
    def lane_key(self) -> str:
        """What is filed one after the other: the conversation, else the person; empty when neither is known."""
        conversation = self.known.get("conversation")
        return f"c:{conversation}" if conversation else self.email_key and f"e:{self.email_key}"


def read_content(body: bytes) -> Any:
    """The JSON of a body; its text is UTF-8 without lone surrogates. Raises Invalid."""
    try:
        return from_json(body, allow_inf_nan=False, cache_strings="keys")
    except ValueError as error:
        raise Invalid(f"the body is not JSON: {error}") from error


Kind = Literal["missing", "unusable", "bad_email", "bad_phone", "no_key", "no_sequence", "too_long", "no_value"]
"""What can be wrong with a field."""

_WORDS: Mapping[Kind, str] = {
    "missing": "this is required",
    "unusable": "this is not text",
    "bad_email": "this is not an e-mail address",
    "bad_phone": "this is not a phone number",
    "no_key": "this holds characters that cannot be part of a key",
    "no_sequence": f"this is not a whole number of at most {SEQUENCE_DIGITS} digits",
    "too_long": "this is too long",
    "no_value": "this is no value of the field",
}


@dataclass(frozen=True)
class Fault:
    """One field that is wrong: its name with us, its path in the JSON, what is wrong, and what would be right."""

    name: str
    path: str
    kind: Kind
    expected: str = ""


class FieldMapping:
    """The mapping of one source, prepared."""

    def __init__(self, settings: SourceSettings, *, flat: bool = False, declared: CurrentFields | None = None) -> None:
        """`flat` reads fields by their own names, as the form page sends them, and only those it asks for.

        With what is `declared`, values of the fields of tickets and customers are checked as well; without, whatever
        was stored is read.
        """
        names = settings.form_fields if flat else tuple(settings.fields)
        self._paths = {name: (name,) if flat else tuple(settings.fields[name].split(".")) for name in names}
        self._demanded = settings.demanded & set(names)
        self._country = settings.country
        self._declared = declared

    def read(self, content: Any) -> Fields:
        """The fields. Raises Invalid naming each that is missing or cannot be used, by its path in the JSON."""
        if not isinstance(content, dict):
            raise Invalid("the body is not a JSON object")
        fields, faults = self.examine(content)
        if faults:
            raise invalid(_named(fault) for fault in faults)
        return fields

    def examine(self, content: Mapping[str, Any]) -> tuple[Fields, list[Fault]]:
        """The fields that can be used, and what is wrong with the others."""
        known: dict[str, str] = {}
        own: dict[str, Any] = {}
        faults: list[Fault] = []
        for name, path in self._paths.items():
            value = _found(content, path)
            kind: Kind | None = None
            expected = ""
            if value is None or (isinstance(value, str) and _blank(value)):
                kind = "missing" if name in self._demanded else None
            elif name in KNOWN:
                kind = self._take(known, name, value)
            else:
                own[name] = value
                expected = self._expected(name, value)
                kind = "no_value" if expected else None
            if kind is not None:
                faults.append(Fault(name, ".".join(path), kind, expected))
        return Fields(known, own), faults

    def _expected(self, name: str, value: Any) -> str:
        """What would be a value of this field; empty when this is one."""
        fields = self._declared() if self._declared else OwnFields()
        try:
            read_place(fields, name, value)
        except NoValue as error:
            return str(error)
        return ""

    def _take(self, known: dict[str, str], name: str, value: Any) -> Kind | None:
        if name in _KEYS and type(value) is int:
            value = str(value)
        if not isinstance(value, str):
            return "unusable"
        if name in _CUT:
            value = value.strip()[: LONGEST[name]]
        if len(value) > LONGEST.get(name, len(value)):
            return "too_long"
        kind = self._unusable(name, value)
        if kind is None:
            known[name] = value if name == "message" else value.strip()
        return kind

    def _unusable(self, name: str, value: str) -> Kind | None:
        if name == "email" and normalise_address(value) is None:
            return "bad_email"
        if name in _KEYS and not value.isprintable():
            return "no_key"
        if name == "sequence" and not (value.isascii() and value.isdigit() and len(value) <= SEQUENCE_DIGITS):
            return "no_sequence"
        if name == "phone" and name in self._demanded and normalise_phone(value, self._country) is None:
            return "bad_phone"
        return None


def _blank(text: str) -> bool:
    if not text.strip():
        return True
    return not text.isprintable() and not any(one.isprintable() and not one.isspace() for one in text)


def _found(content: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        if isinstance(content, dict):
            content = content.get(step)
        elif isinstance(content, list) and step.isascii() and step.isdigit() and int(step[:9]) < len(content):
            content = content[int(step[:9])]
        else:
            return None
    return content


def _named(fault: Fault) -> FieldError:
    if fault.expected:
        return FieldError(place="body", field=fault.path, detail=f"expected {fault.expected}")
    words = _WORDS[fault.kind] if fault.name == fault.path else f"{_WORDS[fault.kind]} ({fault.name})"
    return FieldError(place="body", field=fault.path, detail=words)
