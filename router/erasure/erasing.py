"""Erasing: what an order begins is done here, step by step, by whoever works the queue off.

First it is written into the ledger, which no restored backup takes back. Each step may be done again and finds what is
left, so a kill at any moment does no harm; the plan that says who it was
goes with the last step that needs it, and then the engine writes its files anew. Messages of other customers stay as
they wrote them, also in a ticket of the person; our answers and notes in that ticket go, and so does what the person
wrote into tickets of others, or what we wrote to them there.

To find the tickets in which they took part, and the lines of the feed that tell of them, all tickets and lines are gone
through once. One that takes longer than `LONGEST_SECONDS` of a worker may be begun by a second one, beside the first.
"""

import json
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog

from ...queue.blobs import GRACE_MS, Blobs
from ...queue.clock import Clock
from ...queue.connection import Engine
from ...queue.conversation_log import ConversationLogs, LogLine
from ...queue.feed import Feed
from ...queue.file_rewrite import rewrite_files
from ...queue.scanning import scan
from ...queue.scripts import Script, ScriptArguments, ScriptKeys
from ...queue.work import Entry
from ..belongings import Belongings, is_theirs
from ..passed_on import index_members
from ..records import field_list, json_bytes
from ..stored_ticket import StoredArticle, message_id
from ..stored_words import StoredWords
from ..ticket_keys import TicketKeys
from .erasure_record import ErasureCounts, ErasureKeys, ErasurePlan, ErasureRecord
from .feed_lines import FeedLines
from .ledger import ErasureLedger
from .packed_contents import PackedContents
from .passed_on_messages import Colleagues, PassedOnMessages
from .put_marks import PutMarks
from .redaction import TICKET, TICKET_WORK, article_shell, goes_with_ticket
from .waiting_messages import WaitingMessages

log = structlog.get_logger()

ACTOR = "system"
AT_ONCE = 200
NOTES = ("uploads",)  # of a conversation
LINE = ("from", "at", "ticket", "id")  # of a line of a conversation, what is no word of anybody

Forget = Callable[[Collection[str]], Awaitable[None]]
"""Forgets what somebody else keeps under these names: identities with and without kind, records, tickets."""

_TICKET = Script.beside(__file__, "erase_ticket.lua")
_ARTICLE = Script.beside(__file__, "erase_article.lua")
_FINISH = Script.beside(__file__, "finish_erasure.lua")


@dataclass
class Found:
    """What is theirs, as it was found at one moment."""

    own: list[str] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)  # own ones for which another stands
    shared: list[str] = field(default_factory=list)
    closing: set[str] = field(default_factory=set)  # own ones in whose case nobody else wrote
    articles: list[StoredArticle] = field(default_factory=list)
    passed_on: Collection[str] = ()  # tickets and articles that are theirs, though the record of somebody else has them

    @property
    def raws(self) -> set[str]:
        """The raw messages from which the articles were made."""
        return {each.work.raw for each in self.articles if each.work.raw}


