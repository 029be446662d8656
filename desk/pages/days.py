"""Days and short lengths of time as a person reads them, where the reader is. Other times are in `moments.py`."""

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_STEPS = ((604_800_000, "w"), (86_400_000, "d"), (3_600_000, "h"), (60_000, "min"))


def zone_of(name: str) -> tzinfo:
    """The time zone of this IANA name; UTC when there is none of it."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def brief(milliseconds: int) -> str:
    """A length of time in its largest unit, rounded down: `3 h`; under a minute in seconds."""
    for step, unit in _STEPS:
        if milliseconds >= step:
            return f"{milliseconds // step} {unit}"
    return f"{max(milliseconds, 0) // 1000} s"


def day(at: int, now: int, zone: tzinfo) -> str:
    """`Today`, `Yesterday`, or `Monday 3 March`, with the year when it is another one."""
    there, today = (datetime.fromtimestamp(each / 1000, zone).date() for each in (at, now))
    if there == today:
        return "Today"
    if there == today - timedelta(days=1):
        return "Yesterday"
    year = "" if there.year == today.year else f" {there.year}"
    return f"{there:%A} {there.day} {there:%B}{year}"
