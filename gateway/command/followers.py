"""Commands for the followers of the feed: how far they have come, and `rebuild`."""

from typing import Annotated

import typer

from .options import ConfigOption, say, with_parts, write

Name = Annotated[str, typer.Argument(help="The follower, as the list shows it.")]


def add_to(app: typer.Typer) -> None:
    """Register them."""
    group = typer.Typer(no_args_is_help=True, help="Consumers of the feed: how far they are, and made anew.")
    group.command("list")(list_followers)
    group.command("rebuild")(rebuild_follower)
    app.add_typer(group, name="followers")


def list_followers(config: ConfigOption = None) -> None:
    """List them: name, position in the feed, how far they are behind, dead letters."""
    from ..followers import follower_lines

    for line in with_parts(config, follower_lines):
        write(line)


def rebuild_follower(name: Name, config: ConfigOption = None) -> None:
    """Forget what it has made of the feed, and have it made anew from the first line while everything runs."""
    from ..followers import rebuild

    with_parts(config, lambda assembly: rebuild(assembly, name))
    say(f"{name} begins with the first line again")
