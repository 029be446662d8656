"""The card of the channel `chat`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...config.secret_store import Secret, Secrets
from ...normalizer.channel_facts import ChannelFacts
from ...normalizer.envelope import Assurance
from ...normalizer.outgoing import Parsed
from ..capability import ALL_KINDS, Answers, Capability, Handing, Incoming
from ..card import Card, ChannelParts, Page
from .settings import VISITOR_TOKEN, ChatSettings, site_secret

if TYPE_CHECKING:
    from ..findings import Finding
    from .channel import ChatChannel


def _build(section: ChatSettings, parts: ChannelParts) -> "ChatChannel":
    from .channel import ChatChannel

    return ChatChannel(section, parts)


def _secrets(section: ChatSettings) -> list[Secret]:
    return [VISITOR_TOKEN, *(site_secret(name) for name, site in section.root.items() if site.identity != "off")]


def _read_file(content: bytes, section: ChatSettings, site: str) -> Parsed:
    from .parsing import read_file

    return read_file(content, section, site=site)


def _pages(section: ChatSettings) -> list[Page]:
    return [Page(f"/chat/{name}", "a chat with the desk", scripts=True) for name in section.root]


async def _ask(section: ChatSettings, _: Secrets) -> "Sequence[Finding]":
    from ..findings import Finding

    words, remedy = "it has no vendor; it is this gateway's own", "open /chat/{} here, and write something"
    return [Finding(name, "page", "look", words, remedy.format(name)) for name in section.root]


CARD = Card(
    name="chat",
    settings=ChatSettings,
    capability=Capability(
        idempotent_send=True,
        joins=True,
        attachments=True,
        receipts=True,
        offer_time=30,
        incoming=Incoming(files=ALL_KINDS),
        handing=Handing(
            proof="login", retries="the page keeps what is not taken, and sends it again", gap=("sender",), ordered=True
        ),
        answers=Answers(receipts=("delivered", "read"), typing=True),
        page="../chat.md",
    ),
    facts=ChannelFacts(
        words="Web chat",
        mark='<path d="M3.5 2.75h9a1.5 1.5 0 0 1 1.5 1.5v5.5a1.5 1.5 0 0 1-1.5 1.5H7.25L4 13.75v-2.5h-.5A1.5 1.5 0 0 1 '
        '2 9.75v-5.5a1.5 1.5 0 0 1 1.5-1.5Z"/><path d="M5 6h6M5 8.25h3.5"/>',
        way="in the chat",
        live=True,
        undo=2,
        presence=True,
        proven=Assurance.CHANNEL,
        anonymous="Visitor",
        queues={"chat_unread": "Unread chat answer", "chat_codes": "Chat code"},
    ),
    build=_build,
    secrets=_secrets,
    ask=_ask,
    read_file=_read_file,
    assumed={"example": {}},
    pages=_pages,
)
