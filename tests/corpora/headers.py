"""Scores on a public corpus of mail headers (stalwartlabs/mail-parser), per kind of field.

The corpus has a taste of its own, which is left out of the comparison: the language of a parameter. Of Received headers
only the date is read. Its reading of C's asctime dates is wrong (`Fri Feb 07 10:18:12 2003` as day 7 of the
month 2 of the year 1910), and counts against us here; it keeps obsolete routes and blanks inside addresses, against
RFC 5322 section 4.4.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from trunkline.adapters.mail.content_header import parse_content
from trunkline.adapters.mail.dates import parse_date
from trunkline.adapters.mail.message_ids import parse_ids
from trunkline.normalizer.addresses import parse_addresses
from trunkline.normalizer.encoded_words import decode_words

from .files import cases

CORPUS = "mime_header"

Read = Callable[[str], object]


def missed(field: str, read: Read) -> tuple[list[str], int]:
    """What was read otherwise than the corpus has it, in words, and how many headers of this field there are."""
    wanted = _WANTED[field]
    found, count = [], 0
    for raw, case in cases(CORPUS):
        if case["field"] == field:
            count += 1
            header = raw.decode("utf-8", "surrogateescape")
            got, want = read(header), wanted(case["expected"])
            if got != want:
                found.append(f"{header.strip()[:200]!r}\n  wanted {want}\n  got    {got}")
    return found, count


def _content(header: str) -> object:
    found = parse_content(header)
    return found and (found.main, found.sub or None, dict(found.parameters))


def _expected_content(expected: dict[str, Any] | None) -> object:
    if expected is None:
        return None
    given = dict(expected.get("attributes") or [])
    return (
        expected["c_type"],
        expected["c_subtype"],
        {name: value for name, value in given.items() if not name.endswith("-language")},
    )


def moment(date: datetime | None) -> object:
    """A date as the corpus writes it."""
    if date is None:
        return None
    offset = date.utcoffset()
    assert offset is not None
    return (*date.timetuple()[:6], int(offset.total_seconds() // 60))


def _expected_moment(expected: dict[str, Any] | None) -> object:
    if expected is None:
        return None
    minutes = expected["tz_hour"] * 60 + expected["tz_minute"]
    fields = ("year", "month", "day", "hour", "minute", "second")
    return (*(expected[name] for name in fields), -minutes if expected["tz_before_gmt"] else minutes)


def _way(header: str) -> object:
    found = parse_date(header) if ";" in header else None
    return found and found.timetuple()[1:5]


def _expected_way(expected: dict[str, Any]) -> object:
    date = expected.get("date")
    return date and (date["month"], date["day"], date["hour"], date["minute"])


def _addresses(header: str) -> object:
    return [(box.name, box.address, box.group) for box in parse_addresses(header) if box.address]


def _expected_addresses(expected: dict[str, Any]) -> list[tuple[str, str, str]]:
    groups = expected.get("Group") or [{"name": None, "addresses": expected.get("List", [])}]
    return [
        (box["name"] or "", box["address"], group["name"] or "")
        for group in groups
        for box in group["addresses"]
        if box["address"]
    ]


def _text(header: str) -> object:
    return decode_words(re.split(r"\r?\n(?![ \t])", header)[0]).strip()


_WANTED: dict[str, Callable[[Any], object]] = {
    "address": _expected_addresses,
    "content_type": _expected_content,
    "date": _expected_moment,
    "id": lambda expected: expected or [],
    "received": _expected_way,
    "unstructured": lambda expected: expected,
}
READ: dict[str, Read] = {
    "address": _addresses,
    "content_type": _content,
    "date": lambda header: moment(parse_date(header)),
    "id": parse_ids,
    "received": _way,
    "unstructured": _text,
}
