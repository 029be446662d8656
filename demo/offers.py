"""How long offers last in a demo: shortly, so that a missed one can be seen, but not for people."""

from collections.abc import Callable
from datetime import timedelta

from ..gateway.assembly import Assembly
from ..gateway.channels import policy_of
from .simulation.script import Script

SECONDS = 25.0
SECONDS_OF_A_PERSON = 180.0
SECONDS_HELD = 3600.0


class Offers:
    """Puts the configuration in force with other times for offers; all else stays as it is."""

    def __init__(self, assembly: Assembly, script: Script, me: str) -> None:
        self._assembly = assembly
        self._usual = script.seconds(SECONDS)
        agent = assembly.settings.agents.get(me)
        self._queues = frozenset(agent.queues) if agent else frozenset[str]()
        self._put_in_force(lambda _: self._usual)

    def person_is_here(self, here: bool) -> None:
        """Somebody has taken the free seat, or left it."""
        longer = self._queues if here else frozenset[str]()
        self._put_in_force(lambda queue: SECONDS_OF_A_PERSON if queue in longer else self._usual)

    def hold(self) -> None:
        """From now on no offer runs out."""
        self._put_in_force(lambda _: SECONDS_HELD)

    def _put_in_force(self, seconds: Callable[[str], float]) -> None:
        settings = self._assembly.settings
        queues = {
            name: queue.model_copy(update={"offer_time": timedelta(seconds=seconds(name))})
            for name, queue in settings.queues.items()
        }
        changed = settings.model_copy(update={"queues": queues})
        self._assembly.put_in_force(policy_of(changed))
