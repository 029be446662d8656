"""Amendments: edits, additions, deletes and reactions, applied to the articles of the messages that they name.

A message is found by its account and the provider's id of it, among what was filed within `dedup.keep`, and among what
we sent. Only its author edits, adds or deletes, with no less proof than it came with; a moderator deletes, and so does
a channel that does not say who. Anybody may react. What somebody else tries to change is not changed: an edit or an
addition, which has words that nobody has seen, is set aside for a person, the rest is dropped and logged; a blocked
sender only deletes.

One script writes all of it, if everything is still as it was read (amend_article.lua). A change that is there already
changes nothing, so it may come as often as it likes. One that comes before its message waits in the intake queue, for
`WAITS_MS`, and as long as not too much waits; a delete or a reaction is dropped then, and an edit is filed as the
message, since it has all of its text. An addition whose message never comes, and what somebody else sent and a person
released, is filed as a message of its own.

An edit of the last that the customer said opens a ticket that waits, or is solved and would be opened by such a
message, if it changes more than signs and blanks. It begins no clock: what was answered stays answered. A closed ticket
stays closed, and nothing else that changes opens one.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import structlog

from ..config.errors import EngineUnavailable, Unreadable
from ..normalizer.closing_words import Says, says_of
from ..normalizer.copies import FilingKeys, filing_keys
from ..normalizer.envelope import Envelope
from ..normalizer.folding import letters
from ..queue.blobs import GRACE_MS, Blobs
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.dedup import digest
from ..queue.scripts import Script, ScriptArguments, ScriptKeys
from ..queue.work import Entry, WorkQueue
from ..queue.worker import backoff_ms
from .amend_plan import ArticleChange, deleted, edited, extended, packed_texts, reacted, with_files
from .amending import Changed, amended
from .blocked_senders import BlockedSenders
from .file_fetches import fetches_of
from .filing_plan import assurance_of
from .policy import CurrentPolicy
from .preview import is_of
from .reader import Reader
from .records import Article, field_list, json_bytes
from .reopening import NAMES, CaseStanding, Reopening
from .sent_ids import SentIds
from .stored_ticket import StoredArticle, StoredTicket, load_ticket
from .ticket_keys import TicketKeys

TRIES = 20
MOST_WOKEN = 100  # entries that wait for one message and are woken by it; others look again by themselves
MOST_WAITING = 5_000  # entries of the intake queue that wait for anything; beyond, no change waits for its message
HOUR_MS = 3_600_000
AWAITED = "the message that it changes has not come yet"
"""The cause of an entry of intake that waits for its message."""
WAITS_MS: Mapping[str, int] = {
    "edit": HOUR_MS,
    "addition": HOUR_MS // 60,
    "delete": 24 * HOUR_MS,
    "reaction": 24 * HOUR_MS,
}
"""How long a change waits for its message, by its kind."""

_AMEND = Script.beside(__file__, "amend_article.lua")
_AWAIT = Script.beside(__file__, "await_message.lua")
_SEEN = ("_amended", "ticket", "attachments", "author")

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a change.

    *applied*, now or before · *early*: its message has not come · *again*: to be looked at soon · *filed*: it is to be
    filed as this message · *aside*: for a person, with the cause · *dropped*
    """

    what: Literal["applied", "early", "again", "filed", "aside", "dropped"]
    cause: str = ""
    message: Envelope | None = None


@dataclass(frozen=True, kw_only=True)
class _Target:
    """The article that is meant, as it was read, and the tickets that it stands in."""

    pieces: Mapping[bytes, bytes]
    stored: StoredArticle
    ticket: StoredTicket
    case: StoredTicket

    @property
    def article(self) -> Article:
        return self.stored.record

    @property
    def is_last(self) -> bool:
        """Whether it is the last that a customer said in its ticket."""
        return is_of(self.ticket.work.preview, self.article)

    @property
    def seen(self) -> dict[str, str]:
        """The pieces that must still be as they were."""
        return {name: self.pieces.get(name.encode(), b"").decode() for name in _SEEN}


