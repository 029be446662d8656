"""Commands that need no engine (`check` only with `--traffic`): `check`, `schema`, `parse`."""

import os
from pathlib import Path
from typing import Annotated

import typer

from .days import FromOption, ToOption, span_of
from .options import ConfigOption, configured, say, with_parts, write

commands = typer.Typer()


@commands.command()
def check(
    file: Annotated[Path | None, typer.Argument(help="The configuration; the same as --config.")] = None,
    config: ConfigOption = None,
    without_secrets: Annotated[
        bool, typer.Option("--without-secrets", help="Do not look for secrets: they are kept elsewhere.")
    ] = False,
    traffic: Annotated[
        bool, typer.Option("--traffic", help="Look at the rules by recorded traffic too; the desk must be reachable.")
    ] = False,
    start: FromOption = None,
    end: ToOption = None,
) -> None:
    """Check the configuration: its form, its meaning, its rule tests, its secrets. Status 1 when something is wrong.

    With --traffic also which rules match nothing that came (else of the last week), decide nothing, or contradict.
    """
    from ..checking import check_settings

    if file is not None and config is not None:
        raise typer.BadParameter("name one configuration, either as FILE or with --config")
    configuration = configured(file or config)
    checked = check_settings(configuration.settings, None if without_secrets else configuration.secrets)
    for problem in checked.problems:
        say(str(problem))
    if checked.wrong:
        raise typer.Exit(1)
    write(f"{configuration.path}: {checked.summary}")
    if traffic:
        _check_traffic(file or config, *span_of(start, end))


def _check_traffic(config: Path | None, start: int, end: int) -> None:
    from .simulating import check_traffic

    findings, tickets = with_parts(config, lambda parts: check_traffic(parts, start, end))
    for finding in findings:
        say(str(finding))
    doubts = f"{len(findings)} doubts" if findings else "no doubts"
    write(f"{doubts} about the rules by the traffic of these days ({tickets:,} tickets)")


@commands.command()
def schema(
    what: Annotated[
        str, typer.Argument(help="config, envelope, ticket, article, customer, person, agent, decision, api")
    ] = ("config"),
) -> None:
    """Print a JSON Schema (for `api`, the OpenAPI document): of the configuration, or of a record."""
    from .schemas import schema_text

    write(schema_text(what))


@commands.command()
def parse(
    channel: Annotated[str, typer.Argument(help="The channel, such as mail, http or chat.")],
    files: Annotated[list[str], typer.Argument(help="Files with messages as received; - is the standard input.")],
    config: ConfigOption = None,
    source: Annotated[str, typer.Option(help="The source, site or address it came to; else the first that fits.")] = "",
) -> None:
    """Read messages from files and print their envelopes, a line of JSON each. Status 1 when a file cannot be read.

    For a file that cannot be read the line is {"file": …, "error": …}, and the others are read all the same. A channel
    that is not configured is read as if it were.
    """
    from ..configuration import configure_or_built_in
    from .reading_files import FileReader

    configuration = configure_or_built_in(config and Path(config), os.environ)
    reader = FileReader(configuration.settings, channel, source=source)
    failed = False
    if reader.remark:
        say(reader.remark)
    for name in files:
        for line in reader.lines(name):
            (say if line.beside else write)(line.text)
            failed = failed or line.failed
    if failed:
        raise typer.Exit(1)
