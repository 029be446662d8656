"""The parts of the page, each with a mark that changes when what it tells changes.

The mark is taken from the facts and not from the words, because words such as "4 min" change by themselves; a page with
a script counts them on (static/board.js).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..views import fact_marks
from .board_service import Seen
from .samples import Name
from .sparkline import Sparkline, sparkline
from .state import Board

NAMES = ("verdict", "numbers", "queues", "agents", "balance", "engine")

RenderText = Callable[..., str]
"""Renders a template: its name, then values."""


@dataclass(frozen=True)
class Part:
    """One part, rendered."""

    mark: str
    html: str


def rendered(seen: Seen, render: RenderText) -> Mapping[str, Part]:
    """All parts of the page."""
    values = page_values(seen)
    return {
        name: Part(mark_of(name, seen), render(f"board_{name}.html", **values, mark=mark_of(name, seen)))
        for name in NAMES
    }


def page_values(seen: Seen) -> dict[str, Any]:
    """What the templates of the board are given."""
    return {"board": seen.board, "lines": lines_of(seen), "days": seen.days}


def lines_of(seen: Seen) -> Mapping[Name, Sparkline]:
    """The four sparklines."""
    return {name: sparkline(day.points) for name, day in seen.days.items()}


def mark_of(name: str, seen: Seen) -> str:
    """Stands for the facts of one part."""
    return fact_marks.mark_of(_facts(name, seen))


def _facts(name: str, seen: Seen) -> object:
    board = seen.board
    match name:
        case "numbers":
            return (
                _still(board),
                board.verdict.level,
                {name: day.points[:-1] if name == "oldest" else day for name, day in seen.days.items()},
            )
        case "queues":
            return board.queues, board.zone, board.counted
        case "agents":
            return board.agents
        case "balance":
            return board.balance, board.upkeep, board.numbers.undelivered
        case "engine":
            engine = board.engine
            return round(engine.memory), round(engine.disk), engine.closed, engine.backlog, board.config
        case _:
            return board.verdict


def _still(board: Board) -> object:
    """The numbers without the age that grows by itself."""
    oldest = board.numbers.oldest.model_copy(update={"now": 0})
    return board.numbers.model_copy(update={"oldest": oldest})
