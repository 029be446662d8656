"""The `trunkline` command.

Results stand on the standard output, everything for people on the error output. A mistake of the operator is one clear
line (or, for a configuration, all of its mistakes, a line each) that says what to do, and exit status 1; wrong usage is
status 2. What a command needs is imported when it runs.
"""

import os
import sys
import traceback
from typing import Annotated

import typer

from ...config.errors import TrunklineError
from . import backup, channels, clock, customers, dedup, followers, offline, records, roles, tokens, upkeep, what_if
from .domains import commands as domain_commands

LEVEL_VARIABLE = "TRUNKLINE_LOG_LEVEL"
FAILED = 1
BROKEN = 70  # EX_SOFTWARE of sysexits(3)
INTERRUPTED = 130

app = typer.Typer(
    name="trunkline",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"trunkline {version('trunkline')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Omnichannel ingestion and routing gateway: every channel, one line, the right agent queue."""


for _module in (roles, offline, records, what_if, backup, upkeep):
    app.add_typer(_module.commands)
for _name, _module in {
    "channels": channels,
    "customers": customers,
    "followers": followers,
    "clock": clock,
    "dedup": dedup,
    "token": tokens,
}.items():
    app.add_typer(_module.commands, name=_name)
app.add_typer(domain_commands, name="mail")


def main() -> None:
    """The entry point."""
    try:
        app()
    except TrunklineError as error:
        sys.exit(_refused(error))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads any more; see signal(3) SIGPIPE
        sys.exit(FAILED)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except Exception as error:  # noqa: BLE001  (people get a line, not a traceback)
        sys.exit(_broken(error))


def _refused(error: TrunklineError) -> int:
    places = "problems" in error.facts
    typer.echo(error.detail if places else f"trunkline: {error.detail}", err=True)
    return FAILED


def _broken(error: Exception) -> int:
    if os.environ.get(LEVEL_VARIABLE, "").lower() == "debug":
        traceback.print_exception(error)
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{'/'.join(frame.filename.split('/')[-2:])}:{frame.lineno}"
    typer.echo(
        f"trunkline: this should not happen: {type(error).__name__} at {place}; "
        f"set {LEVEL_VARIABLE}=debug to see more, and please report it",
        err=True,
    )
    return BROKEN
