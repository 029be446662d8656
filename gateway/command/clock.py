"""Commands for the workspace's time: how far it is from the engine's, and `reset`."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from .options import ConfigOption, say, with_parts, write

if TYPE_CHECKING:
    from ...queue.clock import Clock
    from ...queue.clock_reset import SetBack
    from ...queue.connection import Engine

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]

_MEANING = """\
The workspace's time is {seconds} s ahead of the engine's. Setting it back means:
  - timers, retries, offers and replies that are held back keep the time that is left to them;
  - what was written meanwhile keeps its times, so it seems to lie up to {seconds} s in the future;
  - the board's curves go on when real time has caught up (`trunkline followers rebuild board` counts anew);
  - every running process follows within a second; timers wait for that, about three seconds.
See first that the clock of the engine's host is right: `date -u` there."""

commands = typer.Typer(no_args_is_help=True, help="The workspace's time, which never goes back by itself.")


@commands.command()
def show(config: ConfigOption = None) -> None:
    """Show the workspace's time, the engine's, and by how much they differ."""
    for line in with_parts(config, lambda parts: _shown(parts.clock)):
        write(line)


@commands.command()
def reset(yes: Yes = False, config: ConfigOption = None) -> None:
    """Set the workspace's time back to the engine's, after the engine's host had a wrong clock."""
    ahead = with_parts(config, lambda parts: _ahead(parts.clock))
    if ahead > 0:
        say(_MEANING.format(seconds=-(-ahead // 1000)))
        if not yes:
            typer.confirm("Set it back?", abort=True, err=True)
    done = with_parts(config, lambda parts: _reset(parts.engine, parts.clock, parts.queues))
    if done.by:
        say(f"Set back by {done.by / 1000:.1f} s; {done.entries} timers and leases with it.")
    else:
        say("The workspace's time is not ahead of the engine's; there is nothing to set back.")


async def _shown(clock: "Clock") -> list[str]:
    from ...desk.views.times import moment

    lines = [f"workspace  {moment(clock.now())} UTC", f"engine     {moment(clock.true_now())} UTC"]
    return [*lines, clock.trouble or f"they agree ({clock.ahead / 1000:.1f} s apart)"]


async def _ahead(clock: "Clock") -> int:
    return clock.ahead


async def _reset(engine: "Engine", clock: "Clock", queues: Iterable[str]) -> "SetBack":
    from ...queue.clock_reset import reset_clock

    return await reset_clock(engine, queues, clock.true_now())
