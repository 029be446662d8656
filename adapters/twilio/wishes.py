"""Who wants no more messages: what people ask by one word, STOP or START, and what of it counts last.

Twilio acts on such words by itself and tells us the message like any other, with Advanced Opt-Out also what the word
meant. By SMS and RCS its default words are known here; on WhatsApp only what Twilio says counts. It holds for one
sender of ours, or for all of a Messaging Service, on SMS and RCS alike. Kept in the engine, by account, because an
answer is refused before Twilio is asked; what Twilio refuses all the same is learned from it. After `BELIEVED_MS` it is
asked again, because it may have been told otherwise in its Console. An erasure forgets it here; Twilio still knows.
"""

import json
from collections.abc import Collection, Mapping
from typing import Literal, Protocol

from ...queue.clock import Clock
from ...queue.connection import Engine
from ...queue.scanning import scan
from ...queue.scripts import Script, ScriptArguments
from .ends import Ends
from .settings import CHANNEL

Wish = Literal["STOP", "START", "HELP", ""]

BELIEVED_MS = 30 * 86_400_000

_NOTE = Script.beside(__file__, "note_wish.lua")
_STOP = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
_START = frozenset({"START", "YES", "UNSTOP"})


def wish_of(fields: Mapping[str, str]) -> Wish:
    """What a message asks ("Advanced Opt-Out", default keywords: one word alone, in any case)."""
    match fields.get("OptOutType", "").upper():
        case "STOP" | "START" | "HELP" as told:
            return told
    if fields.get("From", "").startswith("whatsapp:"):
        return ""
    word = fields.get("Body", "").strip().upper()
    return "STOP" if word in _STOP else "START" if word in _START else ""


class Wishes(Protocol):
    """Keeps them."""

    async def note(self, account: str, whose: str, wish: Wish, message: str, at: int | None = None) -> None:
        """Somebody asked it by this message, at this time in milliseconds, or now."""

    async def is_out(self, account: str, whose: str) -> bool:
        """Whether they want nothing more."""

    async def forget(self, names: Collection[str]) -> None:
        """Forget what these people asked."""


def whose(ends: Ends, service: str | None) -> str:
    """For what a wish counts: our sender, or all of our Messaging Service, and one customer."""
    ours, theirs = (each.removeprefix("rcs:") for each in (ends.ours, ends.theirs))
    return f"{service or ours} {theirs}"


class EngineWishes:
    """As `Wishes`, in the engine."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._key = engine.keys(CHANNEL, "wishes")

    async def note(self, account: str, whose: str, wish: Wish, message: str, at: int | None = None) -> None:
        """A message that was heard before changes nothing, nor does one from before the last."""
        when = self._clock.now() if at is None else at
        args: ScriptArguments = {"who": f"{account} {whose}", "wish": wish, "message": message, "at": when}
        await self._engine.run(_NOTE, {"wishes": self._key}, args)

    async def is_out(self, account: str, whose: str) -> bool:
        """Whether they want nothing more. Raises EngineUnavailable."""
        kept = await self._engine.call("HGET", self._key, f"{account} {whose}")
        if kept is None:
            return False
        last = json.loads(kept)
        return bool(last["wish"] == "STOP" and self._clock.now() - last["at"] < BELIEVED_MS)

    async def forget(self, names: Collection[str]) -> None:
        """Forget what these people asked."""
        async for who, _ in scan(self._engine, "HSCAN", self._key):
            theirs = who.decode().rpartition(" ")[2]
            if theirs in names or theirs.removeprefix("whatsapp:") in names:
                await self._engine.call("HDEL", self._key, who)
