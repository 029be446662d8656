"""Commands that need no engine: `check`, `schema`, `parse`."""

import os
from pathlib import Path
from typing import Annotated

import typer

from .options import ConfigOption, configured, say, write

commands = typer.Typer()


@commands.command()
def check(
    file: Annotated[Path | None, typer.Argument(help="The configuration; the same as --config.")] = None,
    config: ConfigOption = None,
) -> None:
    """Check the configuration: its form, its meaning, its rule tests. Status 1 when something is wrong."""
    from ..checking import check_settings

    if file is not None and config is not None:
        raise typer.BadParameter("name one configuration, either as FILE or with --config")
    configuration = configured(file or config)
    checked = check_settings(configuration.settings, configuration.secrets)
    for problem in checked.problems:
        say(str(problem))
    if checked.wrong:
        raise typer.Exit(1)
    write(f"{configuration.path}: {checked.summary}")


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

    For a file that cannot be read the line is {"file": …, "error": …}, and the others are read all the same.
    """
    from ..configuration import configure_or_built_in
    from .reading_files import FileReader

    configuration = configure_or_built_in(config and Path(config), os.environ)
    reader = FileReader(configuration.settings, channel, source=source)
    failed = False
    for name in files:
        for line in reader.lines(name):
            write(line.text)
            failed = failed or line.failed
    if failed:
        raise typer.Exit(1)
