"""The line of a day as SVG: geometry and words. Pure.

The line has a gap where nobody sampled. Words say the same for those who do not see it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

WIDTH = 192
HEIGHT = 40
MARGIN = 3

Place = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Sparkline:
    """Paths in a box of WIDTH by HEIGHT."""

    line: str = ""
    area: str = ""
    last: Place | None = None
    lowest: int = 0
    highest: int = 0


def sparkline(points: Sequence[int | None]) -> Sparkline:
    """The line through the points, from zero to the highest."""
    known = [point for point in points if point is not None]
    if not known:
        return Sparkline()
    highest = max(known)
    runs = _runs(points, highest)
    return Sparkline(
        line="".join(_line(run) for run in runs),
        area="".join(f"{_line(run)}V{HEIGHT}H{run[0][0]:g}Z" for run in runs if len(run) > 1),
        last=runs[-1][-1],
        lowest=min(known),
        highest=highest,
    )


def _runs(points: Sequence[int | None], highest: int) -> list[list[Place]]:
    """The places of points that follow one another without a gap."""
    numbered = groupby(enumerate(points), key=lambda each: each[1] is not None)
    return [
        [_place(index, value or 0, len(points), highest) for index, value in run] for known, run in numbered if known
    ]


def _place(index: int, value: int, count: int, highest: int) -> Place:
    across = MARGIN + index * (WIDTH - 2 * MARGIN) / max(1, count - 1)
    down = HEIGHT - MARGIN - value * (HEIGHT - 2 * MARGIN) / max(1, highest)
    return round(across, 1), round(down, 1)


def _line(run: Sequence[Place]) -> str:
    """A path; a run of one point is a short dash, so that it can be seen."""
    (left, top), *rest = run
    if not rest:
        return f"M{left:g} {top:g}h1"
    return f"M{left:g} {top:g}" + "".join(f"L{across:g} {down:g}" for across, down in rest)
