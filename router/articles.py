"""The delivery of outgoing articles: each change of its state goes through one script."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from ..config.errors import NotFound
from ..normalizer.envelope import Delivery, DeliveryState
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.scripts import Script, ScriptArguments, ScriptKeys
from .ticket_keys import TicketKeys

_SETTLE = Script.beside(__file__, "delivery_settle.lua")

SHOWN = "the channel shows it"

_SHOWN = {b"OK": "settled", b"NOTED": "noted"}

_FEED_KINDS: dict[DeliveryState, str] = {
    "queued": "message.queued",
    "sending": "message.queued",
    "sent": "message.sent",
    "delivered": "message.delivered",
    "read": "message.read",
    "failed": "message.delivery_failed",
    "unknown": "message.delivery_unknown",
}


@dataclass(frozen=True, kw_only=True)
class _Change:
    """As delivery_settle.lua has them."""

    state: DeliveryState
    detail: str
    came_from: Sequence[DeliveryState]
    actor: str
    sequence: int | None = None
    known_as: Sequence[str] = ()
    absent: bool = False
    resend: bool = False
    why: str | None = None
    receipt: bool = False
    part: int = 0
    last: bool = False
    shown: str = ""
    needed: int = 0
    parts: Sequence[str] = ()


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
        known_as: Sequence[str] = (),
        absent: bool = False,
        resend: bool = False,
        why: str | None = None,
    ) -> bool:
        """Set the state; False when the article is in none of the states `came_from`, and nothing changed.

        By the keys `known_as` (sent_ids.py) it is found from then on in any case; with another state than `sent` they
        are those of a part of it, and the rest has not left. `absent` says that the channel does not have it; that does
        not count where it has shown it before. `why` says that a person decides so, and for what reason, if they give
        one; the ticket remembers it.
        """
        change = _Change(
            state=state,
            detail=detail[:1000],
            came_from=came_from,
            actor=actor,
            sequence=sequence,
            known_as=known_as,
            absent=absent,
            resend=resend,
            why=why,
        )
        return await self._settled(article, change) == b"OK"

    async def told(self, article: str, receipt: Delivery, *, came_from: Sequence[DeliveryState], actor: str) -> bool:
        """Set the state that a receipt tells; False when that changes nothing, as `settle` has it.

        What is told of one of several messages is kept: the answer arrives with the last of them. It fails with any,
        in words that say which arrived.
        """
        change = _Change(
            state=receipt.state,
            detail=receipt.detail[:1000],
            came_from=came_from,
            actor=actor,
            receipt=True,
            part=receipt.part,
            last=receipt.last,
        )
        return await self._settled(article, change) == b"OK"

    async def shown(self, article: str, key: str, *, parts: Sequence[str], needed: int, actor: str) -> str:
        """The channel shows a message, found by this key (sent_ids.py), that says what one of these parts says.

        Returns `settled` when all `needed` parts are shown, so that it was sent; `noted` when they are not, or it is
        being sent; `other` when it is neither being sent nor unknown, or other messages are these parts.
        """
        change = _Change(
            state="sent",
            detail=SHOWN,
            came_from=("sending", "unknown"),
            actor=actor,
            shown=key,
            needed=needed,
            parts=parts,
        )
        return _SHOWN.get(await self._settled(article, change), "other")

    async def _settled(self, article: str, change: _Change) -> bytes:
        ticket = await self.ticket_of(article)
        args: ScriptArguments = {
            "now": self._clock.now(),
            "actor": change.actor,
            "article_id": article,
            "state": change.state,
            "detail": change.detail,
            "sequence": change.sequence,
            "kind": _FEED_KINDS[change.state],
            "came_from": " ".join(change.came_from),
            "resend": change.resend,
            "by_hand": change.why is not None,
            "why": change.why or "",
            "absent": change.absent,
            "receipt": change.receipt,
            "part": change.part,
            "last": change.last,
            "shown": change.shown,
            "needed": change.needed,
            "parts": list(change.parts),
            "known_as": list(change.known_as),
        }
        reply: Sequence[bytes] = (b"OTHER_CASE", ticket.encode())
        while reply[0] == b"OTHER_CASE":  # it was merged, or parted again
            case = reply[1].decode()
            reply = await self._engine.run(_SETTLE, self._settle_keys(ticket, case, article), {**args, "case_id": case})
        return reply[0]

    def _settle_keys(self, ticket: str, case: str, article: str) -> ScriptKeys:
        return {
            "ticket": self._keys.ticket(ticket),
            "case": self._keys.ticket(case),
            "desk": self._keys.desk,
            "article": self._keys.article(article),
            "threads": self._keys.threads,
            "outbox": self._keys.outgoing,
        }
