"""Commands that look at what is kept: `explain`, `tail`, `backup`, `restore`."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .command_options import ConfigOption, configured, configured_for_engine, say, write

if TYPE_CHECKING:
    from ..queue.feed import FeedLine
    from .configuration import Configuration


def add_to(app: typer.Typer) -> None:
    """Register them."""
    app.command()(explain)
    app.command()(tail)
    app.command()(backup)
    app.command()(restore)


def explain(
    ticket: Annotated[str, typer.Argument(help="The number, T-1042, or the id.")], config: ConfigOption = None
) -> None:
    """Say why a ticket is where it is. Status 1 when a decision does not come out the same again."""
    from .explaining import explain_ticket

    async def told() -> bool:
        from .attached import attached

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
    from . import following
    from .attached import attached
    from .feed_sentences import sentence

    make = following.as_json(configuration.keys.workspace)

    async def trouble(cause: str) -> None:
        say(f"waiting: {cause}")

    async with attached(configuration) as assembly:
        feed = assembly.feed

        def show(line: "FeedLine") -> None:
            write(make(line) if json_lines else sentence(line, words=words))

        at = await following.beginning(feed, last=last, after=after)
        at = await following.show_what_is_there(feed, at, show)
        if follow:
            await following.follow(feed, at, show, trouble=trouble)


def backup(
    target: Annotated[Path, typer.Argument(help="A new folder for the backup.")], config: ConfigOption = None
) -> None:
    """Copy engine and blobs, consistently, while everything runs; then check the copy."""

    async def made() -> str:
        from ..queue.backup import back_up, verify
        from .attached import attached

        async with attached(configured_for_engine(config)) as assembly:
            await back_up(assembly.engine, assembly.blobs.files, target)
        manifest = await asyncio.to_thread(verify, target)
        damaged = f", {len(manifest.damaged)} damaged blobs left out" if manifest.damaged else ""
        return f"{target}: workspace {manifest.workspace}, {manifest.blobs} blobs{damaged}; every hash was checked"

    write(asyncio.run(made()))


def restore(
    source: Annotated[Path, typer.Argument(help="The folder of a backup.")], config: ConfigOption = None
) -> None:
    """Make the data folder of a backup; it must be empty or absent. Secrets and configuration are not part of it."""
    from ..queue.backup import restore as bring_back

    configuration = configured(config)
    manifest = bring_back(source, configuration.folder.root)
    write(f"{configuration.folder.root}: workspace {manifest.workspace}, {manifest.blobs} blobs; start Trunkline on it")
