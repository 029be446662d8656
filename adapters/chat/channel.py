"""The channel `chat`: visitors of web pages and the desk, line by line, live.

A visitor writes into a conversation that lasts: durable on both sides, the same in every window and on every process,
taken up where it was left after any loss of the connection. Doors, sessions, files, codes and answers are parts of
their own; this puts them together as the contract asks. It listens on nothing itself: `routes` mounts its faces into
the web service, `start` begins what only a process with visitors needs.
"""

from collections.abc import Awaitable, Collection, Iterable, Sequence

from aiohttp import hdrs, web
from prometheus_client.core import GaugeMetricFamily, Metric

from ...normalizer.envelope import RawMessage
from ...normalizer.outgoing import Outgoing, Parsed, Sent
from ...queue.service import Service
from ...queue.worker import Worker
from ...web.operations import expect
from ..card import ChannelParts
from ..code_mails import CodeMails
from ..contract import Adapter
from .address_codes import AddressCodes
from .admission import Admission
from .connected import Connected
from .cross_origin import CrossOrigin
from .door import Door
from .file_face import FileFace
from .file_links import FileLinks
from .parsing import read_raw
from .poll_face import PollFace
from .rate_limits import RateLimits
from .receipts import ChatReceipts
from .sending import ChatSender
from .session import SessionParts
from .settings import VISITOR_TOKEN, ChatSettings, site_secret
from .sites import CHANNEL, Sites
from .socket_face import HELLO_SECONDS, PATIENCE, SocketFace
from .storing import Storing
from .unread import Unread
from .uploads import UploadedFiles
from .widget_face import WidgetFace

LANES = 8
PATH = "/chat/{site:[a-z0-9][a-z0-9_-]*}"


class ChatChannel(Adapter):
    """Web chat, both directions."""

    channel = CHANNEL

    def __init__(
        self,
        settings: ChatSettings,
        parts: ChannelParts,
        *,
        patience: float = PATIENCE,
        hello_seconds: float = HELLO_SECONDS,
    ) -> None:
        """Raises Misconfigured when a secret is missing."""
        self.settings, self.sites = settings, Sites(settings, lambda site: parts.secrets.get(site_secret(site)))
        self._clock, clock, logs = parts.clock, parts.clock, parts.logs
        key = parts.secrets.get(VISITOR_TOKEN).encode()
        codes, links = AddressCodes(parts.engine, clock, key), FileLinks(key)
        uploaded = UploadedFiles(parts.blobs, logs, parts.intake.demand_room)

        def availability(site: str) -> Awaitable[tuple[bool, int | None]]:
            return parts.staffed(settings.root[site].calendar if site in settings.root else None)

        session = SessionParts(
            logs=logs,
            signals=parts.signals,
            storing=Storing(parts.intake, logs, uploaded, clock.now),
            receipts=ChatReceipts(parts.intake, logs),
            codes=codes,
            links=links,
            mails=parts.mail_out is not None,
            availability=availability,
            now=clock.now,
        )
        self.connected = Connected(logs, parts.signals, availability)
        door = self._door(session, parts, key)
        self._socket = SocketFace(door, patience=patience, hello_seconds=hello_seconds)
        self._poll, self._files = PollFace(door), FileFace(door, uploaded, parts.blobs, links, clock.now)
        self._widget = WidgetFace(self.sites, availability, parts.plain_page)
        self._codes = codes
        self.code_mails = CodeMails(codes.queue, "chat_code", codes.mail, clock, parts.mail_out)
        self.unread = Unread(settings, parts.engine, clock, logs, parts.forward, parts.attachments)
        self._sender = ChatSender(self.sites, logs, self.unread.expect)

    def _door(self, session: SessionParts, parts: ChannelParts, key: bytes) -> Door:
        """Where every visitor comes in, with the caps of each site."""
        caps = {name: RateLimits(site.caps, parts.peers) for name, site in self.settings.root.items()}
        admission = Admission(key, parts.clock, caps)
        return Door(self.sites, admission, caps, session, parts.log_tail, self.connected, parts.peers)

    def routes(self, application: web.Application) -> None:
        """Mount the faces."""
        router, widget, cross = application.router, self._widget, CrossOrigin(self.sites)
        router.add_get("/chat/widget.js", widget.script)
        router.add_get(PATH, widget.page)
        router.add_get(f"{PATH}/start", cross.allowed(widget.start, widget.refusal))
        router.add_get(f"{PATH}/socket", self._socket.serve)
        router.add_post(f"{PATH}/poll", cross.allowed(self._poll.serve), expect_handler=expect)
        router.add_post(f"{PATH}/files", cross.allowed(self._files.take), expect_handler=expect)
        router.add_get(f"{PATH}/files/{{sha256:[0-9a-f]{{64}}}}", self._files.show)
        for path in ("start", "poll", "files"):
            router.add_route(hdrs.METH_OPTIONS, f"{PATH}/{path}", cross.preflight)
        application.on_shutdown.append(self._end_connections)

    def outgoing_id(self, article_id: str, account: str) -> str:  # noqa: ARG002
        """The key of a line of ours."""
        return article_id

    async def parse(self, raw: RawMessage) -> Parsed:
        """Read a raw message; raises Unreadable."""
        return read_raw(raw)

    async def send(self, outgoing: Outgoing) -> Sent:
        """Append an answer to its conversation; raises DeliveryDeferred, DeliveryFailed."""
        return await self._sender.send(outgoing)

    async def start(self) -> None:
        """Keep track of who is here."""
        await self.connected.start()

    async def stop(self) -> None:
        """Let what is under way come to its end and close the connections."""
        await self.connected.stop()

    def workers(self) -> Sequence[Service]:
        """What follows visitors by mail."""
        return [Worker(job.queue, self._clock, job.handle, width=LANES) for job in (self.unread, self.code_mails)]

    async def forget(self, names: Collection[str]) -> None:
        """Codes that were sent to these addresses or asked for in these conversations."""
        await self._codes.forget(names)

    def metrics(self) -> Iterable[Metric]:
        """How many visitors are connected."""
        words = "Open connections of visitors to this process."
        yield GaugeMetricFamily("trunkline_chat_connections", words, value=len(self.connected))

    async def _end_connections(self, _: web.Application) -> None:
        await self.connected.close_all()
