"""Sending again: an answer that did not arrive goes to another address of the same person, by mail.

It is written into the ticket once more, as an article that says which one it repeats and under the name of the agent
who wrote it; the one that went astray needs no decision any more. Whoever is proven to read at the address takes part
in the ticket from then on; an address that is only claimed, or that nobody knows, gains nothing.
"""

from ..config.errors import Conflict, Invalid, NotFound
from ..normalizer.addresses import normalise_address
from ..normalizer.joining import PROVEN
from ..queue.connection import Engine
from .customer_records import load_records
from .person import as_one
from .records import Article
from .replies import Replies
from .reply_route import ReplyAddress, Routes
from .stored_ticket import StoredArticle, StoredTicket, load_ticket
from .ticket_keys import TicketKeys
from .ticket_requests import Writing

ASTRAY = ("failed", "unknown")


class SendingAgain:
    """Sends answers once more, elsewhere."""

    def __init__(self, engine: Engine, replies: Replies, routes: Routes) -> None:
        self._engine = engine
        self._keys = TicketKeys(engine)
        self._replies = replies
        self._routes = routes

    async def elsewhere(self, article: str, address: str, *, actor: str, reason: str = "") -> str:
        """Mail the answer to this address; returns the id of the article that repeats it. Again is the same article.

        Raises NotFound, Invalid for what is no address, and Conflict when it did not go astray or no mail can be sent.
        """
        to = normalise_address(address)
        if to is None:
            raise Invalid(f"{address!r} is not an e-mail address", field="to")
        record = await self._astray(article)
        stored = await load_ticket(self._engine, record.ticket)
        route = self._route(stored, record)
        writing = Writing(
            text=record.text,
            actor=actor,
            agent=record.author.id if record.author.kind == "agent" else "",
            attachments=record.attachments,
            key=f"{record.id}\x1f{to}",
        )
        return await self._replies.repeat_by(
            stored,
            writing,
            route.model_copy(update={"to": to}),
            name=record.author.name,
            participant=f"email:{to}" if await self._reads_there(stored, to) else None,
            repeats=record.repeats or (record.id,),
            instead_of=(record.id, reason),
        )

    async def _astray(self, article: str) -> Article:
        flat = await self._engine.call("HGETALL", self._keys.article(article))
        if not flat:
            raise NotFound(f"there is no article {article}")
        record = StoredArticle.from_flat(flat).record
        if record.delivery is None or record.delivery.state not in ASTRAY:
            raise Conflict("only a message that failed, or whose fate is unknown, can be sent to another address")
        return record

    def _route(self, stored: StoredTicket, record: Article) -> ReplyAddress:
        """From the address of ours that the ticket is answered from, if that is a mailbox; else from our first."""
        pinned = stored.work.reply_to
        route = (pinned and self._routes(pinned.channel, pinned.account)) or self._routes("", "")
        if route is None or route.writes_to != "email":
            route = self._routes("", "")
        if route is None:
            raise Conflict("no channel mail is configured, so nothing can be sent by mail")
        return ReplyAddress(channel=route.channel, account=route.account, to=record.to)

    async def _reads_there(self, stored: StoredTicket, address: str) -> bool:
        """Whether the customer of the ticket has proven that they read at the address."""
        customer = stored.record.customer
        records = await load_records(self._engine, self._keys, [customer]) if customer else {}
        known = as_one(sorted(records.values(), key=lambda each: each.id)).identities if records else ()
        return any(each.kind == "email" and each.value == address and each.assurance >= PROVEN for each in known)
