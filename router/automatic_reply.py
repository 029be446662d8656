"""What a rule answers to a customer, with every guard that acknowledgements have (acknowledgement.py).

Never to a machine, to an address that was only named, or to one that nobody has proven where the settings of the
acknowledgement ask for it; within the same limits an hour and a day, and not soon after the last mail of ours that
nobody wrote. The text is the configuration's; of what the customer wrote nothing is repeated, and to whoever is not
proven not even their name.
"""

from collections.abc import Mapping
from uuid import UUID, uuid5

from ..normalizer.subjects import answer_subject
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.scripts import Script, ScriptArguments, ScriptKeys
from .acknowledgement import UP_TO, limits_of
from .automatic_article import AutomaticAnswer, automatic_article
from .policy import CurrentPolicy
from .records import field_list, json_bytes
from .reply_route import OutgoingId
from .stored_ticket import StoredTicket
from .ticket_keys import TicketKeys
from .variables import filled

_REPLY = Script.beside(__file__, "rule_reply.lua")


class AutomaticReplies:
    """Sends them."""

    def __init__(self, engine: Engine, clock: Clock, *, policy: CurrentPolicy, outgoing_id: OutgoingId) -> None:
        self._engine = engine
        self._clock = clock
        self._policy = policy
        self._outgoing_id = outgoing_id
        self._keys = TicketKeys(engine)

    async def send(self, stored: StoredTicket, texts: Mapping[str, str], *, customer: str, actor: str, key: str) -> str:
        """Send the text in the ticket's language; returns why it was not sent, or nothing. The same key sends once."""
        if refused := self._refused(stored):
            return refused
        address, ticket, work = stored.work.reply_to, stored.record, stored.work
        assert address is not None
        proven = work.hears == "proven"
        article = str(uuid5(UUID(ticket.id), key))
        text = texts.get(ticket.language) or texts.get("en") or next(iter(texts.values()))
        values = {"number": ticket.number, "customer": customer if proven else ""}
        external_id, now = self._outgoing_id(address.channel, article, address.account), self._clock.now()
        answer = AutomaticAnswer(
            article=article,
            ticket=ticket.id,
            address=address,
            external_id=external_id,
            subject=answer_subject((work.thread_subject or ticket.subject) if proven else "", ticket.number),
            text=filled(text, values),
            language=ticket.language,
        )
        limits = limits_of(address.to, self._policy().settings.acknowledgement, is_proven=proven)
        thread = f"{address.channel}:{external_id}"
        plan = {"article": article, "thread": thread, "limits": limits, "actor": actor}
        args: ScriptArguments = {
            "now": now,
            "plan": json_bytes(plan),
            "fields": field_list(automatic_article(answer, work, now)),
        }
        reply = await self._engine.run(_REPLY, self._reply_keys(ticket.id, article), args)
        return "they were written to by us too often or just now" if reply[0] == b"HELD_BACK" else ""

    def _refused(self, stored: StoredTicket) -> str:
        """Why nothing may be sent by itself."""
        settings, address = self._policy().settings.acknowledgement, stored.work.reply_to
        if address is None or address.to == address.account:
            return "there is no address to answer to"
        if not stored.work.hears:
            return "what came last was not written by a person to whom we write by ourselves"
        if stored.work.hears not in UP_TO[settings.to]:
            return f"nobody has proven who wrote (acknowledgement.to is {settings.to})"
        return ""

    def _reply_keys(self, ticket: str, article: str) -> ScriptKeys:
        keys = self._keys
        return {
            "ticket": keys.ticket(ticket),
            "desk": keys.desk,
            "places": keys.places(ticket),
            "article": keys.article(article),
            "threads": keys.threads,
            "outbox": keys.outgoing,
            "acknowledgements": keys.acknowledgements,
            "directory": keys.directory,
        }
