"""What visitors may not do, and that nobody else suffers from it."""

import asyncio
from collections.abc import Callable

import pytest

from trunkline.adapters.chat.signed_identity import LEEWAY_MS
from trunkline.adapters.chat.visitor_token import LIFETIME_MS
from trunkline.queue.conversation_log import conversation_name

from .conftest import World

ID = "message-number-{:04d}"
SHOP = "https://shop.example"


@pytest.mark.parametrize(
    ("site", "origin", "code"),
    [("web", "https://evil.example", 4403), ("web", "null", 4403), ("nowhere", SHOP, 4404)],
)
async def test_a_page_that_may_not_and_a_site_that_is_not_there_are_told_by_the_close_code(
    world: World, site: str, origin: str, code: int
) -> None:
    process = await world.process({"web": {"origins": [SHOP]}})
    visitor = await process.connect(site, Origin=origin)
    assert (await visitor.closed())[0] == code
    allowed = await process.connect("web", Origin=SHOP)
    await allowed.say("hello")
    await allowed.until("welcome")


async def test_who_says_no_hello_is_not_waited_for(world: World) -> None:
    process = await world.process(hello_seconds=0.01)
    visitor = await process.connect()
    assert (await visitor.closed())[0] == 4408


@pytest.mark.parametrize(
    ("first", "fault"),
    [
        ("{", "a frame is a JSON object"),
        ('{"type":"typing"}', "type: hello comes first"),
        ('{"type":"hello","after":"one"}', "hello.after"),
    ],
)
async def test_a_malformed_frame_is_named_and_ends_the_connection(world: World, first: str, fault: str) -> None:
    process = await world.process()
    visitor = await process.connect()
    await visitor.socket.send_str(first)
    code, reason = await visitor.closed()
    assert code == 4400
    assert fault in reason


async def test_bytes_a_second_hello_and_too_large_a_frame_end_the_connection(world: World) -> None:
    process = await world.process()
    visitors = [await process.visit() for _ in range(3)]
    await visitors[0].socket.send_bytes(b"{}")
    await visitors[1].say("hello")
    await visitors[2].say("message", id=ID.format(1), text="x" * 40_000)
    assert [(await visitor.closed())[0] for visitor in visitors] == [4400, 4400, 1009]


async def test_a_connection_lasts_no_longer_than_the_identity_it_rests_on(
    world: World, signed: Callable[..., str]
) -> None:
    process = await world.process()
    writer, reader, idle = [await process.visit(identity=signed(sub=name)) for name in ("mario", "maria", "mia")]
    world.clock.advance(3_600_000 + LEEWAY_MS)
    await process.answer(reader.id, 1, "a secret")
    assert (await reader.closed())[0] == 4401
    await writer.say("message", id=ID.format(1), text="still there")
    assert (await writer.closed())[0] == 4401
    await process.channel.connected.notify_status()
    assert (await idle.closed())[0] == 4401
    assert not reader.lines()
    assert [line.data["text"] for line in await process.logs.read(conversation_name("web", reader.id), after=0)] == [
        "a secret"
    ]


async def test_identities_are_judged_by_the_true_time_and_what_cannot_be_judged_is_our_trouble(
    world: World, signed: Callable[..., str]
) -> None:
    process = await world.process()
    begin = world.clock.true_now() // 1000
    world.clock.lead(7_200_000)
    good = await process.visit(identity=signed(exp=begin + 3600))
    assert await good.write(ID.format(1), "here I am") == 1
    late = await process.connect()
    await late.say("hello", identity=signed(exp=begin - 3600))
    assert (await late.closed())[0] == 4503
    world.clock.lead(7_200_000 + 3_700_000)
    world.clock._ahead = 7_200_000
    await good.say("message", id=ID.format(2), text="still here")
    assert (await good.closed())[0] == 4401


