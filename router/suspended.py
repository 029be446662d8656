"""Suspended messages: accepted, readable, and not filed until a person has looked at them.

A forged-looking sender, a loop, a bounce that belongs to nothing: such mail is neither lost nor let loose. Each has a
cause in words; a person releases it, and then it is filed like any other, or drops it.
"""

from collections.abc import Sequence

from pydantic import Field

from ..config.errors import NotFound
from ..normalizer.envelope import Assurance, Envelope, Record
from ..normalizer.folding import fold
from ..queue.blobs import GRACE_MS, blob_keys
from ..queue.connection import Engine
from ..queue.dedup import digest
from ..queue.intake import lane_of, pack, unpack
from ..queue.script_head import Group, KeyGroup
from ..queue.scripts import Script, ScriptArguments
from ..queue.work import Entry, WorkQueue

_SUSPEND = Script.beside(__file__, "suspend.lua")
_RELEASE = Script.beside(__file__, "release_suspended.lua")
_LIST = Group.beside(__file__, "suspended.lua", "suspended")
_PARTS: dict[str, tuple[str, ...]] = {
    "times": (),
    "records": ("records",),
    "raw": ("raw",),
    "held": ("held",),
}


SEARCHED = 1000  # messages that a search looks through


class Suspended(Record):
    """One message that waits for a person."""

    id: str = Field(description="The raw id, as the sender was told.")
    cause: str
    at: int
    channel: str
    account: str = ""
    sender: str = Field(default="", description="Who claims to have written.")
    named: tuple[str, ...] = Field(default=(), description="The identities in it one by one; the first wrote.")
    proven: bool = Field(default=False, description="Somebody has proven that the sender wrote it.")
    subject: str = ""
    excerpt: str = ""

    @property
    def senders(self) -> Sequence[str]:
        """The identities that the message names, of which the first wrote; an older record has them in one line."""
        return self.named or self.sender.split(", ")


class SuspendedMessages:
    """The suspended list of a workspace."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._intake = WorkQueue(engine, "intake")
        self._keys = suspended_keys(engine)
        self._blobs = blob_keys(engine)

    async def suspend(self, entry: Entry, envelope: Envelope, cause: str, now: int, *, held: bool = False) -> bool:
        """Set a message aside; the entry of the intake queue is settled in the same step.

        `held`: only because its sender wrote so much, so that it is found by them. False, and nothing is done, when the
        blob that has its bytes is about to go, and has to be put again.
        """
        named = tuple(identity.value for identity in envelope.sender.identities)
        record = Suspended(
            id=envelope.raw_id,
            cause=cause,
            at=now,
            channel=envelope.channel,
            account=envelope.account,
            sender=", ".join(named),
            named=named,
            proven=any(each.assurance >= Assurance.CHANNEL for each in envelope.sender.identities[:1]),
            subject=envelope.subject[:200],
            excerpt=envelope.text[:200],
        )
        member = _held(record.senders[0], record.id) if held else None
        aside: ScriptArguments = {"id": record.id, "now": now, "record": record.model_dump_json(), "held": member}
        blob = unpack(entry.payload)[0]["blob"]
        keys = {"intake": self._intake.keys, "settling": self._intake.settling, "suspended": self._keys}
        args: ScriptArguments = {**entry.arguments, **aside, "payload": entry.payload, "blob": blob}
        return bool(await self._engine.run(_SUSPEND, {**keys, "blobs": self._blobs}, args) != b"BLOB_CONDEMNED")

    async def list(self, *, limit: int = 100, before: int | None = None) -> Sequence[Suspended]:
        """The newest, up to `limit`, older than the time `before`."""
        upper = "+inf" if before is None else f"({before}"
        found = await self._engine.call(
            "ZRANGE", self._keys["times"], upper, "-inf", "BYSCORE", "REV", "LIMIT", 0, limit
        )
        records = await self._engine.call("HMGET", self._keys["records"], *found) if found else []
        return [Suspended.model_validate_json(record) for record in records if record]

    async def matching(self, words: str, *, limit: int = 100, before: int | None = None) -> Sequence[Suspended]:
        """Those whose cause, sender, subject or text has these words, among the newest `SEARCHED`."""
        wanted = fold(words)
        found = await self.list(limit=SEARCHED, before=before)
        return [each for each in found if wanted in fold(_searched(each))][:limit]

    async def one(self, id_: str) -> Suspended | None:
        """What the list knows of one; None when it is not there any more."""
        record = await self._engine.call("HGET", self._keys["records"], id_)
        return Suspended.model_validate_json(record) if record else None

    async def count(self) -> int:
        """How many there are."""
        return int(await self._engine.call("ZCARD", self._keys["times"]))

    async def held_count(self, sender: str) -> int:
        """How many messages of a sender who wrote too much there are."""
        return int(await self._engine.call("ZLEXCOUNT", self._keys["held"], *_range(sender)))

    async def held_of(self, sender: str, limit: int) -> Sequence[str]:
        """Their ids, the oldest first."""
        found = await self._engine.call("ZRANGEBYLEX", self._keys["held"], *_range(sender), "LIMIT", 0, limit)
        return [member.decode().rpartition("\0")[2] for member in found]

    async def raw(self, id_: str) -> bytes:
        """The packed raw message. Raises NotFound."""
        payload = await self._engine.call("HGET", self._keys["raw"], id_)
        if payload is None:
            raise NotFound(f"there is no suspended message {id_}")
        return bytes(payload)

    async def release(self, id_: str) -> None:
        """File it after all, behind what was released of the same sender before. Raises NotFound."""
        header, content = unpack(await self.raw(id_))
        record = await self.one(id_)
        by = digest(record.senders[0]).hex() if record else id_
        lane = lane_of(header["channel"], f"released:{by}")
        await self._take_off(id_, lane, pack(header | {"released": True}, content), 0)

    async def drop(self, id_: str, now: int) -> None:
        """Throw it away, with the blobs that only it needs. Raises NotFound."""
        header, _ = unpack(await self.raw(id_))
        await self._take_off(id_, lane_of(header["channel"], f"dropped:{id_}"), None, now + GRACE_MS)

    async def _take_off(self, id_: str, lane: str, payload: bytes | None, due: int) -> None:
        keys = {"intake": self._intake.keys, "suspended": self._keys, "blobs": self._blobs}
        record = await self.one(id_)
        held = _held(record.senders[0], id_) if record else ""
        args: ScriptArguments = {"id": id_, "held": held, "lane": lane, "payload": payload, "due": due}
        if await self._engine.run(_RELEASE, keys, args) != b"OK":
            raise NotFound(f"there is no suspended message {id_}")


def _held(sender: str, id_: str) -> str:
    return f"{sender}\0{id_}"


def _range(sender: str) -> tuple[str, str]:
    return f"[{sender}\0", f"({sender}\1"


def _searched(each: Suspended) -> str:
    return " ".join((each.cause, each.sender, each.account, each.subject, each.excerpt))


def suspended_keys(engine: Engine) -> KeyGroup:
    """The suspended list, for scripts."""
    return _LIST(**{part: engine.keys("suspended", *name) for part, name in _PARTS.items()})
