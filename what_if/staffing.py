"""How many agents each pool needs in each half hour of the week, so that a share of its promises of an agent is kept.

It begins with Erlang's formula for the load of the half hour (demand.py, erlang.py), and then tries: the recorded days
are replayed with so many agents who can do just that, and where too few promises are kept one more is there, until
enough are (in the manner of the iterative staffing algorithm of Feldman, Mandelbaum, Massey, Whitt, 2008). Then one
less is tried where more are there than the load asks, and holds where enough promises are kept. Formulas know nothing
of priorities, bursts and slots; the replay does.

Agents of a plan serve one pool. Where the same people serve several, fewer are needed than the sum.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo

from ..config.desk_settings import AgentSettings
from ..config.handling_settings import CAPACITY
from ..router.policy import Policy
from .attendance import Attendance
from .demand import A_WEEK, INTERVAL, Demand, Pool, demand, half_hour, items_of, pool_of, weeks_of
from .erlang import slots_for
from .handling import Handling
from .history import History, Passage, PresenceChange
from .owed import AGENT, promises
from .regime import Regime, Regimes
from .replay import Replay

ROUNDS = 8  # with more agents, at most
FEWER = 6  # with fewer
LEAST_LOAD = 0.02  # below, a half hour in which nothing comes needs nobody

Told = Callable[[float], None]


@dataclass(frozen=True, kw_only=True)
class HalfHour:
    """One pool in one half hour of the week."""

    number: int
    """From Monday midnight."""
    items: float
    """How many tickets want an agent then, in a mean week."""
    load: float
    """How many are in work at once."""
    formula: int
    """Agents by Erlang's formula."""
    needed: int
    """Agents, tried."""
    had: float
    """How many who can do it were there, in the mean."""

    @property
    def spare(self) -> float:
        """How many more were there than are needed; below 0, how many were missing."""
        return self.had - self.needed


@dataclass(frozen=True, kw_only=True)
class PoolPlan:
    """One pool."""

    pool: Pool
    work: float
    target: float
    slots: int
    """Tickets that one agent works on at once."""
    kept: float
    """The share of promises of an agent that is kept with these agents, replayed."""
    half_hours: list[HalfHour]


@dataclass(frozen=True)
class _Trial:
    """So many agents, and the share of promises that they keep, by half hour and altogether."""

    needed: Mapping[Pool, list[int]]
    shares: Mapping[tuple[Pool, int], float]
    kept: Mapping[Pool, float]

    def of(self, pool: Pool) -> dict[int, float]:
        """The shares of one pool by half hour."""
        return {at: share for (where, at), share in self.shares.items() if where == pool}


