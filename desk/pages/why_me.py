"""Why a ticket is where it is: the router's newest decision in one sentence, and what it was chosen from.

The sentence names the first thing in which the agent who was chosen was ahead of the next one, in the order of
`router/decision.py`; so it is the reason, and not merely something true.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...router.decision import REASONS, left_out, rank
from ...router.records import Decision
from ...router.stored_ticket import StoredTicket
from .history_words import who

Seen = Mapping[str, Any]
Names = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One agent who could have been chosen."""

    name: str
    chosen: bool
    outcome: str
    load: int
    capacity: int
    speaks: bool
    knows: bool
    preferred: int


@dataclass(frozen=True, kw_only=True)
class Why:
    """A decision as it is shown."""

    title: str
    sentence: str
    at: int = 0
    config: str = ""
    relaxed: bool = False
    candidates: Sequence[Candidate] = ()


def why(stored: StoredTicket, decisions: Sequence[Decision], names: Names, *, reader: str) -> Why:
    """Why the ticket is where it is, told to the agent `reader`."""
    ticket = stored.record
    holder = ticket.offer.agent if ticket.offer else ticket.assignee
    if holder is None:
        sentence = f"Nobody has it: it waits in {ticket.queue}." if _waits(stored) else "Nobody has it."
        return Why(title="Why is it here?", sentence=sentence)
    by_hand = _by_hand(stored, holder, names, reader)
    title = "Why me?" if holder == reader else f"Why {names.get(holder, holder)}?"
    if by_hand or not decisions or decisions[-1].agent != holder:
        return Why(title=title, sentence=by_hand or f"{_whom(holder, names, reader)} took it from the queue.")
    return _told(title, decisions[-1], ticket.language, names, reader)


def _told(title: str, decision: Decision, language: str, names: Names, reader: str) -> Why:
    on_duty = any(each["speaks"] and each["presence"] in ("available", "busy") for each in decision.candidates)
    out = {
        each["agent"]: left_out(each, speaker_on_duty=on_duty, relaxed=decision.relaxed) for each in decision.candidates
    }
    able = sorted((each for each in decision.candidates if not out[each["agent"]]), key=rank)
    whom = _whom(decision.agent, names, reader)
    rows = [_candidate(each, out[each["agent"]], decision, names) for each in sorted(decision.candidates, key=rank)]
    return Why(
        title=title,
        sentence=f"{whom} {_reason(able, language, you=whom == 'You')}.",
        at=decision.at,
        config=decision.config,
        relaxed=decision.relaxed,
        candidates=sorted(rows, key=lambda row: not row.chosen),
    )


def _reason(able: Sequence[Seen], language: str, *, you: bool) -> str:
    was, speak = ("were", "speak") if you else ("was", "speaks")
    if len(able) < 2:
        return f"{was} the only one who could take it"
    best, after = able[0], able[1]
    share = f"{best['load']} of {best['capacity']} in use"
    reasons = (
        (best["speaks"] != after["speaks"], f"{speak} its language ({language})"),
        (best["knows"] != after["knows"], "had this case before"),
        (best["preferred"] != after["preferred"], "had more of the skills that it prefers"),
        (best["load"] * after["capacity"] != after["load"] * best["capacity"], f"had the most room ({share})"),
        (best["idle_since"] != after["idle_since"], f"had been free the longest ({share})"),
    )
    return next((words for ahead, words in reasons if ahead), f"{was} first by name among equals ({share})")


def _candidate(seen: Seen, reason: str, decision: Decision, names: Names) -> Candidate:
    chosen = seen["agent"] == decision.agent
    return Candidate(
        name=names.get(seen["agent"], seen["agent"]),
        chosen=chosen,
        outcome="chosen" if chosen else REASONS.get(reason, reason) if reason else "ranked behind",
        load=int(seen["load"]),
        capacity=int(seen["capacity"]),
        speaks=bool(seen["speaks"]),
        knows=bool(seen["knows"]),
        preferred=int(seen["preferred"]),
    )


def _by_hand(stored: StoredTicket, holder: str, names: Names, reader: str) -> str:
    """What says that a person has assigned it; empty when nobody did."""
    for event in reversed(stored.own.get("_history", ())):
        if event["kind"] == "ticket.assigned" and event.get("agent") == holder:
            actor = str(event["actor"])
            if actor == f"agent:{holder}" or not actor.startswith(("agent:", "token:")):
                return ""
            giver, whom = who(actor, names), "you" if holder == reader else names.get(holder, holder)
            return f"{giver[0].upper()}{giver[1:]} gave it to {whom} by hand."
    return ""


def _whom(agent: str, names: Names, reader: str) -> str:
    return "You" if agent == reader else names.get(agent, agent)


def _waits(stored: StoredTicket) -> bool:
    return stored.own.get("_waiting") is not None
