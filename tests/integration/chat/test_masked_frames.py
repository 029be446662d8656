"""Frames of a client are masked, or the connection ends with 1002, however the bytes arrive."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from .conftest import World

TEXT, CLOSE = 0x81, 0x88


def frame(payload: bytes, *, masked: bool = True, length: int | None = None) -> bytes:
    """A text frame as RFC 6455 section 5.2 lays it out; `length` is the size of the length field."""
    size = len(payload)
    field = length if length is not None else 1 if size < 126 else 3
    head = bytes([size]) if field == 1 else b"\x7e" + size.to_bytes(2) if field == 3 else b"\x7f" + size.to_bytes(8)
    head = bytes([head[0] | (0x80 if masked else 0), *head[1:]])
    if not masked:
        return bytes([TEXT]) + head + payload
    key = os.urandom(4)
    return bytes([TEXT]) + head + key + bytes(octet ^ key[at % 4] for at, octet in enumerate(payload))


@asynccontextmanager
async def shaken(world: World) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A raw connection behind the handshake."""
    process = await world.process()
    host, port = process.url("web/socket").split("/")[2].split(":")
    headers = {
        "Host": f"{host}:{port}",
        "Origin": f"http://{host}:{port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    }
    reader, writer = await asyncio.open_connection(host, int(port))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"GET /chat/web/socket HTTP/1.1\r\n{lines}\r\n".encode())
    assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
    yield reader, writer
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """The next frame of the server: its first byte and its payload."""
    first, size = await reader.readexactly(2)
    if size == 126:
        size = int.from_bytes(await reader.readexactly(2))
    elif size == 127:
        size = int.from_bytes(await reader.readexactly(8))
    return first, await reader.readexactly(size)


@pytest.mark.parametrize("step", [1, 3, 1000])
@pytest.mark.parametrize("length", [None, 3, 9])
async def test_masked_frames_are_taken_however_they_arrive(world: World, step: int, length: int | None) -> None:
    async with shaken(world) as (reader, writer):
        sent = frame(json.dumps({"type": "hello"}).encode(), length=length)
        for at in range(0, len(sent), step):
            writer.write(sent[at : at + step])
            await writer.drain()
        first, payload = await answer(reader)
        assert (first, json.loads(payload)["type"]) == (TEXT, "welcome")


@pytest.mark.parametrize("before", [False, True])
async def test_a_frame_that_is_not_masked_ends_the_connection_with_1002(world: World, before: bool) -> None:
    async with shaken(world) as (reader, writer):
        writer.write((frame(b'{"type":"hello"}') if before else b"") + frame(b'{"type":"hello"}', masked=False))
        first, payload = await answer(reader)
        while first != CLOSE:
            first, payload = await answer(reader)
        assert int.from_bytes(payload[:2]) == 1002
