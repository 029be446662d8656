"""Senders whose messages wait for a person: an address, or `@example.org` for all of a domain.

What a blocked sender writes is accepted and suspended with this cause, never refused or lost; once it is released, it
is filed like any other. A block names who set it, when, why, and the ticket by which it was set, if any. Only who a
message says that it is from is looked at, so a block keeps out what claims to be from there, too. At most `MOST`.
"""

import asyncio
from collections.abc import Collection, Sequence

from pydantic import Field

from ..config.errors import Conflict, Invalid, NotFound
from ..normalizer.addresses import normalise_address, normalise_domain
from ..normalizer.envelope import Envelope, Record
from ..queue.clock import Clock
from ..queue.connection import Engine

MOST = 10_000


class BlockedSender(Record):
    """One block."""

    sender: str = Field(description="An address, or @example.org for all of a domain.")
    by: str = Field(description="Who set it: agent:ada, token:crm.")
    at: int = Field(description="When. Milliseconds.")
    reason: str = ""
    ticket: str = Field(default="", description="The ticket that was marked as spam with it.")


class BlockedSenders:
    """The blocks of a workspace."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._key = engine.keys("blocked")

    async def block(self, sender: str, *, actor: str, reason: str = "", ticket: str = "") -> BlockedSender:
        """Suspend what comes from there from now on; again keeps the first. Raises Invalid, Conflict when full."""
        key = blocked_key(sender)
        record = BlockedSender(sender=key, by=actor, at=self._clock.now(), reason=reason, ticket=ticket)
        if int(await self._engine.call("HLEN", self._key)) >= MOST:
            raise Conflict(f"{MOST} senders are blocked already; unblock some, or block their domain")
        await self._engine.call("HSETNX", self._key, key, record.model_dump_json())
        found = await self._engine.call("HGET", self._key, key)
        return BlockedSender.model_validate_json(found) if found else record

    async def unblock(self, sender: str) -> None:
        """What comes from there is filed again. Raises NotFound."""
        try:
            key = blocked_key(sender)
        except Invalid:
            key = ""
        if not (key and int(await self._engine.call("HDEL", self._key, key))):
            raise NotFound(f"{sender} is not blocked")

    async def all(self) -> Sequence[BlockedSender]:
        """All of them, the newest first."""
        found = await self._engine.call("HVALS", self._key)
        records = [BlockedSender.model_validate_json(each) for each in found]
        return sorted(records, key=lambda each: (-each.at, each.sender))

    async def lift(self, ticket: str) -> None:
        """Unblock whoever was blocked by marking this ticket as spam."""
        those = [each.sender for each in await self.all() if each.ticket == ticket]
        await asyncio.gather(*(self._engine.call("HDEL", self._key, key) for key in those))

    async def forget(self, names: Collection[str]) -> None:
        """Drop the blocks of addresses among these; a person is erased."""
        addresses = [name for name in names if "@" in name]
        if addresses:
            await self._engine.call("HDEL", self._key, *addresses)

    async def cause(self, envelope: Envelope) -> str:
        """Why this message waits for a person; empty when its sender is not blocked."""
        wrote = envelope.sender.identities[0] if envelope.sender.identities else None
        return await self.cause_of(wrote.value) if wrote else ""

    async def cause_of(self, address: str) -> str:
        """How this address is blocked; empty when it is not."""
        if "@" not in address:
            return ""
        domain = address.rpartition("@")[2]
        for found in await self._engine.call("HMGET", self._key, address, f"@{domain}"):
            if found:
                record = BlockedSender.model_validate_json(found)
                return f"{record.sender} is blocked" + (f": {record.reason}" if record.reason else "")
        return ""


def blocked_key(sender: str) -> str:
    """The key of a sender. Raises Invalid."""
    if sender.startswith("@") and (domain := normalise_domain(sender[1:])):
        return f"@{domain}"
    key = normalise_address(sender)
    if key is None:
        raise Invalid(f"{sender!r} is neither an e-mail address nor @ and a domain", field="sender")
    return key
