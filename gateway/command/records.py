"""Commands that look at what is kept: `explain`, `tail`."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from .options import ConfigOption, say, with_parts, write

if TYPE_CHECKING:
    from ...queue.feed import Feed, FeedLine
    from ..assembly import Assembly


commands = typer.Typer()


@commands.command()
def explain(
    ticket: Annotated[str, typer.Argument(help="The number, T-1042, or the id.")], config: ConfigOption = None
) -> None:
    """Say why a ticket is where it is. Status 1 when a decision does not come out the same again."""
    from .explaining import explain_ticket

    found = with_parts(
        config,
        lambda parts: explain_ticket(
            parts.engine,
            parts.reader,
            parts.policy(),
            ticket,
            parts.clock.now(),
            settings_of=parts.configurations.settings,
        ),
    )
    for line in found.lines:
        write(line)
    if not found.consistent:
        raise typer.Exit(1)


@commands.command()
def tail(
    last: Annotated[int, typer.Option("--last", "-n", min=0, help="Begin with so many lines that are there.")] = 10,
    after: Annotated[int | None, typer.Option(min=0, help="Begin behind this position instead.")] = None,
    follow: Annotated[bool, typer.Option(help="Go on as the feed grows.")] = True,
    json_lines: Annotated[bool, typer.Option("--json", help="CloudEvents, one a line.")] = False,
    words: Annotated[bool, typer.Option(help="Show subjects and names of customers too.")] = False,
    config: ConfigOption = None,
) -> None:
    """Show the feed: every change, in order."""

    def shown(parts: "Assembly") -> Awaitable[None]:
        form = _form(parts.settings.workspace, json_lines=json_lines, words=words)
        return _tail(parts.feed, form, last=last, after=after, follow=follow)

    with_parts(config, shown)


def _form(workspace: str, *, json_lines: bool, words: bool) -> "Callable[[FeedLine], str]":
    """What is shown of a line."""
    from ...desk.views.feed_sentences import sentence
    from ...queue.feed_tail import as_json

    return as_json(workspace) if json_lines else partial(sentence, words=words)


async def _tail(feed: "Feed", form: "Callable[[FeedLine], str]", *, last: int, after: int | None, follow: bool) -> None:
    from ...queue import feed_tail

    def show(line: "FeedLine") -> None:
        write(form(line))

    async def trouble(cause: str) -> None:
        say(f"waiting: {cause}")

    at = await feed_tail.beginning(feed, last=last, after=after)
    at = await feed_tail.show_what_is_there(feed, at, show)
    if follow:
        await feed_tail.follow(feed, at, show, trouble=trouble)
