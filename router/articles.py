"""The delivery of outgoing articles: each change of its state goes through one script."""

import json
from collections.abc import Sequence

from ..config.errors import NotFound
from ..normalizer.envelope import DeliveryState
from ..queue.clock import Clock
from ..queue.connection import Argument, Engine
from ..queue.scripts import Script
from .ticket_keys import TicketKeys

_SETTLE = Script.beside(__file__, "delivery_settle.lua")

_FEED_KINDS: dict[DeliveryState, str] = {
    "queued": "message.queued",
    "sending": "message.queued",
    "sent": "message.sent",
    "delivered": "message.delivered",
    "read": "message.read",
    "failed": "message.delivery_failed",
    "unknown": "message.delivery_unknown",
}


class ArticleDelivery:
    """Settles the delivery of articles."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._keys = TicketKeys(engine)

    async def ticket_of(self, article: str) -> str:
        """The id of the article's ticket. Raises NotFound."""
        piece = await self._engine.call("HGET", self._keys.article(article), "ticket")
        if piece is None:
            raise NotFound(f"there is no article {article}")
        return str(json.loads(piece))

    async def settle(
        self,
        article: str,
        state: DeliveryState,
        detail: str,
        *,
        came_from: Sequence[DeliveryState],
        actor: str,
        sequence: int | None = None,
        reference: str = "",
        resend: bool = False,
    ) -> bool:
        """Set the state; False when the article is in none of the states `came_from`, and nothing changed."""
        ticket = await self.ticket_of(article)
        keys = [
            *self._keys.head(ticket),
            self._keys.article(article),
            self._keys.unsent,
            self._keys.threads,
            *self._keys.outbox.push_keys,
        ]
        entry = "" if sequence is None else sequence
        kind, states = _FEED_KINDS[state], " ".join(came_from)
        args: list[Argument] = [
            self._clock.now(),
            actor,
            state,
            detail[:1000],
            entry,
            kind,
            states,
            reference,
            article,
            int(resend),
        ]
        return bool((await self._engine.run(_SETTLE, keys, args))[0] == b"OK")
