"""The card of the channel `slack`."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...config.secret_store import Secrets
from ...normalizer.channel_facts import ChannelFacts
from ...normalizer.envelope import Assurance
from ...normalizer.outgoing import Parsed
from ..capability import ALL_KINDS, Capability, Handing, Incoming
from ..card import Card, ChannelParts
from ..secret_shapes import HEX32, demand, misshapen, shared
from .limits import SENDS
from .settings import CHANNEL, SlackSettings, app_token, bot_token, secrets_of, signing_secret

if TYPE_CHECKING:
    from ..findings import Finding
    from .channel import SlackChannel

_BOT, _APP = re.compile("xoxb-"), re.compile("xapp-")


def _build(section: SlackSettings, parts: ChannelParts) -> "SlackChannel":
    from ...queue.unread_sources import UnreadSources
    from .channel import SlackChannel

    return SlackChannel(
        section,
        intake=parts.intake,
        secret_of=parts.secrets.get,
        read_blob=parts.blobs.get,
        sources=UnreadSources(parts.engine, parts.clock),
        now=parts.clock.true_now,
        peers=parts.peers,
    )


def _check_secrets(section: SlackSettings, secrets: Secrets) -> None:
    """Tokens are of the kind that they have to be, each workspace's its own. Raises Misconfigured."""
    bots = {name: bot_token(name) for name in section.root}
    sockets = [app_token(name) for name, each in section.root.items() if each.receive == "socket"]
    posted = [signing_secret(name) for name, each in section.root.items() if each.receive == "events"]
    demand(
        *(misshapen(secrets, each, _BOT, "a bot token, which begins with xoxb-") for each in bots.values()),
        *(misshapen(secrets, each, _APP, "an app-level token, which begins with xapp-") for each in sockets),
        *(misshapen(secrets, each, HEX32, "a signing secret: 32 hexadecimal digits") for each in posted),
        shared(secrets, bots, "the bot token"),
    )


def _read_file(content: bytes, section: SlackSettings, account: str) -> Parsed:
    from .parsing import read_file

    return read_file(content, section, account)


async def _ask(section: SlackSettings, secrets: Secrets) -> "Sequence[Finding]":
    from .asking import ask

    return await ask(section, secrets)


def _greeting(section: SlackSettings) -> str:
    ways = {"events": "events to /v1/slack/{}", "socket": "{} by Socket Mode"}
    return ", ".join(ways[each.receive].format(name) for name, each in section.root.items())


CARD = Card(
    name=CHANNEL,
    settings=SlackSettings,
    capability=Capability(
        idempotent_send=False,
        looks_up=True,
        joins=True,
        attachments=True,
        receipts=False,
        offer_time=300,
        incoming=Incoming(files=ALL_KINDS, fetched=True, edits=True, deletes=True, reactions=True),
        handing=Handing(
            proof="signature",
            deadline=3,
            retries="posts again three times within six minutes; with Delayed Events hourly for a day",
            gap=("sender",),
            ordered=True,
        ),
    ),
    facts=ChannelFacts(
        words="Slack",
        mark='<path d="M6 2.25v11.5M10 2.25v11.5M2.25 6h11.5M2.25 10h11.5"/>',
        way="on Slack",
        ids_by_account=False,
        proven=Assurance.CHANNEL,
        anonymous="Slack member",
        sends=lambda _: SENDS,
        original=("application/json", "json"),
    ),
    build=_build,
    secrets=secrets_of,
    check_secrets=_check_secrets,
    ask=_ask,
    read_file=_read_file,
    assumed={"example": {"own_people": "customers"}},
    greeting=_greeting,
)
