"""The card of the channel `telegram`."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ...config.problems import Problem
from ...config.secret_store import Secret, Secrets
from ...normalizer.channel_facts import ChannelFacts
from ...normalizer.envelope import Assurance
from ...normalizer.outgoing import Parsed
from ..capability import ALL_KINDS, Answers, Capability, Handing, Incoming
from ..card import Card, ChannelParts, Doubt
from ..secret_shapes import demand, misshapen, shared
from .limits import sends
from .settings import CHANNEL, SECRET_TOKEN, TOKEN, TelegramSettings, bot_token, is_example, webhook_secret

if TYPE_CHECKING:
    from ..findings import Finding
    from .channel import TelegramChannel

_TOKEN = "the token of a bot: digits, a colon, and about 35 letters, digits, _ and -"  # noqa: S105  (words)
_SECRET_TOKEN = "1 to 256 of A-Z, a-z, 0-9, _ and -"  # noqa: S105  (words)
_BOT = "the token of the bot"


def _build(section: TelegramSettings, parts: ChannelParts) -> "TelegramChannel":
    from ..sent_parts import SentParts
    from .channel import TelegramChannel

    return TelegramChannel(
        section,
        engine=parts.engine,
        clock=parts.clock,
        intake=parts.intake,
        secret_of=parts.secrets.get,
        read_blob=parts.blobs.get,
        parts=SentParts(parts.engine, CHANNEL),
        peers=parts.peers,
    )


def _secrets(section: TelegramSettings) -> list[Secret]:
    posted = [name for name, bot in section.root.items() if bot.receive == "webhook"]
    return [*map(bot_token, section.root), *map(webhook_secret, posted)]


def _check_secrets(section: TelegramSettings, secrets: Secrets) -> None:
    """Tokens and secrets as Telegram has them, each bot its own. Raises Misconfigured."""
    tokens = {name: bot_token(name) for name in section.root}
    of_ours = [misshapen(secrets, webhook_secret(name), SECRET_TOKEN, _SECRET_TOKEN) for name in section.root]
    of_bots = [misshapen(secrets, secret, TOKEN, _TOKEN) for secret in tokens.values()]
    demand(*of_bots, *of_ours, *[_examples(secrets, each) for each in tokens.values()], shared(secrets, tokens, _BOT))


def _examples(secrets: Secrets, secret: Secret) -> Sequence[Problem]:
    """A token that stands in documentation, which is nobody's."""
    if not is_example(secrets.find(secret)):
        return []
    return [Problem(secrets.position(secret), "the token of an example", "the token of your bot", secret.origin)]


def _read_file(content: bytes, section: TelegramSettings, account: str) -> Parsed:
    from .bots import Bot
    from .parsing import read_file

    bots = {name: Bot(bot) for name, bot in section.root.items()}
    return read_file(content, bots, account or next(iter(bots), ""))


async def _ask(section: TelegramSettings, secrets: Secrets) -> "Sequence[Finding]":
    from .asking import ask

    return await ask(section, secrets)


def _doubts(section: TelegramSettings) -> Iterable[Doubt]:
    """Bots of which nobody here tells Telegram where to post."""
    for name, bot in section.root.items():
        if bot.receive == "webhook" and bot.address is None:
            words = f"Telegram is not told where to post what is written to {name}"
            remedy = "set its address, or receive: poll; or call setWebhook yourself with the secret"
            yield Doubt((name,), words, f"{remedy} {webhook_secret(name).name}")


def _greeting(section: TelegramSettings) -> str:
    ways = {"webhook": "posts to {at}/v1/telegram/{name}", "poll": "{name} is asked for its messages"}
    return ", ".join(ways[bot.receive].format(name=name, at=bot.address or "") for name, bot in section.root.items())


CARD = Card(
    name=CHANNEL,
    settings=TelegramSettings,
    capability=Capability(
        idempotent_send=False,
        joins=True,
        attachments=True,
        receipts=False,
        offer_time=300,
        incoming=Incoming(
            files=(*ALL_KINDS, "stickers"),
            largest=20 * 1024 * 1024,
            fetched=True,
            edits=True,
            deletes=True,
            reactions=True,
        ),
        handing=Handing(
            proof="token",
            deadline=60,
            retries="posts again for a day; what is asked for is kept for a day",
            gap=("sender", "cursor"),
            ordered=True,
        ),
        answers=Answers(typing=True),
    ),
    facts=ChannelFacts(
        words="Telegram",
        mark='<path d="M14 2.5 1.75 7.25l3.75 1.5L12 4.5 7 9.5l4.5 3.75Z"/><path d="M5.5 8.75v4l2-2"/>',
        way="on Telegram",
        proven=Assurance.CHANNEL,
        identities={"phone": "Phone"},
        anonymous="Telegram user",
        sends=sends,
        original=("application/json", "json"),
    ),
    build=_build,
    secrets=_secrets,
    ask=_ask,
    check_secrets=_check_secrets,
    doubts=_doubts,
    mapped=lambda section: [
        ((name, "start_field"), bot.start_field) for name, bot in section.root.items() if bot.start_field
    ],
    templates=lambda section: {name: bot.templates for name, bot in section.root.items()},
    read_file=_read_file,
    assumed={"example": {"groups": "all"}},
    greeting=_greeting,
)
