"""Whether somebody is there for customers who look on: an agent who is available, within business hours if there are.

Every visitor who comes asks, so the answer is kept for a few seconds.
"""

from ..queue.clock import Clock
from ..router.agents import Agents
from ..router.policy import CurrentPolicy

KEPT_MS = 2_000


class Staffing:
    """Tells whether somebody is there, and when somebody will be."""

    def __init__(self, agents: Agents, clock: Clock, policy: CurrentPolicy) -> None:
        self._agents = agents
        self._clock = clock
        self._policy = policy
        self._known: tuple[int, bool] | None = None

    async def __call__(self, calendar: str | None) -> tuple[bool, int | None]:
        """Online, and otherwise the time of the next opening, as far as business hours tell it."""
        now = self._clock.now()
        settings = self._policy().settings
        if calendar is not None and calendar in settings.calendars:
            hours = self._policy().hours[calendar]
            if not hours.is_open(now):
                return False, hours.opens_at(now)
        return await self._somebody(now), None

    async def _somebody(self, now: int) -> bool:
        if self._known is None or now - self._known[0] > KEPT_MS:
            agents = await self._agents.all(self._policy().settings)
            self._known = now, any(agent.presence == "available" for agent in agents)
        return self._known[1]
