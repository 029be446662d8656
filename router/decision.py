"""The choice of an agent, as a pure function of what was seen.

`offer.lua` makes the choice in the engine; this is the same choice, made again from its record, by which
`trunkline explain` shows that the decision follows from what was seen. In this order:

  1. only agents who are available, have room, and have neither declined nor just missed this ticket;
  2. while a speaker of the ticket's language is on duty, and until the wait for one is over, only speakers;
  3. speakers first, then who had the case before, then more of the preferred skills, then the least load for the
     capacity, then the longest idle, then the id.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from .records import Decision

REASONS = {
    "offline": "is offline",
    "away": "is away",
    "busy": "is busy",
    "full": "has no room",
    "declined": "has declined it",
    "missed": "has missed the offer of it",
    "released": "has given it back",
    "language": "does not speak its language, and somebody on duty does",
}

Seen = Mapping[str, Any]


def left_out(candidate: Seen, *, speaker_on_duty: bool, relaxed: bool) -> str:
    """Why a candidate cannot have the ticket; empty if they can. What a ticket remembers is recorded as seen."""
    if candidate["presence"] != "available":
        return str(candidate["presence"])
    if candidate.get("left_out") in ("declined", "missed", "released"):
        return str(candidate["left_out"])
    if not candidate["room"]:
        return "full"
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


def choose(candidates: Sequence[Seen], *, relaxed: bool) -> str | None:
    """The agent to whom the ticket is offered, or None."""
    on_duty = any(each["speaks"] and each["presence"] in ("available", "busy") for each in candidates)
    able = [each for each in candidates if not left_out(each, speaker_on_duty=on_duty, relaxed=relaxed)]
    return str(min(able, key=rank)["agent"]) if able else None


def recompute(decision: Decision) -> str | None:
    """Make a recorded decision again."""
    return choose(decision.candidates, relaxed=decision.relaxed)


def explain(decision: Decision) -> list[str]:
    """The decision in sentences, one per candidate."""
    lines = []
    on_duty = any(each["speaks"] and each["presence"] in ("available", "busy") for each in decision.candidates)
    for each in decision.candidates:
        reason = left_out(each, speaker_on_duty=on_duty, relaxed=decision.relaxed)
        load = f"load {each['load']} of {each['capacity']}"
        if each["agent"] == decision.agent:
            lines.append(f"{each['agent']}: chosen ({load})")
        else:
            lines.append(
                f"{each['agent']}: {REASONS.get(reason, reason) if reason else 'was able, ranked behind'} ({load})"
            )
    return lines
