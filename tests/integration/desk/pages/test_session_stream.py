"""A stream of events lasts as long as the session, whatever id the session has by then."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from trunkline.desk.pages.session_stream import SessionWatch, beat, while_signed_in
from trunkline.desk.stores.sessions import GRACE_MS, ROTATE_MS, PageSession, Seen, Sessions
from trunkline.queue.clock import ManualClock
from trunkline.queue.connection import Engine
from trunkline.web.sse import ServerEvent
from trunkline.web.tokens import Principal

LONG = 3600.0


class Tokens:
    """One token, until it is withdrawn."""

    def __init__(self) -> None:
        self.known = True
        self.groups = frozenset[str]()

    async def principal(self, digest: str) -> Principal | None:
        known = self.known and digest
        return Principal(name="admin", scopes=frozenset({"admin"}), groups=self.groups) if known else None


class Scene:
    """A session, and a watch over it."""

    def __init__(self, engine: Engine) -> None:
        self.clock, self.tokens = ManualClock(), Tokens()
        self.sessions = Sessions(engine, self.clock, self.tokens)

    async def begin(self) -> None:
        self.id = await self.sessions.open("token")
        self.watch = SessionWatch(self.sessions, await self.session())

    async def seen(self, id_: str) -> Seen:
        found = await self.sessions.see(id_)
        assert found is not None
        return found

    async def session(self) -> PageSession:
        return (await self.seen(self.id)).session

    async def exchange(self) -> None:
        """The id grows old, the browser gets another and uses it."""
        self.clock.advance(ROTATE_MS)
        self.id = (await self.seen(self.id)).new_id
        await self.seen(self.id)


async def scene_on(engine: Engine) -> Scene:
    scene = Scene(engine)
    await scene.begin()
    return scene


async def test_it_goes_on_through_every_exchange_of_ids(engine: Engine) -> None:
    scene = await scene_on(engine)
    for _ in range(5):
        await scene.exchange()
        assert await scene.watch.ended() == ""
        scene.clock.advance(GRACE_MS)
        assert await scene.watch.ended() == ""


async def test_looking_neither_keeps_it_alive_nor_takes_a_new_id_into_use(engine: Engine) -> None:
    scene = await scene_on(engine)
    scene.clock.advance(ROTATE_MS)
    unused = (await scene.seen(scene.id)).new_id
    for _ in range(47):
        scene.clock.advance(ROTATE_MS)
        assert await scene.watch.ended() == ""
    scene.clock.advance(ROTATE_MS)
    assert await scene.watch.ended() == "signed-out"
    assert await scene.sessions.see(unused) is None


async def test_it_ends_at_sign_out_and_when_the_token_is_withdrawn(engine: Engine) -> None:
    scene = await scene_on(engine)
    await scene.exchange()
    scene.tokens.known = False
    assert await scene.watch.ended() == "signed-out"
    scene.tokens.known = True
    assert await scene.watch.ended() == ""
    await scene.sessions.close(scene.id)
    assert await scene.watch.ended() == "signed-out"


async def test_a_page_hears_that_another_agent_was_chosen_elsewhere(engine: Engine) -> None:
    scene = await scene_on(engine)
    await scene.sessions.work_as(await scene.session(), "boris")
    assert await scene.watch.ended() == "changed"


async def test_a_stream_ends_when_its_reader_is_in_other_groups_and_begins_anew(engine: Engine) -> None:
    scene = await scene_on(engine)
    scene.tokens.groups = frozenset({"money"})
    assert await scene.watch.ended() == "renewed"
    assert await SessionWatch(scene.sessions, await scene.session()).ended() == ""


async def some(events: "asyncio.Queue[ServerEvent | None]") -> AsyncIterator[ServerEvent]:
    while (event := await events.get()) is not None:
        yield event


def sign_of_life() -> ServerEvent:
    return beat(1_800_000_000_000, "v1")


async def going_on() -> str:
    return ""


async def read(stream: Any) -> list[str]:
    return [event.event async for event in stream]


async def test_a_beat_comes_first_and_the_end_of_the_events_is_the_end() -> None:
    events: asyncio.Queue[ServerEvent | None] = asyncio.Queue()
    for event in (ServerEvent(event="ticket", data="1"), ServerEvent(event="ticket", data="2"), None):
        events.put_nowait(event)
    assert await read(while_signed_in(some(events), going_on, sign_of_life, LONG)) == ["beat", "ticket", "ticket"]
    assert json.loads(sign_of_life().data) == {"now": 1_800_000_000_000, "version": "v1"}


async def test_beats_come_in_silence_and_the_last_word_says_why() -> None:
    answers = iter(["", "", "signed-out"])
    closed = asyncio.Event()

    async def silence() -> AsyncIterator[ServerEvent]:
        try:
            await asyncio.Event().wait()
            yield ServerEvent(data="never")
        finally:
            closed.set()

    async def ended() -> str:
        return next(answers)

    assert await read(while_signed_in(silence(), ended, sign_of_life, 0)) == ["beat", "beat", "beat", "signed-out"]
    assert closed.is_set()
