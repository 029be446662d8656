"""What flows through the desk, counted from the feed: arrivals and what was handled, by queue and minute and by agent.

A follower of the feed, whose script counts and moves its place in one step. The numbers are as new as the last call of
`run_once`; whoever shows them calls it first. Kept are `RING` minutes of each queue, one day of each agent, and one
entry for every active ticket.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ...config.settings import Settings
from ...queue.clock import Clock
from ...queue.connection import Engine
from ...queue.feed_place import FeedPlace
from ...queue.scripted_follower import ScriptedFollower
from ...queue.scripts import Script, ScriptKeys
from ...router.policy import CurrentPolicy

RING = 64  # minutes that are kept
LINES = 64  # at once; more would hold up the engine
ROUNDS = 640  # of one turn; somebody who looks waits for fewer

_COUNT = Script.beside(__file__, "count_feed.lua")


class FeedCounts:
    """Counts what is new in the feed."""

    def __init__(self, engine: Engine, clock: Clock, policy: CurrentPolicy) -> None:
        self._engine = engine
        self._clock = clock
        self._policy = policy
        self.rates = engine.keys("board", "rates")
        self.active = engine.keys("board", "active_tickets")
        place = FeedPlace(engine, "board", made=[self.rates, self.active])
        self._keys: ScriptKeys = {
            "place": place.keys,
            "feed": place.feed.keys,
            "rates": self.rates,
            "active_tickets": self.active,
        }
        self.follower = ScriptedFollower(place, clock, self._count, lines=LINES)

    async def run_once(self, rounds: int = ROUNDS) -> bool:
        """Count up to the end of the feed; False when there is more than that many rounds can do.

        Raises EngineUnavailable.
        """
        return await self.follower.catch_up(rounds)

    async def _count(self, most: int) -> int:
        days = day_beginnings(self._clock.now(), desk_zone(self._policy().settings))
        return int(await self._engine.run(_COUNT, self._keys, {"most": most, "ring": RING, "days": days}))


def desk_zone(settings: Settings) -> ZoneInfo:
    """The zone in which the desk's days begin: the one that its calendars share, else UTC."""
    zones = {str(calendar.zone) for calendar in settings.calendars.values()}
    return ZoneInfo(zones.pop() if len(zones) == 1 else "UTC")


def day_beginnings(now: int, zone: ZoneInfo) -> tuple[int, int, int]:
    """When yesterday, today and tomorrow begin there, in milliseconds; days of 23 and 25 hours included."""
    today = datetime.fromtimestamp(now / 1000, zone).date()
    begin = [datetime.combine(today + timedelta(days=step), datetime.min.time(), zone) for step in (-1, 0, 1)]
    first, second, third = (int(moment.timestamp() * 1000) for moment in begin)
    return first, second, third
