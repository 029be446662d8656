"""`trunkline channels`: what each channel can do."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from .options import ConfigOption, configured, write

if TYPE_CHECKING:
    from ...adapters.card import Card

commands = typer.Typer(
    invoke_without_command=True, help="Channels: what each can do, and whether its vendor knows us as it should."
)


@commands.callback()
def channels(
    context: typer.Context,
    config: ConfigOption = None,
    every: Annotated[bool, typer.Option("--all", help="Those that are not configured too.")] = False,
) -> None:
    """Print what the configured channels can do, as their cards say."""
    if context.invoked_subcommand is not None:
        return
    from ..channels import CARDS
    from ..channels import configured as configured_channels

    if every:
        _print((card, ()) for card in CARDS.values())
    else:
        settings = configured(config).settings
        _print((card, card.accounts(section)) for card, section in configured_channels(settings))


def _print(found: "Iterable[tuple[Card, Iterable[str]]]") -> None:
    from ..channel_table import rows

    for number, (card, accounts) in enumerate(found):
        names = ", ".join(accounts)
        write(f"{'' if number == 0 else chr(10)}{card.name} ({card.facts.words}){f': {names}' if names else ''}")
        for name, words in rows(card):
            write(f"  {name:<24}{words}")
