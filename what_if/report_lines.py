"""A simulation told in lines for the terminal: the answer first, then tables, then how far it can be believed."""

import math
from collections.abc import Iterator, Sequence

from ..desk.board.advice import counted
from ..desk.views.times import moment, span
from .comparison import Comparison, Difference, Unit
from .measures import FULL, Measures
from .simulation import Simulated

CLOCKS = {
    "first_response": "first responses",
    "next_response": "further responses",
    "assignment": "promises of an agent",
    "resolution": "resolutions",
}
"""What is missed, by the kind of its clock."""

LIMITS = (
    "A ticket takes the work that it took; in other hands it is scaled by how the two agents compare, cautiously.",
    "People come, go, decline and do not look as they did; customers write again after as long as they did.",
    "What was done by hand is done again where the ticket stands as it stood; triggers do what they did.",
    "Who left while they waited leaves after as long; who was answered in time would have waited for ever.",
)
"""How far a simulation can be believed."""


def report_lines(found: Simulated) -> Iterator[str]:
    """All of it."""
    comparison = found.comparison
    yield from _heading(found)
    yield ""
    yield from _moves(comparison)
    yield ""
    yield from _table("Waits until somebody has it", comparison.waits)
    for queue, rows in comparison.by_queue.items():
        if len(comparison.by_queue) > 1:
            yield from _table(f"  in {queue}", rows)
    yield ""
    yield from _table("Missed", comparison.missed, CLOCKS)
    yield ""
    yield from _loads(comparison)
    yield ""
    yield "How far to believe it"
    yield from (f"  {line}" for line in (*believed(found), *found.notes, *LIMITS))


def _heading(found: Simulated) -> Iterator[str]:
    history, tickets = found.comparison.history, found.comparison.happened.tickets
    yield f"{moment(history.start)} to {moment(history.end)} UTC, {counted(len(tickets), 'ticket')}"
    yield from (f"  {line}" for line in answers(found.comparison))


def answers(comparison: Comparison) -> Iterator[str]:
    """The answer in a few sentences."""
    moves = comparison.moves
    if moves.tickets:
        placed = counted(len(moves.tickets), "ticket is placed", "tickets are placed")
        yield f"{placed} otherwise; {moves.other_agent} go to another agent"
    else:
        yield f"no ticket is placed otherwise; {moves.other_agent} go to another agent"
    for each in (*comparison.waits[1:], *comparison.missed):
        if each.is_more_than_chance and signed(each.change, each.unit) != "0":
            words = CLOCKS.get(each.name)
            name = f"{words} missed" if words else each.name
            yield f"{name}: {shown(each.before, each.unit)} → {shown(each.after, each.unit)}, more than chance"
    for agent, load in comparison.after.loads.items():
        was = comparison.before.loads.get(agent)
        if load.share >= FULL and (was is None or was.share < FULL):
            yield f"{agent} would be full: {load.share:.0%} of their capacity"


def believed(found: Simulated) -> Iterator[str]:
    """How near the replay of what was comes to what happened."""
    same, asked = found.reproduced
    yield f"The rules of those days place {same} of {asked} tickets as they did."
    comparison = found.comparison
    alike = sum(each.agent == _agent(comparison.before, id_) for id_, each in comparison.happened.tickets.items())
    whole = len(comparison.happened.tickets)
    happened, before = comparison.waits[1].happened, comparison.waits[1].before
    yield (
        f"Played again as they were, {alike} of {whole} tickets go to the same agent first, and the mean wait is "
        f"{shown(before, 'ms')} where it was {shown(happened, 'ms')}."
    )


def _agent(measures: Measures, ticket: str) -> str | None:
    found = measures.tickets.get(ticket)
    return found.agent if found else None


def _moves(comparison: Comparison) -> Iterator[str]:
    moves = comparison.moves
    yield "Placed otherwise" if moves.queues or moves.priorities else "Placed otherwise: nothing"
    for (was, now), count in sorted(moves.queues.items(), key=lambda each: -each[1]):
        yield f"  {was} → {now}: {count}"
    for (before, after), count in sorted(moves.priorities.items()):
        yield f"  priority {before} → {after}: {count}"
    if moves.tickets:
        more = f" and {len(moves.tickets) - 10} more" if len(moves.tickets) > 10 else ""
        yield f"  {', '.join(each.number for each in moves.tickets[:10])}{more}"


def _table(title: str, rows: Sequence[Difference], names: dict[str, str] | None = None) -> Iterator[str]:
    yield f"{title:<30}{'happened':>12}{'replayed':>12}{'changed':>12}{'difference':>13}   19 of 20 within"
    for each in rows:
        name = (names or {}).get(each.name, each.name)
        values = "".join(f"{shown(value, each.unit):>12}" for value in (each.happened, each.before, each.after))
        yield f"  {name:<28}{values}{signed(each.change, each.unit):>13}   {interval_words(each)}"


def interval_words(each: Difference) -> str:
    """Between what lies a difference, and what that means."""
    if each.low is None or each.high is None:
        return "too few to tell"
    if each.low == each.high == 0:
        return "no difference"
    low, high = _end(each.low, each.unit), _end(each.high, each.unit)
    if {low, high} <= {"0", "above 0", "below 0"}:
        return f"less than {shown(1_000 if each.unit == 'ms' else 1, each.unit)}"
    words = f"{low} to {high}"
    return words if each.is_more_than_chance else f"{words}, may be chance"


def _end(value: float, unit: Unit) -> str:
    """An end of an interval; what would be shown as 0 and is not says on which side of it."""
    words = signed(value, unit)
    return words if words != "0" or value == 0 else ("above 0" if value > 0 else "below 0")


def _loads(comparison: Comparison) -> Iterator[str]:
    yield f"{'Load':<30}{'tickets':>12}{'changed':>12}{'of capacity':>15}{'changed':>12}"
    for agent, after in comparison.after.loads.items():
        before = comparison.before.loads.get(agent, after)
        full = "   full" if after.share >= FULL else ""
        yield f"  {agent:<28}{before.tickets:>12}{after.tickets:>12}{before.share:>15.0%}{after.share:>12.0%}{full}"


def shown(value: float, unit: Unit) -> str:
    """A value in its unit."""
    if math.isnan(value):
        return "–"
    return span(round(value)) if unit == "ms" else f"{value:,.0f}"


def signed(value: float, unit: Unit) -> str:
    """A difference in its unit; less than a second is none."""
    if math.isnan(value):
        return "–"
    words = shown(abs(value), unit)
    return "0" if words in ("0", "0 s") else f"{'−' if value < 0 else '+'}{words}"
