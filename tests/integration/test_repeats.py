"""A repeat is the first message; another message under the same id is a conflict, of which nothing is kept."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from trunkline.config.errors import Conflict
from trunkline.queue.blobs import Blobs
from trunkline.queue.clock import ManualClock
from trunkline.queue.connection import Engine
from trunkline.queue.conversation_log import ConversationLogs, LogEntry
from trunkline.queue.dedup import dedup_register
from trunkline.queue.intake import INLINE_BYTES, Accepted, Intake

CONTENTS = [b"Hello", b"", b"#1:2", b"\0\n\xff", b"x" * (INLINE_BYTES + 1)]


class Door:
    """Intake and what it tells."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.told: Counter[str] = Counter()
        clock = ManualClock()
        self.blobs = Blobs(folder, engine)
        self.logs = ConversationLogs(engine, clock)
        self.intake = Intake(engine, clock, self.blobs, count=lambda _, outcome: self.told.update([outcome]))

    async def take(self, content: bytes, **more: Any) -> Accepted:
        names = {"channel": "chat", "account": "web", "external_id": "1", "kind": "message", "lane": "l"}
        return await self.intake.accept(**names, content=content, transport={}, **more)

    async def entries(self) -> int:
        return (await self.intake.queue.counts())["entries"]


@pytest.fixture
async def door(engine: Engine, tmp_path: Path) -> AsyncIterator[Door]:
    made = Door(engine, tmp_path)
    await made.blobs.start()
    yield made
    await made.blobs.stop()


@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("log", [None, LogEntry("c", {"id": "1"})])
async def test_a_repeat_answers_as_the_first_and_another_message_is_a_conflict(
    door: Door, content: bytes, log: LogEntry | None
) -> None:
    first = await door.take(content, log=log)
    for other in {content + b"x", content[:2], b""} - {content}:
        with pytest.raises(Conflict, match=first.id):
            await door.take(other, log=log)
    again = await door.take(content, log=log)
    assert (again.duplicate, again.id, again.sequence, again.position) == (
        True, first.id, first.sequence, first.position,
    )  # fmt: skip
    assert (await door.entries(), await door.logs.last("c")) == (1, int(log is not None))
    assert door.told == {"accepted": 1, "conflict": 3 if len(content) > 1 else 1, "duplicate": 1}


async def test_of_different_messages_at_once_one_is_taken_and_everybody_else_hears_of_it(door: Door) -> None:
    answers = await asyncio.gather(*(door.take(b"%d" % (n % 5)) for n in range(50)), return_exceptions=True)
    taken = [answer for answer in answers if isinstance(answer, Accepted)]
    assert (len({each.id for each in taken}), len(taken), sum(not each.duplicate for each in taken)) == (1, 10, 1)
    assert all(isinstance(answer, Accepted | Conflict) for answer in answers)
    assert await door.entries() == 1


async def test_what_a_repeat_has_to_say_again_is_the_channels_to_name(door: Door) -> None:
    first = await door.take(b"on this page", says=b"Hello")
    assert (await door.take(b"on another page", says=b"Hello")).id == first.id
    with pytest.raises(Conflict):
        await door.take(b"on this page", says=b"Hello?")
    assert (await door.take(b"whatever", says=b"")).id == first.id


async def test_what_an_earlier_trunkline_has_remembered_is_repeated_by_whatever_comes(door: Door) -> None:
    first = await door.take(b"Hello", log=LogEntry("c", {"id": "1"}))
    records = dedup_register(door.engine, "raw")["records"]
    key, remembered = await door.engine.call("HGETALL", records)
    await door.engine.call("HSET", records, key, remembered[: remembered.index(b"#")])
    again = await door.take(b"Something else", log=LogEntry("c", {"id": "1"}))
    assert (again.duplicate, again.id, again.sequence, again.position) == (True, first.id, first.sequence, 1)
