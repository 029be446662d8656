"""To the app in Socket Mode: connections that the app opens, envelopes, and their acknowledgements.

After "Using Socket Mode" on docs.slack.dev. `apps.connections.open` gives an address that is good for one connection; a
connection begins with `hello`. An envelope goes to one of the connections in turn and is acknowledged by its id within
three seconds; an event that is not goes to the next connection, with `retry_attempt` and `retry_reason`. There are at
most ten connections, a further one is turned away. Slack ends a connection now and then: it warns (`warn`), asks for
another (`refresh`), or is just gone (`cut`).

Slack's tier for the method is one call in a minute and more for a while; here it is ten, so that ten connections can be
opened at once. That an envelope may be acknowledged over another connection than it came is not documented; here it is
taken.
"""

import asyncio
import itertools
import json
from typing import Any

from aiohttp import WSMsgType, web

from .methods import Call, Method
from .refusal import Json
from .transports import PATIENCE, Kind, NotAnswered
from .workspace import Workspace

MOST = 10


class Sockets:
    """All connections. `faults` are acknowledgements that Slack would not understand."""

    def __init__(self, workspace: Workspace, *, patience: float = PATIENCE) -> None:
        self.patience = patience
        self.open: list[web.WebSocketResponse] = []
        self.faults: list[str] = []
        self._workspace = workspace
        self._wires: list[asyncio.Transport] = []
        self._tickets = set[str]()
        self._waiting = dict[str, asyncio.Future[Any]]()
        self._answerable = set[str]()
        self._turns = itertools.count()
        self._numbers = itertools.count(1)
        self._stirred = asyncio.Condition()

    @property
    def methods(self) -> dict[str, Method]:
        """The method that gives addresses."""
        scopes = ("connections:write",)
        return {"apps.connections.open": Method(run=self._address, a_minute=10, token="app", scopes=scopes)}

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """A connection of the app's, from its beginning to its end."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=403, text="no such ticket, or it was used")
        self._tickets.remove(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if len(self.open) >= MOST:
            await _end(socket, "too_many_websockets")
            return socket
        assert request.transport is not None
        wire = request.transport
        self.open.append(socket)
        self._wires.append(wire)
        try:
            await self._greet(socket)
            await self._hear(socket)
        finally:
            self.open.remove(socket)
            self._wires.remove(wire)
            await self._stir()
        return socket

    async def connected(self, count: int) -> None:
        """Until so many connections are open."""
        async with self._stirred:
            await self._stirred.wait_for(lambda: len(self.open) == count)

    async def try_event(self, envelope: Json, attempt: int, reason: str) -> str:
        """Tell an event once."""
        retry = {"retry_attempt": attempt, "retry_reason": reason}
        try:
            await self._handed("events_api", envelope, answerable=False, **retry)
        except TimeoutError:
            return "timeout"
        except ConnectionError:
            return "connection_failed"
        return ""

    async def interact(self, kind: Kind, payload: Json) -> Any:
        """Tell what somebody did."""
        try:
            return await self._handed(kind, payload, answerable=True)
        except (TimeoutError, ConnectionError) as error:
            raise NotAnswered(type(error).__name__) from error

    async def warn(self) -> None:
        """Say that all connections end soon."""
        for socket in list(self.open):
            await socket.send_json(_goodbye("warning"))

    async def refresh(self, count: int = MOST) -> None:
        """Ask for others in place of the oldest so many connections, and end these."""
        await asyncio.gather(*(_end(socket, "refresh_requested") for socket in self.open[:count]))

    def cut(self) -> None:
        """All connections are gone without a word."""
        for wire in self._wires:
            wire.abort()

    async def stop(self) -> None:
        """End all connections."""
        await asyncio.gather(*(socket.close() for socket in self.open))

    def _address(self, call: Call) -> Json:
        ticket = call.workspace.id_for("K")
        self._tickets.add(ticket)
        return {
            "url": f"{call.workspace.base.replace('http', 'ws', 1)}/link/?ticket={ticket}&app_id={call.workspace.app}"
        }

    async def _greet(self, socket: web.WebSocketResponse) -> None:
        about = {"host": "applink-1", "build_number": 1, "approximate_connection_time": 18_060}
        hello = {"type": "hello", "num_connections": len(self.open), "debug_info": about}
        await socket.send_json({**hello, "connection_info": {"app_id": self._workspace.app}})
        await self._stir()

    async def _hear(self, socket: web.WebSocketResponse) -> None:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self._acknowledged(message.data)

    def _acknowledged(self, text: str) -> None:
        try:
            told = json.loads(text)
            name = told["envelope_id"]
        except (ValueError, KeyError, TypeError):
            self.faults.append(f"no acknowledgement: {text[:200]}")
            return
        if told.get("payload") and name not in self._answerable:
            self.faults.append(f"an answer to {name}, which takes none")
        if (waiting := self._waiting.pop(name, None)) is not None and not waiting.done():
            waiting.set_result(told.get("payload") or None)

    async def _handed(self, kind: str, payload: Json, *, answerable: bool, **more: Any) -> Any:
        """Hand an envelope to a connection; what is answered. Raises TimeoutError and ConnectionError."""
        if not self.open:
            raise ConnectionError("there is no connection")
        socket, name = self.open[next(self._turns) % len(self.open)], f"envelope-{next(self._numbers)}"
        self._waiting[name] = asyncio.get_running_loop().create_future()
        if answerable:
            self._answerable.add(name)
        about = {"envelope_id": name, "type": kind, "accepts_response_payload": answerable, **more}
        await socket.send_json({**about, "payload": payload})
        try:
            async with asyncio.timeout(self.patience):
                return await self._waiting[name]
        finally:
            self._waiting.pop(name, None)

    async def _stir(self) -> None:
        async with self._stirred:
            self._stirred.notify_all()


def _goodbye(reason: str) -> Json:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-1"}}


async def _end(socket: web.WebSocketResponse, reason: str) -> None:
    await socket.send_json(_goodbye(reason))
    await socket.close()
