"""The engine's pulse: once a second a look at its clock and one durable write, and how long both took."""

import time

from prometheus_client import Histogram

from ..queue.clock import Clock

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0)


class EngineLatency:
    """Follows the clock and measures."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.histogram = Histogram(
            "trunkline_engine_seconds",
            "How long a look at the engine's clock and one durable write took, once a second.",
            buckets=BUCKETS,
            registry=None,
        )

    async def run_once(self) -> None:
        """One beat. Raises EngineUnavailable."""
        began = time.perf_counter()
        await self._clock.run_once()
        self.histogram.observe(time.perf_counter() - began)
