"""A plan told: a line for each stretch of a day in which a pool needs as many agents, and all half hours as JSON."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from ..desk.views.times import span
from .demand import A_DAY
from .staffing import HalfHour, PoolPlan

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def plan_lines(plans: Sequence[PoolPlan], share: float) -> Iterator[str]:
    """For the terminal."""
    for plan in plans:
        work, target = span(round(plan.work)), span(round(plan.target))
        yield f"{plan.pool.words}: work {work}, an agent within {target}, {plan.slots} at once"
        short = "" if plan.kept >= share else f", fewer than the {share:.0%} that are wanted"
        yield f"  with these agents {plan.kept:.1%} of the promises are kept{short}"
        for day in range(7):
            of_day = plan.half_hours[day * A_DAY : (day + 1) * A_DAY]
            if any(each.needed for each in of_day):
                yield f"  {DAYS[day]}  {'  '.join(_stretches(of_day))}"
        yield ""


def _stretches(half_hours: Sequence[HalfHour]) -> Iterator[str]:
    for needed, group in groupby(half_hours, key=lambda each: each.needed):
        stretch = list(group)
        if needed:
            had = sum(each.had for each in stretch) / len(stretch)
            begin, end = stretch[0].number % A_DAY, stretch[-1].number % A_DAY + 1
            yield f"{_clock(begin)}-{_clock(end)}: {needed} (had {had:.1f})"


def _clock(half_hours: int) -> str:
    return f"{half_hours // 2:02}:{half_hours % 2 * 30:02}"


def plan_json(plans: Sequence[PoolPlan]) -> list[dict[str, Any]]:
    """For programs; times in milliseconds."""
    return [
        {
            "queue": plan.pool.queue,
            "skills": list(plan.pool.skills),
            "work": round(plan.work),
            "target": round(plan.target),
            "slots": plan.slots,
            "kept": round(plan.kept, 4),
            "half_hours": [
                {
                    "day": DAYS[each.number // A_DAY],
                    "from": _clock(each.number % A_DAY),
                    "tickets": round(each.items, 2),
                    "load": round(each.load, 2),
                    "formula": each.formula,
                    "needed": each.needed,
                    "had": round(each.had, 2),
                }
                for each in plan.half_hours
                if each.needed or each.items
            ],
        }
        for plan in plans
    ]
