"""The card of the channel `slack`."""

from typing import TYPE_CHECKING

from ...config.problems import Problem, misconfigured
from ...config.secret_store import Secrets
from ...normalizer.channel_facts import ChannelFacts
from ...normalizer.envelope import Assurance
from ...normalizer.outgoing import Parsed
from ..capability import ALL_KINDS, Capability, Handing, Incoming
from ..card import Card, ChannelParts
from .limits import SENDS
from .settings import CHANNEL, SlackSettings, app_token, bot_token, secrets_of

if TYPE_CHECKING:
    from .channel import SlackChannel


def _build(section: SlackSettings, parts: ChannelParts) -> "SlackChannel":
    from .channel import SlackChannel

    return SlackChannel(
        section,
        intake=parts.intake,
        secret_of=parts.secrets.get,
        read_blob=parts.blobs.get,
        now=parts.clock.true_now,
        peers=parts.peers,
    )


def _check_secrets(section: SlackSettings, secrets: Secrets) -> None:
    """Tokens are of the kind that they have to be. Raises Misconfigured."""
    for name, each in section.root.items():
        kinds = [(bot_token, "xoxb-"), *([(app_token, "xapp-")] if each.receive == "socket" else [])]
        for secret, begin in kinds:
            if (found := secrets.find(secret(name))) and not found.startswith(begin):
                place = secrets.position(secret(name))
                remedy = str(secret(name).origin)
                raise misconfigured([Problem(place, "something else", f"a token that begins with {begin}", remedy)])


def _read_file(content: bytes, section: SlackSettings, account: str) -> Parsed:
    from .parsing import read_file

    return read_file(content, section, account)


def _greeting(section: SlackSettings) -> str:
    ways = {"events": "events to /v1/slack/{}", "socket": "{} by Socket Mode"}
    return ", ".join(ways[each.receive].format(name) for name, each in section.root.items())


CARD = Card(
    name=CHANNEL,
    settings=SlackSettings,
    capability=Capability(
        idempotent_send=False,
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
        proven=Assurance.CHANNEL,
        anonymous="Slack member",
        sends=lambda _: SENDS,
        original=("application/json", "json"),
    ),
    build=_build,
    secrets=secrets_of,
    check_secrets=_check_secrets,
    read_file=_read_file,
    greeting=_greeting,
)
