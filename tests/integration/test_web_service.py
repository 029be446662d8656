"""The HTTP service against strangers: what is not HTTP, what is too much, what is slow; and how it stops."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientSession, web

from trunkline.config.errors import EngineFull, EngineUnavailable, Forged, Misconfigured, Permanent
from trunkline.web import bodies
from trunkline.web.bodies import BODIES, Bodies
from trunkline.web.body import read_body
from trunkline.web.peers import Peers
from trunkline.web.service import Limits, WebService, new_application
from trunkline.web.sse import ServerEvent, serve_events

SECRET = "postgres://operator:hunter2@10.0.0.1"

Handler = Callable[[web.Request], Any]


@asynccontextmanager
async def serving(
    handler: Handler, limits: Limits | None = None, trusted_proxies: tuple[str, ...] = (), bodies: Bodies | None = None
) -> AsyncIterator[WebService]:
    peers = Peers(trusted_proxies)
    application = new_application(limits, peers)
    application[BODIES] = bodies or application[BODIES]
    application.router.add_route("*", "/", handler)
    service = WebService(application, "127.0.0.1", 0, limits=limits, peers=peers)
    await service.start()
    try:
        yield service
    finally:
        await service.stop()


async def ok(_: web.Request) -> web.Response:
    return web.Response(text="ok")


async def spoken(service: WebService, *said: bytes) -> bytes:
    """Everything that is answered to raw bytes until the connection closes."""
    reader, writer = await asyncio.open_connection(*service.address)
    for part in said:
        writer.write(part)
        await writer.drain()
    answer = await reader.read()
    writer.close()
    return answer


def parts(answer: bytes) -> tuple[int, dict[str, Any]]:
    head, _, content = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(content)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 40 + b"\r\n\r\n", 400),
        (b"GET / HTTP/9.9 " + SECRET.encode() + b"\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 9000 + b"\r\n\r\n", 431),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 431),
    ],
)
async def test_what_is_not_http_gets_a_problem_that_repeats_nothing(said: bytes, status: int) -> None:
    async with serving(ok) as service:
        answer = await spoken(service, said)
        got, problem = parts(answer)
        assert (got, problem["status"]) == (status, status)
        assert b"hunter2" not in answer
        assert b"aiohttp" not in answer.partition(b"Server:")[0]


async def test_too_many_headers_are_refused() -> None:
    many = b"".join(b"X-%d: 1\r\n" % number for number in range(200))
    async with serving(ok) as service:
        status, problem = parts(await spoken(service, b"GET / HTTP/1.1\r\nHost: a\r\n" + many + b"\r\n"))
        assert (status, problem["status"]) in {(400, 400), (431, 431)}


@pytest.mark.parametrize(
    ("error", "status", "code", "retry_after"),
    [
        (EngineUnavailable(f"no answer from {SECRET}"), 503, "engine_unavailable", "5"),
        (EngineFull(), 503, "engine_full", "30"),
        (RuntimeError(SECRET), 503, "internal", "5"),
        (OSError(104, SECRET), 503, "internal", "5"),
        (Permanent(SECRET), 500, "permanent", None),
        (Forged(f"expected {SECRET}", public=Forged.public), 401, "forged", None),
    ],
)
async def test_errors_leave_without_anything_internal(
    error: Exception, status: int, code: str, retry_after: str | None
) -> None:
    async def failing(_: web.Request) -> web.Response:
        raise error

    async with serving(failing) as service, ClientSession(f"http://127.0.0.1:{service.address[1]}") as client:
        response = await client.get("/")
        problem = await response.json(content_type="application/problem+json")
        assert (response.status, problem["code"]) == (status, code)
        assert response.headers.get("Retry-After") == retry_after
        assert "hunter2" not in str(problem) + str(response.headers)
        assert response.headers["Server"] == "Trunkline"
        assert ("instance" in problem) == (status >= 500)


async def test_connections_over_the_cap_of_a_peer_are_turned_away_and_leave_room_again() -> None:
    async with serving(ok, Limits(connections_per_peer=2)) as service:
        held = [await asyncio.open_connection(*service.address) for _ in range(2)]
        status, problem = parts(await spoken(service))
        assert (status, problem["code"], service.gate.open) == (503, "overloaded", 2)
        for reader, writer in held:
            writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            assert (await reader.read()).startswith(b"HTTP/1.1 200")
            writer.close()
        async with ClientSession() as client:
            assert (await client.get(f"http://127.0.0.1:{service.address[1]}/")).status == 200
    assert service.gate.open == 0


async def test_a_trusted_proxy_counts_only_in_the_total() -> None:
    limits = Limits(connections_per_peer=1, connections=3)
    async with serving(ok, limits, trusted_proxies=("127.0.0.0/8",)) as service:
        held = [await asyncio.open_connection(*service.address) for _ in range(3)]
        assert parts(await spoken(service))[0] == 503
        for _, writer in held:
            writer.close()


async def test_a_request_under_way_is_finished_before_the_service_stops() -> None:
    entered, leave = asyncio.Event(), asyncio.Event()

    async def slow(_: web.Request) -> web.Response:
        entered.set()
        await leave.wait()
        return web.Response(text="finished")

    async with serving(slow) as service, ClientSession() as client:
        request = asyncio.create_task(client.get(f"http://127.0.0.1:{service.address[1]}/"))
        await entered.wait()
        stopping = asyncio.create_task(service.stop())
        with pytest.raises(OSError, match=r"[Cc]onnect"):
            await asyncio.open_connection(*service.address)
        leave.set()
        assert await (await request).text() == "finished"
        await stopping
        await service.stop()


async def test_a_port_that_is_taken_is_the_operators_to_change() -> None:
    async with serving(ok) as service:
        second = WebService(new_application(), *service.address)
        with pytest.raises(Misconfigured, match=str(service.address[1])):
            await second.start()


async def test_a_body_that_breaks_off_or_is_badly_framed_is_malformed() -> None:
    async def reading(request: web.Request) -> web.Response:
        return web.Response(text=str(len(await read_body(request, 100))))

    head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with serving(reading) as service:
        status, problem = parts(await spoken(service, head, b"5\r\nhello\r\n", b"zz\r\n"))
        assert (status, problem["code"]) == (400, "malformed")
        answer = await spoken(
            service, head.replace(b"a\r\n", b"a\r\nConnection: close\r\n"), b"5\r\nhello\r\n0\r\n\r\n"
        )
        assert answer.endswith(b"5")


Sender = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def reading(request: web.Request) -> web.Response:
    return web.Response(body=await read_body(request, 1_000_000))


async def begin(service: WebService, announced: int, peer: str, *begun: bytes) -> Sender:
    """A request whose body is announced, and only begun."""
    reader, writer = await asyncio.open_connection(*service.address)
    head = f"POST / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: {peer}\r\nContent-Length: {announced}\r\n\r\n"
    writer.write(head.encode())
    for part in begun:
        await writer.drain()
        writer.write(part)
    return reader, writer


async def status(sender: Sender) -> int:
    return int((await sender[0].readuntil(b"\r\n\r\n")).split()[1])


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 (the server does not tell)
            await asyncio.sleep(0)


def closed(senders: list[Sender]) -> None:
    for _, writer in senders:
        writer.close()


PROXY = ("127.0.0.1",)
QUICK = Limits(shutdown=0.1)


@pytest.mark.parametrize("faster", [0, 900_000], ids=["drips", "sends much at once and then drips"])
async def test_a_body_that_drips_is_cut_off_and_may_be_sent_again(monkeypatch: pytest.MonkeyPatch, faster: int) -> None:
    monkeypatch.setattr(bodies, "GRACE_SECONDS", 0.1)

    async def drip(writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"x")
            await asyncio.sleep(0.02)

    async with serving(reading, QUICK) as service:
        sender = await begin(service, faster + 50, "192.0.2.1", b"x" * faster)
        dripping = asyncio.create_task(drip(sender[1]))
        assert await status(sender) == 408
        dripping.cancel()
        closed([sender])


async def test_many_slow_bodies_make_room_for_whoever_sends_one() -> None:
    held = Bodies(Peers(PROXY), 4000, apiece=10)
    async with serving(reading, QUICK, PROXY, held) as service:
        slow = [await begin(service, 80, "192.0.2.1", b"x") for _ in range(30)]
        slow += [await begin(service, 80, f"198.51.100.{number}", b"x") for number in range(40)]
        await until(lambda: held.held > 3800)
        for peer in ("192.0.2.1", "192.0.2.1", "203.0.113.5", "198.51.100.3"):
            before = held.held
            honest = await begin(service, 5, peer, b"hel")
            await until(lambda before=before: held.held != before)  # type: ignore[misc]
            honest[1].write(b"lo")
            assert await status(honest) == 200
            closed([honest])
        assert await status(slow[0]) == 408
        assert held.held <= 4000
        closed(slow)


async def test_a_quick_body_is_cut_off_for_nobody_and_the_newcomer_is_told_to_come_back() -> None:
    held = Bodies(Peers(PROXY), 1000, apiece=10)
    async with serving(reading, QUICK, PROXY, held) as service:
        quick = await begin(service, 900_000, "192.0.2.1", b"x" * 800_000)
        await until(lambda: held.held > 0)
        late = await begin(service, 5, "203.0.113.5", b"hel")
        assert await status(late) == 429
        small = await begin(service, 0, "203.0.113.5")
        assert await status(small) == 200, "what is here already needs no room"
        quick[1].write(b"x" * 100_000)
        assert await status(quick) == 200
        closed([quick, late, small])


async def test_a_body_has_its_room_until_its_request_is_answered_and_no_longer() -> None:
    entered, leave, held = asyncio.Event(), asyncio.Event(), Bodies(Peers())

    async def slow(request: web.Request) -> web.Response:
        await read_body(request, 100)
        entered.set()
        await leave.wait()
        raise EngineUnavailable

    async with serving(slow, QUICK, bodies=held) as service:
        sender = await begin(service, 50, "192.0.2.1", b"x" * 40)
        await until(lambda: held.held > 0)
        sender[1].write(b"x" * 10)
        await entered.wait()
        assert held.held >= 50
        leave.set()
        assert await status(sender) == 503
        closed([sender])
    assert held.held == 0


def stream_of(events: Callable[[], AsyncIterator[ServerEvent]], **settings: float) -> Handler:
    async def stream(request: web.Request) -> web.StreamResponse:
        return await serve_events(request, events(), **settings)

    return stream


async def test_events_are_sent_with_their_ids_and_silence_is_filled_with_comments() -> None:
    async def events() -> AsyncIterator[ServerEvent]:
        yield ServerEvent(id="7", event="ticket.created", data='{"a":\r\n1}')
        await asyncio.Event().wait()

    async with serving(stream_of(events, heartbeat=0.01)) as service, ClientSession() as client:
        async with client.get(f"http://127.0.0.1:{service.address[1]}/") as response:
            assert response.headers["Content-Type"] == "text/event-stream"
            seen = b""
            while b":\n\n" not in seen.partition(b"1}\n\n")[2]:
                seen += await response.content.readany()
        assert seen.startswith(b'retry: 3000\n\nid: 7\nevent: ticket.created\ndata: {"a":\ndata: 1}\n\n')


async def test_streams_end_when_the_service_stops() -> None:
    finished = asyncio.Event()

    async def events() -> AsyncIterator[ServerEvent]:
        try:
            yield ServerEvent(data="first")
            await asyncio.Event().wait()
        finally:
            finished.set()

    async with serving(stream_of(events), Limits(shutdown=60)) as service, ClientSession() as client:
        response = await client.get(f"http://127.0.0.1:{service.address[1]}/")
        await response.content.readuntil(b"first\n\n")
        await asyncio.wait_for(service.stop(), 5)
        assert await response.content.read() == b""
    assert finished.is_set()


async def test_a_reader_that_does_not_read_is_cut_off() -> None:
    cut_off = asyncio.Event()

    async def events() -> AsyncIterator[ServerEvent]:
        try:
            while True:
                yield ServerEvent(data="x" * 100_000)
        finally:
            cut_off.set()

    async with serving(stream_of(events, patience=0.05)) as service:
        _, writer = await asyncio.open_connection(*service.address, limit=1024)
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        await asyncio.wait_for(cut_off.wait(), 10)
        writer.close()


async def test_a_client_that_does_not_read_its_answer_is_cut_off_and_makes_room() -> None:
    async def large(_: web.Request) -> web.Response:
        return web.Response(body=b"x" * 32_000_000)

    async with serving(large, Limits(answer=0.1)) as service:
        _, writer = await asyncio.open_connection(*service.address, limit=1024)
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        await until(lambda: service.gate.open == 1)
        await until(lambda: service.gate.open == 0)
        writer.close()


async def test_a_client_that_leaves_the_rest_unread_while_the_connection_closes_is_cut_off_too() -> None:
    async def small(_: web.Request) -> web.Response:
        return web.Response(body=b"x" * 40_000)

    async with serving(small, Limits(answer=0.2, idle=0.2)) as service:
        sender = socket.socket()
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        sender.connect(service.address)
        for _ in range(200):
            sender.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        await until(lambda: service.gate.open == 1)
        await until(lambda: service.gate.open == 0)
        sender.close()


async def test_a_source_that_fails_ends_its_stream_without_a_word() -> None:
    async def events() -> AsyncIterator[ServerEvent]:
        yield ServerEvent(id="1", data="first")
        raise EngineUnavailable(SECRET)

    async with serving(stream_of(events)) as service, ClientSession() as client:
        response = await client.get(f"http://127.0.0.1:{service.address[1]}/")
        assert await response.read() == b"retry: 3000\n\nid: 1\ndata: first\n\n"
