"""The channels that this gateway knows. A new one is its folder below adapters/ and its name in `FOLDERS`.

All else stands in the folder's card (adapters/card.py). The adapters are built, and imported, only where they are
configured.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from ..adapters.card import Card, ChannelParts, Page
from ..config.secret_store import ADMIN_TOKEN, Secret
from ..config.settings import Settings, settings_model
from ..config.sign_in_settings import SECRET as SIGN_IN
from ..config.slack_desk_settings import desk_secrets
from ..normalizer.channel_facts import Channels
from ..router.open_ticket import CHANNEL, FACTS
from ..router.policy import CurrentPolicy, Policy
from ..router.reply_route import Route
from ..router.rules import Rules
from ..web.signed_posts import webhook_secret

if TYPE_CHECKING:
    from ..adapters.contract import Adapter

FOLDERS = ("mail", "http_source", "chat", "line", "telegram", "twilio", "meta", "slack", "wechat", "x")

_LOADED: tuple[Card, ...] = tuple(import_module(f"trunkline.adapters.{folder}.card").CARD for folder in FOLDERS)

CARDS: dict[str, Card] = {card.name: card for card in _LOADED}


def models() -> dict[str, type[BaseModel]]:
    """The models of the sections below `channels`."""
    return {name: card.settings for name, card in CARDS.items()}


def offer_seconds() -> dict[str, int]:
    """How long an offer stands, by channel."""
    return {name: card.capability.offer_time for name, card in CARDS.items()}


def read_settings(kept: bytes) -> Settings:
    """The settings that `Settings.kept` gave. Raises ValidationError."""
    return settings_model(models()).model_validate_json(kept)


def facts(settings: Settings | None = None) -> Channels:
    """What router and desk know of the channels, configured or not; and of tickets that no channel brought."""
    known = {name: card.facts for name, card in CARDS.items()} | {CHANNEL: FACTS}
    for card, section in configured(settings) if settings is not None else ():
        if card.sends is not None:
            known[card.name] = replace(card.facts, sends=partial(card.sends, section))
    return Channels(known)


def policy_of(settings: Settings) -> Policy:
    """What is in force with these settings."""
    mail = [card.accounts(section) for card, section in configured(settings) if card.writes_to == "email"]
    ours = frozenset(address for accounts in mail for address in accounts)
    templates = {
        (card.name, account): known
        for card, section in configured(settings)
        for account, known in card.templates(section).items()
    }
    return Policy(
        settings=settings, rules=Rules(settings), channels=facts(settings), templates=templates, addresses=ours
    )


def configured(settings: Settings) -> Iterator[tuple[Card, Any]]:
    """The cards of the configured channels with their sections, in the order of the list."""
    return ((card, settings.channels[name]) for name, card in CARDS.items() if name in settings.channels)


def build_channels(settings: Settings, parts: ChannelParts) -> "dict[str, Adapter]":
    """The adapters of the configured channels, by name. Raises Misconfigured."""
    return {card.name: card.build(section, parts) for card, section in configured(settings)}


def needed_secrets(settings: Settings) -> list[Secret]:
    """All secrets that a gateway with this configuration needs."""
    ours = [ADMIN_TOKEN, *([SIGN_IN] if settings.sign_in else [])]
    of_channels = (secret for card, section in configured(settings) for secret in card.secrets(section))
    return [*ours, *of_channels, *desk_secrets(settings.desk.slack), *map(webhook_secret, settings.webhooks)]


def pages(settings: Settings) -> list[Page]:
    """The pages where people write to us, those of each channel together."""
    return [page for card, section in configured(settings) for page in card.pages(section)]


class CurrentRoutes:
    """The routes of replies as the configuration in force has them."""

    def __init__(self, policy: CurrentPolicy) -> None:
        self._policy = policy
        self._made: tuple[Settings, ReplyRoutes] | None = None

    def __call__(self, channel: str, account: str) -> Route | None:
        """As `ReplyRoutes`."""
        settings = self._policy().settings
        if self._made is None or self._made[0] is not settings:
            self._made = settings, ReplyRoutes(settings)
        return self._made[1](channel, account)


class ReplyRoutes:
    """From (channel, account) of a message to the route of its replies: the same way back where there is one, else mail
    from our first address; None where nothing writes to e-mail addresses. Such a ticket takes notes but no replies.
    """

    def __init__(self, settings: Settings) -> None:
        self._back = {
            (card.name, account): Route(channel=card.name, account=account, writes_to=card.writes_to)
            for card, section in configured(settings)
            for account in card.accounts(section)
            if account not in card.answered_by_mail(section)
        }
        self._mail = next((route for route in self._back.values() if route.writes_to == "email"), None)

    def __call__(self, channel: str, account: str) -> Route | None:
        """The route; what no channel brought (`""`) goes by mail."""
        return self._back.get((channel, account), self._mail)