class Amendments:
    """Applies changes in a workspace."""

    def __init__(self, engine: Engine, clock: Clock, blobs: Blobs, *, policy: CurrentPolicy) -> None:
        self._engine = engine
        self._clock = clock
        self._blobs = blobs
        self._policy = policy
        self._keys = TicketKeys(engine)
        self._intake = WorkQueue(engine, "intake")
        self._reader = Reader(engine, blobs)
        self._reopening = Reopening(policy, clock)
        self._blocked = BlockedSenders(engine, clock)
        self._sent_ids = SentIds(engine)

    async def apply(self, envelope: Envelope, *, released: bool = False) -> Outcome:
        """Apply one; `released`: a person has looked at it. Raises EngineUnavailable or EngineFull."""
        for _ in range(TRIES):
            target = await self._target(envelope)
            if target is None:
                return await self._without_message(envelope)
            if outcome := await self._apply(envelope, target, released=released):
                return outcome
        raise EngineUnavailable(f"{envelope.raw_id}: what it changes changed {TRIES} times in a row")

    async def wait(self, entry: Entry, early: Sequence[Envelope]) -> bool:
        """Leave the entry until the messages of these changes come. False when one has come: apply them again."""
        now = self._clock.now()
        over = min(each.received_at + WAITS_MS[each.kind] for each in early)
        keys: ScriptKeys = {
            "intake": self._intake.keys,
            "settling": self._intake.settling,
            "register": self._keys.filed,
            "awaited": self._keys.awaited,
        }
        args: ScriptArguments = {
            **entry.arguments,
            "now": now,
            "due": min(now + backoff_ms(entry.attempts), max(over, now)),
            "cause": AWAITED,
            "most": MOST_WOKEN,
            "messages": [self._filed_as(each) for each in early],
        }
        return bool(await self._engine.run(_AWAIT, keys, args) != b"FILED")

    async def _without_message(self, envelope: Envelope) -> Outcome:
        late = self._clock.now() - envelope.received_at >= WAITS_MS[envelope.kind]
        if not late and int(await self._engine.call("ZCARD", self._intake.keys["later"])) < MOST_WAITING:
            return Outcome(what="early")
        if envelope.direction == "out":
            return self._dropped(envelope, "what it changes was answered elsewhere, and is not known here")
        if envelope.kind == "edit":
            return Outcome(what="filed", message=as_message(envelope))
        if envelope.kind == "addition":
            return Outcome(what="filed", message=as_its_own(envelope))
        return self._dropped(envelope, "the message that it changes never came")

    async def _apply(self, envelope: Envelope, target: _Target, *, released: bool) -> Outcome | None:
        """None when something changed meanwhile."""
        if target.article.erased_at is not None:
            return Outcome(what="applied")
        if cause := refusal(target.article, envelope):
            return self._refused(envelope, cause, released=released)
        if envelope.kind != "delete" and not released and (cause := await self._blocked.cause(envelope)):
            return self._refused(envelope, cause, released=released)
        change, before, after = await self._change(envelope, target)
        if change is None:
            return Outcome(what="applied")
        plan = self._plan(envelope, target, change) | {"wakes": self._wakes(envelope, target, before, after)}
        actor = await self._actor(envelope)
        reply = await self._engine.run(_AMEND, self._script_keys(target), self._arguments(plan, change, actor))
        return Outcome(what="applied") if reply in (b"OK", b"GONE") else None

    def _refused(self, envelope: Envelope, cause: str, *, released: bool) -> Outcome:
        if envelope.kind not in ("edit", "addition") or envelope.direction == "out":
            return self._dropped(envelope, cause)
        if not released:
            return Outcome(what="aside", cause=cause)
        return Outcome(what="filed", message=as_its_own(envelope))

    def _dropped(self, envelope: Envelope, cause: str) -> Outcome:
        facts = {"channel": envelope.channel, "kind": envelope.kind, "raw_id": envelope.raw_id}
        log.info("a change of a message is dropped", action="amendment_dropped", cause=cause, **facts)
        return Outcome(what="dropped", cause=cause)

    async def _target(self, envelope: Envelope) -> _Target | None:
        keys = self._filing_keys(envelope)
        named = [digest(key) for key in (keys.own, keys.former) if key]
        places = await self._engine.call("HMGET", self._keys.filed["records"], *named)
        place = next(filter(None, places), None)
        article = place.decode()[37:] if place else await self._sent(envelope)
        flat = await self._engine.call("HGETALL", self._keys.article(article)) if article else []
        if not flat:
            return None
        stored = StoredArticle.from_flat(flat)
        if not place and not self._left_there(stored, envelope):
            return None
        ticket = await load_ticket(self._engine, stored.record.ticket)
        into = ticket.record.merged_into
        case = await load_ticket(self._engine, into) if into else ticket
        pieces = dict(zip(flat[::2], flat[1::2], strict=True))
        return _Target(pieces=pieces, stored=stored, ticket=ticket, case=case)

    def _filed_as(self, envelope: Envelope) -> bytes:
        """The digest under which the message that it changes is known once it is filed."""
        return digest(self._filing_keys(envelope).own)

    def _filing_keys(self, envelope: Envelope) -> FilingKeys:
        return filing_keys(as_message(envelope), self._policy().channels[envelope.channel])

    def _left_there(self, stored: StoredArticle, envelope: Envelope) -> bool:
        """Whether what we sent is what the account can speak of."""
        outgoing, channel = stored.work.outgoing, self._policy().channels[envelope.channel]
        return outgoing is not None and (outgoing.account == envelope.account or not channel.ids_by_account)

    async def _sent(self, envelope: Envelope) -> str:
        named = (envelope.channel, envelope.account, envelope.amends)
        return await self._sent_ids.article(self._policy().channels, *named)

    async def _change(self, envelope: Envelope, target: _Target) -> tuple[ArticleChange | None, Changed, Changed]:
        """What to write, None for nothing; and the message before and after."""
        stored, erases = target.stored, self._policy().settings.deleted_messages == "erase"
        before = Changed.of(await self._whole(stored), stored.work.amended)
        after = amended(before, envelope, erases=erases)
        adds = envelope.kind in ("edit", "addition") and not (erases and before.deletion)
        adds = adds and with_files(stored, envelope) != stored.record.attachments
        if after is before and not adds:
            return None, before, after
        if envelope.kind == "delete":
            return deleted(stored, after, erases=erases), before, after
        if envelope.kind == "reaction":
            return reacted(before, after), before, after
        if envelope.kind == "addition" and after is before:
            return extended(stored, after, envelope), before, after
        texts = packed_texts(after)
        body = await self._blobs.put_packed(texts) if texts else ""
        return edited(stored, before, after, envelope, says=self._says(envelope, after), body=body), before, after

    async def _whole(self, stored: StoredArticle) -> Article:
        try:
            return await self._reader.whole(stored)
        except Unreadable:  # the beginnings are better than nothing
            return stored.record

    def _says(self, envelope: Envelope, after: Changed) -> Says:
        """What the text comes to now."""
        wrote = (envelope.sender.name, *(each.value.partition("@")[0] for each in envelope.sender.identities))
        return says_of(after.text.text, (*wrote, *self._policy().settings.agent_names.values()))

    def _script_keys(self, target: _Target) -> ScriptKeys:
        return {
            "article": self._keys.article(target.article.id),
            "ticket": self._keys.ticket(target.ticket.record.id),
            "case": self._keys.ticket(target.case.record.id),
            "desk": self._keys.desk,
            "media": self._keys.media.keys,
            "blobs": self._blobs.keys,
        }

    def _plan(self, envelope: Envelope, target: _Target, change: ArticleChange) -> dict[str, Any]:
        article, identities = target.article, envelope.sender.identities
        channel = {"channel": envelope.channel, "account": envelope.account, "ticket": target.ticket.record.id}
        return {
            "article": article.id,
            "at": article.created_at,
            "seen": target.seen,
            "case": target.case.record.id,
            "status_seen": target.case.record.status,
            "last": target.is_last,
            "kind": change.kind,
            "changes": f',"changes":{json.dumps(change.told)}' if change.told else "",
            "preview": change.preview.model_dump_json() if change.preview and target.is_last else None,
            "unsettles": change.unsettles,
            "participant": identities[0].key if identities else None,
            "fetches": fetches_of(change.files, article=article.id, begin=len(article.attachments), **channel),
            "blobs": change.blobs or (),
            "kept": change.blobs,
            "gone": [name for name in change.gone if name not in change.fields],
        }

    def _arguments(self, plan: Mapping[str, Any], change: ArticleChange, actor: str) -> ScriptArguments:
        now = self._clock.now()
        return {
            "now": now,
            "actor": actor,
            "due": now + GRACE_MS,
            "plan": json_bytes({name: value for name, value in plan.items() if value is not None}),
            "fields": field_list(change.fields),
        }

    async def _actor(self, envelope: Envelope) -> str:
        """Whoever changes it, if they are known; else the channel."""
        identity = envelope.sender.identities[0].key if envelope.sender.identities else ""
        customer = await self._engine.call("HGET", self._keys.identities, identity) if identity else None
        return f"customer:{customer.decode()}" if customer else envelope.channel

    def _wakes(self, envelope: Envelope, target: _Target, before: Changed, after: Changed) -> bool:
        """Whether it opens a ticket that nobody works on."""
        if not target.is_last or envelope.kind != "edit" or after.deletion or envelope.automation != "none":
            return False
        if _words(before.text.text) == _words(after.text.text):
            return False
        case = target.case
        facts: dict[str, Any] = {name: getattr(case.record, name, None) for name in NAMES}
        standing = CaseStanding.of(facts | {"_solved_at": case.work.solved_at})
        said = envelope.model_copy(update={"says": self._says(envelope, after)})
        return not self._reopening.stays(standing, said) and not self._reopening.is_over(standing, said)


def _words(text: str) -> str:
    """By what it is told whether an edit says something else; a text without letters by all of it."""
    return letters(text) or text


def as_message(envelope: Envelope) -> Envelope:
    """An edit as the message that it changes."""
    return envelope.model_copy(
        update={"kind": "message", "external_id": envelope.amends, "amends": "", "reaction": None}
    )


def as_its_own(envelope: Envelope) -> Envelope:
    """What changes no message, as one that stands for itself."""
    return envelope.model_copy(update={"kind": "message", "amends": ""})


def refusal(article: Article, envelope: Envelope) -> str:
    """Why this change may not be made by whoever makes it; empty when it may."""
    if envelope.kind == "reaction":
        return ""
    if article.author.kind != "customer":
        return "" if envelope.direction == "out" else "it changes what we wrote"
    if envelope.kind == "delete" and (envelope.ext.get("moderator") or not envelope.sender.identities):
        return ""
    if article.author.identity not in {each.key for each in envelope.sender.identities}:
        return "it changes what somebody else wrote"
    if assurance_of(envelope) < article.author.assurance:
        return "it changes a message whose author was proven better"
    return ""
