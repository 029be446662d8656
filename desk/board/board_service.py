"""What happens for the board whether or not somebody looks: the feed is counted and a sample a minute is kept.

Any number of processes may call `run_once`: the scripts see to it that each line and each minute count once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ...config.errors import StrangeEngine
from ...queue.clock import Clock
from ...router.policy import CurrentPolicy
from .board_of import Moment, board_of, days_of, sample_of
from .board_query import BoardQuery
from .feed_counts import FeedCounts, day_beginnings, desk_zone
from .narrowed import narrowed
from .rates import MINUTE
from .samples import Day, Name, Samples
from .snapshot import NOTHING
from .state import Board, EngineFacts

KEEP_SECONDS = 5.0
READ_AGAIN_MS = 10_000
LOOKING_ROUNDS = 128

Facts = Callable[[], EngineFacts]
"""What this process knows of the engine."""


@dataclass(frozen=True)
class Seen:
    """A board, and the day behind its four numbers."""

    board: Board
    days: Mapping[Name, Day]


class BoardService:
    """Sees the board, and keeps its samples."""

    def __init__(
        self, query: BoardQuery, feed_counts: FeedCounts, clock: Clock, *, policy: CurrentPolicy, facts: Facts
    ) -> None:
        self._query = query
        self._feed_counts = feed_counts
        self._clock = clock
        self._policy = policy
        self._facts = facts
        self._samples: Samples = {}
        self._read_at: int | None = None

    async def run_once(self) -> None:
        """Count the feed; in a new minute, keep a sample of it. Raises EngineUnavailable."""
        if await self._query.has_sample(self._clock.now() // MINUTE):
            await self._feed_counts.run_once()
        else:
            await self._query.keep_sample(sample_of((await self.see()).board))

    async def see(self, queues: frozenset[str] | None = None) -> Seen:
        """The board as it is now, of these queues; None for all. Of some queues no days are kept to compare with.

        Of an engine that is not ours it shows only that. Raises EngineUnavailable.
        """
        settings, zone = self._policy().settings, desk_zone(self._policy().settings)
        try:
            counted = await self._feed_counts.run_once(LOOKING_ROUNDS)
            now = self._clock.now()
            await self._read_samples(now)
            seen = await self._query.look(settings, now)
            parked, unread = await self._query.parked(self._clock), await self._query.unread(self._clock)
            seen = seen if queues is None else narrowed(seen, settings, queues)
        except StrangeEngine:
            counted, now, seen, parked, unread = False, self._clock.now(), NOTHING, (), ()
        moment = Moment(
            at=now,
            settings=settings,
            seen=seen,
            parked=parked,
            unread=unread,
            samples=self._samples if queues is None else {},
            engine=self._facts(),
            zone=str(zone),
            today=day_beginnings(now, zone)[1],
            counted=counted,
        )
        board = board_of(moment)
        return Seen(board, days_of(moment, board))

    async def _read_samples(self, now: int) -> None:
        """They change once a minute, so they are not read each time."""
        if self._read_at is None or now - self._read_at >= READ_AGAIN_MS:
            self._samples = await self._query.samples()
            self._read_at = now
