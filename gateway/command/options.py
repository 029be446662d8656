"""What commands share: their options, their output, and the way to the records of the engine that runs."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from ..assembly import Assembly
    from ..configuration import Configuration

Result = TypeVar("Result")

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        help="The configuration; else TRUNKLINE_CONFIG, ./trunkline.yaml or ./config/example.yaml.",
        show_default=False,
    ),
]
LevelOption = Annotated[
    str | None,
    typer.Option("--log-level", help="debug, info, warning or error; else TRUNKLINE_LOG_LEVEL.", show_default=False),
]


def configured(config: Path | None) -> "Configuration":
    """The configuration that a command was given. Raises Misconfigured."""
    from ..configuration import configure

    return configure(config, os.environ)


def configured_for_engine(config: Path | None) -> "Configuration":
    """The same for a command that only has to find the engine, which says so. Raises Misconfigured."""
    from ...config.errors import Misconfigured

    try:
        return configured(config)
    except Misconfigured as error:
        why = "the configuration cannot be read, so the engine cannot be found:"
        raise Misconfigured(f"{why}\n{error.detail}", **error.facts) from error


def say(text: str) -> None:
    """Tell a person something, on the error output; when nobody listens any more, nothing is lost."""
    with suppress(OSError):
        typer.echo(text, err=True)


def write(text: str) -> None:
    """A line of the result, on the standard output."""
    typer.echo(text)


def with_parts(config: Path | None, work: "Callable[[Assembly], Awaitable[Result]]") -> Result:
    """What the work gives with the parts of a process, attached to the engine that runs for as long as it takes.

    Raises EngineUnavailable when no engine runs, or Misconfigured.
    """
    from ...router.stored_format import convert_records
    from ..assembly import Assembly
    from ..engine_source import COMMAND_PATIENCE, SharedEngine
    from ..logs import start_logging

    async def attached() -> Result:
        configuration = configured_for_engine(config)
        start_logging("error", sys.stderr)
        assembly = Assembly(configuration, await SharedEngine(configuration, patience=COMMAND_PATIENCE).start())
        try:
            await assembly.recognition.start()
            await convert_records(assembly.engine, assembly.blobs)
            await assembly.clock.start()
            await assembly.erase_again()
            return await work(assembly)
        finally:
            await assembly.close_channels()
            await assembly.blobs.stop()
            await assembly.engine.close()

    return asyncio.run(attached())
