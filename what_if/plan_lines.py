"""A plan told: for stretches of a day how many agents a pool needs, and how many were missing or to spare; and JSON."""

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
            if any(each.needed or _verdict(each) for each in of_day):
                yield f"  {DAYS[day]}  {'  '.join(_stretches(of_day))}"
        yield ""
    if len(plans) > 1:
        yield "Whoever serves several of these was there for each of them."


def _stretches(half_hours: Sequence[HalfHour]) -> Iterator[str]:
    for (needed, verdict), group in groupby(half_hours, key=lambda each: (each.needed, _verdict(each))):
        stretch = list(group)
        if needed or verdict:
            had = sum(each.had for each in stretch) / len(stretch)
            begin, end = stretch[0].number % A_DAY, stretch[-1].number % A_DAY + 1
            words = f", {abs(had - needed):.1f} {verdict}" if verdict else ""
            yield f"{_clock(begin)}-{_clock(end)}: {needed} (had {had:.1f}{words})"


def _verdict(each: HalfHour) -> str:
    """Whether agents are missing or to spare; a part of one is neither."""
    return "" if abs(each.spare) < 1 else "to spare" if each.spare > 0 else "missing"


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
                    "spare": round(each.spare, 2),
                }
                for each in plan.half_hours
                if each.needed or each.items or _verdict(each)
            ],
        }
        for plan in plans
    ]
