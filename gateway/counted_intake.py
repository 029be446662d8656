"""Intake with a count: what was accepted, known before, or refused, by channel."""

from collections.abc import Mapping
from typing import Any

from ..config.errors import Temporary
from ..queue.intake import Accepted, Intake
from .tallies import Tallies


class CountedIntake:
    """The same step as `Intake.accept`, counted."""

    def __init__(self, intake: Intake, tallies: Tallies) -> None:
        self._intake = intake
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
            accepted = await self._intake.accept(
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
