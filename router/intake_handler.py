"""The handler of the intake queue: works it off into tickets.

What cannot be read goes to the dead letters whole, what should not be trusted goes to the suspended list, receipts go
to the articles they tell of (what is nothing but receipts for things that are not ours is suspended), changes to the
articles of the messages that they change, answers of ours that were written elsewhere to the tickets of their
conversations, what its channel knows to be for nobody ends here, and the rest flows on. What is filed while its origin
could not be checked stays in the queue and comes again, until it can be or its channel gives up asking; so does a
change whose message has not come, an answer elsewhere to a mail that has not, and a receipt for what is being sent. An
entry is finished by the script that files its last envelope, or by the one that counts it as a receipt, which a change
and an answer elsewhere are counted as.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import structlog

from ..config.errors import EngineUnavailable, Temporary, Unreadable
from ..normalizer.envelope import Envelope, OriginProof, RawMessage
from ..normalizer.outgoing import Parsed, Parser
from ..queue.blobs import GRACE_MS, Blobs
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.intake import pack, unpack
from ..queue.scripts import Script
from ..queue.work import Entry, WorkQueue
from ..queue.worker import backoff_ms
from .amendments import Amendments, Outcome
from .echoes import Echoes
from .filer import Filer, Origin
from .filing_plan import is_pending
from .private_fields import ArticleWork
from .receipts import WAITS_MS as RECEIPT_WAITS_MS
from .receipts import Applied, Receipts
from .replies import Replies
from .suspended import SuspendedMessages

log = structlog.get_logger()

INLINE_RAW_BYTES = 1024
SOON_MS = 1_000
BEING_SENT = "an answer of ours is being sent, and this may be it"
ANSWERS_NOTHING_YET = "what it answers is in no ticket yet"
NOTHING_OF_OURS = "a receipt for something that we did not send"

_ADDRESS = re.compile(rb"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")  # from its beginning, so that it is linear
_UNASKED = OriginProof(state="unproven", evidence="nobody was asked").model_dump(mode="json")

_FINISH = Script.beside(__file__, "finish_message.lua")


class IntakeHandler:
    """The handler of the intake queue."""

    def __init__(
        self, engine: Engine, clock: Clock, blobs: Blobs, filer: Filer, *, parsers: Mapping[str, Parser]
    ) -> None:
        self._engine = engine
        self._intake = WorkQueue(engine, "intake")
        self._clock = clock
        self._blobs = blobs
        self._filer = filer
        self._parsers = parsers
        self._receipts = Receipts(engine, clock, policy=filer.policy)
        replies = Replies(engine, clock, outgoing_id=filer.outgoing_id)
        self._echoes = Echoes(engine, clock, replies, policy=filer.policy)
        self._amendments = Amendments(engine, clock, blobs, policy=filer.policy)
        self.suspended = SuspendedMessages(engine)

    async def handle(self, entry: Entry) -> bool:
        """File one raw message; the entry is settled with it."""
        raw, released = await self._raw(entry.payload, entry.sequence)
        parsed = await self._parse(raw)
        kept, told, early, again = None, list[Applied](), list[Envelope](), ""
        for envelope in parsed.envelopes:
            outcome = await self._outcome(envelope, released=released)
            if outcome.what == "aside":
                return await self._suspend(envelope, entry, outcome.cause)
            if envelope.kind == "delivery":
                told.append(await self._receipts.apply(envelope))
                continue
            again = again or (outcome.cause if outcome.what == "again" else "")
            if outcome.what == "early":
                early.append(envelope)
            if outcome.message is None:
                continue
            kept = kept or await self._keep(raw)
            last = envelope is parsed.envelopes[-1] and not is_pending(envelope) and not early and not again
            if await self._file(outcome.message, Origin(entry=entry, last=last, released=released, raw=kept)):
                return True
        if again or early:
            return await (self._look_again(entry, again) if again else self._await(entry, early))
        if why := self._why_again(raw, parsed, told):
            return await self._again(entry, why)
        if parsed.envelopes and told.count("") == len(parsed.envelopes) and not released:
            return await self._suspend(parsed.envelopes[0], entry, NOTHING_OF_OURS)
        return await self._finish(entry, raw.id, receipt=all(map(_is_noted, parsed.envelopes)))

    async def senders(self, payload: bytes) -> set[str]:
        """The keys of those who wrote a message that waits; of one that breaks its reader, of any address in it.

        Who really wrote it is not asked of anybody. Raises Temporary.
        """
        header, content = unpack(payload)
        try:
            raw, _ = await self._raw(payload)
            content = raw.content
            parsed = await self._read(raw.model_copy(update={"transport": {"origin": _UNASKED, **raw.transport}}))
        except Temporary:
            raise
        except Exception as error:  # noqa: BLE001  (it was given up, perhaps because of that, and stays so)
            log.warning(
                "a message that waits cannot be read", action="sender_unknown", raw_id=header["id"], cause=error
            )
            return {f"email:{found.decode().lower()}" for found in _ADDRESS.findall(content)}
        return {known.key for envelope in parsed.envelopes for known in envelope.sender.identities}

    async def _raw(self, payload: bytes, sequence: int = 0) -> tuple[RawMessage, bool]:
        """The message as it came, and whether a person has released it."""
        header, content = unpack(payload)
        if header["blob"]:
            content = await self._blobs.get(header["blob"])
        released = bool(header.pop("released", False))
        return RawMessage(**header, content=content, sequence=sequence), released

    async def _parse(self, raw: RawMessage) -> Parsed:
        parsed = await self._read(raw)
        if parsed.files:
            await asyncio.gather(*(self._blobs.put(content) for content in parsed.files.values()))
        return parsed

    async def _read(self, raw: RawMessage) -> Parsed:
        parser = self._parsers.get(raw.channel)
        if parser is None:
            raise Unreadable(f"no channel {raw.channel!r} is configured; configure it and retry")
        parsed = await parser(raw)
        if not parsed.envelopes and not parsed.nothing:
            raise Unreadable("nothing in it is a message")
        return parsed

    async def _keep(self, raw: RawMessage) -> ArticleWork:
        """The bytes as they came leave the queue with the filing: short ones into the article, others into a blob."""
        if len(raw.content) <= INLINE_RAW_BYTES:
            return ArticleWork(raw_content=raw.content.decode("latin-1"))
        return ArticleWork(raw_blob=raw.blob or await self._blobs.put_packed(raw.content))

    async def _file(self, envelope: Envelope, origin: Origin) -> bool:
        """File one message; True when the entry needs nothing more."""
        filed = await self._filer.file(envelope, origin)
        if filed.outcome == "suspend":
            assert origin.entry is not None
            return await self._suspend(envelope, origin.entry, filed.cause, held=filed.held)
        return filed.outcome == "stale" or (filed.outcome == "filed" and origin.last)

    async def _suspend(self, envelope: Envelope, entry: Entry, cause: str, *, held: bool = False) -> bool:
        for _ in range(3):
            aside = await self._aside(_proven(entry, envelope))
            if await self.suspended.suspend(aside, envelope, cause, self._clock.now(), held=held):
                return True
        raise EngineUnavailable("a blob was condemned each time it was written")

    async def _aside(self, entry: Entry) -> Entry:
        """The entry with its bytes in a blob, unless they are short: people may leave it for long where it is."""
        header, content = unpack(entry.payload)
        if header["blob"] or len(content) <= INLINE_RAW_BYTES:
            return entry
        blob = await self._blobs.put(content)
        return replace(entry, payload=pack(header | {"blob": blob}, b""))

    def _why_again(self, raw: RawMessage, parsed: Parsed, told: Sequence[Applied]) -> str:
        """Why it has to be looked at again, though nothing of it waits for another message; empty when it has not."""
        if "early" in told and self._clock.now() - raw.received_at < RECEIPT_WAITS_MS:
            return "what it tells of is being sent"
        pending = [each.origin for each in parsed.envelopes if each.origin and is_pending(each)]
        return pending[0].evidence if pending else ""

    async def _again(self, entry: Entry, cause: str) -> bool:
        """What is filed and cannot be proven yet is looked at again; nothing waits for it meanwhile."""
        now = self._clock.now()
        await self._intake.retry(entry, now, due=now + backoff_ms(entry.attempts), cause=cause)
        return True

    async def _outcome(self, envelope: Envelope, *, released: bool) -> Outcome:
        """What is to become of an envelope: it is filed as a message, or is one more thing to be noted at another."""
        if envelope.suspend and not released:
            return Outcome(what="aside", cause=envelope.suspend)
        if _is_echo(envelope):
            joined = await self._echoes.join(envelope)
            cause = {"waits": BEING_SENT, "early": ANSWERS_NOTHING_YET}.get(joined, "")
            return Outcome(what="again" if cause else "applied", cause=cause)
        if envelope.amends:
            return await self._amendments.apply(envelope, released=released)
        return Outcome(what="filed", message=envelope)

    async def _look_again(self, entry: Entry, cause: str) -> bool:
        """What is told while an answer of ours is being sent is looked at again when that may be through."""
        if cause != BEING_SENT:
            return await self._again(entry, cause)
        now = self._clock.now()
        await self._intake.retry(entry, now, due=now + SOON_MS, cause=BEING_SENT, how="wait")
        return True

    async def _await(self, entry: Entry, early: Sequence[Envelope]) -> bool:
        """Leave the entry until what its changes are of has come; when it has come just now, look again at once."""
        if not await self._amendments.wait(entry, early):
            now = self._clock.now()
            await self._intake.retry(entry, now, due=now, cause="the message that it changes has come", how="wait")
        return True

    async def _finish(self, entry: Entry, raw: str, *, receipt: bool) -> bool:
        """What is noted at messages is counted apart; a holder that has lost the lane leaves it to the next."""
        keys = {"intake": self._intake.keys, "settling": self._intake.settling, "blobs": self._blobs.keys}
        due = self._clock.now() + GRACE_MS
        await self._engine.run(_FINISH, keys, {**entry.arguments, "receipt": receipt, "id": raw, "due": due})
        return True


def _is_noted(envelope: Envelope) -> bool:
    """Whether it is no message, but noted at one."""
    return envelope.kind == "delivery" or bool(envelope.amends) or _is_echo(envelope)


def _is_echo(envelope: Envelope) -> bool:
    """Whether it is an answer of ours that was written elsewhere."""
    return envelope.direction == "out" and envelope.kind == "message"


def _proven(entry: Entry, envelope: Envelope) -> Entry:
    """The entry with what was found out about its origin, which is not found out again when it is released."""
    if envelope.origin is None or envelope.origin.state == "pending":
        return entry
    header, content = unpack(entry.payload)
    transport = header["transport"] | {"origin": envelope.origin.model_dump(mode="json")}
    return replace(entry, payload=pack(header | {"transport": transport}, content))
