"""A colleague passes a customer's message on: the ticket can be made that customer's, and it can be undone.

`passed_on_by` and `original_writer` tell, when a message is filed, that a proven agent passes something on and whose it
is: then the agent is not acknowledged, and the ticket has an offer. What an unproven sender or a customer passes on is
theirs, and nothing is offered. `OriginalWriters` decides: the original writer becomes the customer, answers go to them,
and all of it is the agent's word (A0), so the ticket counts as unproven until they write themselves. They
take part in it for as long as it is theirs (resolver.py).
"""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from ..config.errors import Conflict, EngineUnavailable, NotFound
from ..config.settings import Settings
from ..normalizer.addresses import normalise_address
from ..normalizer.channel_facts import ChannelFacts
from ..normalizer.copies import FilingKeys
from ..normalizer.envelope import Assurance, Envelope, Identity, Sender, envelope_id
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.scripts import Script, ScriptArguments, ScriptKeys
from .customer_plan import CustomerPlan, plan_customer
from .private_fields import BeforeTaken
from .records import OriginalWriter, json_bytes, text_fields
from .resolver import Resolution, Resolver
from .stored_ticket import StoredTicket, load_ticket
from .ticket_keys import TicketKeys

TRIES = 20

_TAKE = Script.beside(__file__, "take_original.lua")


def passed_on_by(envelope: Envelope, settings: Settings, facts: ChannelFacts) -> str:
    """The agent who passes something on with this message, proven to be them; empty for anybody else."""
    sender = envelope.sender.identities[0] if envelope.sender.identities else None
    if not envelope.originals or sender is None or sender.kind != "email" or sender.assurance < facts.proven:
        return ""
    return addresses_of_agents(settings).get(sender.value, "")


def original_writer(envelope: Envelope, settings: Settings, agent: str) -> OriginalWriter | None:
    """Whose message the agent passes on: the first writer who is neither a colleague nor ourselves."""
    colleagues = addresses_of_agents(settings)
    for each in envelope.originals if agent else ():
        if each.address and not each.ours and each.address not in colleagues:
            return OriginalWriter(address=each.address, name=each.name, subject=each.subject, by=agent)
    return None


def addresses_of_agents(settings: Settings) -> Mapping[str, str]:
    """The agents by their addresses, normalised."""
    return {key: id_ for id_, each in settings.agents.items() if (key := normalise_address(each.email))}


class OriginalWriters:
    """Decides whose ticket it is."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._keys = TicketKeys(engine)
        self._resolver = Resolver(engine)

    async def take(self, ticket: str, *, actor: str) -> None:
        """Make the original writer the customer; again is fine. Raises NotFound, Conflict when nobody is offered."""
        for _ in range(TRIES):
            stored = await load_ticket(self._engine, ticket)
            writer = _offered(stored)
            if writer.taken:
                return
            envelope = self._claim(stored, writer)
            found = await self._resolver.resolve(envelope, FilingKeys(own=envelope.raw_id))
            people = plan_customer(envelope, found, self._clock.now())
            if await self._write(stored, self._taking(stored, writer, people), found, people, actor):
                return
        raise EngineUnavailable(f"{ticket}: the customer's record changed {TRIES} times in a row")

    async def give_back(self, ticket: str, *, actor: str) -> None:
        """Undo it; again is fine. Raises NotFound, Conflict."""
        stored = await load_ticket(self._engine, ticket)
        writer, before = _offered(stored), stored.work.before_taken
        if not writer.taken or before is None:
            return
        fields = {
            "customer": before.customer,
            "subject": before.subject,
            "unproven": before.unproven,
            "_reply_to": before.reply_to,
            "original_writer": writer.model_copy(update={"taken": False}),
        }
        if not await self._write(stored, fields, None, None, actor):
            raise Conflict("somebody has decided it meanwhile; look again")

    def _claim(self, stored: StoredTicket, writer: OriginalWriter) -> Envelope:
        """Who wrote the original as a message would name them."""
        raw, now = str(uuid4()), self._clock.now()
        evidence = f"named in a message that {writer.by} passed on"
        claimed = Identity(kind="email", value=writer.address, assurance=Assurance.CLAIMED, evidence=evidence)
        return Envelope(
            id=envelope_id(raw, 0),
            channel=stored.record.channel,
            external_id=raw,
            order="",
            sender=Sender(identities=(claimed,), name=writer.name),
            received_at=now,
            raw_id=raw,
        )

    def _taking(self, stored: StoredTicket, writer: OriginalWriter, people: CustomerPlan) -> dict[str, Any]:
        ticket, address = stored.record, stored.work.reply_to
        before = BeforeTaken(
            customer=ticket.customer, subject=ticket.subject, unproven=ticket.unproven, reply_to=address
        )
        to = address.model_copy(update={"to": writer.address, "name": "", "claimed": True}) if address else None
        return {
            "customer": people.customer,
            "subject": writer.subject or ticket.subject,
            "unproven": True,
            "_reply_to": to,
            "_before_taken": before,
            "original_writer": writer.model_copy(update={"taken": True}),
        }

    async def _write(
        self,
        stored: StoredTicket,
        fields: Mapping[str, Any],
        found: Resolution | None,
        people: CustomerPlan | None,
        actor: str,
    ) -> bool:
        writer, address = _offered(stored), stored.work.reply_to
        went = address.to if address else ""
        goes = fields["_reply_to"].to if fields["_reply_to"] else ""
        changes = people.changes if people else ()
        plan = {
            "identities": dict(found.identities) if found else {},
            "customers": [each.planned() for each in changes],
            "register": dict(people.register) if people else {},
            "seen": json_bytes(writer.model_dump(mode="json")).decode(),
            "fields": text_fields({name: _piece(value) for name, value in fields.items()}),
            "changes": json_bytes({"original_writer": [went, goes]}).decode(),
        }
        keys: ScriptKeys = {
            "ticket": self._keys.ticket(stored.record.id),
            "desk": self._keys.desk,
            "identities": self._keys.identities,
            "directory": self._keys.directory,
            "customers": [self._keys.customer(each.customer) for each in changes],
        }
        args: ScriptArguments = {"now": self._clock.now(), "actor": actor, "plan": json_bytes(plan)}
        match await self._engine.run(_TAKE, keys, args):
            case b"MISSING":
                raise NotFound(f"there is no ticket {stored.record.id}")
            case answer:
                return bool(answer == b"OK")


def _offered(stored: StoredTicket) -> OriginalWriter:
    if stored.record.original_writer is None:
        raise Conflict(f"{stored.record.number} passes on no message of somebody else that could be its customer")
    return stored.record.original_writer


def _piece(value: Any) -> Any:
    return value.model_dump(mode="json") if hasattr(value, "model_dump") else value
