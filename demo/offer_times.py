"""How long offers last in a demo: shortly, so that a missed one can be seen, but not for people."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from ..config.settings import Settings
from ..gateway.channels import policy_of
from ..router.policy import Policy
from .simulation.demo_options import DemoOptions

SECONDS = 25.0
SECONDS_OF_A_PERSON = 180.0
SECONDS_HELD = 3600.0

PutInForce = Callable[[Policy], Awaitable[None]]


class OfferTimes:
    """Puts the configuration in force, here and in the engine, with other times for offers; all else stays as it is."""

    def __init__(self, settings: Settings, put_in_force: PutInForce, options: DemoOptions, me: str) -> None:
        self._settings = settings
        self._put_policy_in_force = put_in_force
        self._usual = options.seconds(SECONDS)
        agent = settings.agents.get(me)
        self._queues = frozenset(agent.queues) if agent else frozenset[str]()

    async def shorten(self) -> None:
        """Offers last as shortly as the demo wants it."""
        await self.person_is_here(False)

    async def person_is_here(self, here: bool) -> None:
        """The person has come, or gone."""
        longer = self._queues if here else frozenset[str]()
        await self._put_in_force(lambda queue: SECONDS_OF_A_PERSON if queue in longer else self._usual)

    async def hold(self) -> None:
        """From now on no offer runs out."""
        await self._put_in_force(lambda _: SECONDS_HELD)

    async def _put_in_force(self, seconds: Callable[[str], float]) -> None:
        queues = {
            name: queue.model_copy(update={"offer_time": timedelta(seconds=seconds(name))})
            for name, queue in self._settings.queues.items()
        }
        await self._put_policy_in_force(policy_of(self._settings.model_copy(update={"queues": queues})))
