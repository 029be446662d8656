"""Times as elements: in words relative to now, with the absolute one behind it.

In UTC as it leaves here, in the reader's zone once the page has a script.
"""

from markupsafe import Markup

from ..views.times import Style, date, hour_in, instant, told


def time_tag(at: int, now: int, style: Style = "ago") -> Markup:
    """The time element for a moment, both in milliseconds."""
    there = instant(at)
    return Markup('<time datetime="{}" data-style="{}" title="{}">{}</time>').format(
        there.strftime("%Y-%m-%dT%H:%M:%SZ"), style, f"{date(at)}, {there:%H:%M} UTC", told(at, now, style)
    )


def local_time_tag(zone: str, now: int) -> Markup:
    """What time it is now in the zone of this name; empty when there is no such zone."""
    hour = hour_in(zone, now)
    return Markup('local time <time data-zone="{}">{}</time>').format(zone, hour) if hour else Markup("")
