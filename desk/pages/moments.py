"""Times, spans, numbers and sizes as people read them; `static/base.js` says the same and keeps it up to date.

A time is told relative to now, with the absolute one behind it: in UTC as it leaves here, in the reader's zone once the
page has a script. Three ways of saying it: `ago` (3 min ago, in 4 min), `age` (3m) for dense rows, `clock` (08:15).
"""

from datetime import UTC, datetime
from typing import Literal

from markupsafe import Markup

Style = Literal["ago", "age", "clock"]

SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LONGEST_MS = 253_402_300_799_000  # the last second of the year 9999


def time_tag(at: int, now: int, style: Style = "ago") -> Markup:
    """The time element for a moment, both in milliseconds."""
    moment = _moment(at)
    return Markup('<time datetime="{}" data-style="{}" title="{}">{}</time>').format(
        moment.strftime("%Y-%m-%dT%H:%M:%SZ"), style, f"{_date(moment)}, {moment:%H:%M} UTC", told(at, now, style)
    )


def told(at: int, now: int, style: Style = "ago") -> str:
    """The moment in words."""
    if style == "clock":
        return f"{_moment(at):%H:%M}"
    return _age(at, now) if style == "age" else _ago(at, now)


def span(milliseconds: int) -> str:
    """A length of time in its two largest units: `1 h 5 min`."""
    rest, parts = max(0, milliseconds), list[str]()
    for size, unit in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min"), (SECOND, "s")):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"


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
        return _date(_moment(at))
    return f"{words} ago" if at <= now else f"in {words}"


def _age(at: int, now: int) -> str:
    distance = abs(now - at)
    for limit, unit, letter in ((59.5 * MINUTE, MINUTE, "m"), (23.5 * HOUR, HOUR, "h"), (99.5 * DAY, DAY, "d")):
        if distance < limit:
            count = round(distance / unit)
            return f"{max(1, count)}{letter}" if count or letter != "m" else "now"
    return f"{_moment(at):%Y-%m-%d}"


def _date(moment: datetime) -> str:
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(min(max(at, 0), _LONGEST_MS) / 1000, UTC)
