"""The card of the channel `telegram`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...config.errors import Misconfigured
from ...config.problems import Problem, misconfigured
from ...config.secret_store import Secret, Secrets
from ...normalizer.channel_facts import ChannelFacts
from ...normalizer.envelope import Assurance
from ...normalizer.outgoing import Parsed
from ..capability import ALL_KINDS, Answers, Capability, Handing, Incoming
from ..card import Card, ChannelParts
from .limits import sends
from .settings import CHANNEL, TelegramSettings, bot_token, is_token, is_webhook_secret, webhook_secret

if TYPE_CHECKING:
    from ..findings import Finding
    from .channel import TelegramChannel


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
    """Tokens and secrets as Telegram has them. Raises Misconfigured."""
    for name in section.root:
        token, secret = secrets.find(bot_token(name)), secrets.find(webhook_secret(name))
        if token and not is_token(token):
            raise _wrong(secrets, bot_token(name), "the token of a bot such as 123456:ABC-DEF", "@BotFather gives it")
        if secret and not is_webhook_secret(secret):
            raise _wrong(secrets, webhook_secret(name), "1 to 256 of A-Z, a-z, 0-9, _ and -", "make another one up")


def _wrong(secrets: Secrets, secret: Secret, expected: str, remedy: str) -> Misconfigured:
    return misconfigured([Problem(secrets.position(secret), "something else", expected, remedy)])


def _read_file(content: bytes, section: TelegramSettings, account: str) -> Parsed:
    from .bots import Bot
    from .parsing import read_file

    return read_file(
        content, {name: Bot(bot) for name, bot in section.root.items()}, account or next(iter(section.root))
    )


async def _ask(section: TelegramSettings, secrets: Secrets) -> "Sequence[Finding]":
    from .asking import ask

    return await ask(section, secrets)


def _greeting(section: TelegramSettings) -> str:
    ways = {"webhook": "posts to /v1/telegram/{}", "poll": "{} is asked for its messages"}
    return ", ".join(ways[bot.receive].format(name) for name, bot in section.root.items())


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
    mapped=lambda section: [
        ((name, "start_field"), bot.start_field) for name, bot in section.root.items() if bot.start_field
    ],
    read_file=_read_file,
    greeting=_greeting,
)
