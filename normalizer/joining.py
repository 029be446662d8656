"""Joining: which ticket a message belongs to, by what it refers to, never by its sender alone.

    token      the reply address of a ticket, whose check held: joins it, whoever writes
    channel    a conversation that the channel itself vouches for: joins its ticket
    reference  it answers a message that is known (In-Reply-To, References)
    number     it names a ticket in its subject

The last two join only when the author is proven and takes part in the ticket, or was copied by somebody who does.
One thing is weaker: what answers a message *of ours*, whose id nobody can guess, in the name of somebody who takes
part, joins unproven. Whoever has seen that id can write so: everybody whom our mail reached. Such a message says that
it is unproven, and changes nothing but that the ticket is looked at; where the domain of the author disowns it, or
could not be asked yet, it does not join.

Without a join it is a new ticket; so it is when the ticket found is closed, or solved for longer than its queue opens
tickets again, and then it follows that one up. Why, or
why not, is told in words that are kept with the message.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from .envelope import Assurance, Envelope

PROVEN = Assurance.ORIGIN
NOTHING = "it answers nothing that is known here"
ANSWERED = "answered:"
"""Before the thread key of a message that a ticket answers and does not have. It is the weakest clue: the message may
still come, and where it is decides then, whoever was quick to answer it.
"""
COPIED = -1
"""The assurance of a participant who was only copied: they take part as soon as they write and are proven."""

Way = Literal["token", "channel", "reference", "number"]
How = Literal["", "token", "channel", "reference", "number", "unproven", "copy"]


@dataclass(frozen=True, kw_only=True)
class Clue:
    """One thread key that a message gives, and in which way it refers to the ticket."""

    key: str
    way: Way


@dataclass(frozen=True, kw_only=True)
class Joinable:
    """What joining needs to know of a ticket; `participants` are identities with their assurance."""

    ticket: str
    number: str
    closed: bool
    ended: str = "is closed"  # how it came to its end, if it is closed
    participants: Mapping[str, int]
    split_of: frozenset[str] = frozenset()  # the tickets out of which it was split
    case: str = ""  # the ticket that stands for it, when it is merged; `closed` is said of that one


@dataclass(frozen=True, kw_only=True)
class Join:
    """The ticket a message belongs to, or, when that one is closed, the one it follows up; how, and why."""

    ticket: str = ""
    follow_up_of: str = ""
    how: How = ""
    reason: str = NOTHING


def clues(envelope: Envelope) -> Sequence[Clue]:
    """What the message refers to, the strongest first."""
    return list({clue.key: clue for clue in reversed(list(_clues(envelope)))}.values())[::-1]


def _clues(envelope: Envelope) -> Iterator[Clue]:
    if envelope.reply_token:
        yield Clue(key=f"number:{envelope.reply_token.number}", way="token")
    for key in envelope.conversation:
        yield Clue(key=key, way="reference" if key.startswith("mail:") else "channel")
    for number in envelope.cases:
        yield Clue(key=f"number:{number}", way="number")
    for key in envelope.conversation:
        if key.startswith("mail:"):
            yield Clue(key=f"{ANSWERED}{key}", way="reference")


def join(envelope: Envelope, found: Mapping[str, Joinable], ours: Collection[str] = ()) -> Join:
    """Decide by the tickets that the thread keys led to; `ours` are the keys that are messages of ours."""
    refused: Join | None = None
    for clue in clues(envelope):
        ticket = found.get(clue.key)
        if ticket is None:
            continue
        decided = _decided(envelope, clue, ticket, clue.key in ours)
        if decided.ticket:
            ticket = _split_off(envelope, found, ticket)
            decided = replace(decided, ticket=ticket.ticket)
            return _followed_up(decided, ticket) if ticket.closed else decided
        refused = refused or decided
    return refused or Join()


def _split_off(envelope: Envelope, found: Mapping[str, Joinable], ticket: Joinable) -> Joinable:
    """The ticket; or the one that was split out of it, when that has the very message that is answered.

    A reply that was sent before the split has the token of the old ticket.
    """
    answered = found.get(envelope.conversation[0]) if envelope.conversation else None
    return answered if answered is not None and ticket.ticket in answered.split_of else ticket


def _followed_up(decided: Join, ticket: Joinable) -> Join:
    reason = f"{decided.reason}; {ticket.number} {ticket.ended}, so this follows it up"
    return replace(decided, ticket="", follow_up_of=ticket.case or ticket.ticket, reason=reason)


def _decided(envelope: Envelope, clue: Clue, ticket: Joinable, ours: bool) -> Join:
    """Whether it joins by this clue; without a ticket it does not, and the reason says why."""
    does = _does(envelope, clue, ticket.number, ours)
    if clue.way in ("token", "channel"):
        return Join(ticket=ticket.ticket, how=clue.way, reason=does)
    identity = envelope.sender.identities[0] if envelope.sender.identities else None
    if identity is None:
        return Join(reason=f"{does}, but nobody is named who wrote it")
    part = ticket.participants.get(identity.key)
    if part is None:
        return Join(reason=f"{does}, but {identity.value} does not take part there")
    if identity.assurance >= PROVEN:
        takes = "was copied by somebody who takes part there" if part == COPIED else "takes part there"
        return Join(ticket=ticket.ticket, how=clue.way, reason=f"{does}, and {identity.value} {takes}")
    state = envelope.origin.state if envelope.origin else "unproven"
    if ours and part != COPIED and state == "unproven":
        reason = f"{does}, in the name of {identity.value}, who takes part there; nobody has proven that they wrote it"
        return Join(ticket=ticket.ticket, how="unproven", reason=reason)
    return Join(reason=f"{does}, but it is not proven that {identity.value} wrote it")


def _does(envelope: Envelope, clue: Clue, number: str, ours: bool) -> str:
    match clue.way:
        case "token":
            to_them = envelope.reply_token is not None and envelope.reply_token.from_bound_address
            given = "this address" if to_them else "somebody else"
            return f"it came to the reply address of {number} that was given to {given}"
        case "channel":
            return f"it belongs to the conversation of {number}"
        case "number":
            return f"it names {number} in its subject"
        case "reference":
            return f"it answers a message {'of ours ' if ours else ''}in {number}"
