"""Lines over time as SVG: geometry only, so that a page can draw them in its own colours. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..desk.views.times import DAY, HOUR, MINUTE, instant

WIDTH, HEIGHT = 960, 240
LEFT, RIGHT, TOP, BOTTOM = 40, 8, 8, 24
MOST_TICKS = 10
_STEPS = (MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 28 * DAY)


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A mark on an axis: where, in the box, and what it says."""

    at: float
    words: str


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Paths by name, in a box of WIDTH by HEIGHT, with both axes."""

    paths: dict[str, str]
    across: Sequence[Tick]
    up: Sequence[Tick]


def chart(lines: Mapping[str, Sequence[int]], begin: int, end: int) -> Chart:
    """Lines of as many points each, from a moment to another, from zero to the highest of all."""
    highest = _round_up(max((point for line in lines.values() for point in line), default=0))
    return Chart(
        paths={name: _path(line, highest) for name, line in lines.items()},
        across=_times(begin, end),
        up=[Tick(at=_down(value, highest), words=f"{value:,}") for value in _marks(highest)],
    )


def _path(line: Sequence[int], highest: int) -> str:
    points = [
        f"{_across(number, max(1, len(line) - 1)):g} {_down(value, highest):g}" for number, value in enumerate(line)
    ]
    return f"M{'L'.join(points)}" if points else ""


def _across(number: float, last: float) -> float:
    return round(LEFT + number * (WIDTH - LEFT - RIGHT) / last, 1)


def _down(value: int, highest: int) -> float:
    return round(HEIGHT - BOTTOM - value * (HEIGHT - TOP - BOTTOM) / highest, 1)


def _round_up(value: int) -> int:
    """A round number that is not less; at least 4, so that there are whole marks."""
    step = 4
    while step < value:
        step = step * 5 // 2 if str(step)[0] == "4" else step * 2
    return step


def _marks(highest: int) -> list[int]:
    return [highest * quarter // 4 for quarter in range(5)]


def _times(begin: int, end: int) -> list[Tick]:
    """Round times, at most `MOST_TICKS`; days where the line is long."""
    step = next((each for each in _STEPS if (end - begin) // each <= MOST_TICKS), _STEPS[-1])
    form = "%a %d" if step >= DAY else "%H:%M"
    moments = range(-(-begin // step) * step, end + 1, step)
    return [Tick(at=_across(at - begin, max(1, end - begin)), words=f"{instant(at):{form}}") for at in moments]
