"""Plays recorded days through the model of the assignment (router/assignment) under a virtual clock.

What customers and agents did of their own accord stays: tickets come when they came, customers write again after as
long, agents come and go, do not look when they did not look, accept and decline the same tickets, and work on the same
ticket as long as they did. What the router did is decided anew, by the configuration that is given. So the same
configuration gives the same day again, nearly (docs/what_if.md says what differs), and another one differs by what
was changed.

One event after another; equal moments in the order in which they were laid out. No clock, no engine, no chance.
"""

import heapq
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from ..router.assignment.desk import Bound
from ..router.assignment.model import Model
from ..router.assignment.tickets import OFFERED, TAKEN, Ticket
from ..router.assignment.workers import OFFLINE
from .attendance import Attendance, Inattention, first_presences, with_newcomers
from .course import Course
from .handling import Handling
from .history import By, History, Kind, Passage, PresenceChange
from .owed import most_urgent
from .regime import Regime, Regimes

Told = Callable[[float], None]
"""Hears how much of the time has been played, from 0 to 1."""

STEPS = 200  # how often that is told


@dataclass(frozen=True, kw_only=True)
class Played:
    """What a replay came to."""

    passages: Mapping[str, Passage]
    alike: Mapping[str, str]
    """Agents of whom nothing was recorded, and for whom each was taken."""
    swept: int
    """Bindings that only the model's safety net found."""


