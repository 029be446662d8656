"""A channel to copy: everything that the contract asks for, and nothing else.

Make a folder, copy the file into it as `channel.py`, rename `skeleton`, and replace what is marked (1) to (8); (1)
moves into `settings.py` and (8) into `card.py`, so that a configuration can be read without the rest. The imagined
vendor posts JSON to us, signed with a shared secret, names files and gives them out by their ids, and takes replies as
posts of JSON. The face is the one of all vendors (vendor_webhook.py). Read `line` for a small channel of a real vendor,
`mail` for one with a protocol of its own. docs/adding.md says what else there is to do, and which test tells what was
forgotten.
"""

import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from aiohttp import ClientError, ClientSession, ClientTimeout, web
from prometheus_client.core import Metric
from yarl import URL

from ..config.errors import DeliveryDeferred, DeliveryFailed, Unreadable
from ..config.secret_store import Secret
from ..config.section import Section
from ..normalizer.channel_facts import ChannelFacts
from ..normalizer.envelope import (
    Assurance,
    Attachment,
    Envelope,
    Identity,
    RawMessage,
    Sender,
    envelope_id,
    raw_from_file,
)
from ..normalizer.language import detect
from ..normalizer.later_files import later_file
from ..normalizer.outgoing import Fetched, FileSink, Outgoing, Parsed, Sent
from ..queue.intake import Intake
from ..web.peers import Peers
from .capability import Capability, Handing, Incoming
from .card import Card, ChannelParts
from .contract import Adapter
from .vendor_files import VendorFiles
from .vendor_post import Event, Post, demand_equal, read_json, single_header
from .vendor_webhook import Contract, VendorWebhook

CHANNEL = "skeleton"
_PATIENCE = ClientTimeout(total=15)
_SECRET = Secret(CHANNEL)  # made up while all is loopback; `make=None` for one that the vendor gave us


# (1) Settings: the section `channels.skeleton`. Say in every field what it is for; secrets are never among them.
class SkeletonSettings(Section):
    """The imagined vendor."""

    account: str = "desk"
    endpoint: str
    allow_private: bool = False  # fetch files from private addresses, where somebody stands in for the vendor


class SkeletonChannel(Adapter):
    """The imagined vendor, both directions."""

    channel = CHANNEL

    def __init__(
        self, settings: SkeletonSettings, *, intake: Intake, secret: bytes, peers: Peers | None = None
    ) -> None:
        self._settings = settings
        self._session: ClientSession | None = None
        self._files = VendorFiles([URL(settings.endpoint).host or ""], allow_private=settings.allow_private)
        # (2) Verify, store, and only then answer: the face does, by what the vendor does and wants. `patience` stays
        # within the time in which the vendor wants its answer (`handing.deadline` of the card).
        contract = Contract(verify=partial(verify, secret), split=split, patience=8.0)
        self._face = VendorWebhook(CHANNEL, [settings.account], contract, intake, peers)

    def routes(self, application: web.Application) -> None:
        """Mount the face, at `/v1/skeleton/{account}`."""
        self._face.mount(application)

    def metrics(self) -> Iterable[Metric]:
        """How posts ended."""
        return self._face.metrics()

    # (3) Read: pure, the same bytes give the same envelopes. Anything may stand in the bytes.
    async def parse(self, raw: RawMessage) -> Parsed:
        """Read a raw message; raises Unreadable."""
        return read(raw)

    # (4) Our id of an outgoing article, known before it is sent.
    def outgoing_id(self, article_id: str, account: str) -> str:  # noqa: ARG002
        """The id that the vendor hears."""
        return article_id

    # (5) Send, and say what became of it. Nothing sent: DeliveryDeferred. Refused for good: DeliveryFailed. Perhaps
    # sent: DeliveryUnknown, unless the vendor recognises repeats, as here.
    async def send(self, outgoing: Outgoing) -> Sent:
        """Post a reply; raises DeliveryDeferred, DeliveryFailed."""
        if not outgoing.to:
            raise DeliveryFailed("there is nobody to send it to")
        body = json.dumps({"id": outgoing.external_id, "to": outgoing.to, "text": outgoing.text}).encode()
        try:
            async with self._connected().post(self._settings.endpoint, data=body, allow_redirects=False) as response:
                status = response.status
        except (ClientError, OSError, TimeoutError) as error:
            raise DeliveryDeferred(f"the vendor cannot be reached: {type(error).__name__}") from error
        if 200 <= status < 300:
            return Sent(reference=outgoing.external_id, detail=str(status))
        if status == 429 or status >= 500:
            raise DeliveryDeferred(f"the vendor puts it off: {status}")
        raise DeliveryFailed(f"the vendor refuses it: {status}")

    # (6) A file that `parse` named is fetched when its message was filed, from the vendor's hosts only. A channel
    # without such files leaves this out; what comes along in the bytes of the message is in `Parsed.files` instead.
    async def fetch(self, account: str, reference: str, into: FileSink) -> Fetched:  # noqa: ARG002
        """Pour a file of the vendor into the sink. Raises DeliveryDeferred, DeliveryFailed, TooLarge."""
        return await self._files.get(f"{self._settings.endpoint.rstrip('/')}/files/{quote(reference, safe='')}", into)

    # (7) Services: `start` returns when ready, `stop` waits for what is under way; both may be called again. Here the
    # web service listens, so there is nothing to begin.
    async def stop(self) -> None:
        """Close connections."""
        await self._files.close()
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _connected(self) -> ClientSession:
        if self._session is None:
            self._session = ClientSession(timeout=_PATIENCE)
        return self._session


