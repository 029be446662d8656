"""The card of the channel `line`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...config.secret_store import Secret, Secrets
from ...normalizer.channel_facts import ChannelFacts
from ...normalizer.envelope import Assurance
from ...normalizer.outgoing import Parsed
from ..capability import ALL_KINDS, Capability, Handing, Incoming
from ..card import Card, ChannelParts
from ..secret_shapes import HEX32, demand, misshapen
from .limits import SENDS, sends
from .settings import LineSettings, access_token, channel_secret

if TYPE_CHECKING:
    from ..findings import Finding
    from .channel import LineChannel


def _build(section: LineSettings, parts: ChannelParts) -> "LineChannel":
    from ..public_files import PublicFiles
    from .channel import LineChannel
    from .pushes import EnginePushes

    return LineChannel(
        section,
        intake=parts.intake,
        secret_of=parts.secrets.get,
        files=PublicFiles(parts.engine, parts.clock),
        blobs=parts.blobs,
        pushes=EnginePushes(parts.engine),
        now=parts.clock.now,
        peers=parts.peers,
    )


def _secrets(section: LineSettings) -> list[Secret]:
    return [secret(name) for name in section.root for secret in (channel_secret, access_token)]


def _check_secrets(section: LineSettings, secrets: Secrets) -> None:
    """Channel secrets as LINE has them, and not the access token in their place. Raises Misconfigured."""
    expected = "a channel secret: 32 hexadecimal digits"
    demand(*(misshapen(secrets, channel_secret(name), HEX32, expected) for name in section.root))


def _read_file(content: bytes, section: LineSettings, account: str) -> Parsed:
    from .parsing import read_file

    return read_file(content, section, account)


async def _ask(section: LineSettings, secrets: Secrets) -> "Sequence[Finding]":
    from .asking import ask

    return await ask(section, secrets)


def _greeting(section: LineSettings) -> str:
    return ", ".join(f"webhook {each.address or ''}/v1/line/{name}" for name, each in section.root.items())


CARD = Card(
    name="line",
    settings=LineSettings,
    capability=Capability(
        idempotent_send=True,
        joins=True,
        attachments=True,
        receipts=False,
        offer_time=300,
        incoming=Incoming(files=ALL_KINDS, fetched=True, deletes=True),
        handing=Handing(
            proof="signature",
            deadline=2,
            retries="posts again where Webhook redelivery is on; it does not say how long",
            gap=("sender",),
            ordered=True,
        ),
    ),
    facts=ChannelFacts(
        words="LINE",
        mark='<path d="M8 2.25c3.6 0 6.25 2.2 6.25 5 0 2.6-2.9 4.9-6.25 6.5v-1.6C4.4 12 1.75 10 1.75 7.25c0-2.8 2.65-5 '
        '6.25-5Z"/><path d="M5.25 5.75v3h1.5M8.25 5.75v3M10.5 5.75v3"/>',
        way="on LINE",
        proven=Assurance.CHANNEL,
        anonymous="LINE user",
        sends=lambda _: SENDS,
        original=("application/json", "json"),
    ),
    build=_build,
    secrets=_secrets,
    check_secrets=_check_secrets,
    ask=_ask,
    sends=sends,
    read_file=_read_file,
    assumed={"example": {}},
    greeting=_greeting,
)
