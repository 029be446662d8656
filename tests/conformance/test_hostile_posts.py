"""What a face that anybody can post to endures, tried on every channel whose messages are posted.

Whatever comes, the answer is one of ours and never a 500; what the channel proves is stored, or set aside whole; what
it does not prove is not.
"""

import asyncio
import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession

from trunkline.config.errors import Unreadable

from .odd_values import ODD, changed, places
from .subject import Sealed, hand_in

POSTED = {"signature", "token"}
DAYS = 2 * 86_400
STAMPS = ["", "soon", "-1", "1e9", "0x10", "1_800_000_000", " ", "٣", "é", "9" * 12, "9" * 400, "0", "NaN"]
BOMBS = {
    "nested lists": b"[" * 100_000,
    "nested objects": b'{"a":' * 50_000,
    "nested in events": b'{"events":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "a number of many digits": b'{"events":[{"timestamp":' + b"9" * 10_000 + b"}]}",
    "an exponent": b'{"events":[{"timestamp":1e999999}]}',
    "no number": b"[NaN, Infinity]",
    "NUL": b"\0" * 1000,
    "escaped NUL": b'{"type":"\\u0000","events":"\\u0000"}',
    "half a character": b'{"type":"\\ud800","events":"\\udc00"}',
    "UTF-16": '{"events":[]}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"events":7}',
    "keys twice": b'{"events":1,"events":2,"object":1,"object":2}',
    "many keys": b"{" + b",".join(b'"k%d":0' % each for each in range(20_000)) + b"}",
    "entities": b'<!DOCTYPE a [<!ENTITY b "' + b"c" * 1000 + b'">]><a>' + b"&b;" * 1000 + b"</a>",
}
TYPES = [
    "text/plain", "application/json; charset=utf-16", "application/json; charset=nobody", "multipart/form-data",
    "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "text/xml", "/", "a" * 4000,
]  # fmt: skip


@pytest.fixture(autouse=True)
def _posted(subject: Any) -> None:
    if subject.proof not in POSTED:
        pytest.skip(f"it is proven by the {subject.proof}")


@pytest.fixture
async def session() -> Any:
    async with ClientSession() as made:
        yield made


async def all_read(subject: Any) -> None:
    """Whatever is stored is read, or Unreadable; and what was read can be stored."""
    for raw in subject.intake.raws:
        try:
            parsed = await subject.adapter.parse(raw)
        except Unreadable:
            continue
        for envelope in parsed.envelopes:
            assert envelope.model_dump_json()
            assert "\0" not in envelope.external_id
        assert parsed.envelopes or parsed.nothing


# Proof


async def test_a_proof_of_another_moment_is_refused(subject: Any, session: ClientSession) -> None:
    if not subject.stamp:
        pytest.skip("its proof names no moment")
    await subject.adapter.start()
    moments = [str(int(subject.stamp) + apart) for apart in (-DAYS, DAYS)] if subject.stamp.isdigit() else []
    for stamp in (*moments, *STAMPS):
        assert (stamp, await hand_in(session, subject.sealed(stamp=stamp))) == (stamp, 401)
    assert subject.intake.raws == []
    assert await hand_in(session, subject.sealed()) in {200, 202}


async def test_a_proof_that_stands_there_twice_is_refused_or_is_no_other(subject: Any) -> None:
    sealed = subject.sealed()
    if sealed.proof not in sealed.headers:
        pytest.skip("its proof is no header")
    await subject.adapter.start()
    forged = sealed.altered(lambda right: right[::-1])
    for one, other in ((sealed, forged), (forged, sealed)):
        extra = f"{sealed.proof}: {other.headers[sealed.proof]}\r\n"
        assert await spoken(one, extra) == 401
    assert subject.intake.raws == []


async def test_bytes_that_were_changed_on_the_way_are_refused(subject: Any, session: ClientSession) -> None:
    if subject.proof != "signature":
        pytest.skip("it signs nothing")
    await subject.adapter.start()
    sealed = subject.sealed()
    for place in range(0, len(sealed.body), max(1, len(sealed.body) // 40)):
        body = bytearray(sealed.body)
        body[place] ^= 1
        assert await hand_in(session, replace(sealed, body=bytes(body))) == 401
    assert subject.intake.raws == []


# Bodies


@pytest.mark.parametrize("bomb", BOMBS)
async def test_a_bomb_is_taken_and_set_aside_whole(subject: Any, session: ClientSession, bomb: str) -> None:
    await subject.adapter.start()
    async with asyncio.timeout(2):
        status = await hand_in(session, subject.sealed(BOMBS[bomb]))
    assert status in ({422} if subject.card.name == "http" else {200, 202})
    await all_read(subject)
    assert await subject.deliver("1", "Hello") == "taken"


@pytest.mark.parametrize("odd", ODD)
async def test_a_message_with_something_odd_in_it_is_taken_and_read_or_set_aside(
    subject: Any, session: ClientSession, odd: str
) -> None:
    await subject.adapter.start()
    right = subject.sealed()
    if not right.body.startswith(b"{") or not subject.seals_any:
        pytest.skip("it posts no JSON")
    told = json.loads(right.body)
    for path in places(told):
        body = json.dumps(changed(told, path, ODD[odd])).encode()
        status = await hand_in(session, subject.sealed(body))
        assert status in {200, 202} or (status == 422 and subject.card.name == "http"), path
    await all_read(subject)


@pytest.mark.parametrize("kind", TYPES)
async def test_whatever_kind_a_body_calls_itself_it_is_stored_or_refused(
    subject: Any, session: ClientSession, kind: str
) -> None:
    await subject.adapter.start()
    sealed = subject.sealed()
    status = await hand_in(session, replace(sealed, headers={**sealed.headers, "Content-Type": kind}))
    assert status < 500
    assert bool(subject.intake.raws) == (status in {200, 202})
    await all_read(subject)


async def test_a_body_that_breaks_off_stores_nothing(subject: Any) -> None:
    await subject.adapter.start()
    sealed = subject.sealed()
    half = sealed.body[: len(sealed.body) // 2]
    chunks = b"%x\r\n%s\r\n" % (len(half), half)
    for framing, content in (("Transfer-Encoding: chunked", chunks), (f"Content-Length: {len(sealed.body)}", half)):
        _, writer = await opened(sealed, f"{framing}\r\n")
        writer.write(content)
        await writer.drain()
        writer.close()
        await writer.wait_closed()
    assert await subject.deliver("1", "Hello") == "taken"
    assert len(subject.intake.raws) == 1


async def test_a_body_that_stops_is_waited_for_only_so_long(subject: Any, leap: Any) -> None:
    await subject.adapter.start()
    sealed = subject.sealed()
    reader, writer = await opened(sealed, "Transfer-Encoding: chunked\r\n")
    writer.write(b"1\r\n{\r\n")
    await writer.drain()
    await subject.deliver("1", "Hello")  # the face has read it by then
    leap(120)
    head = await reader.readline()
    assert head == b"" or head.split()[1] == b"408"
    writer.close()
    assert len(subject.intake.raws) == 1


async def test_a_store_that_does_not_answer_is_told_within_the_vendors_deadline(subject: Any, leap: Any) -> None:
    deadline = subject.card.capability.handing.deadline if subject.deadline is None else subject.deadline
    if not deadline:
        pytest.skip("it wants no answer by a time")
    await subject.adapter.start()
    subject.intake.gate.clear()
    delivery = asyncio.create_task(subject.deliver("1", "Hello"))
    await subject.intake.entered.wait()
    leap(deadline * 0.95)
    assert await delivery == "later"
    subject.intake.gate.set()
    assert await subject.deliver("1", "Hello") == "taken"
    assert len(subject.intake.raws) == 1


@pytest.fixture
def leap(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets seconds pass at once for whatever waits in this loop."""

    def pass_by(seconds: float) -> None:
        loop = asyncio.get_running_loop()
        time = loop.time
        monkeypatch.setattr(loop, "time", lambda: time() + seconds)

    return pass_by


async def opened(sealed: Sealed, extra: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection on which the head of a post was written."""
    url = urlsplit(sealed.url)
    assert url.hostname
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    target = f"{url.path}?{url.query}" if url.query else url.path
    lines = "".join(f"{name}: {value}\r\n" for name, value in sealed.headers.items())
    writer.write(f"POST {target} HTTP/1.1\r\nHost: {url.netloc}\r\n{lines}{extra}\r\n".encode())
    return reader, writer


async def spoken(sealed: Sealed, extra: str) -> int:
    """The status of a post with further lines in its head."""
    reader, writer = await opened(sealed, f"Content-Length: {len(sealed.body)}\r\n{extra}")
    writer.write(sealed.body)
    status = int((await reader.readline()).split()[1])
    writer.close()
    return status
