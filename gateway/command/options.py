"""Options that commands share."""

import asyncio
import os
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
    """What the work gives, attached to the engine that runs. Raises EngineUnavailable, Misconfigured."""

    async def done() -> Result:
        from .engine_client import attached

        async with attached(configured_for_engine(config)) as assembly:
            return await work(assembly)

    return asyncio.run(done())
