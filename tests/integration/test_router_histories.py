"""The engine's router and the model take the same decisions, and record them alike, in long random histories.

Both are told the same events (tests/engine_router.py); after each, the same tickets must have gone to the same agents
in the same order, for the same reasons. Where they differ, the shortest history that does is told.
"""

import json
import uuid
from collections.abc import Sequence
from typing import Any

import pytest

from trunkline.queue.connection import Engine
from trunkline.queue.keys import Keys
from trunkline.router.assignment.model import Model
from trunkline.router.choice_record import record
from trunkline.router.decision_record import Decision

from ..engine_router import BlockingEngine, EngineRouter
from ..unit.assignment.histories import ROUTING, T0, Event, History, is_possible, ticket_of, told, worker_of

OURS = {"config", "cause", "kind"}
"""What of a decision the model does not know."""


class Differs(AssertionError):
    """Engine and model did not do the same."""


class Both:
    """The engine's router and the model, told the same."""

    def __init__(self, engine: Engine, model: Model) -> None:
        self.model = model
        self.router = EngineRouter(engine, ROUTING, T0)
        self.decisions = 0

    async def tell(self, event: Event) -> None:
        """What is due by then comes first. Raises Differs."""
        timers, now = self.model.desk.timers, event[1]
        if event[0] != "due" and (timers.next_at() or now + 1) <= now:
            await self.tell(("due", now))
        if not is_possible(self.model, event):
            return
        expected = [((each.ticket, each.agent), record(self.model.desk, each)) for each in told(self.model, event)]
        found = await self._tell_engine(event)
        if found != [pair for pair, _ in expected]:
            raise Differs(f"{found} (engine) is not {[pair for pair, _ in expected]} (model) after {event}")
        for ticket, decision in {ticket: decision for (ticket, _), decision in expected}.items():
            await self._compare_decision(ticket, decision)

    async def _tell_engine(self, event: Event) -> list[tuple[str, str]]:
        name, now, *facts = event
        router = self.router
        match name:
            case "agents":
                return await router.agents_changed([worker_of(each) for each in facts[0]], now)
            case "arrive" | "changed":
                return await getattr(router, name)(ticket_of(facts[0]), now)
            case "due":
                return await router.due(now)
            case "present" | "assigned":
                return await getattr(router, name)(facts[0], facts[1], now)
            case _:
                return await getattr(router, name)(facts[0], now)

    async def _compare_decision(self, ticket: str, expected: Decision) -> None:
        self.decisions += 1
        stored = await self.router.engine.call("LINDEX", self.router.keys.decisions(ticket), -1)
        found = Decision.model_validate_json(stored).model_dump(exclude=OURS)
        wanted = expected.model_dump(exclude=OURS)
        if found != wanted:
            different = {name: (found[name], wanted[name]) for name in found if found[name] != wanted[name]}
            raise Differs(f"{ticket}: {different} (engine, model)")

    async def compare(self) -> None:
        """What waits stands at the same place in both, and everybody has the same. Raises Differs."""
        desk = self.model.desk
        places = await self._hash(self.router.keys.room["places"])
        found = {id_: _stands(json.loads(place)) for id_, place in places.items()}
        expected = {
            id_: (
                known.state,
                known.aim,
                known.step,
                sorted(known.dropped),
                known.relaxed,
                known.keeper,
                known.asked_all_at,
            )
            for id_, known in desk.tickets.items()
            if known.state in ("waiting", "held")
        }
        _demand_same("places", found, expected)
        agents = await self._hash(self.router.keys.agents)
        for id_, known in desk.agents.items():
            stored = tuple(
                int(agents.get(f"{id_}.{name}", 0))
                for name in ("load", "live", "exclusive", "idle_since", "epoch", "closes_at", "shift_ends")
            )
            load = known.load
            counted = (load.every, load.live, load.exclusive)
            times = (known.idle_since, known.epoch, known.closes_at, known.shift_ends)
            _demand_same(id_, stored, (*counted, *times))
            is_offline = agents.get(f"{id_}.presence", "offline") == "offline"
            _demand_same(f"{id_} is offline", is_offline, known.presence == "offline")
        rates = await self._hash(self.router.keys.room["rates"])
        work = {name.removeprefix("work|"): int(value) for name, value in rates.items() if name.startswith("work|")}
        _demand_same("work", work, {name: desk.signatures.of(tuple(name.split(","))).work for name in work})

    async def _hash(self, key: str) -> dict[str, str]:
        flat = [word.decode() for word in await self.router.engine.call("HGETALL", key)]
        return dict(zip(flat[::2], flat[1::2], strict=True))


