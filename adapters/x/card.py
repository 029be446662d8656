"""The card of the channel `x`."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...config.secret_store import Secret, Secrets
from ...normalizer.channel_facts import ChannelFacts
from ...normalizer.envelope import Assurance
from ...normalizer.outgoing import Parsed
from ...normalizer.sending_limits import Destination
from ..capability import Answers, Capability, Handing, Incoming
from ..card import Card, ChannelParts
from ..secret_shapes import demand, misshapen
from .limits import PUBLIC, product, sends
from .settings import CHANNEL, XSettings, access_token, api_key, api_key_secret, client_secret, token_secret

if TYPE_CHECKING:
    from ..findings import Finding
    from .channel import XChannel


def _build(section: XSettings, parts: ChannelParts) -> "XChannel":
    from ..sent_parts import SentParts
    from .channel import XChannel

    return XChannel(
        section,
        intake=parts.intake,
        secret_of=parts.secrets.get,
        read_blob=parts.blobs.get,
        parts=SentParts(parts.engine, CHANNEL),
        peers=parts.peers,
    )


def _secrets(section: XSettings) -> list[Secret]:
    apps = {name: account for name, account in section.root.items() if not account.app}
    of_apps = [secret(name) for name in apps for secret in (api_key_secret, api_key)]
    clients = [client_secret(name) for name, account in apps.items() if account.signed_by == "client"]
    return [*of_apps, *clients, *(secret(name) for name in section.root for secret in (access_token, token_secret))]


def _check_secrets(section: XSettings, secrets: Secrets) -> None:
    """Each account's own access token. Raises Misconfigured."""
    demand(
        *(
            misshapen(
                secrets,
                access_token(name),
                re.compile(rf"{account.id}-[\w-]+\Z", re.ASCII),
                f"an access token of the account: it begins with {account.id}-",
            )
            for name, account in section.root.items()
        )
    )


def _read_file(content: bytes, section: XSettings, account: str) -> Parsed:
    from .parsing import read_file

    return read_file(content, section, account)


async def _ask(section: XSettings, secrets: Secrets) -> "Sequence[Finding]":
    from .asking import ask

    return await ask(section, secrets)


def _greeting(section: XSettings) -> str:
    return ", ".join(f"webhook /v1/x/{name}" for name, account in section.root.items() if not account.app)


CARD = Card(
    name=CHANNEL,
    settings=XSettings,
    capability=Capability(
        idempotent_send=False,
        joins=True,
        attachments=True,
        receipts=True,
        offer_time=300,
        incoming=Incoming(files=("images", "video"), fetched=True, edits=True),
        handing=Handing(
            proof="signature",
            deadline=3,
            retries="posts again up to three times within five minutes; on request it repeats what it told in the last "
            "days",
            gap=("sender",),
            ordered=True,
        ),
        ways={
            "directly": Destination(to="1"),
            "in public": Destination(to="1", conversation="post:1", mode=PUBLIC),
        },
        answers=Answers(receipts=("read",)),
    ),
    facts=ChannelFacts(
        words="X",
        mark='<path d="M2.5 2.75h2.75l8.25 10.5h-2.75Z"/><path d="m13 2.75-4.25 4.5M7.25 8.75 3 13.25"/>',
        way="on X",
        proven=Assurance.CHANNEL,
        anonymous="X user",
        product=product,
        sends=sends,
        original=("application/json", "json"),
    ),
    build=_build,
    secrets=_secrets,
    check_secrets=_check_secrets,
    ask=_ask,
    read_file=_read_file,
    greeting=_greeting,
)
