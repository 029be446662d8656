"""An agent with room looks for tickets: the most due ones of each priority under each of their tokens, those that they
had before, and when there is nothing of their own, second-choice work.

A heavy ticket that does not fit beside what they have in hand, and has waited for a while, is a candidate too: when it
is its turn nothing lighter is given to them until it fits, or somebody else has it.
"""

from collections.abc import Iterator

from .aims import mismatch
from .choice import OVERFLOW, OWN, RETURNING, HeadSeen, Way, choose_ticket, limit_of
from .desk import PRIORITIES, Bound, Desk
from .tickets import WAITING, Signature, Ticket
from .workers import Worker

CLIMBED = object()
"""A late ticket has moved, so the bucket must be looked at again."""


class Looks:
    """How many places a search may still look at."""

    def __init__(self, left: int) -> None:
        self.left = left

    def more(self) -> bool:
        """Take one."""
        self.left -= 1
        return self.left >= 0


def fill(desk: Desk, agent: Worker, now: int) -> Iterator[Bound]:
    """Give an agent tickets while there is room; each is bound before the next is looked for."""
    while agent.offerable(now) and agent.has_room(1, patient=False):
        bound = _kept(desk, agent, now) if agent.keeps else find_ticket(desk, agent, now)
        if bound is None:
            return
        desk.bind(desk.tickets[bound.ticket], agent, now)
        yield bound


def _kept(desk: Desk, agent: Worker, now: int) -> Bound | None:
    """The heavy ticket for which the room was kept, once there is enough."""
    ticket = desk.tickets[agent.keeps or ""]
    if not agent.fits(ticket):
        return None
    head = HeadSeen(ticket.aim, ticket.id, ticket.priority, ticket.final, True, OWN)
    return Bound(at=now, ticket=ticket.id, agent=agent.id, way=OWN, offer=ticket.offer, heads=(head,))


def find_ticket(desk: Desk, agent: Worker, now: int) -> Bound | None:
    """The ticket whose turn it is for an agent, not yet bound; None as well when room is kept for a heavy one."""
    heads = _heads(desk, agent, now)
    if not heads:
        overflow = _overflow_head(desk, agent)
        heads = [overflow] if overflow else []
    pace = desk.pace(now)
    counts: dict[str, tuple[int, int, int]] = {}

    def due_within(priority: int, horizon: int) -> int:
        name = str(horizon)
        if name not in counts:
            first, second, third = (desk.waiting.due_between(each, now, now + horizon) for each in PRIORITIES[:3])
            counts[name] = (first, second, third)
        return counts[name][priority - 1]

    head = choose_ticket(heads, pace, due_within, desk.tuning)
    if head is None:
        return None
    ticket = desk.tickets[head.ticket]
    if not head.fits:
        desk.keep(ticket, agent, now)
        return None
    return Bound(
        at=now,
        ticket=ticket.id,
        agent=agent.id,
        way=head.way,
        offer=ticket.offer,
        heads=tuple(sorted(heads)),
        pace=pace if counts else None,
        counts=counts,
    )


def _heads(desk: Desk, agent: Worker, now: int) -> list[HeadSeen]:
    """The most due ticket of each bucket that the agent could have, and of those that they had before.

    What stands behind one that has its turn is not looked for.
    """
    own = _returning_head(desk, agent, now)
    heads = [own] if own else []
    for priority in PRIORITIES:
        for token in sorted(agent.tokens):
            head = _bucket_head(desk, agent, token, priority, limit_of(heads, priority), now)
            if head and not (own and own.ticket == head.ticket):
                heads.append(head)
    return heads


def _bucket_head(
    desk: Desk, agent: Worker, token: str, priority: int, limit: HeadSeen | None, now: int
) -> HeadSeen | None:
    """The first ticket of a bucket that the agent could have, before the limit; a late one that is looked at climbs.

    Whoever has speeds sees a bucket in another order than it stands in, and looks at all of it.
    """
    looks = Looks(desk.tuning.looks)
    best: HeadSeen | None = None
    at = 0
    while looks.more():
        bucket = desk.waiting.heads.get((token, priority), [])
        if at >= len(bucket) or (limit and not agent.speeds and bucket[at][:2] >= limit[:2]):
            break
        signature = bucket[at][2]
        if desk.signatures.of(signature).tokens <= agent.tokens:
            found = _line_head(desk, agent, signature, priority, looks, now)
            if found is CLIMBED:
                continue
            if isinstance(found, HeadSeen):
                best = min(best, found) if best else found
                if not agent.speeds:
                    break
        at += 1
    return best


def _line_head(
    desk: Desk, agent: Worker, signature: Signature, priority: int, looks: Looks, now: int
) -> HeadSeen | object | None:
    """The first ticket of a line that the agent could have, or that one has climbed; None when there is none."""
    for stands_at, id_ in desk.waiting.lines[signature, priority]:
        if not looks.more():
            return None
        ticket = desk.tickets[id_]
        if desk.climb(ticket, now):
            return CLIMBED
        head = _head(desk, agent, ticket, stands_at, OWN, now)
        if head:
            return head
    return None


def _returning_head(desk: Desk, agent: Worker, now: int) -> HeadSeen | None:
    looks = Looks(desk.tuning.looks)
    at = 0
    while looks.more():
        line = desk.waiting.returning.get(agent.id, [])
        if at >= len(line):
            break
        stands_at, id_ = line[at]
        ticket = desk.tickets[id_]
        if desk.climb(ticket, now):
            continue
        able = desk.signatures.of(ticket.signature()).tokens <= agent.tokens
        head = _head(desk, agent, ticket, stands_at, RETURNING, now) if able else None
        if head:
            return head
        at += 1
    return None


def _head(desk: Desk, agent: Worker, ticket: Ticket, stands_at: int, way: Way, now: int) -> HeadSeen | None:
    """A ticket as a candidate for this agent; None if they cannot have it, and no room may be kept for it either."""
    if desk.excludes(ticket, agent):
        return None
    fits = agent.fits(ticket)
    if not fits and not _may_be_kept(desk, agent, ticket, now):
        return None
    signature = ticket.signature()
    later = mismatch(agent.speed(signature), desk.signatures.of(signature).work, desk.tuning)
    return HeadSeen(stands_at + later, ticket.id, ticket.priority, ticket.final, fits, way)


def _may_be_kept(desk: Desk, agent: Worker, ticket: Ticket, now: int) -> bool:
    waited_long = (now - ticket.arrived_at) * 10 >= ticket.target * desk.tuning.overflow_tenths
    room = agent.has_room(1, patient=ticket.patient)
    return room and waited_long and ticket.keeper is None and ticket.state == WAITING and agent.could_ever(ticket)


def _overflow_head(desk: Desk, agent: Worker) -> HeadSeen | None:
    """The most due second-choice ticket of all the agent's tokens."""
    heads = (_overflow_of(desk, agent, token) for token in agent.tokens)
    return min((head for head in heads if head), default=None)


def _overflow_of(desk: Desk, agent: Worker, token: str) -> HeadSeen | None:
    for aim, id_ in desk.waiting.overflow.get(token, [])[: desk.tuning.looks]:
        ticket = desk.tickets[id_]
        able = desk.signatures.of(ticket.relaxed_signature()).tokens <= agent.tokens
        if able and agent.fits(ticket) and not desk.excludes(ticket, agent):
            return HeadSeen(aim, id_, ticket.priority, ticket.final, True, OVERFLOW)
    return None
