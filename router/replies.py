"""Replies and notes: new articles by agents, and what a person decides about one whose delivery went wrong."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from ..config.errors import Conflict, EngineUnavailable, Gone, NotFound
from ..normalizer.envelope import Assurance, DeliveryState, Envelope
from ..normalizer.subjects import answer_subject
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.scripts import Script, ScriptArguments, ScriptKeys
from .articles import ArticleDelivery
from .collisions import OvertakenError
from .file_fetches import fetches_of
from .held_list import held_keys
from .life_cycle import cannot_move, may_come_from, resolution_of
from .private_fields import ArticleWork, OutgoingFacts, QuotedArticle
from .quotations import newest_articles, quotable
from .records import Author, field_list, json_bytes
from .reply_route import OutgoingId, ReplyAddress
from .search_words import article_words
from .stored_ticket import StoredTicket
from .ticket_keys import TicketKeys
from .ticket_requests import Writing
from .unanswered import Unanswered

ELSEWHERE = "outside of the desk"  # who wrote there is not told, and how it was sent
OURS = "Trunkline"  # whose name stands under what no agent wrote

_ADD = Script.beside(__file__, "add_article.lua")

_BY_HAND: Mapping[DeliveryState, Sequence[DeliveryState]] = {
    "queued": ("failed", "unknown"),
    "sent": ("failed", "unknown"),
}


def reply_address_of(stored: StoredTicket) -> ReplyAddress:
    """Where the ticket's replies go. Raises Conflict when there is no way to answer."""
    if stored.work.reply_to is None:
        raise Conflict(f"{stored.record.number} has no address that an answer could go to; write a note instead")
    return stored.work.reply_to


