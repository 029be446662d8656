"""Many callers, few connections: commands of concurrent callers travel as one batch.

While one batch is on its way the next one gathers, so the cost of a round trip, and of the engine's fsync, is shared
by all that wait. A command is sent once and never repeated: when a connection breaks or is silent for `timeout`
seconds, every command of that batch fails and its effect is unknown to us, so every script must be safe to ask again.

With `replicas`, each batch ends with WAITAOF (WAIT on engines before 7.2) on the same connection, which covers every
write before it; fewer confirmations than asked for fail the whole batch. A new connection asks what `greet` names
before its first command, and is given up on another answer than the expected one.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import hiredis
from redis.asyncio.connection import AbstractConnection, ConnectionPool
from redis.exceptions import RedisError, ResponseError

Command = tuple[Any, ...]
Waiting = tuple[bytes, asyncio.Future[Any]]

BATCH = 128  # commands; more would only make the first one wait for the last
CONFIRM_MS = 800  # for the replicas


@dataclass(frozen=True)
class Confirm:
    """Which command asks for confirmations, and how many replicas must have given theirs."""

    command: Command
    replicas: int

    @classmethod
    def by_replicas(cls, replicas: int, *, fsynced: bool) -> "Confirm":
        """WAITAOF also tells that the local append-only file was fsynced; engines before 7.2 have only WAIT."""
        return cls(("WAITAOF", 1, replicas, CONFIRM_MS) if fsynced else ("WAIT", replicas, CONFIRM_MS), replicas)

    def check(self, reply: Any) -> None:
        """Raises when too few have confirmed."""
        if isinstance(reply, Exception):
            raise reply
        local, remote = reply if isinstance(reply, list) else (1, reply)
        if local < 1 or remote < self.replicas:
            raise ConnectionError(f"{remote} of {self.replicas} replicas confirmed the write")


@dataclass(frozen=True)
class Greeting:
    """What is asked of whoever answers on a new connection; another answer is the error `refusal`, which names it."""

    command: Command
    expected: bytes
    refusal: str

    def check(self, reply: Any) -> None:
        """Raises on another answer."""
        if isinstance(reply, Exception):
            raise reply
        if reply != self.expected:
            raise ResponseError(f"{self.refusal} {(reply or b'').decode(errors='replace')}")


class Multiplexer:
    """Sends commands in batches over at most `width` connections."""

    def __init__(
        self,
        pool: ConnectionPool,
        *,
        timeout: float,
        confirm: Confirm | None = None,
        greet: Callable[[], Greeting | None] = lambda: None,
        width: int = 4,
    ) -> None:
        self._timeout = timeout
        self._confirm = confirm
        self._greet = greet
        self._idle = [pool.make_connection() for _ in range(width)]  # type: ignore[no-untyped-call]
        self._waiting: list[Waiting] = []
        self._under_way: set[asyncio.Task[None]] = set()

    async def execute(self, command: Command) -> Any:
        """The reply; a reply that is an error is raised as ResponseError, a lost one as RedisError or TimeoutError."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((packed(command), future))
        self._dispatch()
        return await future

    def _dispatch(self) -> None:
        while self._idle and self._waiting:
            batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
            task = asyncio.create_task(self._exchange(self._idle.pop(), batch))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _exchange(self, connection: AbstractConnection, batch: list[Waiting]) -> None:
        await asyncio.sleep(0)  # lets callers that became ready in this turn of the loop join the batch
        room = BATCH - len(batch)
        batch, self._waiting = [*batch, *self._waiting[:room]], self._waiting[room:]
        try:
            async with asyncio.timeout(self._timeout):
                replies = await self._replies(connection, [command for command, _ in batch])
            for (_, future), reply in zip(batch, replies, strict=True):
                _settle(future, reply)
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 (whatever it is, every caller must hear of it)
            await self._give_up(connection, batch, error)
        finally:
            self._idle.append(connection)
            self._dispatch()

    async def _replies(self, connection: AbstractConnection, commands: list[bytes]) -> list[Any]:
        if _has_ended(connection):  # while it was idle; nothing was sent, so a new one is no repeat
            await connection.disconnect(nowait=True)
        if not connection.is_connected:
            await self._connect(connection)
        if self._confirm is None:
            await connection.send_packed_command(commands, check_health=False)
            return [await _reply(connection) for _ in commands]
        confirm = packed(self._confirm.command)
        await connection.send_packed_command([*commands, confirm], check_health=False)
        replies = [await _reply(connection) for _ in commands]
        self._confirm.check(await _reply(connection))
        return replies

    async def _connect(self, connection: AbstractConnection) -> None:
        await connection.connect()  # type: ignore[no-untyped-call]
        if (greeting := self._greet()) is not None:
            await connection.send_packed_command(packed(greeting.command), check_health=False)
            greeting.check(await _reply(connection))

    async def _give_up(self, connection: AbstractConnection, batch: list[Waiting], error: BaseException) -> None:
        for _, future in batch:
            if not future.done():
                future.set_exception(error if isinstance(error, Exception) else ConnectionError("closed"))
        with suppress(RedisError, OSError, TimeoutError):
            await connection.disconnect(nowait=True)

    async def close(self) -> None:
        """Wait for what is under way, then close the connections."""
        while self._under_way:
            await asyncio.gather(*self._under_way, return_exceptions=True)
        for connection in self._idle:
            with suppress(RedisError, OSError):
                await connection.disconnect()


def _has_ended(connection: AbstractConnection) -> bool:
    reader = connection._reader  # the client has no way to ask without reading
    return reader is not None and reader.at_eof()


def packed(command: Command) -> bytes:
    """A command as the engine reads it; what UTF-8 cannot hold becomes a question mark. Raises TypeError."""
    try:
        return bytes(hiredis.pack_command(command))
    except UnicodeEncodeError:
        words: Command = tuple(word.encode("utf-8", "replace") if isinstance(word, str) else word for word in command)
        return bytes(hiredis.pack_command(words))


async def _reply(connection: AbstractConnection) -> Any:
    try:
        return await connection.read_response(disable_decoding=True)
    except ResponseError as error:  # an answer like any other: the connection is fine and the batch goes on
        return error


def _settle(future: asyncio.Future[Any], reply: Any) -> None:
    if future.done():
        return
    if isinstance(reply, Exception):
        future.set_exception(reply)
    else:
        future.set_result(reply)
