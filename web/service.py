"""The HTTP service: one application on one address, with caps on everything a stranger can make it hold.

Caps: bytes of a request line and of a header field, number of header fields, bytes of a body that nobody limits more
tightly, connections in total and from one peer (trusted proxies are counted only in the total), seconds that an idle or
half-sent request may keep a connection, and that a client may take to read what stands ready (streams and downloads
have tighter ones of their own). A connection over the cap is answered 503 and closed. What is not HTTP is answered with
a problem document that repeats nothing of it.

`start` returns when the port is open (port 0 takes a free one, see `address`). `stop` closes the port, ends streams of
events, waits up to `Limits.shutdown` seconds for requests under way and closes what is left.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import structlog
from aiohttp import web
from aiohttp.http_exceptions import LineTooLong

from ..config.errors import Misconfigured
from .bodies import BODIES, Bodies, give_back_bodies
from .peers import UNKNOWN, Peers, limited_as
from .places import Places
from .port import open_port
from .problem import problem, problems, unknown_problem
from .sse import CLOSING

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What strangers can make us hold."""

    body: int = 8 * 1024 * 1024
    line: int = 8190
    field: int = 8190
    fields: int = 100
    connections: int = 2000
    connections_per_peer: int = 500
    idle: float = 75.0
    answer: float = 120.0
    shutdown: float = 10.0


def new_application(limits: Limits | None = None, peers: Peers | None = None) -> web.Application:
    """An application whose errors are problem documents, whose bodies share a room, whose streams end at shutdown."""
    middlewares = [problems, give_back_bodies]
    application = web.Application(middlewares=middlewares, client_max_size=(limits or Limits()).body)
    application[BODIES] = Bodies(peers or Peers())
    application[CLOSING] = asyncio.Event()

    async def close_streams(_: web.Application) -> None:
        application[CLOSING].set()

    application.on_shutdown.append(close_streams)
    return application


class Gate:
    """Counts connections, in total and by peer."""

    def __init__(self, limits: Limits, peers: Peers) -> None:
        self._peers = peers
        self._places = Places(limits.connections, each=limits.connections_per_peer)

    @property
    def open(self) -> int:
        """Connections that are open."""
        return self._places.used

    def enter(self, peer: str) -> bool:
        """Count a connection; false when it is one too many."""
        return self._places.take(limited_as(peer), favoured=self._peers.trusts(peer))

    def leave(self, peer: str) -> None:
        """A counted connection is gone."""
        self._places.give_back(limited_as(peer))


_CROWDED = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nRetry-After: 5\r\n"
    b"Connection: close\r\nContent-Length: %d\r\n\r\n%s"
)
_CROWDED_BODY = (
    b'{"type":"urn:trunkline:problem:overloaded","title":"Service Unavailable","status":503,'
    b'"detail":"too many connections, please try again","code":"overloaded"}'
)


class Connection(web.RequestHandler):
    """One connection, admitted by the gate."""

    __slots__ = ("_admitted", "_answer", "_gate", "_patience", "_socket")

    def __init__(self, manager: web.Server, gate: Gate, answer: float, **settings: Any) -> None:
        super().__init__(manager, **settings)
        self._gate = gate
        self._answer = answer
        self._admitted: str | None = None
        self._patience: asyncio.TimerHandle | None = None
        self._socket: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Admit it, or say why not and close."""
        peername = transport.get_extra_info("peername")
        peer = peername[0] if isinstance(peername, tuple) and peername else UNKNOWN
        self._socket = cast("asyncio.WriteTransport", transport)
        if self._gate.enter(peer):
            self._admitted = peer
            super().connection_made(transport)
        else:
            self._socket.write(_CROWDED % (len(_CROWDED_BODY), _CROWDED_BODY))
            self._socket.close()

    def data_received(self, data: bytes) -> None:
        """Read on, unless it was turned away."""
        if self._admitted is not None:
            super().data_received(data)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Make room for the next."""
        self._end_patience()
        if self._admitted is not None:
            self._gate.leave(self._admitted)
            self._admitted = None
            super().connection_lost(exc)

    def pause_writing(self) -> None:
        """More lies ready than the client reads; when that does not change in time, it is cut off."""
        super().pause_writing()
        self._be_patient()

    def resume_writing(self) -> None:
        """The client has read on; while it closes, only the end of it counts."""
        super().resume_writing()
        if self._socket is None or not self._socket.is_closing():
            self._end_patience()

    def force_close(self) -> None:
        """Close when everything is sent, for which the client has as long as for any answer."""
        super().force_close()
        if self._socket is not None and self._socket.get_write_buffer_size() > 0:
            self._be_patient()

    def _be_patient(self) -> None:
        if self._patience is None:
            self._patience = asyncio.get_running_loop().call_later(self._answer, self._cut_off)

    def _end_patience(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _cut_off(self) -> None:
        log.info("a client does not read its answer and was cut off", action="reader_cut_off")
        if self._socket is not None:
            self._socket.abort()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002
    ) -> web.StreamResponse:
        """Answer what is not HTTP, and what escaped every handler, without repeating any of it."""
        if request.writer.output_size > 0:
            raise ConnectionError("half an answer has left already")
        if status >= 500:
            response = unknown_problem(exc or RuntimeError(f"status {status}"))
        elif isinstance(exc, LineTooLong):
            response = problem(431, "headers_too_large", "the request line or a header is too long")
        else:
            response = problem(400, "malformed", "this is not a request in HTTP/1.1")
        response.force_close()
        return response


class WebService:
    """Serves an application on an address."""

    def __init__(
        self,
        application: web.Application,
        host: str,
        port: int,
        *,
        limits: Limits | None = None,
        peers: Peers | None = None,
    ) -> None:
        self._application = application
        self._host, self._port = host, port
        self._limits = limits or Limits()
        self._runner: web.AppRunner | None = None
        self._server: asyncio.Server | None = None
        self.gate = Gate(self._limits, peers or Peers())

    @property
    def address(self) -> tuple[str, int]:
        """Host and port that it listens on, once started."""
        if self._server is None or not self._server.sockets:
            return self._host, self._port
        host, port = self._server.sockets[0].getsockname()[:2]
        return str(host), int(port)

    async def start(self) -> None:
        """Open the port. Idempotent. Raises Misconfigured when it cannot be had."""
        if self._server is not None:
            return
        runner = web.AppRunner(self._application, access_log=None, shutdown_timeout=self._limits.shutdown)
        await runner.setup()
        try:
            self._server = await open_port(self._connections(runner), self._host, self._port)
        except OSError as error:
            await runner.cleanup()
            raise Misconfigured(f"cannot listen on {self._host}:{self._port}: {error.strerror or error}") from error
        self._runner = runner

    async def stop(self) -> None:
        """Close the port, finish what is under way. Idempotent."""
        server, self._server = self._server, None
        runner, self._runner = self._runner, None
        if server is not None and runner is not None:
            server.close()
            await runner.cleanup()
            await server.wait_closed()

    def _connections(self, runner: web.AppRunner) -> Callable[[], Connection]:
        manager = runner.server
        assert manager is not None
        limits = self._limits
        settings: dict[str, Any] = {
            "loop": asyncio.get_running_loop(),
            "keepalive_timeout": limits.idle,
            "max_line_size": limits.line,
            "max_field_size": limits.field,
            "max_headers": limits.fields,
            "access_log": None,
            "auto_decompress": False,
        }
        return lambda: Connection(manager, self.gate, limits.answer, **settings)
