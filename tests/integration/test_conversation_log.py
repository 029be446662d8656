"""Conversation logs: each line once, in one order, from any position; marks, facts, presence; followers and signals."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from trunkline.config.errors import Gone
from trunkline.queue.blobs import Blobs
from trunkline.queue.clock import ManualClock
from trunkline.queue.connection import Engine
from trunkline.queue.conversation_log import (
    ABSENT_MS,
    HERE_MS,
    NOTES,
    ConversationLogs,
    LogEntry,
    conversation_name,
)
from trunkline.queue.intake import Accepted, Intake
from trunkline.queue.log_tail import LogTail
from trunkline.queue.signals import Signals

HERS = conversation_name("web", "maria")
HIS = conversation_name("web", "nobody")


class Chat:
    """A log and the intake that writes into it."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.clock = ManualClock()
        self.blobs = Blobs(folder, engine)
        self.logs = ConversationLogs(engine, self.clock)
        self.intake = Intake(engine, self.clock, self.blobs)

    async def write(self, id_: str, text: str = "", files: tuple[str, ...] = ()) -> Accepted:
        return await self.intake.accept(
            channel="chat",
            account="web",
            external_id=f"maria:{id_}",
            kind="message",
            lane=HERS,
            content=text.encode(),
            transport={},
            log=LogEntry(HERS, {"id": id_, "text": text}),
            blobs=files,
        )

    async def ids(self, after: int = 0) -> list[str]:
        return [line.data["id"] for line in await self.logs.read(HERS, after=after)]


@pytest.fixture
async def chat(engine: Engine, tmp_path: Path) -> AsyncIterator[Chat]:
    made = Chat(engine, tmp_path)
    await made.blobs.start()
    yield made
    await made.blobs.stop()


async def test_lines_of_both_sides_have_one_order(chat: Chat) -> None:
    assert (await chat.write("a")).position == 1
    assert await chat.logs.append(HERS, {"id": "ours"}, key="article") == 2
    assert (await chat.write("b")).position == 3

    assert await chat.ids() == ["a", "ours", "b"]
    assert [line.position for line in await chat.logs.read(HERS, after=1)] == [2, 3]
    assert await chat.logs.read(HIS, after=0) == []


async def test_a_repeat_of_a_visitor_answers_the_first_position_and_adds_nothing(chat: Chat) -> None:
    first = await chat.write("a")
    await chat.write("b")
    again = await chat.write("a")

    assert (again.duplicate, again.id, again.sequence, again.position) == (True, first.id, first.sequence, 1)
    assert await chat.ids() == ["a", "b"]


async def test_a_repeat_of_a_sender_is_the_first_line(chat: Chat) -> None:
    positions = await asyncio.gather(*(chat.logs.append(HERS, {"id": "x"}, key="x") for _ in range(20)))

    assert set(positions) == {1}
    assert await chat.logs.last(HERS) == 1


async def test_a_message_without_a_log_has_no_position(chat: Chat) -> None:
    facts = {"channel": "mail", "account": "", "external_id": "1", "kind": "message", "lane": "l"}
    first = await chat.intake.accept(**facts, content=b"", transport={})
    again = await chat.intake.accept(**facts, content=b"", transport={})

    assert (first.position, again.position, again.duplicate, again.sequence) == (0, 0, True, first.sequence)


async def test_history_is_read_upwards_in_parts(chat: Chat) -> None:
    for number in range(10):
        await chat.write(str(number))

    assert [line.position for line in await chat.logs.before(HERS, before=11, limit=4)] == [7, 8, 9, 10]
    assert [line.position for line in await chat.logs.before(HERS, before=3, limit=4)] == [1, 2]
    assert await chat.logs.before(HERS, before=1) == []
    assert [line.position for line in await chat.logs.read(HERS, after=2, limit=3)] == [3, 4, 5]


async def test_marks_rise_and_never_go_beyond_the_last_line(chat: Chat) -> None:
    for number in range(3):
        await chat.write(str(number))

    assert await chat.logs.mark(HERS, "visitor:read", 2) == 0
    assert await chat.logs.mark(HERS, "visitor:read", 1) == 2
    assert await chat.logs.mark(HERS, "visitor:read", 99) == 2
    assert await chat.logs.marks(HERS) == {"visitor:read": 3}
    assert (await chat.logs.marked(HERS, "visitor:read"), await chat.logs.marked(HERS, "desk:read")) == (3, 0)