class Replies:
    """Adds articles to tickets."""

    def __init__(self, engine: Engine, clock: Clock, *, outgoing_id: OutgoingId) -> None:
        self._engine = engine
        self._clock = clock
        self._outgoing_id = outgoing_id
        self._keys = TicketKeys(engine)
        self._delivery = ArticleDelivery(engine, clock)

    async def reply(self, stored: StoredTicket, writing: Writing, name: str, *, takes: bool) -> str:
        """Queue an answer to the customer; returns the article's id. Raises Conflict when there is no way to answer.

        `name` is the writer's, as it is shown. With `takes` the agent gets the ticket, when nobody else has it and
        there is room.
        """
        address = reply_address_of(stored)
        recipients = {address.to, *(each.address for each in writing.copied or ())}
        quotes = quotable(await newest_articles(self._engine, stored.record.id), recipients, address.channel)
        fields, plan = self._outgoing(stored, writing, name, address, quotes)
        plan |= {"take": writing.agent} if takes else {}
        return await self._add(stored, fields, plan, writing)

    async def repeat_by(
        self,
        stored: StoredTicket,
        writing: Writing,
        address: ReplyAddress,
        *,
        participant: str | None,
        repeats: Sequence[str],
        name: str = OURS,
        instead_of: tuple[str, str] | None = None,
    ) -> str:
        """Queue what was written before once more, on another way; returns the article's id.

        Whoever has proven that they read there takes part in the ticket as `participant`. `instead_of` is the article
        that went astray, about which somebody decides by this, and why; the ticket remembers it.
        """
        fields, plan = self._outgoing(stored, writing, name, address)
        fields |= {"repeats": list(repeats)}
        plan |= {"repeats": True}
        if instead_of is not None:
            plan |= {"instead_of": instead_of[0], "why": instead_of[1]}
        if participant is not None:
            plan |= {"participant": participant, "assurance": int(Assurance.CONTROL)}
        return await self._add(stored, fields, plan, writing)

    def _outgoing(
        self,
        stored: StoredTicket,
        writing: Writing,
        name: str,
        address: ReplyAddress,
        quotes: tuple[QuotedArticle, ...] = (),
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """The fields of an article that goes out, and the plan of the script that adds it."""
        ticket, now = stored.record, self._clock.now()
        subject = stored.work.thread_subject or ticket.subject
        repeatable = bool(writing.agent) or not ticket.unproven  # nobody has looked at what we send by ourselves
        article = writing.article_in(ticket.id, now)
        chosen = {"template": writing.used, "mode": writing.mode, "reply_by": ticket.reply_by}
        facts = OutgoingFacts.of(address, stored.work, automatic=False, quotes=quotes, **chosen)
        external_id = self._outgoing_id(address.channel, article, address.account)
        fields = self._fields(stored, article, "reply", writing, name) | {
            "channel": address.channel,
            "subject": answer_subject(subject if repeatable else "", ticket.number),
            "language": ticket.language,
            "to": address.to,
            "copied": [each.model_dump() for each in writing.copied or ()],
            "external_id": external_id,
            "delivery": {"state": "queued", "detail": "", "at": now, "attempts": 0, "queued_at": now},
            **ArticleWork(outgoing=facts).named(),
        }
        copied = {} if writing.copied is None else {"copied": json.dumps(fields["copied"], ensure_ascii=False)}
        invited = [f"email:{each['address']}" for each in fields["copied"]]
        thread = f"{address.channel}:{external_id}"
        plan = {"kind": "reply", "thread": thread, "sent": f"sent:{thread}", "invited": invited}
        return fields, {**plan, **copied}

    async def written_elsewhere(
        self, stored: StoredTicket, writing: Writing, envelope: Envelope, *, sent_as: str, unanswered: Unanswered
    ) -> str:
        """Add an answer that was sent already, from outside of the desk; returns the article's id.

        It is found by the key `sent_as` (sent_ids.py), and leaves owed what is `unanswered`; one that a machine wrote
        leaves owed all. Raises EngineUnavailable.
        """
        now, address = self._clock.now(), stored.work.reply_to
        article = writing.article_in(stored.record.id, now)
        name = envelope.sender.name or ELSEWHERE
        fields = self._fields(stored, article, "reply", writing, name) | {
            "channel": envelope.channel,
            "language": stored.record.language,
            "to": address.to if address else "",
            "external_id": envelope.external_id,
            "in_reply_to": envelope.in_reply_to,
            "sent_at": envelope.sent_at,
            "delivery": {"state": "sent", "detail": ELSEWHERE, "at": now, "attempts": 0},
        }
        if address is not None and (address.channel, address.account) == (envelope.channel, envelope.account):
            facts = OutgoingFacts.of(address, stored.work, automatic=envelope.automation != "none")
            fields |= ArticleWork(outgoing=facts).named()
        plan = {
            "kind": "reply",
            "elsewhere": True,
            "repeats": envelope.automation != "none" or not unanswered.answers,
            **({} if unanswered.since is None else {"unanswered": unanswered.since}),
            "told": min(envelope.sent_at or envelope.received_at, now),
            "thread": f"{envelope.channel}:{envelope.external_id}",
            "sent": sent_as,
            "fetches": fetches_of(
                writing.attachments,
                article=article,
                ticket=stored.record.id,
                channel=envelope.channel,
                account=envelope.account,
            ),
        }
        return await self._add(stored, fields, plan, writing)

    async def note(self, stored: StoredTicket, writing: Writing, name: str) -> str:
        """Add a note for colleagues; returns the article's id."""
        article = writing.article_in(stored.record.id, self._clock.now())
        fields = self._fields(stored, article, "note", writing, name)
        return await self._add(stored, fields, {"kind": "note"}, writing)

    async def settle_by_hand(
        self, article: str, state: Literal["queued", "sent"], *, actor: str, why: str = ""
    ) -> None:
        """A person decides about a message that failed or whose fate is unknown. Raises NotFound, Conflict."""
        detail = "sent again by hand" if state == "queued" else "marked as sent by hand"
        settled = await self._delivery.settle(
            article, state, detail, came_from=_BY_HAND[state], actor=actor, resend=state == "queued", why=why
        )
        if not settled:
            raise Conflict("only a message that failed, or whose fate is unknown, can be resent or marked as sent")

    def _fields(self, stored: StoredTicket, article: str, kind: str, writing: Writing, name: str) -> dict[str, Any]:
        author = Author(kind="agent" if writing.agent else "system", name=name, id=writing.agent)
        return {
            "id": article,
            "ticket": stored.record.id,
            "kind": kind,
            "channel": stored.record.channel,
            "author": author.model_dump(mode="json"),
            "text": writing.text,
            **({"formatted": True} if writing.formatted else {}),
            **({"template": writing.used.name} if writing.used else {}),
            **({"mode": writing.mode} if writing.mode else {}),
            "attachments": [attachment.model_dump(mode="json") for attachment in writing.attachments],
            "created_at": self._clock.now(),
        }

    async def _add(self, stored: StoredTicket, fields: dict[str, Any], plan: dict[str, Any], writing: Writing) -> str:
        ticket, article, status = stored.record, str(fields["id"]), writing.status
        move = {"status": status, "from": may_come_from(status)} if status else {}
        plan |= move | {
            "article": article,
            "ticket": ticket.id,
            "case": ticket.merged_into or ticket.id,
            "blobs": [attachment.sha256 for attachment in writing.attachments if attachment.sha256],
            "resolution": json.dumps(resolution_of(status, writing.resolution)),
            "known": writing.known.named() if writing.known else None,
            "over": writing.over,
        }
        named = fields | ArticleWork(words=article_words(fields)).named()
        args: ScriptArguments = {"now": self._clock.now(), "actor": writing.actor, "fields": field_list(named)}
        reply: Sequence[Any] = (b"OTHER_CASE", plan["case"].encode())
        while reply[0] == b"OTHER_CASE":  # it was merged or parted since it was read
            plan["case"] = reply[1].decode()
            keys = self._add_keys(ticket.id, plan["case"], article)
            reply = await self._engine.run(_ADD, keys, {**args, "plan": json_bytes(plan)})
        match reply[0]:
            case b"OK" | b"EXISTS":
                return article
            case b"OVERTAKEN":
                raise OvertakenError
            case b"MISSING":
                raise NotFound(f"there is no ticket {ticket.id}")
            case b"NOT_FROM":
                raise cannot_move(reply[1].decode(), str(status))
            case b"BLOB_CONDEMNED":
                raise Gone("a file was uploaded too long ago; upload it again", sha256=reply[1].decode())
            case _:
                raise EngineUnavailable(f"add_article.lua answered {reply[0]!r}")

    def _add_keys(self, ticket: str, case: str, article: str) -> ScriptKeys:
        keys = self._keys
        return {
            "ticket": keys.ticket(ticket),
            "case": keys.ticket(case),
            "desk": keys.desk,
            "places": keys.places(ticket),
            "article": keys.article(article),
            "threads": keys.threads,
            "outbox": keys.outgoing,
            "held": held_keys(self._engine),
            "blobs": keys.blobs,
            "media": keys.media.keys,
        }