class Replay:
    """One replay of a history; `kinds` says how tickets that came were placed, by id, where not as recorded."""

    def __init__(self, history: History, regimes: Regimes, kinds: Mapping[str, Kind]) -> None:
        self._history = history
        self._regimes = regimes
        self._kinds = kinds
        self._regime = regimes.at(history.since)
        self._model = Model()
        self._courses: dict[str, Course] = {}
        self._events: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._order = count()
        records = history.passages.values()
        self._presences, self.alike = with_newcomers(history.presences, regimes.queues, history.agents)
        self._attendance = Attendance(self._presences, history.since, history.until, records)
        self._inattention = Inattention(records, history.presences)
        self._handling = Handling(records, Attendance(history.presences, history.since, history.until, records))

    def run(self, told: Told = lambda _: None) -> Played:
        """Play all of it."""
        history, timers = self._history, self._model.desk.timers
        self._lay_out()
        steps = self._steps(told)
        while True:
            timer, event = timers.next_at(), self._events[0][0] if self._events else math.inf
            at = event if timer is None else min(timer, event)
            if at > history.until:
                break
            if timer is not None and timer <= event:
                self._apply(self._model.due(timer), timer)
                continue
            steps(int(at))
            now, _, act, words = heapq.heappop(self._events)
            act(now, *words)
        told(1.0)
        passages = {id_: course.finish() for id_, course in self._courses.items()}
        return Played(passages=passages, alike=self.alike, swept=self._model.swept)

    def _steps(self, told: Told) -> Callable[[int], None]:
        span, reached = max(1, self._history.until - self._history.since), 0

        def step(at: int) -> None:
            nonlocal reached
            share = (at - self._history.since) * STEPS // span
            if share > reached:
                reached = share
                told(share / STEPS)

        return step

    def _lay_out(self) -> None:
        since = self._history.since
        self._put_in_force(since, self._regime)
        for agent, presence in first_presences(self._presences).items():
            self._present(since, PresenceChange(since, agent, presence))
        self._model.desk.timers.set(since, "sweep", "", 0)
        for at, regime in self._regimes.changes(since):
            self._later(at, self._put_in_force, regime)
        for change in self._presences:
            if not change.missed:
                self._later(change.at, self._present, change)
        for passage in sorted(self._history.passages.values(), key=lambda each: (each.arrived_at, each.id)):
            if passage.episodes:
                self._later(passage.episodes[0].wanted_at, self._arrive, passage)

    def _later(self, at: int, act: Callable[..., None], *words: Any) -> None:
        heapq.heappush(self._events, (at, next(self._order), act, words))

    def _apply(self, bindings: Iterable[Bound], at: int) -> None:
        for bound in bindings:
            self._bound(bound, at)

    def _put_in_force(self, at: int, regime: Regime) -> None:
        self._regime = regime
        self._apply(self._model.agents_changed(regime.workers(), at), at)

    def _present(self, at: int, change: PresenceChange) -> None:
        if change.agent in self._model.desk.agents:
            self._apply(self._model.present(change.agent, change.presence, at), at)

    def _arrive(self, at: int, passage: Passage) -> None:
        first = passage.episodes[0]
        course = Course(passage, self._kinds.get(passage.id, first.kind))
        self._courses[passage.id] = course
        if first.by == "kept" and first.taken_at is not None and not passage.came:
            self._keep(course, at, first.agent)
        else:
            self._want(course, at)

    def _want(self, course: Course, at: int, previous: str | None = None) -> None:
        """It looks for an agent; what people did about it while it waited is laid out."""
        ticket, recorded = self._asked(course, at, previous), course.recorded
        course.want(at)
        if recorded.by == "hand" and recorded.taken_at is not None:
            self._later(at + recorded.taken_at - recorded.wanted_at, self._take_by_hand, course, course.fence)
        elif recorded.taken_at is None and recorded.ended_at is not None:
            self._later(at + recorded.ended_at - recorded.wanted_at, self._leave, course, course.fence)
        self._apply(self._model.arrive(ticket, at), at)

    def _asked(self, course: Course, at: int, previous: str | None) -> Ticket:
        passage, kind = course.record, course.kind
        agreed = self._regime.agreement(passage, kind)
        time = self._regime.policy.open_time(agreed.calendar)
        owed = most_urgent(passage, course.episodes, at, agreed, time, answered=course.answered)
        return self._regime.ticket(passage, kind, owed, previous)

    def _bound(self, bound: Bound, at: int) -> None:
        """Somebody is asked, or has it at once."""
        course = self._courses[bound.ticket]
        if bound.offer is None:
            self._taken(course, at, bound.agent, "offer")
            return
        offers = self._model.desk.tickets[bound.ticket].offers
        answer = self._handling.answer(bound.ticket, course.number, bound.agent)
        if answer is None and self._inattention.covers(bound.agent, at):
            return
        how, after = answer or ("accepted", self._handling.reaction(bound.agent))
        self._later(at + min(after, bound.offer - 1), self._answer, course, bound.agent, offers, how)

    def _answer(self, at: int, course: Course, agent: str, offers: int, how: str) -> None:
        ticket = self._model.desk.tickets.get(course.record.id)
        if ticket is None or ticket.state != OFFERED or ticket.agent != agent or ticket.offers != offers:
            return
        if how == "declined":
            self._apply(self._model.declined(ticket.id, at), at)
            return
        self._apply(self._model.accepted(ticket.id, at), at)
        self._taken(course, at, agent, "offer")

    def _taken(self, course: Course, at: int, agent: str, by: By) -> None:
        course.take(at, agent, by)
        if course.recorded.ended_at is None and course.recorded.taken_at is not None:
            return  # it was not over when the record ended
        work = self._handling.work(course.record, course.number, agent)
        until = self._attendance.after(agent, at, work)
        if until is not None:
            self._later(until, self._worked, course, course.fence)

    def _take_by_hand(self, at: int, course: Course, fence: int) -> None:
        agent = course.recorded.agent
        if course.fence == fence and agent in self._model.desk.agents and course.record.id in self._model.desk.tickets:
            self._apply(self._model.assigned(course.record.id, agent or "", at), at)
            self._taken(course, at, agent or "", "hand")

    def _leave(self, at: int, course: Course, fence: int) -> None:
        """Nobody had it when it was moved, closed or parked, or its customer left."""
        if course.fence != fence:
            return
        self._end(course, at)
        self._apply(self._model.left(course.record.id, at), at)
        self._go_on(course, at)

    def _worked(self, at: int, course: Course, fence: int) -> None:
        if course.fence != fence or course.record.id not in self._model.desk.tickets:
            return
        self._end(course, at)
        ticket = self._model.desk.tickets[course.record.id]
        if course.recorded.ending in ("returned", "moved") or ticket.state != TAKEN:
            self._apply(self._model.left(ticket.id, at), at)
        else:
            wrap_up = self._regime.wrap_up(course.record, course.kind)
            self._apply(self._model.finished(ticket.id, at, wrap_up), at)
        self._go_on(course, at)

    def _end(self, course: Course, at: int) -> None:
        course.fence += 1
        recorded = course.recorded
        if recorded.ended_at is None:
            course.now.end(at, "finished", "solved")
        else:
            course.now.end(at, recorded.ending, recorded.status)

    def _go_on(self, course: Course, at: int) -> None:
        """The next episode of the record begins as long after this one as it did."""
        over = course.recorded.ended_at
        if over is None or not course.has_next:
            return
        course.advance()
        after = course.recorded.wanted_at - over
        if course.now.ending in ("parked", "finished"):
            self._later(at + max(0, after), self._wake, course)
        else:
            self._want(course, at + max(0, after))

    def _wake(self, at: int, course: Course) -> None:
        """Its last agent keeps it if they are there and have room; else it waits, and they are preferred."""
        last = next((each.agent for each in reversed(course.episodes) if each.agent), None)
        self._keep(course, at, last)

    def _keep(self, course: Course, at: int, agent: str | None) -> None:
        ticket, desk = self._asked(course, at, agent), self._model.desk
        if ticket.id in desk.tickets:  # its agent was still wrapping it up
            self._apply(self._model.left(ticket.id, at), at)
        worker = desk.agents.get(agent or "")
        found = not course.episodes  # it was in hand when the record begins, whatever room there is
        if worker is None or agent is None or not (found or (worker.presence != OFFLINE and worker.fits(ticket))):
            self._want(course, at, agent)
            return
        ticket.aim = ticket.due
        desk.tickets[ticket.id] = ticket
        course.want(at)
        self._apply(self._model.assigned(ticket.id, agent, at), at)
        self._taken(course, at, agent, "kept")
