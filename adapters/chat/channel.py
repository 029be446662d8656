"""The channel `chat`: visitors of web pages and the desk, line by line, live.

A visitor writes into a conversation that lasts: durable on both sides, the same in every window and on every process,
taken up where it was left after any loss of the connection. Doors, sessions, files, codes and answers are parts of
their own; this puts them together as the contract asks. It listens on nothing itself: `routes` mounts its faces into
the web service, `start` begins what only a process with visitors needs.
"""

from collections.abc import Callable, Iterable, Sequence

from aiohttp import hdrs, web
from prometheus_client.core import GaugeMetricFamily, Metric

from ...config.desk_settings import AttachmentSettings
from ...normalizer.envelope import RawMessage
from ...normalizer.outgoing import Outgoing, Parsed, Sent
from ...queue.blobs import Blobs
from ...queue.clock import Clock
from ...queue.connection import Engine
from ...queue.conversation_log import ConversationLogs
from ...queue.intake import Intake
from ...queue.log_tail import LogTail
from ...queue.service import Service
from ...queue.signals import Signals
from ...queue.worker import Worker
from ...web.operations import expect
from ...web.peers import Peers
from ..contract import Adapter
from ..outgoing_mail import Forward, MailOut
from .address_codes import AddressCodes
from .admission import Admission
from .code_mails import CodeMails
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
from .settings import ChatSettings
from .sites import CHANNEL, Availability, Sites
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
        *,
        engine: Engine,
        clock: Clock,
        intake: Intake,
        blobs: Blobs,
        logs: ConversationLogs,
        tail: LogTail,
        signals: Signals,
        token_key: bytes,
        secret_of: Callable[[str], str],
        availability: Availability,
        mail_out: MailOut | None = None,
        forward: Forward | None = None,
        attachments: AttachmentSettings | None = None,
        peers: Peers | None = None,
        form: str = "",
        patience: float = PATIENCE,
        hello_seconds: float = HELLO_SECONDS,
    ) -> None:
        """`mail_out` carries codes, `forward` takes unread answers on by mail; without them neither happens.

        `attachments` says what files one mail may have; `form` is the path of a form for browsers without scripts.
        Raises Misconfigured when a secret is missing.
        """
        self.settings, self.sites = settings, Sites(settings, secret_of)
        self.connected = Connected(logs, signals, availability)
        codes = AddressCodes(engine, clock, token_key)
        links, uploaded = FileLinks(token_key), UploadedFiles(blobs, logs, intake.demand_room)
        parts = SessionParts(
            logs=logs,
            signals=signals,
            storing=Storing(intake, logs, uploaded, clock.now),
            receipts=ChatReceipts(intake, logs),
            codes=codes,
            links=links,
            mails=mail_out is not None,
            availability=availability,
            now=clock.now,
        )
        self._clock = clock
        door = self._door(parts, tail, token_key, peers or Peers())
        self._socket = SocketFace(door, patience=patience, hello_seconds=hello_seconds)
        self._poll, self._files = PollFace(door), FileFace(door, uploaded, blobs, links, clock.now)
        self._widget = WidgetFace(self.sites, availability, form)
        self.code_mails = CodeMails(codes, clock, mail_out)
        self.unread = Unread(settings, engine, clock, logs, forward, attachments or AttachmentSettings())
        self._sender = ChatSender(self.sites, logs, self.unread.expect)

    def _door(self, parts: SessionParts, tail: LogTail, token_key: bytes, peers: Peers) -> Door:
        """Where every visitor comes in, with the caps of each site."""
        caps = {name: RateLimits(site.caps, peers) for name, site in self.settings.root.items()}
        return Door(self.sites, Admission(token_key, self._clock, caps), caps, parts, tail, self.connected, peers)

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

    def metrics(self) -> Iterable[Metric]:
        """How many visitors are connected."""
        words = "Open connections of visitors to this process."
        yield GaugeMetricFamily("trunkline_chat_connections", words, value=len(self.connected))

    async def _end_connections(self, _: web.Application) -> None:
        await self.connected.close_all()
