"""Routers that compete for one queue of offers: some in the process of the test, others in processes that are killed.

    python router_process.py URL WORKSPACE NUMBER    plays so many until it is killed; the configuration comes by stdin

Each has a connection of its own, as one of a process of its own would have. Leases are short, so that what a dead one
held is soon taken up by another.
"""

import asyncio
import sys
import time

from trunkline.config.settings import Settings
from trunkline.gateway.channels import policy_of
from trunkline.queue import work, worker
from trunkline.queue.clock import ManualClock
from trunkline.queue.connection import Engine
from trunkline.queue.keys import Keys
from trunkline.queue.worker import Worker
from trunkline.router import absence, signs_of_life
from trunkline.router.absence import Absence
from trunkline.router.offers import Offers
from trunkline.router.policy import Policy
from trunkline.router.router_events import RouterEvents
from trunkline.router.signs_of_life import SignsOfLife

LEASE_MS = 1_500


class WallClock(ManualClock):
    """The machine's clock, which all of these processes share with the engine."""

    def now(self) -> int:
        """Milliseconds since 1970."""
        return time.time_ns() // 1_000_000


def shorten_leases() -> None:
    """For all routers of this process."""
    for module in (work, worker):
        module.LEASE_MS = LEASE_MS  # type: ignore[attr-defined]


class Router:
    """One that handles the events of the offers."""

    def __init__(self, url: str, workspace: str, policy: Policy) -> None:
        self.engine = Engine(url, Keys(workspace))
        clock = WallClock()
        self._gone = Absence(self.engine, clock, policy=lambda: policy, senders={})
        signs = SignsOfLife(self.engine, clock, policy=lambda: policy)
        offers = Offers(self.engine, clock)
        others = ((self._gone.handle, absence.EVENTS), (signs.handle, signs_of_life.EVENTS))
        events = RouterEvents(offers.handle, others)
        self.worker = Worker(offers._keys.offers, clock, events.handle, width=2)

    def break_off(self) -> bool:
        """A handler of it ends in the middle of what it does; whether there was one."""
        for task in self.worker._lanes:
            task.cancel()
        return bool(self.worker._lanes)

    async def stop(self) -> None:
        """Let it finish, and close its connection."""
        await self.worker.stop()
        await self.engine.close()


async def _play(url: str, workspace: str, number: int) -> None:
    policy = policy_of(Settings.model_validate_json(sys.stdin.read()))
    for _ in range(number):
        await Router(url, workspace, policy).worker.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    shorten_leases()
    asyncio.run(_play(sys.argv[1], sys.argv[2], int(sys.argv[3])))