def _stands(place: dict[str, Any]) -> tuple[Any, ...]:
    dropped = sorted(place["dropped"] or [])
    return (
        place["state"],
        place["aim"],
        place["step"],
        dropped,
        place["relaxed"],
        place.get("keeper"),
        place.get("asked_all_at"),
    )


def _demand_same(what: str, found: object, expected: object) -> None:
    if found != expected:
        if isinstance(found, dict) and isinstance(expected, dict):
            ids = [id_ for id_ in found | expected if found.get(id_) != expected.get(id_)]
            raise Differs(f"{what}: " + "; ".join(f"{id_}: {found.get(id_)} / {expected.get(id_)}" for id_ in ids))
        raise Differs(f"{what}: {found} (engine) is not {expected} (model)")


async def differs(engine_url: str, events: Sequence[Event]) -> str:
    """In what engine and model differ when they are told these; empty when in nothing."""
    engine = BlockingEngine(engine_url, Keys(f"t{uuid.uuid4().hex[:16]}"))
    both = Both(engine, Model())
    try:
        for event in events:
            await both.tell(event)
            await both.compare()
    except Differs as found:
        return str(found)
    finally:
        await engine.close()
    return ""


async def shortest(engine_url: str, events: list[Event]) -> list[Event]:
    """Leave out what can be left out, larger parts first, while they still differ; the configuration stays."""
    size = len(events) // 2
    while size:
        at = 1
        while at < len(events):
            fewer = events[:at] + events[at + size :]
            if await differs(engine_url, fewer):
                events = fewer
            else:
                at += size
        size //= 2
    return events


async def compare_history(engine_url: str, history: History, number: int, *, every: int = 1) -> Both:
    """So many events in both, compared whole after every so many."""
    engine = BlockingEngine(engine_url, Keys(f"t{uuid.uuid4().hex[:16]}"))
    both, past = Both(engine, history.model), list[Event]()
    try:
        for event in history.events(number):
            past.append(event)
            await both.tell(event)
            if len(past) % every == 0:
                await both.compare()
    except Differs as found:
        events = await shortest(engine_url, past)
        said = await differs(engine_url, events)
        pytest.fail("\n".join([*map(str, events), said or f"only in the whole history: {found}"]))
    finally:
        await engine.close()
    return both


@pytest.mark.parametrize(("seed", "people", "busy"), [(0, 6, 0.2), (1, 3, 0.36), (2, 12, 0.25)])
async def test_the_scripts_decide_as_the_model_does(engine_url: str, seed: int, people: int, busy: float) -> None:
    both = await compare_history(engine_url, History(seed, people, whole=False, busy=busy), 400)
    assert both.decisions > 30


@pytest.mark.cluster
async def test_they_do_so_on_a_cluster(cluster_url: str) -> None:
    both = await compare_history(cluster_url, History(3, whole=False), 50)
    assert both.decisions > 5


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("seed", "people", "busy", "number"),
    [(10, 3, 0.25, 8_000), (11, 6, 0.2, 11_000), (12, 12, 0.36, 8_000), (13, 40, 0.5, 8_000)],
)
async def test_they_do_so_for_long(engine_url: str, seed: int, people: int, busy: float, number: int) -> None:
    history = History(seed, people, whole=False, busy=busy)
    both = await compare_history(engine_url, history, number, every=100)
    assert both.router.events > 25_000


@pytest.mark.long
@pytest.mark.cluster
@pytest.mark.timeout(900)
async def test_they_do_so_for_long_on_a_cluster(cluster_url: str) -> None:
    both = await compare_history(cluster_url, History(14, 8, whole=False), 2_000, every=100)
    assert both.router.events > 5_000