async def test_tokens_and_identities_that_are_stale_or_forged_are_told(
    world: World, signed: Callable[..., str]
) -> None:
    process = await world.process()
    visitor = await process.visit()
    forged = visitor.token[:-1] + ("A" if visitor.token[-1] != "A" else "B")
    stale = signed(exp=world.clock.now() // 1000 - 3600)
    for hello in ({"token": forged}, {"identity": stale}, {"identity": "nonsense"}):
        other = await process.connect()
        await other.say("hello", **hello)
        assert (await other.closed())[0] == 4401
    world.clock.advance(LIFETIME_MS)
    late = await process.connect()
    await late.say("hello", token=visitor.token)
    assert (await late.closed())[0] == 4401


async def test_a_flood_is_asked_to_wait_then_cut_off_and_others_go_on(world: World) -> None:
    process = await world.process({"web": {"caps": {"messages_per_minute": 1, "burst": 3}}})
    flooder, other = await process.visit(), await process.visit()
    for number in range(3):
        await flooder.write(ID.format(number), "x")
    await flooder.say("message", id=ID.format(3), text="one too many")
    refused = await flooder.until("refused")
    assert (refused["id"], refused["code"]) == (ID.format(3), "flood")
    assert 1 <= refused["retry_after"] <= 60
    for number in range(40):
        await flooder.say("message", id=ID.format(number + 10), text="x")
    code, reason = await flooder.closed()
    assert code == 4429
    assert reason.startswith("retry after ")
    assert await other.write(ID.format(1), "still here") == 1
    assert await process.logs.last(conversation_name("web", flooder.id)) == 3


async def test_a_visitor_and_an_address_have_so_many_sockets(world: World) -> None:
    process = await world.process({"web": {"caps": {"sockets_per_visitor": 2, "sockets_per_address": 3}}})
    visitor = await process.visit()
    second = await process.visit(visitor.token)
    third = await process.connect()
    await third.say("hello", token=visitor.token)
    assert (await third.closed())[0] == 4429
    await process.visit()
    assert (await (await process.connect()).closed())[0] == 4429
    await second.socket.close()
    await process.visit(visitor.token)


async def test_an_address_brings_so_many_new_visitors_a_minute(world: World) -> None:
    process = await world.process({"web": {"caps": {"visitors_per_minute": 1}}})
    known = await process.visit()
    stranger = await process.connect()
    await stranger.say("hello")
    code, reason = await stranger.closed()
    assert (code, reason[:12]) == (4429, "retry after ")
    await process.visit(known.token)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"text": "x" * 8001}, "too_long"),
        ({"text": "  \n "}, "empty"),
        ({"text": "x", "files": [{"sha256": "a" * 64}]}, "file_gone"),
        ({"text": "x", "files": [{"sha256": "a" * 64}] * 6}, "too_many"),
        ({"text": "x", "email": "nobody"}, "bad_address"),
    ],
)
async def test_what_cannot_be_taken_is_refused_for_good_and_the_connection_stays(
    world: World, fields: dict[str, object], code: str
) -> None:
    process = await world.process()
    visitor = await process.visit()
    await visitor.say("message", id=ID.format(1), **fields)
    refused = await visitor.until("refused")
    assert (refused["id"], refused["code"], refused.get("retry_after")) == (ID.format(1), code, None)
    assert await visitor.write(ID.format(1), "Hello") == 1


async def test_a_client_that_does_not_read_is_cut_off_and_holds_up_nobody(world: World) -> None:
    process = await world.process(patience=0.2)
    slow, quick = await process.visit(), await process.visit()
    conversation = conversation_name("web", slow.id)
    protocol = slow.socket._conn.protocol if slow.socket._conn else None  # the client stops reading from its socket
    assert protocol is not None
    assert protocol.transport is not None
    protocol.transport.pause_reading()
    for number in range(150):
        line = {"id": str(number), "from": "agent", "text": "x" * 200_000}
        await process.logs.append(conversation, line, key=str(number))
    async with asyncio.timeout(20):
        for number in range(10):
            await quick.write(ID.format(number), "Hello?")
        while (await process.logs.here(conversation))[0] or len(process.channel.connected) > 1:
            continue  # each look is a trip to the engine


async def test_an_engine_that_is_away_at_hello_sends_the_visitor_away_for_a_while(world: World) -> None:
    process = await world.process()
    await world.engine.close()
    world.engine.url, before = "unix:///nowhere/redis.sock", world.engine.url
    visitor = await process.connect()
    await visitor.say("hello")
    code, reason = await visitor.closed()
    world.engine.url = before
    await world.engine.close()
    assert (code, reason) == (4503, "retry after 5")
