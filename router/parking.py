"""Parking: an account of a channel that takes nothing now holds back its own messages, and nobody else's.

A channel says so by AccountUnavailable: it cannot be reached, fails, or wants fewer messages, and for how long; or by
CredentialsRefused: it does not take our token. Then no message of the account is handed to it until the pause is over.
The pauses grow from a second to five minutes, and are as long as the channel asks for; a refused token is tried every
five minutes, and at once when a worker starts. When a pause is over one message goes ahead, whichever comes first; the
others follow when the channel takes it, or puts off or refuses that message alone. So a dead token is one failure every
few minutes and one line on the board, however many messages wait; it is forgotten when a worker starts and none does.

What waits is `queued` with the cause at its article, and is given up after the time of `delivery.py`, as ever. Each is
put off and listed in one step, and an account goes on only by a send that began after it was said last that it takes
nothing; so none is overlooked when its account goes on, and no pause is forgotten.
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
from ..queue.scripts import Script, ScriptArguments, ScriptKeys
from ..queue.work import Entry
from ..queue.worker import backoff_ms
from .ticket_keys import TicketKeys

log = structlog.get_logger()

LONGEST_PAUSE_MS = 300_000
PROBE_MS = 30_000  # for which the others wait for the one that goes ahead
SPREAD_MS = 2_000  # within which those that waited come back
AT_ONCE = 200
COUNTED_AT_ONCE = 500
MOST_COUNTED = 20_000  # of those that wait for an account

REFUSED = "put another token or password in force, and restart; trunkline channels check says what the vendor misses"
AWAY = (
    "nothing has to be done if it passes: they leave by themselves; else look at the cause, and whether it is reached"
)

_PARK = Script.beside(__file__, "park_account.lua")
_UNPARK = Script.beside(__file__, "unpark_account.lua")
_WAITING = Script.beside(__file__, "parking_waiting.lua")
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
        self._outbox = TicketKeys(engine).outbox
        self._both = {"parking": self.keys, "outbox": TicketKeys(engine).outgoing}

    async def park(
        self, channel: str, account: str, entry: Entry, error: Temporary | DeliveryUnknown, *, waits: bool
    ) -> None:
        """The account takes nothing now; with `waits` the entry comes again when it does."""
        asked = 1000 * ((error.asked if isinstance(error, Temporary) else None) or 0)
        given: ScriptArguments = {
            **entry.arguments,
            "now": self._clock.now(),
            "account": account_key(channel, account),
            "asked": asked,
            "jitter": random.randint(800, 1200),  # noqa: S311 (no secret)
            "credentials": isinstance(error, CredentialsRefused),
            "cause": error.detail[:1000],
            "waits": waits,
            "least": max(backoff_ms(entry.attempts), asked),
            "most": LONGEST_PAUSE_MS,
            "spread": spread(),
        }
        if await self._engine.run(_PARK, {**self._both, "settling": self._outbox.settling}, given):
            log.warning(
                "an account takes no messages now; they wait",
                action="account_parked",
                channel=channel,
                account=account,
                cause=error.detail[:1000],
                remedy=REFUSED if isinstance(error, CredentialsRefused) else AWAY,
            )

    async def unpark(self, channel: str, account: str, told: int) -> None:
        """The channel takes messages of the account again, as was seen by a send.

        `told` says how often it had been said when that began that the account takes nothing; when it was said again
        since, nothing changes.
        """
        what, named = "goes_on", account_key(channel, account)
        while await self._go_on(what, named, told=told):
            what = "follow"
        log.info("an account takes messages again", action="account_goes_on", channel=channel, account=account)

    async def try_again(self) -> None:
        """Let one message of each account go ahead now: its token may be another one."""
        for account in await self._engine.call("HKEYS", self.keys["accounts"]):
            await self._go_on("probe", account)

    async def _go_on(self, what: str, account: str | bytes, *, told: int = 0) -> bool:
        args: ScriptArguments = {"what": what, "account": account, "limit": AT_ONCE, "told": told}
        return bool(await self._engine.run(_UNPARK, self._both, {"now": self._clock.now(), **args}))

    async def list(self, most: int = MOST_COUNTED) -> Sequence[Parked]:
        """Those that hold something back, or whose token is refused; the longest first.

        Of those that wait for one, so many are looked at.
        """
        found = await self._engine.call("HGETALL", self.keys["accounts"])
        pairs = zip(found[::2], found[1::2], strict=True)
        parked = [await self._shown(name.decode(), json.loads(stored), most) for name, stored in pairs]
        shown = (each for each in parked if each.waiting or each.credentials or each.until > self._clock.now())
        return sorted(shown, key=lambda each: each.since)

    async def _shown(self, name: str, stored: Mapping[str, object], most: int) -> Parked:
        channel, _, account = name.partition("\0")
        waiting = await self._waiting(name, most)
        return Parked.model_validate({"channel": channel, "account": account, "waiting": waiting, **stored})

    async def _waiting(self, name: str, most: int) -> int:
        keys: ScriptKeys = {"parking": self.keys, "later": self._outbox.keys["later"]}
        waiting, after = 0, b""
        at_once = min(most, COUNTED_AT_ONCE)
        for _ in range(0, most, at_once):
            args: ScriptArguments = {"account": name, "after": after, "limit": at_once}
            found, after = await self._engine.run(_WAITING, keys, args)
            waiting += found
            if not after:
                break
        return waiting


def spread() -> int:
    """Milliseconds by which a message comes later than its account, so that not all come in the same moment."""
    return random.randrange(SPREAD_MS)  # noqa: S311 (no secret)
