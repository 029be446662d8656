"""Commands for what waits for an operator: `dead` (given up) and `suspended` (set aside)."""

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from .options import ConfigOption, say, with_parts, write

if TYPE_CHECKING:
    from .waiting_work import Upkeep

Result = TypeVar("Result")

Id = Annotated[str, typer.Argument(help="The id, as the list shows it.")]
Ids = Annotated[list[str], typer.Argument(help="Ids, as the list shows them.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="At most so many, the newest.")]
Raw = Annotated[bool, typer.Option("--raw", help="Only the bytes as they came, on the standard output.")]


commands = typer.Typer()
dead = typer.Typer(invoke_without_command=True)
suspended = typer.Typer(invoke_without_command=True)
commands.add_typer(dead, name="dead")
commands.add_typer(suspended, name="suspended")


@dead.callback()
def dead_letters(context: typer.Context, config: ConfigOption = None) -> None:
    """Work of queues and followers that was given up; it is kept until it is dropped. Without a command: list them."""
    if _alone(context, config):
        list_dead(config=config)


@suspended.callback()
def suspended_messages(context: typer.Context, config: ConfigOption = None) -> None:
    """Messages that were set aside until a person has looked at them. Without a command: list them."""
    if _alone(context, config):
        list_suspended(config=config)


def _alone(context: typer.Context, config: Path | None) -> bool:
    """Whether no command follows; one that does takes its own options."""
    if context.invoked_subcommand is not None and config is not None:
        raise typer.BadParameter(f"write --config behind {context.invoked_subcommand}")
    return context.invoked_subcommand is None


@dead.command("list")
def list_dead(limit: Limit = 100, config: ConfigOption = None) -> None:
    """List dead letters, the newest first: id, time, attempts, what it is, and why it was given up."""
    _each(config, lambda upkeep: upkeep.dead(limit))


@dead.command("show")
def show_dead(id_: Id, raw: Raw = False, config: ConfigOption = None) -> None:
    """Show one dead letter: what is known of it, and the size of its bytes."""
    _show(config, lambda upkeep: upkeep.dead_letter(id_), raw)


@dead.command("retry")
def retry_dead(ids: Ids, config: ConfigOption = None) -> None:
    """Try them again."""
    _done(config, ids, lambda upkeep, id_: upkeep.decide(id_, "retry"), "is tried again")


@dead.command("drop")
def drop_dead(ids: Ids, config: ConfigOption = None) -> None:
    """Drop them for good, with their bytes."""
    _done(config, ids, lambda upkeep, id_: upkeep.decide(id_, "drop"), "is dropped")


@suspended.command("list")
def list_suspended(limit: Limit = 100, config: ConfigOption = None) -> None:
    """List suspended messages, the newest first: id, time, channel, who claims to have written, and why."""
    _each(config, lambda upkeep: upkeep.suspended(limit))


@suspended.command("show")
def show_suspended(id_: Id, raw: Raw = False, config: ConfigOption = None) -> None:
    """Show one suspended message: why it was set aside, who claims to have written, what, when, and its size."""
    _show(config, lambda upkeep: upkeep.suspended_message(id_), raw)


@suspended.command("release")
def release_suspended(ids: Ids, config: ConfigOption = None) -> None:
    """File them after all."""
    _done(config, ids, lambda upkeep, id_: upkeep.release(id_), "is filed")


@suspended.command("drop")
def drop_suspended(ids: Ids, config: ConfigOption = None) -> None:
    """Throw them away."""
    _done(config, ids, lambda upkeep, id_: upkeep.drop(id_), "is dropped")


def _each(config: Path | None, lines: "Callable[[Upkeep], Awaitable[list[str]]]") -> None:
    for line in _with_upkeep(config, lines) or ["none"]:
        write(line)


def _show(config: Path | None, look: "Callable[[Upkeep], Awaitable[tuple[list[str], bytes]]]", raw: bool) -> None:
    lines, content = _with_upkeep(config, look)
    if raw:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    for line in lines:
        write(line)


def _done(config: Path | None, ids: list[str], act: "Callable[[Upkeep, str], Awaitable[None]]", words: str) -> None:
    async def all_of_them(upkeep: "Upkeep") -> None:
        for id_ in ids:
            await act(upkeep, id_)
            say(f"{id_} {words}")

    _with_upkeep(config, all_of_them)


def _with_upkeep(config: Path | None, work: "Callable[[Upkeep], Awaitable[Result]]") -> Result:
    from .waiting_work import Upkeep

    return with_parts(config, lambda parts: work(Upkeep(parts.blobs, parts.given_up, parts.suspended, parts.clock)))