class Staffing:
    """Plans from a history."""

    def __init__(self, history: History, regime: Regime, *, share: float, zone: tzinfo) -> None:
        self._regime = regime
        self._share = share
        self._zone = zone
        self._recorded = history
        attendance = Attendance(history.presences, history.since, history.until, history.passages.values())
        handling = Handling(history.passages.values(), attendance)
        self._items = {item.id: item for item in items_of(history, handling.usual)}
        self._works = {id_: _work(item, attendance, handling.usual) for id_, item in self._items.items()}
        for id_, item in self._items.items():
            _let_it_take(item, self._works[id_])
        self.demand = demand(history, self._items.values(), self._works, regime, zone)
        weights = _weights(self._items.values(), regime)
        self._slots = {pool: self._slots_of(pool, weights[pool]) for pool in self.demand}
        self._attendance = attendance

    def plan(self, told: Told = lambda _: None) -> list[PoolPlan]:
        """The plan, pool by pool."""
        formula = {pool: self._by_formula(pool, each) for pool, each in self.demand.items()}
        needed = {pool: list(numbers) for pool, numbers in formula.items()}
        rounds = ROUNDS + 1 + FEWER
        enough = self._enough(needed, lambda done: told(done / rounds))
        trial = self._no_more_than_enough(enough, lambda done: told((ROUNDS + 1 + done) / rounds))
        told(1.0)
        return [
            self._told_of(pool, formula[pool], trial.needed[pool], trial.kept.get(pool, 1.0))
            for pool in sorted(trial.needed)
        ]

    def _enough(self, needed: dict[Pool, list[int]], told: Told) -> _Trial:
        """One more where too few promises are kept, until enough are, or after so many rounds."""
        trial = self._tried(needed)
        for round_ in range(ROUNDS):
            told(round_ + 1)
            short = [pool for pool in needed if trial.kept.get(pool, 1.0) < self._share]
            if not short:
                break
            for pool in short:
                _raise(needed[pool], trial.of(pool), self._share)
            trial = self._tried(needed)
        return trial

    def _no_more_than_enough(self, enough: _Trial, told: Told) -> _Trial:
        """One less where the load asks for fewer, and back again where that keeps too few promises."""
        needed, kept = dict(enough.needed), dict(enough.kept)
        shares = {pool: enough.of(pool) for pool in needed}
        stay = {pool: set[int]() for pool in needed}
        for round_ in range(FEWER):
            fewer = {pool: self._lowered(pool, needed[pool], stay[pool], kept.get(pool, 1.0)) for pool in needed}
            if fewer == needed:
                break
            trial = self._tried(fewer)
            told(round_ + 1)
            for pool, numbers in fewer.items():
                found = trial.of(pool)
                late = [at for at, share in found.items() if share < self._share <= shares[pool].get(at, 1.0)]
                if not late and trial.kept.get(pool, 1.0) >= self._share:
                    needed[pool], shares[pool], kept[pool] = numbers, found, trial.kept.get(pool, 1.0)
                else:  # what is late in a half hour may have been kept waiting by those before it
                    before = {(at - back) % A_WEEK for at in late for back in range(3)}
                    stay[pool] |= before or {at for at in range(A_WEEK) if numbers[at] < needed[pool][at]}
        return _Trial(needed, enough.shares, kept)

    def _lowered(self, pool: Pool, numbers: list[int], stay: set[int], kept: float) -> list[int]:
        """One less in each half hour in which more are there than the load asks, and which is not to stay."""
        if kept < self._share:
            return numbers
        demand, slots = self.demand[pool], self._slots[pool]
        least = [
            max(math.ceil(load / slots), int(items > 0)) for load, items in zip(demand.load, demand.items, strict=True)
        ]
        return [
            number if at in stay else min(number, max(least[at], number - max(1, number // 10)))
            for at, number in enumerate(numbers)
        ]

    def _by_formula(self, pool: Pool, each: Demand) -> list[int]:
        slots = self._slots[pool]
        numbers = []
        for items, load in zip(each.items, each.load, strict=True):
            some = items > 0 or load >= LEAST_LOAD
            wanted = slots_for(load, max(each.work, 1.0), each.target, self._share) if some else 0
            numbers.append(math.ceil(wanted / slots))
        return numbers

    def _slots_of(self, pool: Pool, weights: Counter[int]) -> int:
        """How many of its tickets, of these weights, one of its agents works on at once."""
        settings = self._regime.policy.settings
        agents = [agent.capacity for agent in settings.agents.values() if pool.queue in agent.queues and agent.capacity]
        capacity = sorted(agents)[len(agents) // 2] if agents else CAPACITY
        return max(1, capacity // max(1, weights.most_common(1)[0][0]))

    def _tried(self, needed: Mapping[Pool, list[int]]) -> _Trial:
        """Replay with so many agents."""
        history, regime = self._with_agents(needed)
        played = Replay(history, Regimes([(0, regime)]), {}).run()
        met, given = Counter[tuple[Pool, int]](), Counter[tuple[Pool, int]]()
        for passage in history.measured(played.passages):
            agreed = regime.agreement(passage, passage.episodes[0].kind)
            time = regime.policy.open_time(agreed.calendar)
            key = (pool_of(passage, regime), half_hour(passage.arrived_at, self._zone))
            for each in promises(passage, agreed, time, history.until):
                if each.clock == AGENT:
                    given[key] += 1
                    met[key] += not each.missed
        whole, kept = Counter[Pool](), Counter[Pool]()
        for (pool, at), count in given.items():
            whole[pool] += count
            kept[pool] += met[pool, at]
        shares = {key: met[key] / given[key] for key in given}
        return _Trial(needed, shares, {pool: kept[pool] / whole[pool] for pool in whole})

    def _with_agents(self, needed: Mapping[Pool, list[int]]) -> tuple[History, Regime]:
        """The days with the agents of a plan, who finish what they have when their half hour is over."""
        recorded = self._recorded
        agents: dict[str, AgentSettings] = {}
        presences: list[PresenceChange] = []
        moments = [(at, half_hour(at, self._zone)) for at in range(recorded.since, recorded.until, INTERVAL)]
        for pool, numbers in needed.items():
            for place in range(max(numbers, default=0)):
                id_ = f"{pool.words}#{place}"
                agents[id_] = self._agent(pool)
                presences += _shifts(id_, [(at, numbers[number] > place) for at, number in moments])
        settings = self._regime.policy.settings.model_copy(update={"agents": agents})
        policy = Policy(settings=settings, rules=self._regime.policy.rules, channels=self._regime.policy.channels)
        presences.sort(key=lambda change: change.at)
        history = replace(recorded, passages=self._items, presences=presences, agents=frozenset(agents))
        return history, self._regime.with_policy(policy)

    def _agent(self, pool: Pool) -> AgentSettings:
        languages = {item.episodes[0].kind.language for item in self._items.values()} - {"unknown"}
        skills = dict(_skill(skill) for skill in pool.skills)
        capacity = self._slots[pool]
        return AgentSettings(
            name=pool.words, queues=(pool.queue,), skills=skills, languages=tuple(sorted(languages)), capacity=capacity
        )

    def _told_of(self, pool: Pool, formula: list[int], needed: list[int], kept: float) -> PoolPlan:
        each = self.demand[pool]
        had = self._had(pool)
        return PoolPlan(
            pool=pool,
            work=each.work,
            target=each.target,
            slots=self._slots[pool],
            kept=kept,
            half_hours=[
                HalfHour(
                    number=at,
                    items=each.items[at],
                    load=each.load[at],
                    formula=formula[at],
                    needed=needed[at],
                    had=had[at],
                )
                for at in range(A_WEEK)
            ],
        )

    def _had(self, pool: Pool) -> list[float]:
        """How many agents who serve the queue were there."""
        settings, history = self._regime.policy.settings, self._recorded
        able = [id_ for id_, agent in settings.agents.items() if pool.queue in agent.queues]
        there, weeks = [0.0] * A_WEEK, weeks_of(history, self._zone)
        for at in range(history.start, history.end, INTERVAL):
            there[half_hour(at, self._zone)] += (
                sum(self._attendance.total(id_, at, at + INTERVAL) for id_ in able) / INTERVAL
            )
        return [value / max(1, weeks[number]) for number, value in enumerate(there)]


def _weights(items: Iterable[Passage], regime: Regime) -> dict[Pool, Counter[int]]:
    """How many tickets of each pool take how much of a capacity."""
    found = dict[Pool, Counter[int]]()
    for item in items:
        found.setdefault(pool_of(item, regime), Counter())[regime.policy.settings.weight(item.channel)] += 1
    return found


def _work(item: Passage, attendance: Attendance, usual: Callable[[str], int]) -> int:
    episode = item.episodes[0]
    if episode.agent is None or episode.taken_at is None or episode.ended_at is None:
        return usual(episode.kind.queue)
    return attendance.between(episode.agent, episode.taken_at, episode.ended_at)


def _let_it_take(item: Passage, work: int) -> None:
    """In the time of its attendance, by nobody in particular."""
    episode = item.episodes[0]
    if episode.taken_at is not None:
        episode.agent, episode.ended_at = "-", episode.taken_at + work


def _raise(numbers: list[int], shares: Mapping[int, float], share: float) -> None:
    """One more where too few promises were kept, and in the half hour after it."""
    short = [at for at, kept in shares.items() if kept < share]
    for number in {after % A_WEEK for at in short for after in (at, at + 1)}:
        numbers[number] += max(1, numbers[number] // 10)


def _shifts(agent: str, there: list[tuple[int, bool]]) -> list[PresenceChange]:
    """How somebody of a plan comes and goes; gone is away, so that they finish what they have."""
    changes, was = [PresenceChange(there[0][0], agent, "offline")] if there else [], False
    for at, is_there in there:
        if is_there != was:
            changes.append(PresenceChange(at, agent, "available" if is_there else "away"))
        was = is_there
    return changes


def _skill(skill: str) -> tuple[str, int]:
    name, _, level = skill.partition("@")
    return name, int(level or 1)
