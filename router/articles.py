"""The delivery of outgoing articles: each change of its state goes through one script."""

import json
from collections.abc import Sequence

from ..config.errors import NotFound
from ..normalizer.envelope import DeliveryState
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.scripts import Script, ScriptArguments, ScriptKeys
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
        why: str | None = None,
    ) -> bool:
        """Set the state; False when the article is in none of the states `came_from`, and nothing changed.

        `why` says that a person decides so, and for what reason, if they give one; the ticket remembers it.
        """
        ticket = await self.ticket_of(article)
        args: ScriptArguments = {
            "now": self._clock.now(),
            "actor": actor,
            "article_id": article,
            "state": state,
            "detail": detail[:1000],
            "sequence": sequence,
            "kind": _FEED_KINDS[state],
            "came_from": " ".join(came_from),
            "reference": reference,
            "resend": resend,
            "by_hand": why is not None,
            "why": why or "",
        }
        reply: Sequence[bytes] = (b"OTHER_CASE", ticket.encode())
        while reply[0] == b"OTHER_CASE":  # it was merged, or parted again
            case = reply[1].decode()
            reply = await self._engine.run(_SETTLE, self._settle_keys(ticket, case, article), {**args, "case_id": case})
        return reply[0] == b"OK"

    def _settle_keys(self, ticket: str, case: str, article: str) -> ScriptKeys:
        return {
            "ticket": self._keys.ticket(ticket),
            "case": self._keys.ticket(case),
            "desk": self._keys.desk,
            "article": self._keys.article(article),
            "threads": self._keys.threads,
            "outbox": self._keys.outgoing,
        }
