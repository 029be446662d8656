"""Joining: which ticket a message belongs to, by its thread keys, never by its sender alone.

A reply token that passed its check joins its ticket, whoever sends it. A mail that answers a message we know joins
only when its sender is proven and already takes part in the ticket; quoting a number or a Message-ID proves nothing.
Other channels vouch for their own conversations, and their adapters give thread keys only where they do. Without a
join it is a new ticket; so it is when the ticket found is closed, and then it follows that one up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .envelope import Assurance, Envelope

PROVEN = Assurance.ORIGIN


@dataclass(frozen=True, kw_only=True)
class Joinable:
    """What joining needs to know of a ticket."""

    ticket: str
    closed: bool
    participants: frozenset[str]
    case: str = ""  # the ticket that stands for it, when it is merged; `closed` is said of that one


@dataclass(frozen=True, kw_only=True)
class Join:
    """The ticket a message belongs to, or, when that one is closed, the one it follows up; and why."""

    ticket: str = ""
    follow_up_of: str = ""
    reason: str = "no thread key is known"


def thread_keys(envelope: Envelope) -> Sequence[str]:
    """The thread keys to look up, strongest first."""
    token = (f"number:{envelope.reply_token.number}",) if envelope.reply_token else ()
    return (*token, *envelope.conversation)


def join(envelope: Envelope, found: Mapping[str, Joinable]) -> Join:
    """Decide by the tickets that the thread keys led to."""
    refused = ""
    for key in thread_keys(envelope):
        ticket = found.get(key)
        if ticket is None:
            continue
        if not _may_join(envelope, key, ticket):
            refused = refused or f"{key} is known, but the sender is not proven to take part in its ticket"
        elif ticket.closed:
            return Join(follow_up_of=ticket.case or ticket.ticket, reason=f"{key} leads to a closed ticket")
        else:
            return Join(ticket=ticket.ticket, reason=f"{key} is known")
    return Join(reason=refused) if refused else Join()


def _may_join(envelope: Envelope, key: str, ticket: Joinable) -> bool:
    if not key.startswith("mail:"):
        return True
    return any(
        identity.assurance >= PROVEN and identity.key in ticket.participants for identity in envelope.sender.identities
    )
