"""Makes the board out of what was seen, the configuration and the samples of a day. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from ...config.quantities import milliseconds
from ...config.settings import Settings
from ...queue.unread_sources import Unread
from ...router.eligibility import tokens
from ...router.parking import Parked
from ...router.records import Presence
from .balance import balance_of
from .rates import MINUTE, counts_of, rate, trend
from .samples import NAMES, Day, Name, Sample, Samples, day_of
from .snapshot import SeenAgent, SeenQueue, Snapshot
from .state import AgentRow, Board, Compared, EngineFacts, Lacking, Numbers, QueueRow, Upkeep
from .verdict import verdict_on


@dataclass(frozen=True, kw_only=True)
class Moment:
    """What a board is made of."""

    at: int
    settings: Settings
    seen: Snapshot
    parked: Sequence[Parked] = ()
    unread: Sequence[Unread] = ()
    samples: Samples
    engine: EngineFacts
    zone: str
    today: int
    counted: bool

    def day(self, name: Name, now: int) -> Day:
        """One number over the last hours."""
        return day_of(self.samples, name, self.at // MINUTE, now)


def board_of(moment: Moment) -> Board:
    """The board of that moment."""
    seen, settings = moment.seen, moment.settings
    agents = tuple(sorted((_agent(each, settings, moment.today) for each in seen.agents), key=_offline_last))
    queues = tuple(_queue(each, moment, agents) for each in seen.queues)
    balance = balance_of(seen, sorted(settings.channels))
    board = Board.model_construct(
        at=moment.at,
        config=settings.version,
        zone=moment.zone,
        numbers=_numbers(moment, queues, agents),
        queues=queues,
        agents=agents,
        balance=balance,
        upkeep=Upkeep(dead=seen.dead + seen.given_up, suspended=seen.suspended, proposed=seen.proposed),
        engine=moment.engine.model_copy(update={"backlog": max(0, seen.entries - seen.dead)}),
        parked=tuple(moment.parked),
        unread=tuple(moment.unread),
        counted=moment.counted,
    )
    return board.model_copy(update={"verdict": verdict_on(board)})


def sample_of(board: Board) -> Sample:
    """What is kept of its minute."""
    return Sample(board.at // MINUTE, tuple(_value(board, name) for name in NAMES))


def days_of(moment: Moment, board: Board) -> Mapping[Name, Day]:
    """The days behind the four numbers of its board."""
    return {name: moment.day(name, _value(board, name)) for name in NAMES}


def _value(board: Board, name: Name) -> int:
    compared: Compared = getattr(board.numbers, name)
    return compared.now


def _numbers(moment: Moment, queues: Sequence[QueueRow], agents: Sequence[AgentRow]) -> Numbers:
    waits = ((queue.oldest_since, queue.name) for queue in queues if queue.oldest_since)
    oldest, oldest_in = min(waits, default=(None, None))
    seconds = max(0, moment.at - oldest) // 1000 if oldest else 0

    def compared(name: Name, now: int) -> Compared:
        day = moment.day(name, now)
        return Compared(now=now, yesterday=day.yesterday, typical=day.typical)

    return Numbers(
        waiting=compared("waiting", moment.seen.wanted),
        oldest=compared("oldest", seconds),
        at_risk=compared("at_risk", sum(queue.at_risk for queue in queues)),
        available=compared("available", sum(agent.has_room for agent in agents)),
        offered=moment.seen.wanted - moment.seen.waiting,
        oldest_since=oldest,
        oldest_in=oldest_in,
        late=sum(queue.late for queue in queues),
        undelivered=moment.seen.undelivered,
        absent=sum(agent.open_count for agent in agents if agent.presence == "offline"),
        orphans=moment.seen.orphans,
        on_duty=sum(agent.presence == "available" for agent in agents),
        agents=len(agents),
    )


def _queue(seen: SeenQueue, moment: Moment, agents: Sequence[AgentRow]) -> QueueRow:
    configured = moment.settings.queues.get(seen.name)
    serving = [agent for agent in agents if seen.name in agent.queues]
    arrived = counts_of(moment.seen.arrived, seen.name, moment.at)
    handled = counts_of(moment.seen.handled, seen.name, moment.at)
    return QueueRow(
        name=seen.name,
        description=configured.description if configured else "",
        configured=configured is not None,
        waiting=seen.wanted,
        offered=seen.wanted - seen.waiting,
        active=seen.new + seen.open,
        oldest_since=seen.oldest or None,
        unoffered_since=seen.unoffered or None,
        declined=seen.declined,
        asked_again_at=seen.asked + milliseconds(configured.ask_again) if configured and seen.asked else None,
        lacking=tuple(_lacking(seen, moment.settings)),
        at_risk=seen.risk,
        late=seen.late,
        undelivered=seen.undelivered,
        shutting=seen.shutting,
        arriving=round(rate(arrived, moment.at, moment.seen.begun), 1),
        arriving_trend=trend(arrived, moment.at, moment.seen.begun),
        handled=round(rate(handled, moment.at, moment.seen.begun), 1),
        handled_trend=trend(handled, moment.at, moment.seen.begun),
        agents=tuple(agent.name for agent in serving),
        available=sum(agent.has_room for agent in serving),
        in_hand=_in_hand(rate(arrived, moment.at, moment.seen.begun), serving),
        slots=sum(agent.capacity for agent in serving if agent.presence == "available"),
    )


def _lacking(seen: SeenQueue, settings: Settings) -> Iterator[Lacking]:
    for token, tickets in sorted(seen.lacking.items(), key=lambda each: (-each[1], each[0])):
        able = (agent for agent in settings.agents.values() if {token, f"queue:{seen.name}"} <= set(tokens(agent)))
        yield Lacking(token=token, tickets=tickets, agents=tuple(agent.name for agent in able))


def _in_hand(arriving: float, serving: Sequence[AgentRow]) -> float | None:
    """By Little's law; None while nobody has handled anything today. `arriving` is a minute's."""
    handled = sum(agent.handled for agent in serving)
    seconds = sum(agent.handled * (agent.handling or 0) for agent in serving)
    return round(arriving * seconds / handled / 60, 1) if handled else None


def _offline_last(agent: AgentRow) -> tuple[bool, str]:
    return agent.presence == "offline", agent.name


def _agent(seen: SeenAgent, settings: Settings, today: int) -> AgentRow:
    configured = settings.agents[seen.id]
    day, handled, spent = map(int, seen.day.split(":"))
    if day != today:
        handled = 0
    return AgentRow(
        id=seen.id,
        name=configured.name,
        queues=configured.queues,
        presence=cast("Presence", seen.presence),
        since=seen.since or None,
        load=seen.load,
        live=seen.live,
        exclusive=seen.exclusive,
        closing=seen.closing,
        wrapping=seen.wrapping,
        offered_load=seen.offers,
        capacity=configured.capacity,
        open_tickets=tuple(f"T-{number}" for number in seen.open_tickets),
        open_count=seen.open_count,
        pressing=seen.pressing,
        offered=tuple(f"T-{number}" for number in seen.offered),
        missed=seen.missed,
        handled=handled,
        handling=round(spent / handled / 1000) if handled else None,
    )
