"""Commands for what is remembered of messages that came before: `show`, and `resume` after the sweep has stopped."""

from typing import TYPE_CHECKING

import typer

from .options import ConfigOption, say, with_parts, write

if TYPE_CHECKING:
    from ...queue.clock import Clock
    from ...queue.connection import Engine

commands = typer.Typer(no_args_is_help=True, help="How long messages are recognised that come again.")


@commands.command()
def show(config: ConfigOption = None) -> None:
    """Show whether old records are forgotten in time, and when that was last done."""
    write(with_parts(config, lambda parts: _shown(parts.engine)))


@commands.command()
def resume(config: ConfigOption = None) -> None:
    """Let old records be forgotten again, after the clock stepped and somebody has seen that it is right."""
    say(with_parts(config, lambda parts: _resumed(parts.engine, parts.clock)))


async def _shown(engine: "Engine") -> str:
    from ...desk.views.times import moment
    from ...queue.dedup import DedupSweep

    sweep = DedupSweep(engine)
    stopped, swept = await sweep.stopped_at(), await sweep.swept_at()
    if stopped is not None:
        return f"stopped since {moment(stopped)} UTC, because the clock stepped; nothing is forgotten"
    return f"last swept {moment(swept)} UTC" if swept is not None else "not swept yet"


async def _resumed(engine: "Engine", clock: "Clock") -> str:
    from ...queue.dedup import DedupSweep

    sweep = DedupSweep(engine)
    clock.demand_agreement()
    if await sweep.stopped_at() is None:
        return "The sweep is not stopped."
    await sweep.resume(clock.now())
    return "Old records are forgotten again, from the next turn on (every five minutes)."
