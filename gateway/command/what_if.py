"""Commands that try a configuration on recorded days: `simulate`, `plan`."""

import json
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from .days import FromOption, ToOption, span_of
from .options import ConfigOption, configured, say, with_parts, write

commands = typer.Typer()

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON value instead of tables.")]
ProgressOption = Annotated[
    Path | None, typer.Option(help="The file in which it lays aside what it has read; else one in the data folder.")
]


@commands.command()
def simulate(
    config: ConfigOption = None,
    start: FromOption = None,
    end: ToOption = None,
    json_lines: JsonOption = False,
    html: Annotated[
        Path | None, typer.Option(help="Write the report as a page for a browser into this file too.")
    ] = None,
    progress: ProgressOption = None,
) -> None:
    """Play recorded days again with this configuration, and tell what would have been different.

    The days are read from the desk that runs (or whose data this configuration names); nothing is changed there. A
    simulation that was interrupted goes on where it was when it is started again.
    """
    from ...what_if.report_json import report_json
    from ...what_if.report_lines import report_lines
    from ...what_if.report_page import report_page
    from .simulating import simulate as simulated

    since, until = span_of(start, end)
    found = with_parts(config, lambda parts: simulated(parts, since, until, progress))
    if not found.comparison.happened.tickets:
        say("no ticket came in these days")
    if html is not None:
        html.write_text(report_page(found), encoding="utf-8")
    if json_lines:
        write(json.dumps(report_json(found), ensure_ascii=False))
        return
    for line in report_lines(found):
        write(line)


@commands.command()
def plan(
    config: ConfigOption = None,
    start: FromOption = None,
    end: ToOption = None,
    share: Annotated[
        float, typer.Option("--keep", min=0.5, max=0.999, help="The share of promises of an agent that is to be kept.")
    ] = 0.95,
    zone: Annotated[str, typer.Option(help="The time zone of the plan, such as Europe/Berlin.")] = "UTC",
    traffic: Annotated[
        Path | None,
        typer.Option("--given", help="A CSV file with foreseen traffic (from,queue,tickets,minutes) instead."),
    ] = None,
    json_lines: JsonOption = False,
    progress: ProgressOption = None,
) -> None:
    """Tell how many agents each queue needs in each half hour of the week, by the traffic of recorded days or a file.

    Begun with Erlang's formula, then tried by playing the days with so many agents.
    """
    from ...what_if.plan_lines import plan_json, plan_lines
    from .simulating import plan as planned
    from .simulating import plan_of_file

    since, until = span_of(start, end)
    there = _zone(zone)
    if traffic is not None:
        plans = plan_of_file(configured(config), traffic, share=share, zone=there)
    else:
        plans = with_parts(config, lambda parts: planned(parts, since, until, progress, share=share, zone=there))
    if not plans:
        say("no ticket came in these days")
    for line in [json.dumps(plan_json(plans), ensure_ascii=False)] if json_lines else plan_lines(plans, share):
        write(line)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise typer.BadParameter(f"there is no time zone {name!r}; one is Europe/Berlin") from error
