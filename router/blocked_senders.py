"""Senders whose messages wait for a person: an address, or `@example.org` for all of a domain.

What a blocked sender writes is accepted and suspended with this cause, never refused or lost; once it is released, it
is filed like any other. A block names who set it, when, why, and the ticket by which it was set, if any.

A block holds all that says it is from there, or only what nobody has proven to be: spam in somebody's name is no reason
to hold what they write themselves. What waits for its proof because the DNS gave no answer is not held for being
unproven. The whole domain of a public provider cannot be blocked. At most `MOST` blocks.
"""

import asyncio
from collections.abc import Collection, Sequence
from typing import Literal

from pydantic import Field

from ..config.errors import Conflict, Invalid, NotFound
from ..normalizer.addresses import normalise_address, normalise_domain
from ..normalizer.envelope import Assurance, Envelope, Record
from ..normalizer.mail_domains import is_public
from ..queue.clock import Clock
from ..queue.connection import Engine

MOST = 10_000

Holds = Literal["all", "unproven"]

_UNPROVEN = "unproven:"
"""Before the key of a block that holds only what is unproven."""


class BlockedSender(Record):
    """One block."""

    sender: str = Field(description="An address, or @example.org for all of a domain.")
    holds: Holds = Field(default="all", description="All that says it is from there, or only what nobody has proven.")
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

    async def block(
        self, sender: str, *, actor: str, holds: Holds = "all", reason: str = "", ticket: str = ""
    ) -> BlockedSender:
        """Suspend what comes from there from now on; again keeps the first. Raises Invalid, Conflict when full."""
        whom, now = blocked_key(sender), self._clock.now()
        record = BlockedSender(sender=whom, holds=holds, by=actor, at=now, reason=reason, ticket=ticket)
        key = _key(record)
        if int(await self._engine.call("HLEN", self._key)) >= MOST:
            raise Conflict(f"{MOST} senders are blocked already; unblock some, or block their domain")
        await self._engine.call("HSETNX", self._key, key, record.model_dump_json())
        found = await self._engine.call("HGET", self._key, key)
        return BlockedSender.model_validate_json(found) if found else record

    async def unblock(self, sender: str) -> None:
        """What comes from there is filed again, proven or not. Raises NotFound."""
        key = _normalised(sender)
        if not (key and int(await self._engine.call("HDEL", self._key, key, f"{_UNPROVEN}{key}"))):
            raise NotFound(f"{sender} is not blocked")

    async def all(self) -> Sequence[BlockedSender]:
        """All of them, the newest first."""
        found = await self._engine.call("HVALS", self._key)
        records = [BlockedSender.model_validate_json(each) for each in found]
        return sorted(records, key=lambda each: (-each.at, each.sender))

    async def lift(self, ticket: str) -> None:
        """Unblock whoever was blocked by marking this ticket as spam."""
        those = [_key(each) for each in await self.all() if each.ticket == ticket]
        await asyncio.gather(*(self._engine.call("HDEL", self._key, key) for key in those))

    async def forget(self, names: Collection[str]) -> None:
        """Drop the blocks of addresses among these; a person is erased."""
        addresses = [key for name in names if "@" in name for key in (name, f"{_UNPROVEN}{name}")]
        if addresses:
            await self._engine.call("HDEL", self._key, *addresses)

    async def cause(self, envelope: Envelope) -> str:
        """Why this message waits for a person; empty when its sender is not blocked."""
        wrote = envelope.sender.identities[0] if envelope.sender.identities else None
        if wrote is None:
            return ""
        waits = envelope.origin is not None and envelope.origin.state == "pending"
        return await self.cause_of(wrote.value, proven=wrote.assurance >= Assurance.CHANNEL or waits)

    async def cause_of(self, address: str, *, proven: bool = True) -> str:
        """How this address is blocked; empty when it is not. `proven`: what only holds what is unproven is none."""
        if "@" not in address:
            return ""
        keys = [address, f"@{address.rpartition('@')[2]}"]
        keys += [] if proven else [f"{_UNPROVEN}{key}" for key in keys]
        for found in await self._engine.call("HMGET", self._key, *keys):
            if found:
                return _cause(BlockedSender.model_validate_json(found))
        return ""


def blocked_key(sender: str) -> str:
    """The key of a sender. Raises Invalid, also for the whole domain of a public provider."""
    key = _normalised(sender)
    if not key:
        raise Invalid(f"{sender!r} is neither an e-mail address nor @ and a domain", field="sender")
    if key.startswith("@") and is_public(key[1:]):
        raise Invalid(
            f"anybody can have an address at {key[1:]}, so it is not blocked as a whole; block single addresses",
            field="sender",
        )
    return key


def _normalised(sender: str) -> str:
    """The spelling under which a sender is kept; empty for what is none."""
    if sender.startswith("@") and (domain := normalise_domain(sender[1:])):
        return f"@{domain}"
    return normalise_address(sender) or ""


def _key(record: BlockedSender) -> str:
    return f"{_UNPROVEN}{record.sender}" if record.holds == "unproven" else record.sender


def _cause(record: BlockedSender) -> str:
    whom = f"unproven mail of {record.sender}" if record.holds == "unproven" else record.sender
    return f"{whom} is blocked" + (f": {record.reason}" if record.reason else "")
