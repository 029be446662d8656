"""The choice of an agent, as a pure function of what was seen.

The scripts make the choice in the engine; this is the same choice, made again from its record, or made beforehand from
what `candidacy.py` sees. It is the one judge of who may have a ticket and why not, for the desk and for
`trunkline explain`, and `REASONS` are its words. In this order:

  1. only agents who are available, have room, and have neither declined nor just missed this ticket;
  2. while a speaker of the ticket's language is on duty, and until the wait for one is over, only speakers; where the
     queue requires the language, never anybody else;
  3. speakers first, then who had the case before, then more of the preferred skills, then the least load for the
     capacity, then the longest idle, then the id.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from .candidacy import Candidacy
from .choice_record import choose_again
from .decision_record import Decision

REASONS = {
    "offline": "is offline",
    "away": "is away",
    "busy": "is busy",
    "closing": "is about to end the shift, and is offered nothing more",
    "wrapping": "is wrapping up, and has no room",
    "exclusive": "has something in hand that takes all of them",
    "undivided": "has a conversation in hand, and this takes all of its agent",
    "full": "has no room",
    "capped": "has no room for more by this channel",
    "declined": "has declined it",
    "missed": "has missed the offer of it",
    "released": "has given it back",
    "language": "does not speak its language, and somebody on duty does",
    "required": "does not speak its language, as its queue requires",
    "behind": "ranked behind",
    "chosen": "chosen",
    "next": "could have it, and is about to be asked",
    "instead": "could have it, and is asked before long, because nobody suits it better",
    "tokens": "cannot do all that it needs",
}

Seen = Mapping[str, Any]

Choice = Decision | Candidacy
"""What an agent was chosen from, or would be."""


def left_out(candidate: Seen, *, speaker_on_duty: bool, relaxed: bool) -> str:
    """Why a candidate cannot have the ticket; empty if they can. What a ticket remembers is recorded as seen."""
    if candidate["presence"] != "available":
        return str(candidate["presence"])
    if candidate.get("left_out") in ("declined", "missed", "released"):
        return str(candidate["left_out"])
    if candidate.get("closing") or not candidate["room"]:
        return next((why for why in ("closing", "wrapping", "exclusive", "undivided") if candidate.get(why)), "full")
    if candidate.get("must_speak") and not candidate["speaks"]:
        return "required"
    if speaker_on_duty and not relaxed and not candidate["speaks"]:
        return "language"
    return ""


def rank(candidate: Seen) -> tuple[object, ...]:
    """Sorts candidates, the best first."""
    share = Fraction(int(candidate["load"]), int(candidate["capacity"])) if candidate["capacity"] else Fraction(0)
    return (
        not candidate["speaks"],
        not candidate["knows"],
        -int(candidate["preferred"]),
        share,
        int(candidate["idle_since"]),
        candidate["agent"],
    )


def ranked(candidates: Sequence[Seen], *, relaxed: bool) -> list[tuple[Seen, str]]:
    """All candidates with why they cannot have the ticket, empty if they can; the best first."""
    on_duty = any(each["speaks"] and each["presence"] in ("available", "busy") for each in candidates)
    return [(each, left_out(each, speaker_on_duty=on_duty, relaxed=relaxed)) for each in sorted(candidates, key=rank)]


def choose(candidates: Sequence[Seen], *, relaxed: bool) -> str | None:
    """The agent to whom the ticket is offered, or None."""
    return next((str(each["agent"]) for each, reason in ranked(candidates, relaxed=relaxed) if not reason), None)


def recompute(decision: Decision) -> str | None:
    """Make a recorded decision again; None when it would have been another ticket's turn."""
    if decision.way:
        return choose_again(decision)
    return choose(decision.candidates, relaxed=decision.relaxed)


def outcomes(choice: Choice, agent: str | None, *, chosen: str = "chosen") -> list[tuple[Seen, str]]:
    """What became of every candidate, as one of REASONS; first the `agent` who was chosen, then the best."""
    judged = ranked(choice.candidates, relaxed=choice.relaxed)
    told = [(each, chosen if each["agent"] == agent else _kept(each, reason, choice)) for each, reason in judged]
    return sorted(told, key=lambda outcome: outcome[0]["agent"] != agent)


def _kept(candidate: Seen, reason: str, choice: Choice) -> str:
    fits = int(candidate["load"]) + choice.weight <= int(candidate["capacity"])
    return "capped" if reason == "full" and fits else reason or "behind"
