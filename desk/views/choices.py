"""Why a ticket went to this agent, and why this ticket came before others: a few words each, from a recorded decision.

What is told is the first thing in which the chosen one was ahead of the next, in the order of
`router/assignment/choice.py`; so it is the reason, and not merely something true.
"""

from collections.abc import Sequence

from ...router.assignment.rates import UNIT
from ...router.decision_record import Decision, SeenAgent, SeenPace, SeenTicket
from .token_words import all_words


def agent_rank(seen: SeenAgent) -> tuple[int, int, int, str]:
    """Sorts agents, the best first."""
    return (seen.slowness, seen.price, seen.idle_since, seen.agent)


def agent_words(seen: SeenAgent) -> str:
    """What an agent was ranked by: how much they get on with it, and whether others wait for what they can do."""
    gain = (100_000 - seen.slowness) / 1000
    wanted = (
        "is wanted by no other ticket" if not seen.price else f"is wanted by other tickets too (price {seen.price})"
    )
    return f"does {gain:.2f} of an agent's work more with it, {wanted}"


def ticket_rank(seen: SeenTicket) -> tuple[int, str]:
    """Sorts tickets, the most due first."""
    return (seen.place, seen.ticket)


def why_agent(decision: Decision, *, you: bool) -> str:
    """Why this agent: what follows their name."""
    if decision.way == "returning":
        return "had this case before"
    share = f"{decision.load_before} of {decision.capacity} in use"
    waited = f", and nobody {all_words(decision.lacking)} was free in time, so it waited no longer"
    lacking = waited if decision.lacking else ""
    words = f"had room for it ({share})" if decision.tickets else _ahead(decision.agents, share, you=you)
    return words + lacking


def _ahead(agents: Sequence[SeenAgent], share: str, *, you: bool) -> str:
    was = "were" if you else "was"
    if len(agents) < 2:
        return f"{was} the only one who could take it"
    best, after = sorted(agents, key=agent_rank)[:2]
    reasons = (
        (best.slowness != after.slowness, f"had the most room ({share})"),
        (best.price != after.price, f"{was} needed least for what others cannot do ({share})"),
        (best.idle_since != after.idle_since, f"had been free the longest ({share})"),
    )
    return next((words for ahead, words in reasons if ahead), f"{was} first by name among equals ({share})")


def why_ticket(decision: Decision) -> str:
    """Why this ticket and not another, as a sentence; empty when the ticket chose."""
    chosen = next((each for each in decision.tickets if each.ticket == decision.ticket), None)
    if chosen is None:
        return ""
    before = [each for each in decision.tickets if ticket_rank(each) < ticket_rank(chosen)]
    if chosen.final:
        return "It was so late that it came before all others that they could have."
    top = min(each.priority for each in decision.tickets)
    if chosen.priority > top and decision.pace is not None:
        return f"It was the most due that they could have, and {_slack(chosen.priority, decision, decision.pace)}."
    if before:
        return "It was the most important that they could have; what was due sooner would have made such ones late."
    return "It was the most due that they could have."


def _slack(priority: int, decision: Decision, pace: SeenPace) -> str:
    """The tightest of the horizons that were counted."""
    room = {
        int(horizon): (sum(due[: priority - 1]), pace.starts * int(horizon) // (UNIT * pace.span))
        for horizon, due in decision.due.items()
    }
    horizon, (due, starts) = min(room.items(), key=lambda each: (each[1][1] - each[1][0], each[0]))
    within = f"within {max(1, round(horizon / 60_000))} min"
    return f"there was time for more important ones: {within} {due} of them were due, and about {starts} are begun"
