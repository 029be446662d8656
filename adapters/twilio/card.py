"""The card of the channel `twilio`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...config.secret_store import Secret, Secrets
from ...normalizer.channel_facts import MESSAGE, ChannelFacts, Product
from ...normalizer.envelope import Assurance
from ...normalizer.outgoing import Parsed
from ...normalizer.sending_limits import Destination
from ..capability import ALL_KINDS, Answers, Capability, Handing, Incoming
from ..card import Card, ChannelParts
from ..secret_shapes import HEX32, demand, misshapen
from .limits import sends
from .settings import CALL, CHANNEL, NOBODY, TwilioSettings, auth_token

if TYPE_CHECKING:
    from ..findings import Finding
    from .channel import TwilioChannel


def _build(section: TwilioSettings, parts: ChannelParts) -> "TwilioChannel":
    from ..public_files import PublicFiles
    from ..sent_parts import SentParts
    from .channel import TwilioChannel
    from .wishes import EngineWishes

    return TwilioChannel(
        section,
        engine=parts.engine,
        clock=parts.clock,
        intake=parts.intake,
        secret_of=parts.secrets.get,
        parts=SentParts(parts.engine, CHANNEL),
        files=PublicFiles(parts.engine, parts.clock),
        wishes=EngineWishes(parts.engine, parts.clock),
        peers=parts.peers,
    )


def _secrets(section: TwilioSettings) -> list[Secret]:
    return [auth_token(name) for name in section.root]


def _check_secrets(section: TwilioSettings, secrets: Secrets) -> None:
    """Auth Tokens as Twilio has them. Raises Misconfigured."""
    expected = "an Auth Token: 32 hexadecimal digits (an API key does not do: posts are signed with the token)"
    demand(*(misshapen(secrets, auth_token(name), HEX32, expected) for name in section.root))


def _read_file(content: bytes, section: TwilioSettings, account: str) -> Parsed:
    from .parsing import read_file

    return read_file(content, section, account)


async def _ask(section: TwilioSettings, secrets: Secrets) -> "Sequence[Finding]":
    from .asking import ask

    return await ask(section, secrets)


def _greeting(section: TwilioSettings) -> str:
    return ", ".join(f"webhook {account.address}/v1/{CHANNEL}/{name}" for name, account in section.root.items())


def product(to: Destination, came_as: str) -> Product:
    """Calls and SMS come from the same numbers; what is answered to a call goes by SMS."""
    ours = to.conversation.partition(" ")[0]
    if ours.startswith("whatsapp:"):
        return Product(words="WhatsApp", way="on WhatsApp")
    if ours.startswith("rcs:"):
        return Product(words="RCS", way="by RCS")
    words = {CALL: "Phone call", MESSAGE: "SMS"}.get(came_as, "Phone or SMS")
    return Product(words=words, way="by SMS", anonymous="" if to.to.startswith("+") else "Caller")


CARD = Card(
    name=CHANNEL,
    settings=TwilioSettings,
    capability=Capability(
        idempotent_send=False,
        looks_up=True,
        joins=True,
        attachments=True,
        receipts=True,
        offer_time=300,
        incoming=Incoming(files=ALL_KINDS, fetched=True),
        handing=Handing(
            proof="signature",
            deadline=15,
            retries="none, but for one post to the fallback address",
            gap=("reconciler",),
            ordered=False,
        ),
        answers=Answers(
            receipts=("delivered", "read", "failed"), window=24 * 3600, window_of="WhatsApp", templates=True
        ),
        ways={
            "SMS": Destination(),
            "RCS": Destination(conversation="rcs: rcs:"),
            "WhatsApp": Destination(conversation="whatsapp: whatsapp:"),
        },
    ),
    facts=ChannelFacts(
        words="Phone, SMS, RCS and WhatsApp",
        mark='<path d="M4.75 1.75h6.5v12.5h-6.5Z"/><path d="M7 12h2M7 4.5h2"/>',
        way="by SMS",
        proven=Assurance.CHANNEL,
        identities={"phone": "Phone", "whatsapp": "WhatsApp", "sms": "SMS sender"},
        anonymous="Caller",
        product=product,
        sends=sends,
        original=("application/x-www-form-urlencoded", "txt"),
    ),
    build=_build,
    secrets=_secrets,
    templates=lambda section: {name: account.templates for name, account in section.root.items()},
    check_secrets=_check_secrets,
    ask=_ask,
    read_file=_read_file,
    assumed={"example": {"sid": NOBODY, "address": "https://desk.example.com"}},
    greeting=_greeting,
)
