"""Asking a customer to prove an address, and taking that back. Answers come as messages (filer.py, proof_request.py).

Only who has proven who they are can be asked, because only they can answer: the customer of the ticket, on the channel
that they write by. At most so many codes an hour go to one address, whoever asks, for one ticket, and by one asker.
"""

import secrets
from collections.abc import Collection

from ..config.errors import Conflict, Gone, Invalid, NotFound, Overloaded
from ..normalizer.addresses import normalise_address
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.dedup import digest
from ..queue.engine_secret import engine_secret
from ..queue.scanning import scan
from ..queue.script_head import Group
from ..queue.scripts import Script, ScriptArguments, ScriptKeys
from ..queue.work import WorkQueue
from .blocked_senders import BlockedSenders
from .customer_records import load_record, load_records
from .person import as_one, between
from .policy import CurrentPolicy
from .proof_request import LIFETIME_MS, ProofRequest
from .records import json_bytes
from .reply_route import Routes
from .stored_ticket import StoredTicket, load_ticket
from .ticket_keys import TicketKeys

QUEUE = "proof_codes"
PER_HOUR = {"to": 5, "of": 5, "by": 30}

_ASK = Script.beside(__file__, "ask_proof.lua")
_WITHDRAW = Script.beside(__file__, "withdraw_proof.lua")
_PROOFS = Group.beside(__file__, "proofs.lua", "proofs")


