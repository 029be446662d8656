"""Finds what speaks for it that somebody who writes is a customer that there is already. Reads only.

Only a message of proven origin is looked at, and most ask nothing of the engine: a ground that was there when the
sender was last seen is not looked for again. What more than `MOST_SHARING` others share (the number of a switchboard,
a name that a whole team writes under) speaks for nobody.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence

from ..normalizer.envelope import Assurance, Envelope, Identity
from ..normalizer.joining import Join
from ..normalizer.same_person import company_domain, full_name, named_beside
from ..queue.connection import Engine
from .customer_records import load_record
from .customer_terms import named_head, namesake_head, proposed_head
from .person import Records
from .proposals import DAY_MS, MOST_OF_A_KIND, WEIGHTS, Ground
from .records import Customer
from .ticket_keys import TicketKeys

MOST_SHARING = 2

_THINGS = {"phone": "phone number", "email": "address"}


class Grounds:
    """Looks for grounds in a workspace."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._keys = TicketKeys(engine)

    async def of(
        self, envelope: Envelope, owners: Mapping[str, str], known: Records, join: Join, ticket: Mapping[bytes, bytes]
    ) -> list[Ground]:
        """The grounds of a message, given whose its identities are, what is known of them, and what it joins."""
        wrote = next(iter(envelope.sender.identities), None)
        if wrote is None or wrote.assurance < Assurance.ORIGIN:
            return []
        record, name = known.get(owners.get(wrote.key, "")), envelope.sender.name
        named = named_beside(envelope.sender)
        found = [_named(each, wrote, owners[each.key]) for each in named if owners.get(each.key)]
        found += [_numbered(key, owner) for key, owner in owners.items() if owner and key.startswith("external:")]
        known_names = {each.key for each in record.named} if record else set[str]()
        asked = [self._shared(each) for each in named if each.key not in known_names]
        is_new = record is None or not _is_proven(record, wrote)
        if is_new:
            asked.append(self._named_before(wrote))
        if is_new or (record and name not in record.names):
            asked.append(self._namesakes(wrote, name))
        if join.how == "token" and envelope.reply_token and not envelope.reply_token.from_bound_address:
            asked.append(self._answered(wrote, name, json.loads(ticket.get(b"customer", b"null")) or ""))
        found += [ground for grounds in await asyncio.gather(*asked) for ground in grounds]
        return [each for each in found if record is None or each.record != record.id]

    async def full(self, now: int) -> frozenset[int]:
        """The weights of which the desk has had enough open proposals within a day."""
        weights, since = list(WEIGHTS.values()), max(0, now - DAY_MS)
        bounds = ((f"[{proposed_head(weight, since)}", f"({proposed_head(weight)}~") for weight in weights)
        counts = await asyncio.gather(*(self._engine.call("ZLEXCOUNT", self._keys.directory, *each) for each in bounds))
        return frozenset(weight for weight, count in zip(weights, counts, strict=True) if int(count) >= MOST_OF_A_KIND)

    async def _shared(self, named: Identity) -> list[Ground]:
        thing = _THINGS.get(named.kind, "customer")
        return [
            Ground(
                kind="shared",
                record=id_,
                how=f"a signed source named the same {thing} for both",
                evidence=named.evidence,
            )
            for id_ in await self._under(named_head(named.key))
        ]

    async def _named_before(self, wrote: Identity) -> list[Ground]:
        return [
            Ground(kind="named", record=id_, how=_NAMED_BOTH, evidence=wrote.evidence)
            for id_ in await self._under(named_head(wrote.key))
        ]

    async def _namesakes(self, wrote: Identity, name: str) -> list[Ground]:
        domain, whole = company_domain(wrote), full_name(name)
        if not domain or not whole:
            return []
        how = f"both write as {name} from {domain}"
        return [
            Ground(kind="namesake", record=id_, how=how, evidence=f"{wrote.evidence}; {_CLAIMED}")
            for id_ in await self._under(namesake_head(domain, whole))
        ]

    async def _answered(self, wrote: Identity, name: str, customer: str) -> list[Ground]:
        other, whole = await load_record(self._engine, self._keys, customer) if customer else None, full_name(name)
        if other is None or not whole or whole not in map(full_name, other.names):
            return []
        how = f"answered as {name} with the reply address that only the other was given"
        return [Ground(kind="answered", record=customer, how=how, evidence=f"{wrote.evidence}; {_CLAIMED}")]

    async def _under(self, head: str) -> Sequence[str]:
        """The records under this head of the directory; none when they are too many to mean somebody."""
        bounds = (f"[{head}", f"({head}~", "BYLEX", "LIMIT", 0, MOST_SHARING + 2)
        found = [
            each.decode()[len(head) :] for each in await self._engine.call("ZRANGE", self._keys.directory, *bounds)
        ]
        return found if len(found) <= MOST_SHARING + 1 else ()


_CLAIMED = "a name is what somebody calls themselves"
_NAMED_BOTH = "a signed source named both in one message"


def _named(named: Identity, wrote: Identity, record: str) -> Ground:
    evidence = "; ".join(dict.fromkeys(filter(None, (named.evidence, wrote.evidence))))
    return Ground(kind="named", record=record, identity=named.key, how=_NAMED_BOTH, evidence=evidence)


def _numbered(key: str, record: str) -> Ground:
    _, system, id_ = key.split(":", 2)
    how = f"a signed source said the id that the other has in {system}"
    return Ground(kind="numbered", record=record, identity=key, how=how, evidence=id_)


def _is_proven(record: Customer, wrote: Identity) -> bool:
    return any(each.key == wrote.key and each.assurance >= Assurance.ORIGIN for each in record.identities)
