"""Traffic that somebody foresees, from a CSV file, as days that a plan can be made for.

    from,queue,tickets,minutes,priority,skills,channel
    2026-12-01T09:00,support,12,8
    2026-12-01T09:00,billing,3.5,15,2,refunds,mail

A row is a half hour: how many tickets are expected to come in it, and how many minutes the work on one takes. Both are
means: how many come is drawn as if they came independently (Poisson), work as exponential, with a fixed seed, so the
same file gives the same days. `priority` is the queue's own where it is left out, `channel` is mail.
"""

import csv
import math
import random
from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from pathlib import Path

from ..config.errors import Invalid
from ..config.settings import Settings
from ..desk.views.times import DAY, MINUTE
from .demand import INTERVAL
from .history import Episode, History, Kind, Passage

SEED = 7
NEEDED, MORE = ("from", "queue", "tickets", "minutes"), ("priority", "skills", "channel")
MOST = 10_000  # tickets in one half hour
NOBODY = "-"


def given_history(file: Path, settings: Settings, zone: tzinfo) -> History:
    """The days of a file; its times are of this zone. Raises Invalid, naming file and line, and OSError."""
    chance, passages = random.Random(SEED), dict[str, Passage]()  # noqa: S311 -- draws are to be the same again
    moments: list[int] = []
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.DictReader(lines)
        if missing := [name for name in NEEDED if name not in (rows.fieldnames or ())]:
            raise Invalid(f"{file}:1: there is no column {missing[0]}; the first line names {', '.join(NEEDED)}")
        for number, row in enumerate(rows, 2):
            try:
                at, some = _tickets(row, settings, zone, chance)
            except ValueError as error:
                raise Invalid(f"{file}:{number}: {error}") from error
            moments.append(at)
            passages |= {f"{number}/{place}": each for place, each in enumerate(some)}
    if not moments:
        raise Invalid(f"{file}:2: there is no row; each is a half hour")
    for id_, passage in passages.items():
        passage.id = passage.number = id_
    end = max(moments) + INTERVAL
    return History(since=min(moments), start=min(moments), end=end, until=end + DAY, passages=passages, presences=())


def _tickets(
    row: Mapping[str, str | None], settings: Settings, zone: tzinfo, chance: random.Random
) -> tuple[int, list[Passage]]:
    at = _moment(row["from"] or "", zone)
    mean, minutes = _number(row, "tickets", MOST), _number(row, "minutes", 10_000)
    kind = _kind(row, settings)
    channel = row.get("channel") or "mail"
    return at, [_ticket(at + offset, kind, channel, minutes, chance) for offset in _arrivals(mean, chance)]


def _arrivals(mean: float, chance: random.Random) -> Iterator[int]:
    """Moments within a half hour."""
    at = chance.expovariate(mean / INTERVAL) if mean else math.inf
    while at < INTERVAL:
        yield int(at)
        at += chance.expovariate(mean / INTERVAL)


def _ticket(at: int, kind: Kind, channel: str, minutes: float, chance: random.Random) -> Passage:
    work = int(chance.expovariate(1 / minutes) * MINUTE) if minutes else 0
    episode = Episode(kind=kind, wanted_at=at, agent=NOBODY, taken_at=at)
    episode.end(at + work, "finished", "solved")
    return Passage(id="", number="", channel=channel, arrived_at=at, episodes=[episode])


def _kind(row: Mapping[str, str | None], settings: Settings) -> Kind:
    queue = row["queue"] or ""
    if queue not in settings.queues:
        raise ValueError(f"there is no queue {queue!r}; there are: {', '.join(settings.queues)}")
    priority = row.get("priority") or settings.queues[queue].priority
    if str(priority) not in ("1", "2", "3", "4"):
        raise ValueError(f"found {priority!r} under priority, expected 1 to 4")
    return Kind(queue, int(priority), required=tuple(sorted((row.get("skills") or "").split())))


def _moment(text: str, zone: tzinfo) -> int:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"found {text!r} under from, expected a time such as 2026-12-01T09:00") from None
    return round((at if at.tzinfo else at.replace(tzinfo=zone)).timestamp() * 1000)


def _number(row: Mapping[str, str | None], name: str, most: int) -> float:
    text = row[name] or ""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= most:
        raise ValueError(f"found {text!r} under {name}, expected a number from 0 to {most:,}")
    return value