class Erasing:
    """The handler of the queue of erasures."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        blobs: Blobs,
        waiting: WaitingMessages,
        ledger: ErasureLedger,
        forget: Iterable[Forget] = (),
        alerts: Forget | None = None,
        colleagues: Colleagues = frozenset,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._blobs = blobs
        self._waiting = waiting
        self._ledger = ledger
        self._forget = tuple(forget)
        self._alerts = alerts
        self._keys = TicketKeys(engine)
        self._erasures = ErasureKeys(engine)
        self._belongings = Belongings(engine)
        self._passed_on = PassedOnMessages(engine, colleagues)
        self._marks = PutMarks(engine)
        self._logs = ConversationLogs(engine, clock)
        self._contents = PackedContents(engine, clock, blobs)
        self._words = StoredWords(engine, blobs)
        self.queue = self._erasures.queue

    async def handle(self, entry: Entry) -> bool:
        """Carry one out; the entry is finished when it is done. Raises EngineUnavailable."""
        await self.carry_out(json.loads(entry.payload)["erasure"])
        return False

    async def carry_out(self, id_: str) -> None:
        """Do what is left of one. Raises EngineUnavailable."""
        stored = await self._engine.call("HGET", self._erasures.plans, id_)
        if stored is not None:
            await self._erase(id_, ErasurePlan.model_validate_json(stored))
        rewritten = await rewrite_files(self._engine)
        done = {"state": "done", "done_at": self._clock.now(), "files_rewritten": rewritten}
        record = (await self._record(id_)).model_copy(update=done)
        await self._engine.call("HSET", self._erasures.records, id_, record.model_dump_json())
        log.info("a person was erased", action="erased", erasure=id_, files_rewritten=rewritten)

    async def _erase(self, id_: str, plan: ErasurePlan) -> None:
        record, feed = await self._record(id_), FeedLines(Feed(self._engine), plan)
        await self._ledger.put(record, plan)
        counts = record.erased
        for _ in range(2):  # what was under way during the first round is found in the second
            found, plan = await self._find(id_, plan), await self._with_messages(id_, plan)
            messages, blobs = await self._waiting.drop(plan, found.own, found.raws)
            if blobs:
                await self._engine.call("SADD", self._erasures.blobs(id_), *blobs)
            await self._marks.remove((*found.own, *found.shared), plan.keys)
            tickets, articles = await self._erase_tickets(id_, plan, found)
            await self._passed_on.redact(plan)
            await self._erase_threads(found)
            for conversation in plan.conversations:
                await self._erase_conversation(id_, conversation)
            await feed.erase(found.merged, found.passed_on, self._clock.now(), self._recopy)
            await self._remove_contents(id_)
            for forget in self._forget:
                await forget({*plan.keys, *plan.values, *plan.records, *found.own})
            if self._alerts is not None:  # what is told of a ticket may be in the words of anybody who took part in it
                await self._alerts({*found.own, *found.shared})
            counts = counts.model_copy(
                update={
                    "tickets": max(counts.tickets, tickets),
                    "articles": counts.articles + articles,
                    "messages": counts.messages + messages,
                }
            )
        await self._finish(id_, counts)

    async def _with_messages(self, id_: str, plan: ErasurePlan) -> ErasurePlan:
        """The plan with their messages that are in no ticket. It is kept, and so are the names of their blobs, because
        nothing else has either once the messages are gone.
        """
        messages = await self._waiting.messages(plan)
        plan = plan.model_copy(update={"raws": (*plan.raws, *sorted(messages.difference(plan.raws)))})
        if blobs := [name for raw in plan.raws for name in await self._blobs.owned(raw)]:
            await self._engine.call("SADD", self._erasures.blobs(id_), *blobs)
        await self._engine.call("HSET", self._erasures.plans, id_, plan.model_dump_json())
        return plan

    async def _find(self, id_: str, plan: ErasurePlan) -> Found:
        """Their tickets, those in which they took part, and the articles that go with either."""
        theirs = self._belongings
        found = Found(own=[each async for each in theirs.tickets(plan.records)])
        near = await theirs.shared(set(plan.keys), set(found.own))
        passed = await self._passed_on.find(id_, plan, [*found.own, *near])
        found.passed_on = passed.ids
        own = {*found.own, *passed.tickets}
        found.own += [each for each in passed.tickets if each not in found.own]
        found.shared = list(dict.fromkeys([*near, *(each.record.ticket for each in passed.articles)]))
        found.shared = [each for each in found.shared if each not in own]
        for ticket in found.own:
            into, stands_for = await theirs.case(ticket)
            if into:
                found.merged.append(ticket)
                found.shared += {into} - own - set(found.shared)
            articles = [each async for each in theirs.articles(ticket)]
            going = [each for each in articles if goes_with_ticket(_data(each), plan.records) or passed.has(each)]
            if len(going) == len(articles) and own.issuperset(stands_for):
                found.closing.add(ticket)
            found.articles += [each for each in going if each.record.erased_at is None]
        for ticket in found.shared:
            found.articles += [
                each
                async for each in theirs.articles(ticket)
                if is_theirs(_data(each), plan.records, plan.values) or passed.has(each)
            ]
        return found

    async def _erase_tickets(self, id_: str, plan: ErasurePlan, found: Found) -> tuple[int, int]:
        """How many tickets of theirs there are, and how many articles went."""
        for ticket in found.own:
            await self._erase_ticket(ticket, plan, found, own=True)
        for ticket in found.shared:
            await self._erase_ticket(ticket, plan, found, own=False)
        articles = 0  # after the tickets: an empty one does not tell what of it the ticket shows
        for article in found.articles:
            articles += await self._erase_article(id_, article)
        return len(found.own), articles

    async def _erase_ticket(self, ticket: str, plan: ErasurePlan, found: Found, *, own: bool) -> None:
        articles = [each.record for each in found.articles]
        keys: ScriptKeys = {
            "ticket": self._keys.ticket(ticket),
            "desk": self._keys.desk,
            "scopes": self._keys.scopes(ticket),
        }
        args: ScriptArguments = {
            "now": self._clock.now(),
            "own": own,
            "closes": own and ticket in found.closing,
            "message_ids": json_bytes({_message_id(each.external_id): True for each in articles}),
            "said": json_bytes({f"{each.author.identity} {each.created_at}": True for each in articles}),
            "opened": any(each.ticket == ticket and each.kind == "message" and not each.joined_by for each in articles),
            "kept": [*TICKET, *TICKET_WORK],
            "people": list(plan.keys),
        }
        await self._engine.run(_TICKET, keys, args)

    async def _erase_article(self, id_: str, stored: StoredArticle) -> int:
        article, now = stored.record.id, self._clock.now()
        keys: ScriptKeys = {
            "article": self._keys.article(article),
            "downloads": self._engine.keys("article", article, "downloads"),
            "blobs": self._keys.blobs,
            "released": self._erasures.blobs(id_),
            "passed_on": self._keys.passed_on,
        }
        args: ScriptArguments = {
            "due": now + GRACE_MS,
            "shell": field_list(article_shell(_data(stored), now)),
            "owners": [owner for owner in (article, stored.work.raw) if owner],
            "members": index_members(article, stored.record.originals),
        }
        return int(await self._engine.run(_ARTICLE, keys, args))

    async def _erase_threads(self, found: Found) -> None:
        """Nothing that comes later finds their tickets, but by the number, which names an empty one."""
        own, shared = set(found.own), set(found.shared)
        ids = {_message_id(each.record.external_id) for each in found.articles} - {""}
        gone = [
            key
            async for key, ticket in scan(self._engine, "HSCAN", self._keys.threads)
            if not key.startswith(b"number:")
            and (ticket.decode() in own or (ticket.decode() in shared and key.decode().partition(":")[2] in ids))
        ]
        for begin in range(0, len(gone), AT_ONCE):
            await self._engine.call("HDEL", self._keys.threads, *gone[begin : begin + AT_ONCE])

    async def _erase_conversation(self, id_: str, conversation: str) -> None:
        for name in NOTES:
            files = {note["sha256"] for note in await self._logs.notes(conversation, name) if "sha256" in note}
            if files:
                await self._engine.call("SADD", self._erasures.blobs(id_), *files)
        await self._logs.erase(conversation, _empty, NOTES)

    async def _recopy(self, copied: Mapping[str, Any]) -> None:
        for article, left in copied.items():
            await self._engine.call("HSET", self._keys.article(article), "copied", json_bytes(left))
            await self._words.write(article)

    async def _remove_contents(self, id_: str) -> None:
        names = await self._engine.call("SMEMBERS", self._erasures.blobs(id_))
        await self._contents.remove([name.decode() for name in names])

    async def _record(self, id_: str) -> ErasureRecord:
        return ErasureRecord.model_validate_json(await self._engine.call("HGET", self._erasures.records, id_))

    async def _finish(self, id_: str, counts: ErasureCounts) -> None:
        record = (await self._record(id_)).model_copy(update={"erased": counts})
        told = record.model_dump(mode="json", include={"by", "reason", "ordered_at", "erased"})
        keys: ScriptKeys = {
            "feed": self._keys.feed,
            "erasures": self._erasures.records,
            "plans": self._erasures.plans,
            "released": self._erasures.blobs(id_),
            "passed_on": self._erasures.passed_on(id_),
        }
        args: ScriptArguments = {
            "id": id_,
            "record": record.model_dump_json(),
            "now": self._clock.now(),
            "data": json_bytes({"erasure": {"id": id_, **told}, "actor": record.by}),
        }
        await self._engine.run(_FINISH, keys, args)


def _data(stored: StoredArticle) -> dict[str, object]:
    return stored.record.model_dump(mode="json")


def _empty(line: LogLine) -> dict[str, object]:
    kept = {name: line.data[name] for name in LINE if name in line.data}
    own = {"id": f"erased-{line.position}"} if line.data.get("from") == "visitor" else {}
    return {**kept, **own, "text": "", "erased": True}


def _message_id(external_id: str) -> str:
    """The Message-ID of a mail; of anything else the whole."""
    return message_id(external_id) or external_id
