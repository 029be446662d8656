"""Which days a command looks at: `--from` and `--to`, in UTC; left out, a week until the end of this hour.

It is the end of the hour so that a command which is started again soon means the same days.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
A_WEEK = timedelta(days=7)

FromOption = Annotated[
    datetime | None, typer.Option("--from", formats=FORMATS, help="The first moment, UTC; else a week before the end.")
]
ToOption = Annotated[datetime | None, typer.Option("--to", formats=FORMATS, help="The end, UTC; else now.")]


def span_of(start: datetime | None, end: datetime | None) -> tuple[int, int]:
    """From when to when, in milliseconds. Raises BadParameter for no days at all."""
    this_hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    until = end.replace(tzinfo=UTC) if end else this_hour + timedelta(hours=1)
    since = start.replace(tzinfo=UTC) if start else until - A_WEEK
    if since >= until:
        raise typer.BadParameter("--from must lie before --to")
    return round(since.timestamp() * 1000), round(until.timestamp() * 1000)
