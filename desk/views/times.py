"""Times, spans, numbers and sizes as people read them; `static/base.js` says the same and keeps it up to date.

Relative to now in three styles: `ago` (3 min ago, in 4 min), `age` (3m) for dense rows, `clock` (08:15); absolute in
UTC for the terminal (`moment`, `hour`); as the day where the reader is (`day`). All take milliseconds. An instant
beyond what the calendar holds is told as its first or last second.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Style = Literal["ago", "age", "clock"]

SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LONGEST_MS = 253_402_300_799_000  # the last second of the year 9999


def date(at: int) -> str:
    """`22 Nov 2026` in UTC."""
    there = instant(at)
    return f"{there.day} {_MONTHS[there.month - 1]} {there.year}"


def instant(at: int) -> datetime:
    """The moment in UTC; the nearest one that the calendar has."""
    return datetime.fromtimestamp(min(max(at, 0), _LONGEST_MS) / 1000, UTC)


def moment(at: int | None) -> str:
    """`2026-11-22 06:31:24` in UTC; empty for none."""
    return "" if at is None else f"{instant(at):%Y-%m-%d %H:%M:%S}"


def hour(at: int) -> str:
    """`06:31:24` in UTC."""
    return f"{instant(at):%H:%M:%S}"


def told(at: int, now: int, style: Style = "ago") -> str:
    """The moment in words."""
    if style == "clock":
        return f"{instant(at):%H:%M}"
    return _age(at, now) if style == "age" else _ago(at, now)


def span(milliseconds: int) -> str:
    """A length of time in its two largest units: `1 h 5 min`."""
    rest, parts = max(0, milliseconds), list[str]()
    for size, unit in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min"), (SECOND, "s")):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"


def brief(milliseconds: int) -> str:
    """A length of time in its largest unit, rounded down: `3 h`; under a minute in seconds."""
    for step, unit in ((7 * DAY, "w"), (DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if milliseconds >= step:
            return f"{milliseconds // step} {unit}"
    return f"{max(milliseconds, 0) // 1000} s"


def number(value: float) -> str:
    """With thousands apart: `12,345`."""
    return f"{value:,}"


def size(octets: int) -> str:
    """Bytes as people say them: `1.4 MB`."""
    if octets < 1000:
        return f"{octets} B"
    value = float(octets)
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 999.5 or unit == "GB":
            break
    return f"{value:.1f} {unit}" if value < 9.95 else f"{value:.0f} {unit}"


def zone_of(name: str) -> tzinfo:
    """The time zone of this IANA name; UTC when there is none of it."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def hour_in(zone: str, at: int) -> str:
    """`14:05` in the time zone of this IANA name; empty when there is none of it."""
    try:
        return f"{instant(at).astimezone(ZoneInfo(zone)):%H:%M}" if zone else ""
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""


def day(at: int, now: int, zone: tzinfo) -> str:
    """`Today`, `Yesterday`, or `Monday 3 March`, with the year when it is another one."""
    there, today = (datetime.fromtimestamp(each / 1000, zone).date() for each in (at, now))
    if there == today:
        return "Today"
    if there == today - timedelta(days=1):
        return "Yesterday"
    year = "" if there.year == today.year else f" {there.year}"
    return f"{there:%A} {there.day} {there:%B}{year}"


def _ago(at: int, now: int) -> str:
    distance = abs(now - at)
    if distance < 45 * SECOND:
        return "just now" if at <= now else "in a moment"
    if distance < 59.5 * MINUTE:
        words = f"{max(1, round(distance / MINUTE))} min"
    elif distance < 23.5 * HOUR:
        words = f"{max(1, round(distance / HOUR))} h"
    elif distance < 29.5 * DAY:
        days = max(1, round(distance / DAY))
        words = f"{days} day{'' if days == 1 else 's'}"
    else:
        return date(at)
    return f"{words} ago" if at <= now else f"in {words}"


def _age(at: int, now: int) -> str:
    distance = abs(now - at)
    for limit, unit, letter in ((59.5 * MINUTE, MINUTE, "m"), (23.5 * HOUR, HOUR, "h"), (99.5 * DAY, DAY, "d")):
        if distance < limit:
            count = round(distance / unit)
            return f"{max(1, count)}{letter}" if count or letter != "m" else "now"
    return f"{instant(at):%Y-%m-%d}"
