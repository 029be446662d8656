"""A simulation as JSON, for programs: the same numbers as the table, times in milliseconds, ids as they are."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from .comparison import Difference
from .measures import Load, Measures
from .report_lines import LIMITS
from .simulation import Simulated


def report_json(found: Simulated) -> dict[str, Any]:
    """All of it."""
    comparison, history = found.comparison, found.comparison.history
    same, asked = found.reproduced
    return {
        "from": history.start,
        "to": history.end,
        "tickets": len(comparison.happened.tickets),
        "reproduced": {"same": same, "of": asked},
        "moved": {
            "queues": [{"from": was, "to": now, "tickets": n} for (was, now), n in comparison.moves.queues.items()],
            "priorities": [
                {"from": was, "to": now, "tickets": n} for (was, now), n in comparison.moves.priorities.items()
            ],
            "other_agent": comparison.moves.other_agent,
            "tickets": [asdict(each) for each in comparison.moves.tickets],
        },
        "waits": _differences(comparison.waits),
        "waits_by_queue": {queue: _differences(rows) for queue, rows in comparison.by_queue.items()},
        "missed": _differences(comparison.missed),
        "load": _loads(comparison.happened, comparison.before, comparison.after),
        "taken_for": dict(found.alike),
        "notes": [*found.notes, *LIMITS],
    }


def _differences(rows: Sequence[Difference]) -> list[dict[str, Any]]:
    return [
        {
            "name": each.name,
            "unit": each.unit,
            "happened": _number(each.happened),
            "replayed": _number(each.before),
            "changed": _number(each.after),
            "difference": _number(each.change),
            "between": None if each.low is None else [each.low, each.high],
            "more_than_chance": each.is_more_than_chance,
        }
        for each in rows
    ]


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value


def _loads(happened: Measures, before: Measures, after: Measures) -> list[dict[str, Any]]:
    agents = sorted({*happened.loads, *before.loads, *after.loads})
    named = {"happened": happened, "replayed": before, "changed": after}
    return [
        {"agent": agent} | {name: _load(measures.loads.get(agent)) for name, measures in named.items()}
        for agent in agents
    ]


def _load(load: Load | None) -> dict[str, Any] | None:
    return None if load is None else {"tickets": load.tickets, "attended": load.attended, "share": round(load.share, 4)}
