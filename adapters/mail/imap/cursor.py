"""How far a mailbox has been read, and which process reads it: kept by the engine.

The place of a folder is a UIDVALIDITY and the last UID that is taken. It is moved after the mail is stored, so it is
never ahead of what is kept here; a reader that has lost its mailbox to another one moves nothing. Times are
milliseconds.
"""

from dataclasses import dataclass

from pydantic import Field

from ....normalizer.envelope import Record
from ....queue.clock import Clock
from ....queue.connection import Engine
from ....queue.script_head import Group
from ....queue.scripts import Script, ScriptArguments

LEASE_MS = 30_000

_CLAIM = Script.beside(__file__, "mailbox_claim.lua")
_MOVE = Script.beside(__file__, "mailbox_move.lua")
_MAILBOX = Group.beside(__file__, "cursor.lua", "mailbox")


class Place(Record):
    """How far a folder has been read."""

    validity: int = Field(description="The UIDVALIDITY of the folder; with another one all its UIDs mean other mails.")
    uid: int = Field(description="The last UID that is taken.")
    until: int = Field(default=0, description="Up to this UID only what came since `since` is taken.")
    since: int = Field(description="Milliseconds.")


class Lost(Exception):
    """Another process reads the mailbox."""


@dataclass(frozen=True)
class Hold:
    """The right to read a mailbox, until another holder's token replaces this one."""

    token: int


class MailboxCursor:
    """The cursor of one mailbox; every process has a `holder` of its own."""

    def __init__(self, engine: Engine, clock: Clock, name: str, holder: str) -> None:
        self._engine = engine
        self._clock = clock
        self._holder = holder
        self._keys = _MAILBOX(state=engine.keys("mailbox", name))

    async def claim(self) -> Hold | int:
        """Have the mailbox for LEASE_MS; else the milliseconds until it is worth another try."""
        args: ScriptArguments = {"now": self._clock.now(), "lease": LEASE_MS, "holder": self._holder}
        token, *wait = await self._engine.run(_CLAIM, {"mailbox": self._keys}, args)
        return Hold(int(token)) if token else int(wait[0])

    async def place(self, folder: str) -> Place | None:
        """How far a folder has been read; None when it never was."""
        found = await self._engine.call("HGET", self._keys["state"], f"place:{folder}")
        return Place.model_validate_json(found) if found else None

    async def read_at(self) -> int | None:
        """When it was read to its end last."""
        found = await self._engine.call("HGET", self._keys["state"], "read")
        return int(found) if found else None

    async def move(self, hold: Hold, folder: str, place: Place) -> None:
        """All of the folder up to this place is taken. Raises Lost."""
        await self._settle(hold, folder=folder, place=place.model_dump_json())

    async def finish(self, hold: Hold) -> None:
        """All folders are read to their end, for now. Raises Lost."""
        await self._settle(hold, read=self._clock.now())

    async def keep(self, hold: Hold) -> None:
        """The lease holds longer. Raises Lost."""
        await self._settle(hold)

    async def release(self, hold: Hold) -> None:
        """Somebody else may read it. Raises Lost."""
        await self._settle(hold, lease=0)

    async def _settle(
        self,
        hold: Hold,
        *,
        lease: int = LEASE_MS,
        folder: str | None = None,
        place: str | None = None,
        read: int | None = None,
    ) -> None:
        args: ScriptArguments = {
            "now": self._clock.now(),
            "lease": lease,
            "token": hold.token,
            "folder": folder,
            "place": place,
            "read": read,
        }
        if await self._engine.run(_MOVE, {"mailbox": self._keys}, args) != b"OK":
            raise Lost