class ProofStore:
    """Where requests lie, and the key that their codes are drawn from."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.keys = _PROOFS(records=engine.keys("proofs", "records"), expiry=engine.keys("proofs", "until"))
        self._key = engine.keys("proofs", "key")

    async def raw(self, ticket: str) -> str:
        """The request of a ticket as it is kept; empty when there is none."""
        return (await self._engine.call("HGET", self.keys["records"], ticket) or b"").decode()

    async def of(self, ticket: str, now: int) -> ProofRequest | None:
        """The request of a ticket that waits for its answer."""
        raw = await self.raw(ticket)
        request = ProofRequest.model_validate_json(raw) if raw else None
        return request if request and now < request.until else None

    async def key(self) -> bytes:
        """The same for ever; made when it is first asked for."""
        return await engine_secret(self._engine, self._key)

    async def forget(self, names: Collection[str]) -> None:
        """Forget the requests of these tickets, identities and addresses."""
        async for ticket, raw in scan(self._engine, "HSCAN", self.keys["records"]):
            request = ProofRequest.model_validate_json(raw)
            if {request.ticket, request.identity, request.address} & set(names):
                await self._engine.call("HDEL", self.keys["records"], ticket)
                await self._engine.call("ZREM", self.keys["expiry"], ticket)


class ProofRequests:
    """The requests of a workspace."""

    def __init__(self, engine: Engine, clock: Clock, *, policy: CurrentPolicy, routes: Routes) -> None:
        self._engine = engine
        self._clock = clock
        self._policy = policy
        self._routes = routes
        self._keys = TicketKeys(engine)
        self._blocked = BlockedSenders(engine, clock)
        self._mails = WorkQueue(engine, QUEUE)
        self._counts = engine.keys("codes", "hour")
        self.store = ProofStore(engine)

    async def ask(self, ticket: str, address: str, *, actor: str) -> ProofRequest:
        """Have a code mailed to this address; one that was sent before for the ticket proves nothing any more.

        Raises NotFound, Invalid, Conflict when it could prove nothing, and Overloaded when too many were asked for.
        """
        email = normalise_address(address)
        if email is None:
            raise Invalid(f"{address!r} is not an e-mail address", field="address")
        stored = await load_ticket(self._engine, ticket)
        identity = await self._asked(stored)
        await self._demand_sense(stored, identity, email)
        now = self._clock.now()
        request = ProofRequest(
            ticket=stored.record.id,
            number=stored.record.number,
            identity=identity,
            address=email,
            nonce=secrets.token_hex(16),
            asked_at=now,
            until=now + LIFETIME_MS,
            by=actor,
        )
        await self._write(request, stored.record.language)
        return request

    async def withdraw(self, ticket: str, *, actor: str) -> None:
        """The code that was sent proves nothing any more; again is fine. Raises NotFound, Gone when it was answered."""
        stored = await load_ticket(self._engine, ticket)
        raw = await self.store.raw(stored.record.id)
        if not raw:
            return
        args: ScriptArguments = {
            "now": self._clock.now(),
            "actor": actor,
            "request": raw,
            "told": ProofRequest.model_validate_json(raw).told,
        }
        if await self._engine.run(_WITHDRAW, self._script_keys(stored.record.id), args) == b"CHANGED":
            raise Gone("it was answered meanwhile, or another code was sent; look again")

    async def _asked(self, stored: StoredTicket) -> str:
        """The identity that has to answer: that of the ticket's customer. Raises Conflict."""
        ticket = stored.record
        record = await load_record(self._engine, self._keys, ticket.customer) if ticket.customer else None
        if record is None or not record.identities:
            raise Conflict(f"nobody is known behind {ticket.number} who could be asked")
        identity = record.identities[0].key
        if stored.work.participants.get(identity, -1) < self._policy().channels[ticket.channel].proven:
            raise Conflict(
                f"it is not proven who wrote {ticket.number}, so nobody can prove anything there; an address in a form "
                "or an unproven mail is a claim itself"
            )
        return identity

    async def _demand_sense(self, stored: StoredTicket, identity: str, email: str) -> None:
        """Raises Conflict with the reason why a code would be of no use."""
        policy, key = self._policy(), f"email:{email}"
        colleagues = {normalise_address(agent.email) for agent in policy.settings.agents.values()}
        if self._routes("", "") is None:
            raise Conflict("no channel here writes to e-mail addresses, so no code can be sent")
        if email in policy.addresses or email in colleagues:
            raise Conflict(f"{email} is one of our own")
        if key == identity:
            raise Conflict(f"{stored.record.number} was written from {email}; ask for another address of theirs")
        if cause := await self._blocked.cause_of(email):
            raise Conflict(cause)
        owner = (await self._engine.call("HGET", self._keys.identities, key) or b"").decode()
        records = await load_records(self._engine, self._keys, filter(None, (stored.record.customer, owner)))
        theirs = stored.record.customer or ""
        if theirs not in records or owner not in records:
            return
        if owner in records[theirs].records or owner == theirs:
            raise Conflict(f"{email} is known as theirs already")
        if any(each.get("state") == "declined" for each in between(records, theirs, owner)):
            name = as_one([records[owner]]).name or email
            raise Conflict(f"somebody said that {name} is not the same person; merge them by hand if they are")

    async def _write(self, request: ProofRequest, language: str) -> None:
        counted = {"to": digest(request.address).hex(), "of": request.ticket, "by": request.by}
        order = request.model_dump(mode="json") | {"language": language}
        args: ScriptArguments = {
            "now": request.asked_at,
            "actor": request.by,
            "request": request.model_dump_json(),
            "good_until": request.until,
            "payload": json_bytes(order),
            "told": request.told,
            "caps": json_bytes({f"{what}:{name}": PER_HOUR[what] for what, name in counted.items()}),
        }
        keys: ScriptKeys = {**self._script_keys(request.ticket), "counts": self._counts, "mails": self._mails.keys}
        reply = await self._engine.run(_ASK, keys, args)
        match reply[0]:
            case b"MISSING":
                raise NotFound(f"there is no ticket {request.ticket}")
            case b"MERGED":
                raise Conflict(f"{request.number} is merged into another ticket; work there")
            case b"CLOSED":
                raise Conflict(f"{request.number} is closed, so no answer comes into it any more")
            case b"CAPPED":
                words = "too many codes were asked for, for this address, this ticket or by you"
                raise Overloaded(words, public=words, retry_after=int(reply[1]))

    def _script_keys(self, ticket: str) -> ScriptKeys:
        return {"ticket": self._keys.ticket(ticket), "desk": self._keys.desk, "proofs": self.store.keys}