def verify(secret: bytes, post: Post) -> None:
    """The vendor's scheme: HMAC-SHA256 over id, a dot, and the body, in hex. Raises Forged."""
    signed = single_header(post, "X-Skeleton-Id").encode() + b"." + post.body
    demand_equal(single_header(post, "X-Skeleton-Signature"), hmac.digest(secret, signed, "sha256").hex())


def split(post: Post) -> Sequence[Event]:
    """The one message of a post. What fails here is stored whole, and set aside when it is read.

    Its id is the vendor's own, by which a repeat is recognised; its lane the conversation, which is filed in order.
    """
    author = str(read_json(post.body)["from"])
    return [Event(single_header(post, "X-Skeleton-Id"), "message", author, post.body)]


def read(raw: RawMessage) -> Parsed:
    """The envelope of a raw message. Raises Unreadable."""
    try:
        content = read_json(raw.content)
        author, text = str(content["from"]), str(content["text"])
        files = tuple(_file(each) for each in content.get("files", ()))
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise Unreadable(f"not a message of the vendor ({type(error).__name__})") from error
    return Parsed(envelopes=(_envelope(raw, author, text, files),))


def _file(told: Mapping[str, Any]) -> Attachment:
    name, media_type, size = (told.get(each, "") for each in ("name", "type", "size"))
    return later_file(str(told["id"]), name=str(name), media_type=str(media_type), size=int(size or 0))


def _envelope(raw: RawMessage, author: str, text: str, files: Sequence[Attachment]) -> Envelope:
    return Envelope(
        id=envelope_id(raw.id, 0),
        raw_id=raw.id,
        received_at=raw.received_at,
        channel=raw.channel,
        account=raw.account,
        external_id=raw.external_id,
        order=f"{raw.sequence:020d}",  # the vendor's own order, where it gives one
        conversation=(f"{CHANNEL}:{author}",),
        announces=(f"{CHANNEL}:{author}",),
        # How far the author is proven is what we know ourselves, never what the message says of itself: a vendor that
        # vouches for a stable id of the author gives CHANNEL; an address that somebody typed stays CLAIMED.
        sender=Sender(identities=(Identity(kind=CHANNEL, value=author, assurance=Assurance.CLAIMED),)),
        recipients=(raw.account,),
        text=text,
        language=detect(text),
        attachments=tuple(files),
    )


# (8) The card: what the gateway builds everything of. What is not said has the value that fits most channels.
def _build(section: SkeletonSettings, parts: ChannelParts) -> SkeletonChannel:
    return SkeletonChannel(section, intake=parts.intake, secret=parts.secrets.get(_SECRET).encode(), peers=parts.peers)


def _read_file(content: bytes, section: SkeletonSettings, account: str) -> Parsed:
    return read(raw_from_file(content, CHANNEL, account=account or section.account))


CARD = Card(
    name=CHANNEL,
    settings=SkeletonSettings,
    # The vendor knows a repeat by our id, so a send whose fate is unknown may simply be repeated.
    capability=Capability(
        idempotent_send=True,
        joins=True,
        attachments=False,
        receipts=False,
        offer_time=30,
        incoming=Incoming(files=("files",), fetched=True),
        handing=Handing(proof="signature", deadline=10, retries="posts again", gap=("sender",), ordered=False),
    ),
    facts=ChannelFacts(
        words="Skeleton", way="through the vendor", mark='<path d="M3 8h10"/>', identities={CHANNEL: "Id"}
    ),
    build=_build,
    secrets=lambda _: [_SECRET],
    accounts=lambda section: [section.account],
    read_file=_read_file,
    greeting=lambda section: f"posts to /v1/{CHANNEL}/{section.account}; replies go to {section.endpoint}",
)
