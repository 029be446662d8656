"""Intake with a count: what was accepted, known before, or refused, by channel."""

from collections.abc import Callable, Mapping
from typing import Any

from ..config.errors import Temporary
from ..queue.blobs import Blobs
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.intake import Accepted, Intake
from .tallies import Tallies


class CountedIntake(Intake):
    """Stores raw messages, and counts them."""

    def __init__(
        self, engine: Engine, clock: Clock, blobs: Blobs, *, gate: Callable[[], None], tallies: Tallies
    ) -> None:
        super().__init__(engine, clock, blobs, gate=gate)
        self._tallies = tallies

    async def accept(
        self,
        *,
        channel: str,
        account: str,
        external_id: str,
        kind: str,
        lane: str,
        content: bytes,
        transport: Mapping[str, Any],
        dedup: str | None = None,
    ) -> Accepted:
        """Store a raw message; durable when it returns. Raises EngineUnavailable or EngineFull."""
        try:
            accepted = await super().accept(
                channel=channel,
                account=account,
                external_id=external_id,
                kind=kind,
                lane=lane,
                content=content,
                transport=transport,
                dedup=dedup,
            )
        except Temporary:
            self._tallies.add(f"intake:{channel}:refused")
            raise
        self._tallies.add(f"intake:{channel}:{'duplicate' if accepted.duplicate else 'accepted'}")
        return accepted
