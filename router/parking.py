"""Parking: an account of a channel that takes nothing now holds back its own messages, and nobody else's.

A channel says so by AccountUnavailable: it cannot be reached, fails, or wants fewer messages, and for how long; or by
CredentialsRefused: it does not take our token. Then no message of the account is handed to it until the pause is over.
The pauses grow from a second to five minutes, and are as long as the channel asks for; a refused token is tried every
five minutes, and at once when a worker starts. When a pause is over one message goes ahead, whichever comes first; the
others follow when the channel takes it, or refuses that message alone. So a dead token is one failure every few minutes
and one line on the board, however many messages wait.

What waits is `queued` with the cause at its article, and is given up after the time of `delivery.py`, as ever.
"""

import json
import random
from collections.abc import Mapping, Sequence

import structlog
from pydantic import Field

from ..config.errors import CredentialsRefused, DeliveryUnknown, Temporary
from ..normalizer.envelope import Record
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.script_head import Group
from ..queue.scripts import Script, ScriptArguments
from ..queue.work import Entry
from .ticket_keys import TicketKeys

log = structlog.get_logger()

LONGEST_PAUSE_MS = 300_000
PROBE_MS = 30_000  # for which the others wait for the one that goes ahead
SPREAD_MS = 2_000  # within which those that waited come back
AT_ONCE = 200

_PARK = Script.beside(__file__, "park_account.lua")
_UNPARK = Script.beside(__file__, "unpark_account.lua")
_KEYS = Group.beside(__file__, "parking.lua", "parking")


class Parked(Record):
    """An account that takes nothing now."""

    channel: str
    account: str
    since: int = Field(description="Milliseconds.")
    until: int = Field(description="Milliseconds; when it is tried next.")
    failures: int = Field(description="How often it failed in a row.")
    cause: str = Field(description="In the channel's words.")
    credentials: bool = Field(default=False, description="It does not take our token or password.")
    probe: int = Field(default=0, exclude=True, description="The message that went ahead last.")
    waiting: int = Field(default=0, description="How many messages wait for it.")


def account_key(channel: str, account: str) -> str:
    """What an account of a channel is called in the engine."""
    return f"{channel}\0{account}"


class Parking:
    """The parked accounts of a workspace."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self.keys = _KEYS(**{name: engine.keys("parking", name) for name in _KEYS.names})
        self._both = {"parking": self.keys, "outbox": TicketKeys(engine).outgoing}

    async def park(self, channel: str, account: str, entry: Entry, error: Temporary | DeliveryUnknown) -> int:
        """The account takes nothing now; returns until when, in milliseconds."""
        asked = error.asked if isinstance(error, Temporary) else None
        given: ScriptArguments = {
            "now": self._clock.now(),
            "account": account_key(channel, account),
            "asked": 1000 * (asked or 0),
            "jitter": random.randint(800, 1200),  # noqa: S311 (no secret)
            "credentials": isinstance(error, CredentialsRefused),
            "cause": error.detail[:1000],
            "sequence": entry.sequence,
            "lane": entry.lease.lane,
            "most": LONGEST_PAUSE_MS,
        }
        until, begins = await self._engine.run(_PARK, self._both, given)
        if begins:
            log.warning(
                "an account takes no messages now; they wait", action="account_parked", channel=channel, account=account
            )
        return int(until)

    async def unpark(self, channel: str, account: str) -> None:
        """The channel takes messages of the account again."""
        await self._all_due(account_key(channel, account))
        log.info("an account takes messages again", action="account_goes_on", channel=channel, account=account)

    async def _all_due(self, account: str) -> None:
        args: ScriptArguments = {"account": account, "limit": AT_ONCE, "probe": False}
        while await self._engine.run(_UNPARK, self._both, {"now": self._clock.now(), **args}) == AT_ONCE:
            pass

    async def try_again(self) -> None:
        """Let one message of each account go ahead now: its token may be another one."""
        for account in await self._engine.call("HKEYS", self.keys["accounts"]):
            args: ScriptArguments = {"now": self._clock.now(), "account": account, "limit": 1, "probe": True}
            await self._engine.run(_UNPARK, self._both, args)

    async def list(self) -> Sequence[Parked]:
        """Those that hold something back, or whose token is refused; the longest first."""
        found = await self._engine.call("HGETALL", self.keys["accounts"])
        pairs = zip(found[::2], found[1::2], strict=True)
        parked = [await self._shown(name.decode(), json.loads(stored)) for name, stored in pairs]
        shown = (each for each in parked if each.waiting or each.credentials or each.until > self._clock.now())
        return sorted(shown, key=lambda each: each.since)

    async def _shown(self, name: str, stored: Mapping[str, object]) -> Parked:
        channel, _, account = name.partition("\0")
        first, last = f"[{name}\0", f"({name}\1"
        waiting = await self._engine.call("ZLEXCOUNT", self.keys["waiting"], first, last)
        return Parked.model_validate({"channel": channel, "account": account, "waiting": waiting, **stored})


def back_at(until: int) -> int:
    """When a message that waits until then is looked at again; not all in the same moment."""
    return until + random.randrange(SPREAD_MS)  # noqa: S311 (no secret)
