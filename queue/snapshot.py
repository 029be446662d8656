"""Takes a snapshot of the engine over its own replication protocol; needs no tool and no access to its disk.

We ask as a replica that wants the RDB file and nothing behind it (`REPLCONF rdb-only 1`, `SYNC`), as redis-cli --rdb
does. The snapshot is of one moment. A server that is already sending a snapshot to somebody else may hand us the same
one, of an earlier moment; so a mark is written first, and a snapshot without the mark is refused and taken again. On a
cluster the snapshot is of the primary that serves the workspace.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError

from ..config.errors import EngineUnavailable
from .connection import Engine

PART = 1 << 20  # bytes
SILENCE_SECONDS = 60.0  # the server sends an empty line every ten seconds while it prepares
TRIES = 5


async def take_snapshot(engine: Engine, target: Path) -> None:
    """Write an RDB file that holds everything that was acknowledged before this was called."""
    for _ in range(TRIES):
        mark = f"b{secrets.token_hex(8)}".encode()  # short strings are not compressed in an RDB file
        await engine.call("SET", engine.keys("backup"), mark)
        with target.open("wb") as file:
            if await _receive(engine, file, mark):
                return
    raise EngineUnavailable("the engine keeps sending snapshots that were begun for others")


async def _receive(engine: Engine, file: BinaryIO, mark: bytes) -> bool:
    """Write the snapshot to the file; whether the mark is in it."""
    seen, tail = False, b""
    try:
        async for part in _snapshot(engine):
            await asyncio.to_thread(file.write, part)
            seen = seen or mark in tail + part
            tail = part[-len(mark) :]
    except (RedisError, OSError, TimeoutError, asyncio.IncompleteReadError, ValueError) as error:
        raise EngineUnavailable(f"the engine broke off the snapshot: {type(error).__name__}: {error}") from error
    return seen


async def _snapshot(engine: Engine) -> AsyncIterator[bytes]:
    """The bytes of an RDB file."""
    connection = engine.pool(None).make_connection()  # type: ignore[no-untyped-call]
    try:
        await connection.connect()
        await connection.send_command("REPLCONF", "rdb-only", "1")
        await connection.read_response()
        await connection.send_command("SYNC")
        async for part in _payload(connection):
            yield part
    finally:
        await connection.disconnect(nowait=True)


async def _payload(connection: AbstractConnection) -> AsyncIterator[bytes]:
    """The answer to SYNC is not RESP: empty lines while the server prepares, `$<length>`, then the bytes alone."""
    reader = connection._reader
    assert reader is not None
    line = b""
    while not line:
        async with asyncio.timeout(SILENCE_SECONDS):
            line = (await reader.readuntil(b"\n")).strip()
    if not line.startswith(b"$"):
        raise ValueError(line.decode(errors="replace"))
    left = int(line[1:])
    while left:
        async with asyncio.timeout(SILENCE_SECONDS):
            part = await reader.read(min(left, PART))
        if not part:
            raise asyncio.IncompleteReadError(b"", left)
        left -= len(part)
        yield part