async def test_only_the_newest_notes_of_a_conversation_are_kept(chat: Chat) -> None:
    for number in range(NOTES + 2):
        await chat.logs.add_note(HERS, "uploads", {"number": number})

    kept = [note["number"] for note in await chat.logs.notes(HERS, "uploads")]
    assert kept == list(range(NOTES + 1, 1, -1))
    assert await chat.logs.notes(HIS, "uploads") == await chat.logs.notes(HERS, "others") == []


async def test_who_only_looked_in_is_forgotten(chat: Chat) -> None:
    await chat.logs.seen_here([HERS, HIS])
    await chat.logs.left(HIS)
    chat.clock.advance(ABSENT_MS // 2)
    await chat.logs.seen_here([HERS])
    chat.clock.advance(ABSENT_MS // 2)
    await chat.logs.forget_absent()

    assert await chat.logs.here(HIS) == (False, None)
    assert (await chat.logs.here(HERS))[1] is not None
    assert await chat.engine.call("ZCARD", chat.engine.keys("logs", "here")) == 1


async def test_facts_are_kept_until_they_are_forgotten(chat: Chat) -> None:
    await chat.logs.set_fact(HERS, "email:proven", "maria@example.org")
    assert await chat.logs.facts(HERS) == {"email:proven": "maria@example.org"}

    await chat.logs.set_fact(HERS, "email:proven", "")
    assert await chat.logs.facts(HERS) == {}


async def test_a_visitor_is_here_until_they_leave_or_their_process_falls_silent(chat: Chat) -> None:
    assert await chat.logs.here(HERS) == (False, None)
    await chat.logs.seen_here([HERS, HIS])
    seen = chat.clock.now()
    assert await chat.logs.here(HERS) == (True, seen)

    chat.clock.advance(1_000)
    await chat.logs.left(HERS)
    assert await chat.logs.here(HERS) == (False, seen + 1_000)
    chat.clock.advance(HERE_MS)
    assert await chat.logs.here(HIS) == (False, seen)


async def test_files_that_come_with_a_line_are_kept_for_it(chat: Chat) -> None:
    sha = await chat.blobs.put(b"a picture")
    accepted = await chat.write("a", files=(sha,))

    references, condemned = chat.blobs.keys.flat
    assert await chat.engine.call("ZSCORE", references, f"b:{sha}:{accepted.id}") is not None
    assert await chat.engine.call("ZSCORE", condemned, sha) is None


async def test_a_line_whose_file_is_about_to_go_is_refused_as_a_whole(chat: Chat) -> None:
    sha = hashlib.sha256(b"old").hexdigest()
    await chat.engine.call("ZADD", chat.blobs.keys["condemned"], 1, sha)

    with pytest.raises(Gone):
        await chat.write("a", files=(sha,))
    assert await chat.ids() == []
    assert await chat.intake.queue.ready() == 0


async def test_a_follower_is_woken_by_every_line_of_its_conversation_whoever_writes(chat: Chat) -> None:
    tail = LogTail(chat.engine)
    await tail.start()
    try:
        async with tail.watch(HERS) as watch:
            seen = 0
            for number in range(50):
                write = chat.write(str(number)) if number % 2 else chat.logs.append(HERS, {"id": "o"}, key=str(number))
                await write
                while (last := await chat.logs.last(HERS)) == seen:
                    await asyncio.wait_for(watch.changed(), 5)
                seen = last
            assert seen == 50
        assert len(tail.watches) == 0
    finally:
        await tail.stop()


async def test_a_follower_hears_nothing_of_other_conversations(chat: Chat) -> None:
    tail = LogTail(chat.engine)
    await tail.start()
    try:
        async with tail.watch(HERS) as hers, tail.watch(HIS) as his:
            await chat.logs.append(HIS, {}, key="before")  # the first wakes all: following begins
            await asyncio.wait_for(asyncio.gather(his.changed(), hers.changed()), 5)
            await chat.logs.append(HIS, {}, key="one")
            await asyncio.wait_for(his.changed(), 5)
            assert not hers._news.is_set()
    finally:
        await tail.stop()


async def test_a_follower_goes_on_after_its_connection_was_cut(chat: Chat) -> None:
    tail = LogTail(chat.engine)
    await tail.start()
    try:
        async with tail.watch(HERS) as watch:
            await asyncio.wait_for(watch.changed(), 5)
            await chat.engine.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("trunkline.queue.log_tail.PAUSE", 0.01)
                await asyncio.wait_for(watch.changed(), 5)  # after trouble everybody looks
            await _until_engine(chat)
            await chat.write("a")
            await asyncio.wait_for(watch.changed(), 5)
    finally:
        await tail.stop()


async def _until_engine(chat: Chat) -> None:
    for _ in range(10):
        try:
            await chat.engine.call("PING")
            return
        except Exception:  # noqa: BLE001  (its connections were cut as well)
            continue


async def test_signals_reach_those_who_listen_to_their_topic_and_those_who_listen_to_all(engine: Engine) -> None:
    here, there = Signals(engine), Signals(engine)
    await asyncio.gather(here.start(), there.start())
    try:
        async with there.listen(HERS) as one, there.listen("") as all_:
            await here.send(HIS, {"who": "agent"})
            await here.send(HERS, {"who": "visitor"})
            assert await asyncio.wait_for(anext(one), 5) == {"who": "visitor", "topic": HERS}
            assert [(await anext(all_))["topic"] for _ in range(2)] == [HIS, HERS]
        assert len(there.listeners) == 0
    finally:
        await asyncio.gather(here.stop(), there.stop())


@pytest.mark.parametrize("silent_at", [b"CLIENT", b"SUBSCRIBE", b"PING"])
async def test_a_subscription_that_has_gone_silent_is_made_again(engine: Engine, silent_at: bytes) -> None:
    again = asyncio.Event()
    silenced = 0

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """As the engine does, but the first connection that asks for this hears nothing more, and stays."""
        nonlocal silenced
        up_reader, up_writer = await asyncio.open_unix_connection(engine.url.removeprefix("unix://"))
        silent = False
        while request := await reader.read(65536):
            if silent_at in request and not silenced:
                silenced, silent = 1, True
            elif not silent:
                up_writer.write(request)
                writer.write(await up_reader.read(65536))
            if b"SUBSCRIBE" in request and silenced and not silent:
                again.set()
        writer.close()
        up_writer.close()

    proxy = await asyncio.start_server(carry, "127.0.0.1", 0)
    through = Engine(f"redis://127.0.0.1:{proxy.sockets[0].getsockname()[1]}", engine.keys, timeout=0.1)
    signals = Signals(through, patience=0.02)
    await signals.start()
    try:
        await asyncio.wait_for(again.wait(), 5)
    finally:
        await signals.stop()
        await through.close()
        proxy.close()


async def test_a_subscription_that_is_only_quiet_is_kept(engine: Engine) -> None:
    signals, others = Signals(engine, patience=0.01), Signals(engine)
    await signals.start()
    try:
        before = await subscriptions(engine)
        pings = await calls(engine, "ping")
        while await calls(engine, "ping") < pings + 3:
            await engine.call("ECHO", "a moment")
        assert await subscriptions(engine) == before
        async with signals.listen(HERS) as listening:
            await others.send(HERS, {"who": "agent"})
            assert (await asyncio.wait_for(anext(listening), 5))["who"] == "agent"
    finally:
        await signals.stop()


async def subscriptions(engine: Engine) -> list[str]:
    """The connections that are subscribed, by their ids."""
    clients = (await engine.call("CLIENT", "LIST", "TYPE", "pubsub")).decode().splitlines()
    return sorted(client.split()[0] for client in clients)


async def calls(engine: Engine, command: str) -> int:
    """How often the engine was asked this."""
    facts = (await engine.call("INFO", "commandstats")).decode()
    found = re.search(rf"cmdstat_{command}:calls=([0-9]+)", facts)
    return int(found[1]) if found else 0


async def test_a_slow_listener_loses_the_oldest_signals_and_costs_no_memory(engine: Engine) -> None:
    signals = Signals(engine)
    async with signals.listen(HERS) as listening:
        for number in range(1_000):
            listening.hear({"number": number})

        assert (await anext(listening))["number"] == 900


@pytest.mark.cluster
async def test_all_of_it_works_on_a_cluster(cluster_engine: Engine, tmp_path: Path) -> None:
    chat, signals, tail = Chat(cluster_engine, tmp_path), Signals(cluster_engine), LogTail(cluster_engine)
    await asyncio.gather(chat.blobs.start(), signals.start(), tail.start())
    try:
        async with tail.watch(HERS) as watch, signals.listen(HERS) as listening:
            assert (await chat.write("a")).position == 1
            assert await chat.logs.append(HERS, {"id": "ours"}, key="article") == 2
            await asyncio.wait_for(watch.changed(), 5)
            await signals.send(HERS, {"who": "agent"})
            assert (await asyncio.wait_for(anext(listening), 5))["who"] == "agent"
        assert await chat.ids() == ["a", "ours"]
    finally:
        await asyncio.gather(chat.blobs.stop(), signals.stop(), tail.stop())
