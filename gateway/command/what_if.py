"""Commands that try a configuration on recorded days: `simulate`."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from .options import ConfigOption, say, with_parts, write

commands = typer.Typer()

FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
A_WEEK = timedelta(days=7)

FromOption = Annotated[
    datetime | None, typer.Option("--from", formats=FORMATS, help="The first moment, UTC; else a week before the end.")
]
ToOption = Annotated[datetime | None, typer.Option("--to", formats=FORMATS, help="The end, UTC; else now.")]


@commands.command()
def simulate(
    config: ConfigOption = None,
    start: FromOption = None,
    end: ToOption = None,
    json_lines: Annotated[bool, typer.Option("--json", help="One JSON object instead of tables.")] = False,
    progress: Annotated[
        Path | None, typer.Option(help="The file in which it lays aside what it has read; else one in the data folder.")
    ] = None,
) -> None:
    """Play recorded days again with this configuration, and tell what would have been different.

    The days are read from the desk that runs (or whose data this configuration names); nothing is changed there. A
    simulation that was interrupted goes on where it was when it is started again.
    """
    from ...what_if.report_json import report_json
    from ...what_if.report_lines import report_lines
    from .simulating import simulate as simulated

    since, until = span_of(start, end)
    found = with_parts(config, lambda parts: simulated(parts, since, until, progress))
    if not found.comparison.happened.tickets:
        say("no ticket came in these days")
    if json_lines:
        write(json.dumps(report_json(found), ensure_ascii=False))
        return
    for line in report_lines(found):
        write(line)


def span_of(start: datetime | None, end: datetime | None) -> tuple[int, int]:
    """From when to when, in milliseconds."""
    until = end.replace(tzinfo=UTC) if end else datetime.now(UTC)
    since = start.replace(tzinfo=UTC) if start else until - A_WEEK
    return round(since.timestamp() * 1000), round(until.timestamp() * 1000)
