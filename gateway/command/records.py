"""Commands that look at what is kept: `explain`, `tail`."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from .options import ConfigOption, configured_for_engine, say, write

if TYPE_CHECKING:
    from ...queue.feed import FeedLine
    from ..configuration import Configuration


def add_to(app: typer.Typer) -> None:
    """Register them."""
    app.command()(explain)
    app.command()(tail)


def explain(
    ticket: Annotated[str, typer.Argument(help="The number, T-1042, or the id.")], config: ConfigOption = None
) -> None:
    """Say why a ticket is where it is. Status 1 when a decision does not come out the same again."""
    from .explaining import explain_ticket

    async def told() -> bool:
        from .engine_client import attached

        async with attached(configured_for_engine(config)) as assembly:
            found = await explain_ticket(assembly, ticket)
            for line in found.lines:
                write(line)
            return found.consistent

    if not asyncio.run(told()):
        raise typer.Exit(1)


def tail(
    last: Annotated[int, typer.Option("--last", "-n", min=0, help="Begin with so many lines that are there.")] = 10,
    after: Annotated[int | None, typer.Option(min=0, help="Begin behind this position instead.")] = None,
    follow: Annotated[bool, typer.Option(help="Go on as the feed grows.")] = True,
    json_lines: Annotated[bool, typer.Option("--json", help="CloudEvents, one a line.")] = False,
    words: Annotated[bool, typer.Option(help="Show subjects and names of customers too.")] = False,
    config: ConfigOption = None,
) -> None:
    """Show the feed: every change, in order."""
    asyncio.run(
        _tail(configured_for_engine(config), last=last, after=after, follow=follow, json_lines=json_lines, words=words)
    )


async def _tail(
    configuration: "Configuration", *, last: int, after: int | None, follow: bool, json_lines: bool, words: bool
) -> None:
    from ...desk.views.feed_sentences import sentence
    from ...queue import feed_tail
    from .engine_client import attached

    make = feed_tail.as_json(configuration.keys.workspace)

    async def trouble(cause: str) -> None:
        say(f"waiting: {cause}")

    async with attached(configuration) as assembly:
        feed = assembly.feed

        def show(line: "FeedLine") -> None:
            write(make(line) if json_lines else sentence(line, words=words))

        at = await feed_tail.beginning(feed, last=last, after=after)
        at = await feed_tail.show_what_is_there(feed, at, show)
        if follow:
            await feed_tail.follow(feed, at, show, trouble=trouble)
