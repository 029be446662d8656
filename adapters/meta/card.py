"""The card of the channel `meta`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...config.secret_store import Secret, Secrets
from ...normalizer.channel_facts import ChannelFacts
from ...normalizer.envelope import Assurance
from ...normalizer.outgoing import Parsed
from ...normalizer.sending_limits import Destination
from ..capability import ALL_KINDS, Answers, Capability, Handing, Incoming
from ..card import Card, ChannelParts
from ..secret_shapes import HEX32, demand, misshapen
from .limits import product, sends, sends_here
from .settings import CHANNEL, MetaSettings, access_token, app_secret, verify_token

if TYPE_CHECKING:
    from ..findings import Finding
    from .channel import MetaChannel


def _build(section: MetaSettings, parts: ChannelParts) -> "MetaChannel":
    from ..public_files import PublicFiles
    from ..sent_parts import SentParts
    from .channel import MetaChannel

    return MetaChannel(
        section,
        intake=parts.intake,
        secret_of=parts.secrets.get,
        read_blob=parts.blobs.get,
        parts=SentParts(parts.engine, CHANNEL),
        files=PublicFiles(parts.engine, parts.clock),
        peers=parts.peers,
    )


def _secrets(section: MetaSettings) -> list[Secret]:
    apps = [name for name, account in section.root.items() if not account.app]
    of_apps = [secret(name) for name in apps for secret in (app_secret, verify_token)]
    return [*of_apps, *map(access_token, section.root)]


def _check_secrets(section: MetaSettings, secrets: Secrets) -> None:
    """App secrets as Meta has them. Raises Misconfigured."""
    apps = [app_secret(name) for name, account in section.root.items() if not account.app]
    demand(*(misshapen(secrets, each, HEX32, "an app secret: 32 hexadecimal digits") for each in apps))


def _read_file(content: bytes, section: MetaSettings, account: str) -> Parsed:
    from .parsing import read_file

    return read_file(content, section, account)


async def _ask(section: MetaSettings, secrets: Secrets) -> "Sequence[Finding]":
    from .asking import ask

    return await ask(section, secrets)


def _greeting(section: MetaSettings) -> str:
    own = {name: account.address or "" for name, account in section.root.items() if not account.app}
    return ", ".join(f"webhook {address}/v1/meta/{name}" for name, address in own.items())


CARD = Card(
    name=CHANNEL,
    settings=MetaSettings,
    capability=Capability(
        idempotent_send=False,
        joins=True,
        attachments=True,
        receipts=True,
        offer_time=300,
        incoming=Incoming(files=(*ALL_KINDS, "stickers"), fetched=True, edits=True, deletes=True, reactions=True),
        handing=Handing(
            proof="signature",
            deadline=20,
            retries="posts again for 36 hours, on WhatsApp for seven days",
            gap=("sender",),
            ordered=True,
        ),
        ways={
            "Messenger": Destination(to="1:2"),
            "Instagram": Destination(to="17841:2"),
            "WhatsApp": Destination(to="+1"),
        },
        answers=Answers(
            receipts=("delivered", "read", "failed"),
            typing=True,
            typing_of="Messenger",
            window=24 * 3600,
            extended=7 * 24 * 3600,
            templates=True,
        ),
    ),
    facts=ChannelFacts(
        words="Messenger, Instagram and WhatsApp",
        mark='<path d="M1.75 10.5c0-3.75 1.5-6.25 3.25-6.25 2.75 0 3.5 7.5 6.25 7.5 1.75 0 3-1.25 3-3.25 0-2.5-1.25'
        '-4.25-3-4.25-2.75 0-3.5 7.5-6.25 7.5-1.25 0-3.25-.25-3.25-1.25Z"/>',
        way="on Messenger, Instagram or WhatsApp",
        proven=Assurance.CHANNEL,
        identities={"whatsapp": "WhatsApp"},
        nameless={"messenger": "Messenger user", "instagram": "Instagram user"},
        product=product,
        sends=sends,
        original=("application/json", "json"),
    ),
    build=_build,
    sends=sends_here,
    secrets=_secrets,
    templates=lambda section: {name: account.templates for name, account in section.root.items()},
    check_secrets=_check_secrets,
    ask=_ask,
    read_file=_read_file,
    greeting=_greeting,
)
