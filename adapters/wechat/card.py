"""The card of the channel `wechat`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...config.secret_store import Secret, Secrets
from ...normalizer.channel_facts import ChannelFacts
from ...normalizer.envelope import Assurance
from ...normalizer.outgoing import Parsed
from ..capability import Answers, Capability, Handing, Incoming
from ..card import Card, ChannelParts
from ..secret_shapes import HEX32, demand, misshapen, shared
from .limits import SENDS
from .settings import (
    CHANNEL,
    KEY_SHAPE,
    TOKEN_SHAPE,
    WechatSettings,
    app_secret,
    encoding_key,
    signing_token,
)

if TYPE_CHECKING:
    from ..findings import Finding
    from .channel import WechatChannel


def _build(section: WechatSettings, parts: ChannelParts) -> "WechatChannel":
    from ..sent_parts import SentParts
    from .channel import WechatChannel

    return WechatChannel(
        section,
        engine=parts.engine,
        intake=parts.intake,
        now=parts.clock.true_now,
        secret_of=parts.secrets.get,
        read_blob=parts.blobs.get,
        parts=SentParts(parts.engine, CHANNEL),
        peers=parts.peers,
    )


def _secrets(section: WechatSettings) -> list[Secret]:
    encrypted = [name for name, account in section.root.items() if account.encrypted]
    of_all = [secret(name) for name in section.root for secret in (app_secret, signing_token)]
    return [*of_all, *map(encoding_key, encrypted)]


def _check_secrets(section: WechatSettings, secrets: Secrets) -> None:
    """Secrets as WeChat takes them, an AppSecret of its own for each account. Raises Misconfigured."""
    shapes = (
        (app_secret, HEX32, "32 hexadecimal digits"),
        (signing_token, TOKEN_SHAPE, "3 to 32 letters and digits"),
        (encoding_key, KEY_SHAPE, "43 letters and digits"),
    )
    wrong = (misshapen(secrets, of(name), shape, words) for name in section.root for of, shape, words in shapes)
    demand(*wrong, shared(secrets, {name: app_secret(name) for name in section.root}, "the AppSecret"))


def _read_file(content: bytes, section: WechatSettings, account: str) -> Parsed:
    from .parsing import read_file

    return read_file(content, section, account)


async def _ask(section: WechatSettings, secrets: Secrets) -> "Sequence[Finding]":
    from .asking import ask

    return await ask(section, secrets)


def _greeting(section: WechatSettings) -> str:
    return ", ".join(f"webhook /v1/wechat/{name}" for name in section.root)


CARD = Card(
    name=CHANNEL,
    settings=WechatSettings,
    capability=Capability(
        idempotent_send=False,
        joins=True,
        attachments=True,
        receipts=False,
        offer_time=300,
        incoming=Incoming(files=("images", "audio", "video"), fetched=True),
        handing=Handing(
            proof="signature",
            deadline=5,
            retries="posts three times within some seconds, and then no more",
            gap=("sender",),
            ordered=True,
        ),
        answers=Answers(window=48 * 3600),
    ),
    facts=ChannelFacts(
        words="WeChat",
        mark='<path d="M6.25 2.75c-2.75 0-4.75 1.75-4.75 4 0 1.25.6 2.3 1.6 3l-.35 1.75 1.75-1c.5.2 1 .25 1.75.25"/>'
        '<path d="M10.25 6.25c-2.35 0-4.25 1.55-4.25 3.5s1.9 3.5 4.25 3.5c.5 0 1-.1 1.5-.25l1.5.75-.3-1.5c.95-.65 '
        '1.55-1.5 1.55-2.5 0-1.95-1.9-3.5-4.25-3.5Z"/>',
        way="on WeChat",
        proven=Assurance.CHANNEL,
        anonymous="WeChat user",
        sends=lambda _: SENDS,
        original=("application/xml", "xml"),
    ),
    build=_build,
    secrets=_secrets,
    check_secrets=_check_secrets,
    ask=_ask,
    read_file=_read_file,
    assumed={"example": {"app_id": "wx0000000000000000"}},
    greeting=_greeting,
)
