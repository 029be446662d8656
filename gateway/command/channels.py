"""`trunkline channels`: what each channel can do, and what its vendor says of our accounts."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from functools import partial
from posixpath import normpath
from typing import TYPE_CHECKING, Annotated

import typer

from .options import ConfigOption, configured, say, write

if TYPE_CHECKING:
    from ...adapters.card import Card
    from ...adapters.findings import Finding
    from ..configuration import Configuration

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


@commands.command()
def check(config: ConfigOption = None) -> None:
    """Ask the vendor of each configured channel whether token, webhook address and permissions are right.

    Says in words what is missing and what to do, and where to look for what cannot be asked. Status 1 when something is
    wrong, or could not be found out.
    """
    raise typer.Exit(asyncio.run(_checked(configured(config))))


async def _checked(configuration: "Configuration") -> int:
    wrong = 0
    async for channel, found in _findings(configuration):
        write(f"{found.level:<8}{f'{channel} {found.account}':<20}{found.subject}: {found.words}")
        if found.remedy:
            write(f"{'':<28}{found.remedy}")
        wrong += found.level in ("wrong", "unknown")
    return min(wrong, 1)


async def _findings(configuration: "Configuration") -> "AsyncIterator[tuple[str, Finding]]":
    from ..channels import configured as configured_channels

    for card, section in configured_channels(configuration.settings):
        if card.ask is None:
            page = normpath(f"docs/channels/{card.capability.page or f'{card.name}.md'}")
            say(f"{card.name}: its vendor is not asked; {page} says what to look at there")
            continue
        for found in await _asked(partial(card.ask, section, configuration.secrets)):
            yield card.name, found


async def _asked(ask: "Callable[[], Awaitable[Sequence[Finding]]]") -> "Sequence[Finding]":
    """What a channel found; a secret that is missing keeps no other channel from being asked."""
    from ...adapters.findings import findings_of

    return await findings_of("", ask, remedy="see its secrets: trunkline check")
