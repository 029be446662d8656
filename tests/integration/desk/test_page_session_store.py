"""Where sessions are kept, on a single engine and on a cluster."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from trunkline.config.errors import Unauthenticated
from trunkline.desk.stores.sessions import IDLE_MS, MOST, ROTATE_MS, Sessions
from trunkline.queue.clock import ManualClock
from trunkline.queue.connection import Engine
from trunkline.queue.keys import Keys
from trunkline.web.tokens import KnownTokens, Principal


@pytest.fixture(params=["engine_url", pytest.param("cluster_url", marks=pytest.mark.cluster)])
async def some_engine(request: pytest.FixtureRequest, keys: Keys) -> AsyncIterator[Engine]:
    connected = Engine(request.getfixturevalue(request.param), keys)
    yield connected
    await connected.close()


def sessions_of(engine: Engine, clock: ManualClock) -> Sessions:
    """Sessions for two tokens: one whose name is the beginning of the other's."""
    names = {"one": "ada", "other": "ada-home"}
    tokens = {token: Principal(name=name, scopes=frozenset({"tickets:read"})) for token, name in names.items()}
    return Sessions(engine, clock, KnownTokens(tokens))


async def test_a_principal_has_a_bounded_number_and_the_oldest_make_room(some_engine: Engine) -> None:
    clock = ManualClock()
    sessions = sessions_of(some_engine, clock)
    other = await sessions.open("other")
    ids = []
    for _ in range(MOST + 3):
        clock.advance(1)
        ids.append(await sessions.open("one"))
    held = [await sessions.see(id_) is not None for id_ in ids]
    assert held == [False] * 3 + [True] * MOST
    assert await sessions.see(other) is not None


async def test_what_has_expired_is_swept_away_by_those_who_sign_in(some_engine: Engine) -> None:
    clock = ManualClock()
    sessions = sessions_of(some_engine, clock)
    for _ in range(MOST):
        await sessions.open("one")
    clock.advance(IDLE_MS)
    for _ in range(3):
        await sessions.open("other")
    for key in (("sessions",), ("sessions", "owners"), ("sessions", "until")):
        name = some_engine.keys(*key)
        count = await some_engine.call("HLEN" if len(key) == 1 else "ZCARD", name)
        assert (key, count) == (key, 3)


async def test_times_are_kept_to_the_millisecond_through_every_exchange(some_engine: Engine) -> None:
    clock = ManualClock(1_899_999_999_999)
    sessions = sessions_of(some_engine, clock)
    id_ = await sessions.open("one")
    for _ in range(3):
        clock.advance(ROTATE_MS)
        seen = await sessions.see(id_)
        assert seen is not None
        assert seen.new_id
        assert seen.session.created == 1_899_999_999_999
        id_ = seen.new_id


async def test_a_look_that_can_carry_no_new_id_exchanges_none(some_engine: Engine) -> None:
    clock = ManualClock()
    sessions = sessions_of(some_engine, clock)
    id_ = await sessions.open("one")
    clock.advance(ROTATE_MS)
    seen = await sessions.see(id_, rotate=False)
    assert seen is not None
    assert seen.new_id == ""


async def test_nobody_works_on_in_a_session_that_is_gone(some_engine: Engine) -> None:
    sessions = sessions_of(some_engine, ManualClock())
    id_ = await sessions.open("one")
    seen = await sessions.see(id_)
    assert seen is not None
    await sessions.close(id_)
    with pytest.raises(Unauthenticated):
        await sessions.work_as(seen.session, "boris")
    with pytest.raises(Unauthenticated):
        await sessions.open("nobody's")


async def test_a_sign_out_in_the_middle_of_choosing_an_agent_is_a_sign_out(
    some_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = sessions_of(some_engine, ManualClock())
    id_ = await sessions.open("one")
    seen = await sessions.see(id_)
    assert seen is not None
    begin = sessions._begin

    async def late(*args: Any, **more: Any) -> str:
        await sessions.close(id_)
        return await begin(*args, **more)

    monkeypatch.setattr(sessions, "_begin", late)
    with pytest.raises(Unauthenticated):
        await sessions.work_as(seen.session, "boris")
    assert not await sessions.anybody(seen.session.principal.name)
