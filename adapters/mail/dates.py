"""Dates of mail headers, RFC 5322 and what is sent instead of it.

`parse_date` never raises; what cannot be a date gives None. It reads the obsolete forms of RFC 5322 section 4.3
(comments anywhere, years of two digits, named zones), the form of C's asctime, ISO 8601, numbers for months, and a date
behind the last semicolon of a Received header. An unknown zone counts as UTC, as section 4.3 says.
"""

import re
from datetime import UTC, datetime, timedelta, timezone

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ZONES = {
    "edt": -4, "est": -5, "cdt": -5, "cst": -6, "mdt": -6, "mst": -7, "pdt": -7, "pst": -8,
    "bst": 1, "cet": 1, "cest": 2, "eet": 2, "eest": 3, "msk": 3, "jst": 9,
}  # fmt: skip

_MONTH = r"(?P<month>\d{1,2}|[a-z]{3})[a-z]{0,6}\.?"
_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?:[.,]\d{1,9})?(?:\s{0,3}(?P<half>[ap]m)\b)?"
_ZONE = r"(?:\s{0,9}(?P<zone>[+-]\s?\d{2}:?\d{2}|[a-z]{1,4}))?"
_FORMS = (
    re.compile(
        rf"(?<!\d)(?P<day>\d{{1,2}})[\s-]{{1,9}}{_MONTH}[\s,-]{{1,9}}(?P<year>\d{{2,4}})[\s,]{{1,9}}{_TIME}{_ZONE}"
    ),
    re.compile(
        rf"{_MONTH}\s{{1,9}}(?P<day>\d{{1,2}}),?\s{{1,9}}{_TIME}{_ZONE}\s{{1,9}}(?P<year>\d{{4}})"
        rf"{_ZONE.replace('zone', 'late')}"
    ),
    re.compile(rf"(?P<year>\d{{4}})-(?P<month>\d{{2}})-(?P<day>\d{{2}})[t\s]{_TIME}{_ZONE}"),
)
_PARENTHESIS = re.compile(r"[()]")
_LONGEST = 1000


def parse_date(header: str) -> datetime | None:
    """The moment that the header names, with its zone."""
    text = " ".join(_without_comments(header[-_LONGEST:].rpartition(";")[2]).lower().split())
    for form in _FORMS:
        match = form.search(text)
        if match is not None:
            return _moment(match.groupdict())
    return None


def milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return int(moment.timestamp() * 1000)


def _without_comments(text: str) -> str:
    kept, depth, position = [], 0, 0
    for match in _PARENTHESIS.finditer(text):
        if depth == 0:
            kept.append(text[position : match.start()])
        depth = depth + 1 if match[0] == "(" else max(0, depth - 1)
        position = match.end()
    if depth == 0:
        kept.append(text[position:])
    return " ".join(kept)


def _moment(found: dict[str, str | None]) -> datetime | None:
    month = _month(found["month"] or "")
    hour = int(found["hour"] or 0)
    if found["half"]:
        hour = hour % 12 + (12 if found["half"] == "pm" else 0)
    try:
        return datetime(
            _year(found["year"] or ""),
            month,
            int(found["day"] or 0),
            hour,
            int(found["minute"] or 0),
            min(int(found["second"] or 0), 59),  # a leap second
            tzinfo=_zone(found.get("late") or found["zone"] or ""),
        )
    except (ValueError, OverflowError):
        return None


def _month(text: str) -> int:
    if text.isdigit():
        return int(text)
    return _MONTHS.index(text) + 1 if text in _MONTHS else 0


def _year(text: str) -> int:
    # RFC 5322 section 4.3: two digits up to 49 are 20xx, others and three digits count from 1900.
    year = int(text)
    if len(text) == 2 and year < 50:
        return year + 2000
    return year + 1900 if len(text) < 4 else year


def _zone(text: str) -> timezone:
    digits = re.sub(r"[^\d]", "", text)
    if digits:
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        return timezone(-offset if text.startswith("-") else offset) if offset < timedelta(hours=24) else UTC
    return timezone(timedelta(hours=_ZONES[text[:4]])) if text[:4] in _ZONES else UTC
