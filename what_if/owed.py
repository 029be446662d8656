"""What a ticket owes in its course, by the promises of a configuration: what is due next, and what was missed; pure.

The clocks are those of clocks.lua, for what happened and for a replay alike: the first response from when it came, each
further one from the first message that nobody has answered, an agent from when it wanted one, the end of the matter
from when it came. In the statuses that pause nothing passes. Clocks by names of a desk's own are not told.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..router.open_time import OpenTime
from ..router.private_fields import Agreement
from .history import Episode, Passage
from .regime import Owed

FIRST, NEXT, AGENT, END = "first_response", "next_response", "assignment", "resolution"

Spans = list[tuple[int, int]]


class Kept(NamedTuple):
    """One promise that was kept or missed, or is running still."""

    clock: str
    missed: bool


def most_urgent(
    passage: Passage, episodes: Sequence[Episode], at: int, agreed: Agreement, time: OpenTime, *, answered: bool
) -> Owed:
    """What is due first of a ticket that wants an agent at this moment, after these episodes."""
    rests = rests_of(episodes, agreed, at)
    began = {AGENT: at, NEXT if answered else FIRST: at if answered else passage.arrived_at, END: passage.arrived_at}
    owed = [
        Owed(time.after(since, target, rests) or since + target, target)
        for clock, since in began.items()
        if (target := agreed.targets.get(clock)) is not None
    ]
    return min(owed, key=lambda each: each.due, default=Owed(at, 0))


def promises(passage: Passage, agreed: Agreement, time: OpenTime, until: int) -> list[Kept]:
    """All that came due or was kept until this moment."""
    rests = rests_of(passage.episodes, agreed, until)
    found = []
    for clock, began, stopped in _clocks(passage):
        target = agreed.targets.get(clock)
        if target is None:
            continue
        due = time.after(began, target, rests) or began + target
        if stopped is not None or due < until:
            found.append(Kept(clock, due < (until if stopped is None else stopped)))
    return found


def rests_of(episodes: Sequence[Episode], agreed: Agreement, until: int) -> Spans:
    """When a ticket stood still."""
    rests: Spans = []
    for number, episode in enumerate(episodes):
        if episode.ended_at is None or episode.ending not in ("parked", "finished"):
            continue
        if episode.status in agreed.pauses or episode.ending == "finished":
            following = episodes[number + 1].wanted_at if number + 1 < len(episodes) else until
            rests.append((episode.ended_at, following))
    return rests


def _clocks(passage: Passage) -> Iterator[tuple[str, int, int | None]]:
    """Kind, beginning and end of every clock; no end: it runs."""
    episodes, answers = passage.episodes, passage.answers
    over = _over(episodes)
    if passage.came:
        yield FIRST, passage.arrived_at, _earlier(answers[0] if answers else None, over)
        yield END, passage.arrived_at, over
    yield from _further(passage, over)
    wanted: int | None = None
    for episode in episodes:
        wanted = episode.wanted_at if wanted is None else wanted
        if episode.taken_at is not None:
            yield AGENT, wanted, episode.taken_at
        if episode.taken_at is not None or episode.ending in ("parked", "finished"):
            wanted = None
    if wanted is not None:
        yield AGENT, wanted, None


def _further(passage: Passage, over: int | None) -> Iterator[tuple[str, int, int | None]]:
    """Each answer after the first that was owed."""
    if not passage.answers:
        return
    waits: int | None = None
    moments = [(at, True) for at in passage.messages] + [(at, False) for at in passage.answers]
    for at, asks in sorted(moments, key=lambda each: (each[0], each[1])):
        if asks and at > passage.answers[0]:
            waits = at if waits is None else waits
        elif not asks and waits is not None:
            yield NEXT, waits, at
            waits = None
    if waits is not None:
        yield NEXT, waits, over if over is not None and over > waits else None


def _over(episodes: Sequence[Episode]) -> int | None:
    """When the matter ended for good."""
    last = episodes[-1] if episodes else None
    return last.ended_at if last is not None and last.ending == "finished" else None


def _earlier(one: int | None, other: int | None) -> int | None:
    return min((each for each in (one, other) if each is not None), default=None)
