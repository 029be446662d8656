"""Replies and notes: new articles by agents, and what a person decides about one whose delivery went wrong."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from ..config.errors import Conflict
from ..normalizer.envelope import DeliveryState
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.identifiers import new_id
from ..queue.scripts import Script
from .acknowledgement import outgoing_facts
from .articles import ArticleDelivery
from .life_cycle import cannot_move, may_come_from, resolution_of
from .records import Author, Resolution, Status, pieces
from .reply_route import OutgoingId, ReplyAddress, reply_subject
from .stored_ticket import StoredTicket
from .ticket_keys import TicketKeys

_ADD = Script.beside(__file__, "add_article.lua")

_BY_HAND: Mapping[DeliveryState, Sequence[DeliveryState]] = {
    "queued": ("failed", "unknown"),
    "sent": ("failed", "unknown"),
}


class Replying:
    """Adds articles to tickets."""

    def __init__(self, engine: Engine, clock: Clock, *, outgoing_id: OutgoingId) -> None:
        self._engine = engine
        self._clock = clock
        self._outgoing_id = outgoing_id
        self._keys = TicketKeys(engine)
        self._delivery = ArticleDelivery(engine, clock)

    async def reply(
        self,
        stored: StoredTicket,
        text: str,
        *,
        agent: str,
        name: str,
        actor: str,
        status: Status | None,
        resolution: Resolution | None,
    ) -> str:
        """Queue an answer to the customer; returns the article's id."""
        if stored.own.get("_reply_to") is None:
            raise Conflict(f"{stored.record.number} has no address that an answer could go to; write a note instead")
        address, ticket = ReplyAddress.model_validate(stored.own["_reply_to"]), stored.record
        article = new_id(self._clock.now())
        fields = self._fields(stored, article, "reply", text, agent, name) | {
            "channel": address.channel,
            "subject": reply_subject(ticket.subject, ticket.number, quotable=not ticket.unproven),
            "language": ticket.language,
            "to": address.to,
            "external_id": self._outgoing_id(address.channel, article, address.account),
            "delivery": {"state": "queued", "detail": "", "at": self._clock.now(), "attempts": 0},
            "_outgoing": outgoing_facts(address, stored.own, automatic=False),
        }
        plan = {"kind": "reply", "take": agent, "thread": f"{address.channel}:{fields['external_id']}"}
        return await self._add(stored, article, fields, plan, actor, status, resolution)

    async def note(
        self,
        stored: StoredTicket,
        text: str,
        *,
        agent: str,
        name: str,
        actor: str,
        status: Status | None,
        resolution: Resolution | None,
    ) -> str:
        """Add a note for colleagues; returns the article's id."""
        article = new_id(self._clock.now())
        fields = self._fields(stored, article, "note", text, agent, name)
        return await self._add(stored, article, fields, {"kind": "note"}, actor, status, resolution)

    async def settle_by_hand(self, article: str, state: Literal["queued", "sent"], *, actor: str) -> None:
        """A person decides about a message that failed or whose fate is unknown. Raises NotFound, Conflict."""
        detail = "sent again by hand" if state == "queued" else "marked as sent by hand"
        settled = await self._delivery.settle(
            article, state, detail, came_from=_BY_HAND[state], actor=actor, resend=state == "queued"
        )
        if not settled:
            raise Conflict("only a message that failed, or whose fate is unknown, can be resent or marked as sent")

    def _fields(
        self, stored: StoredTicket, article: str, kind: str, text: str, agent: str, name: str
    ) -> dict[str, Any]:
        return {
            "id": article,
            "ticket": stored.record.id,
            "kind": kind,
            "channel": stored.record.channel,
            "author": Author(kind="agent" if agent else "system", name=name, id=agent).model_dump(mode="json"),
            "text": text,
            "created_at": self._clock.now(),
        }

    async def _add(
        self,
        stored: StoredTicket,
        article: str,
        fields: dict[str, Any],
        plan: dict[str, Any],
        actor: str,
        status: Status | None,
        resolution: Resolution | None,
    ) -> str:
        ticket = stored.record
        move = {"status": status, "from": may_come_from(status)} if status else {}
        plan |= move | {
            "article": article,
            "ticket": ticket.id,
            "blobs": [],
            "resolution": json.dumps(resolution_of(status, resolution)),
            "changes": json.dumps({"status": [ticket.status, status]}),
        }
        keys = self._keys
        all_keys = [
            *keys.head(ticket.id),
            keys.articles(ticket.id),
            keys.scopes(ticket.id),
            keys.article(article),
            keys.threads,
            *keys.outbox.push_keys,
            keys.unsent,
            *keys.blobs,
        ]
        reply = await self._engine.run(_ADD, all_keys, [self._clock.now(), actor, json.dumps(plan), *pieces(fields)])
        if reply[0] == b"NOT_FROM":
            raise cannot_move(reply[1].decode(), str(status))
        return article
