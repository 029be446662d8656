"""The waiting room: tickets in want of an agent, so that a free agent finds the most due one in few looks.

    lines      (signature, priority)   place, ticket              everything of one kind, the most due first
    heads      (anchor, priority)      place, ticket, signature   the head of each line, under one of its tokens
    returning  agent                   place, ticket              tickets that this agent had before
    overflow   anchor                  aim, ticket                second-choice work, by the relaxed signature's anchor
    due        priority                deadline, ticket           those still on time, for the slack test
    wanting    token                   ticket                     those that could drop a token at once

All are sorted; equal places go by the ticket's id. `enter` and `leave` keep them equal. A signature keeps its anchor
while any of its lines has a head, whatever agents there are meanwhile, until `file_again`.
"""

from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass
from typing import Any

from .aims import bonus
from .signatures import Signatures
from .tickets import HELD, WAITING, Signature, Ticket
from .tuning import Tuning


@dataclass(slots=True)
class Stand:
    """Where a ticket stands, to find it again when it leaves."""

    signature: Signature
    place: int | None
    """In its line; None while it is held."""
    returning: int | None = None
    overflow: str | None = None
    """The token under which it is second-choice work."""
    aim: int = 0
    on_time: bool = False


class WaitingRoom:
    """The tickets that wait."""

    def __init__(self, signatures: Signatures, tuning: Tuning) -> None:
        self._signatures = signatures
        self._tuning = tuning
        self.lines: dict[tuple[Signature, int], list[tuple[int, str]]] = {}
        self.heads: dict[tuple[str, int], list[tuple[int, str, Signature]]] = {}
        self.returning: dict[str, list[tuple[int, str]]] = {}
        self.overflow: dict[str, list[tuple[int, str]]] = {}
        self.due: dict[int, list[tuple[int, str]]] = {}
        self.wanting: dict[str, list[str]] = {}
        self._stands: dict[str, Stand] = {}
        self._anchors: dict[Signature, str] = {}
        """Of those that have a head."""

    def enter(self, ticket: Ticket, *, previous_on_duty: bool) -> None:
        """A ticket waits, or is held for its previous agent; in its overflow too where it has one."""
        signature = ticket.signature()
        apart = bonus(self._signatures.of(signature).work, self._tuning)
        stand = Stand(signature, None, aim=ticket.aim)
        if ticket.previous is not None:
            stand.returning = ticket.aim - apart
            insort(self.returning.setdefault(ticket.previous, []), (stand.returning, ticket.id))
        if ticket.state == WAITING:
            stand.place = ticket.aim + apart if previous_on_duty else ticket.aim
            self._into_line(signature, ticket.priority, (stand.place, ticket.id))
            self._into_overflow(ticket, stand)
        if ticket.step == 0:
            stand.on_time = True
            insort(self.due.setdefault(ticket.priority, []), (ticket.due, ticket.id))
        for each in ticket.optional:
            if each.at_once and each.token not in ticket.dropped:
                insort(self.wanting.setdefault(each.token, []), ticket.id)
        self._stands[ticket.id] = stand

    def leave(self, ticket: Ticket) -> None:
        """It waits no more, or is about to enter anew."""
        stand = self._stands.pop(ticket.id)
        if stand.place is not None:
            self._out_of_line(stand.signature, ticket.priority, (stand.place, ticket.id))
        if stand.returning is not None and ticket.previous is not None:
            _remove(self.returning, ticket.previous, (stand.returning, ticket.id))
        self._out_of_overflow(ticket, stand)
        if stand.on_time:
            _remove(self.due, ticket.priority, (ticket.due, ticket.id))
        for each in ticket.optional:
            if each.at_once and ticket.id in self.wanting.get(each.token, ()):
                _remove(self.wanting, each.token, ticket.id)

    def overflows(self, ticket: Ticket) -> None:
        """A waiting ticket has become second-choice work, or has dropped one more token as such."""
        stand = self._stands[ticket.id]
        self._out_of_overflow(ticket, stand)
        self._into_overflow(ticket, stand)

    def file_again(self) -> None:
        """Lines stand under the anchors of now."""
        for signature, old in list(self._anchors.items()):
            new = self._signatures.of(signature).anchor
            if new != old:
                self._anchors[signature] = new
                for priority in (1, 2, 3, 4):
                    if line := self.lines.get((signature, priority)):
                        _remove(self.heads, (old, priority), (*line[0], signature))
                        insort(self.heads.setdefault((new, priority), []), (*line[0], signature))

    def due_between(self, priority: int, first: int, last: int) -> int:
        """How many tickets of a priority are due from `first` to `last`, both included, and on time so far."""
        due = self.due.get(priority, [])
        return bisect_right(due, (last, "\uffff")) - bisect_left(due, (first, ""))

    def waits(self, ticket: Ticket) -> bool:
        """Whether it is here."""
        return ticket.state in (WAITING, HELD)

    def _into_overflow(self, ticket: Ticket, stand: Stand) -> None:
        if ticket.relaxed:
            stand.overflow = self._signatures.of(ticket.relaxed_signature()).anchor
            insort(self.overflow.setdefault(stand.overflow, []), (stand.aim, ticket.id))

    def _out_of_overflow(self, ticket: Ticket, stand: Stand) -> None:
        if stand.overflow is not None:
            _remove(self.overflow, stand.overflow, (stand.aim, ticket.id))
            stand.overflow = None

    def _into_line(self, signature: Signature, priority: int, member: tuple[int, str]) -> None:
        line = self.lines.setdefault((signature, priority), [])
        before = line[0] if line else None
        insort(line, member)
        self._head_changed(signature, priority, before, line[0])

    def _out_of_line(self, signature: Signature, priority: int, member: tuple[int, str]) -> None:
        line = self.lines[signature, priority]
        before = line[0]
        _remove(self.lines, (signature, priority), member)
        self._head_changed(signature, priority, before, line[0] if line else None)

    def _head_changed(
        self, signature: Signature, priority: int, before: tuple[int, str] | None, after: tuple[int, str] | None
    ) -> None:
        if before == after:
            return
        bucket = (self._anchors.setdefault(signature, self._signatures.of(signature).anchor), priority)
        if before is not None:
            _remove(self.heads, bucket, (*before, signature))
        if after is not None:
            insort(self.heads.setdefault(bucket, []), (*after, signature))
        elif not any((signature, each) in self.lines for each in (1, 2, 3, 4)):
            del self._anchors[signature]


def _remove(sets: dict[Any, list[Any]], key: Any, member: Any) -> None:
    """Take a member out of a sorted list; an empty list goes."""
    members = sets[key]
    at = bisect_left(members, member)
    assert members[at] == member
    del members[at]
    if not members:
        del sets[key]
