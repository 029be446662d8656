"""From the lines of the feed to what each ticket went through; pure.

What a ticket is after a line stands in the line, so an episode follows from what it was before and what it is then,
whatever caused it. A ticket whose first line is not its opening was there before: what it was then is taken from that
line, as having been so since the record begins.
"""

from dataclasses import dataclass, replace
from typing import Any

from ..router.life_cycle import ACTIVE, FINISHED
from .history import By, Ending, Episode, History, How, Kind, Passage, Placed, PresenceChange, Try
from .seen_line import AGENT, SeenLine

_GIVEN_BACK: dict[str, How] = {"ticket.declined": "declined", "ticket.missed": "missed"}
_BEFORE_AN_AGENT = {"ticket.offered", "ticket.assigned", "ticket.declined", "ticket.missed", "ticket.withdrawn"}


@dataclass(frozen=True)
class State:
    """What a ticket is: whether it wants an agent, who has it, to whom it is offered."""

    kind: Kind
    status: str
    assignee: str | None
    offered: str | None

    @property
    def wants(self) -> bool:
        """It is active."""
        return self.status in ACTIVE

    @property
    def holder(self) -> str | None:
        """Whose active ticket it is."""
        return self.assignee if self.wants else None


class Retelling:
    """Is told lines in their order."""

    def __init__(self, since: int) -> None:
        self._since = since
        self._states: dict[str, State] = {}
        self._passages: dict[str, Passage] = {}
        self._presences: list[PresenceChange] = []

    def add(self, line: SeenLine) -> None:
        """One more line."""
        if line.about == AGENT:
            change = PresenceChange(line.at, line.subject, line.facts["presence"], bool(line.facts["missed"]))
            self._presences.append(change)
            return
        now = _state(line.facts)
        if line.subject not in self._states:
            self._begin(line, now)
        passage = self._passages[line.subject]
        _follow(passage, self._states[line.subject], now, line)
        self._states[line.subject] = now
        if line.kind == "message.received":
            passage.messages.append(line.at)
        elif line.kind == "message.queued" and not line.facts.get("automatic"):
            passage.answers.append(line.at)

    def history(self, *, start: int, end: int, until: int) -> History:
        """All of it."""
        return History(
            since=self._since,
            start=start,
            end=end,
            until=until,
            passages=self._passages,
            presences=self._presences,
        )

    def _begin(self, line: SeenLine, now: State) -> None:
        came = line.kind == "ticket.created"
        before = replace(now, status="", assignee=None, offered=None) if came else _before(line, now)
        passage = Passage(
            id=line.subject,
            number=line.facts["number"],
            channel=line.facts["channel"],
            arrived_at=line.at if came else self._since,
            came=came,
            placed=_placed(line.facts, now.kind) if came and not line.facts.get("split_from") else None,
        )
        if before.wants:
            passage.episodes.append(_found(before, self._since))
        self._passages[line.subject] = passage
        self._states[line.subject] = before


def untouched(id_: str, facts: dict[str, Any], since: int) -> Passage:
    """A ticket that somebody has had all the time, of which no line tells."""
    state = _state(facts)
    passage = Passage(id=id_, number=facts["number"], channel=facts["channel"], arrived_at=since, came=False)
    passage.episodes.append(_found(state, since))
    return passage


def _state(facts: Any) -> State:
    kind = Kind(
        facts["queue"],
        facts["priority"],
        facts["language"] or "unknown",
        tuple(facts["required_skills"] or ()),
        tuple(facts["preferred_skills"] or ()),
    )
    return State(kind, facts["status"], facts["assignee"], facts.get("offered"))


def _placed(facts: Any, kind: Kind) -> Placed:
    return Placed(
        kind=kind, tags=tuple(facts["tags"] or ()), rules=tuple(facts["rules"] or ()), config=facts["config"] or ""
    )


def _before(line: SeenLine, now: State) -> State:
    """What a ticket was before the first line that tells of it."""
    if line.kind in _BEFORE_AN_AGENT:
        return replace(now, status="new", assignee=None, offered=None)
    return replace(now, status=line.facts.get("was") or now.status)


def _found(state: State, since: int) -> Episode:
    found = Episode(kind=state.kind, wanted_at=since)
    if state.holder:
        _take(found, state.holder, since, "kept")
    return found


def _take(episode: Episode, agent: str, at: int, by: By) -> None:
    episode.agent, episode.taken_at, episode.by = agent, at, by


def _follow(passage: Passage, was: State, now: State, line: SeenLine) -> None:
    """The episodes follow from what it was before a line and is after it."""
    at = line.at
    if not was.wants and not now.wants:
        return
    if not was.wants:
        passage.episodes.append(_woken(now, at, first=not passage.episodes))
        return
    episode = passage.episodes[-1]
    if was.offered and was.offered != now.offered:
        episode.tries[-1:] = [_tried(each, was, now, line) for each in episode.tries[-1:]]
    if not now.wants:
        episode.end(at, "finished" if now.status in FINISHED else "parked", now.status)
        return
    if (was.holder and was.holder != now.holder) or (was.kind != now.kind and not was.holder):
        ending: Ending = "returned" if was.holder else "moved"
        episode.end(at, ending, now.status)
        episode = Episode(kind=now.kind, wanted_at=at)
        passage.episodes.append(episode)
    if now.offered and now.offered != was.offered:
        episode.tries.append(Try(agent=now.offered, at=at))
    if now.holder and now.holder != was.holder:
        offered = was.offered == now.holder or line.actor == "router"
        _take(episode, now.holder, at, "offer" if offered else "hand")


def _woken(now: State, at: int, *, first: bool) -> Episode:
    episode = Episode(kind=now.kind, wanted_at=at)
    if now.offered:
        episode.tries.append(Try(agent=now.offered, at=at))
    if now.holder:
        _take(episode, now.holder, at, "hand" if first else "kept")
    return episode


def _tried(each: Try, was: State, now: State, line: SeenLine) -> Try:
    """What became of an offer that is over."""
    accepted = now.holder == was.offered
    return replace(each, ended=line.at, how="accepted" if accepted else _GIVEN_BACK.get(line.kind, "withdrawn"))
