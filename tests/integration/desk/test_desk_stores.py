"""Where tokens and idempotency keys are kept, on a single engine and on a cluster."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from trunkline.config.errors import Conflict, Invalid, NotFound
from trunkline.desk.stores.idempotency_store import EngineIdempotencyStore
from trunkline.desk.stores.token_store import AGENT_SCOPES, TokenStore
from trunkline.queue.clock import ManualClock
from trunkline.queue.connection import Engine
from trunkline.queue.keys import Keys
from trunkline.web.idempotency import CLAIM_SECONDS, Claimed, Done, InProgress
from trunkline.web.tokens import Principal, digest_of


@pytest.fixture(params=["engine_url", pytest.param("cluster_url", marks=pytest.mark.cluster)])
async def some_engine(request: pytest.FixtureRequest, keys: Keys) -> AsyncIterator[Engine]:
    connected = Engine(request.getfixturevalue(request.param), keys)
    yield connected
    await connected.close()


async def test_one_of_many_claims_goes_ahead_and_the_rest_hear_of_it(some_engine: Engine) -> None:
    store = EngineIdempotencyStore(some_engine, ManualClock())
    claims = await asyncio.gather(*(store.claim("k", "print", f"owner{n}") for n in range(20)))
    assert sorted(map(type, claims), key=str) == [Claimed] + [InProgress] * 19
    winner = next(n for n, claim in enumerate(claims) if isinstance(claim, Claimed))
    await store.keep("k", "somebody else", b"wrong")
    await store.keep("k", f"owner{winner}", b'{"a": "\0"}')
    assert await store.claim("k", "other", "late") == Done("print", b'{"a": "\0"}')
    assert isinstance(await store.claim("other key", "print", "late"), Claimed)


async def test_a_claim_is_freed_by_its_owner_and_by_time(some_engine: Engine) -> None:
    clock = ManualClock()
    store = EngineIdempotencyStore(some_engine, clock)
    assert isinstance(await store.claim("k", "print", "first"), Claimed)
    await store.release("k", "second")
    assert await store.claim("k", "print", "second") == InProgress("print")
    await store.release("k", "first")
    assert isinstance(await store.claim("k", "print", "second"), Claimed)
    clock.advance(CLAIM_SECONDS * 1000 + 1)
    assert isinstance(await store.claim("k", "print", "third"), Claimed)
    await store.keep("k", "second", b"too late")
    assert await store.claim("k", "print", "fourth") == InProgress("print")


async def test_a_claim_lasts_as_long_as_its_owner_renews_it(some_engine: Engine) -> None:
    clock = ManualClock()
    store = EngineIdempotencyStore(some_engine, clock)
    await store.claim("k", "print", "first")
    for _ in range(3):
        clock.advance(CLAIM_SECONDS * 1000 - 1)
        await store.renew("k", "first")
        assert await store.claim("k", "print", "second") == InProgress("print")
    await store.renew("another key", "first")
    clock.advance(CLAIM_SECONDS * 1000 - 1)
    await store.renew("k", "second")
    clock.advance(2)
    assert isinstance(await store.claim("k", "print", "second"), Claimed)
    assert isinstance(await store.claim("another key", "print", "second"), Claimed)


async def test_an_answer_is_kept_for_a_day_and_nothing_stays_for_ever(some_engine: Engine) -> None:
    clock = ManualClock()
    store = EngineIdempotencyStore(some_engine, clock)
    for n in range(50):
        await store.claim(f"k{n}", "print", "me")
        await store.keep(f"k{n}", "me", b"answer")
    clock.advance(86_399_000)
    assert isinstance(await store.claim("k0", "print", "you"), Done)
    clock.advance(2_000)
    assert isinstance(await store.claim("k0", "print", "you"), Claimed)
    for n in range(3):
        await store.claim(f"new{n}", "print", "you")
    assert await some_engine.call("HLEN", some_engine.keys("idempotency")) == 4
    assert await some_engine.call("ZCARD", some_engine.keys("idempotency", "until")) == 4


async def test_a_token_is_shown_once_and_known_by_its_digest_alone(some_engine: Engine) -> None:
    clock = ManualClock()
    store = TokenStore(some_engine, clock)
    token = await store.create("crm", scopes=["feed:read", "tickets:read"])
    own = await store.create("ada", scopes=AGENT_SCOPES, agent="ada")
    assert await store.principal(digest_of(token)) == Principal(
        name="crm", scopes=frozenset({"feed:read", "tickets:read"})
    )
    found = await store.principal(digest_of(own))
    assert found is not None
    assert (found.agent, found.may("tickets:write"), found.may("admin")) == ("ada", True, False)
    assert await store.principal(digest_of("tlk_guess")) is None
    kept = await some_engine.call("HGETALL", some_engine.keys("tokens"))
    assert token.encode() not in b" ".join(kept)
    assert [(record.name, record.agent, record.created_at) for record in await store.all()] == [
        ("ada", "ada", clock.now()),
        ("crm", None, clock.now()),
    ]


async def test_a_withdrawn_token_is_nobodys_and_its_name_is_free(some_engine: Engine) -> None:
    store = TokenStore(some_engine, ManualClock())
    token = await store.create("crm", scopes=["feed:read"])
    with pytest.raises(Conflict, match="crm"):
        await store.create("crm", scopes=["feed:read"])
    await store.revoke("crm")
    assert await store.principal(digest_of(token)) is None
    with pytest.raises(NotFound):
        await store.revoke("crm")
    assert await store.create("crm", scopes=["admin"]) != token


@pytest.mark.parametrize(
    ("name", "scopes"), [("admin", ["admin"]), ("", ["admin"]), ("a b", ["admin"]), ("a", []), ("a", ["everything"])]
)
async def test_a_token_that_cannot_be_is_refused(engine: Engine, name: str, scopes: list[str]) -> None:
    with pytest.raises(Invalid):
        await TokenStore(engine, ManualClock()).create(name, scopes=scopes)
