"""Receipts: how far a visitor has got and read, as marks of the conversation and as receipts for our articles.

A receipt goes the way of everything that comes from a channel: through intake, as an entry that names the articles it
covers, and only then is the mark raised. A process that dies in between leaves an entry that is recognised when the
client says it again. Nobody can confirm what is not there: positions count only up to the last line.
"""

import json
from typing import Literal

from ...queue.conversation_log import ConversationLogs
from ...queue.intake import Intake
from .admission import Visitor
from .log_lines import VISITOR
from .sites import CHANNEL

State = Literal["delivered", "read"]

DELIVERED, READ, DESK_READ = "visitor:delivered", "visitor:read", "desk:read"

MOST = 500
"""Lines that one receipt covers; what lies further back was long seen."""

_MARKS: dict[State, tuple[str, ...]] = {"delivered": (DELIVERED,), "read": (READ, DELIVERED)}


class ChatReceipts:
    """Takes note of what visitors have seen."""

    def __init__(self, intake: Intake, logs: ConversationLogs) -> None:
        self._intake = intake
        self._logs = logs

    async def seen(self, visitor: Visitor, position: int, state: State) -> None:
        """The visitor has got, or has read, all lines up to this one. Raises temporary errors."""
        conversation = visitor.conversation
        before = await self._logs.marked(conversation, _MARKS[state][0])
        if position <= before:
            return
        lines = await self._logs.read(conversation, after=max(before, position - MOST), limit=MOST)
        covered = [line for line in lines if line.position <= position]
        if not covered:
            return
        reached = covered[-1].position
        ours = [str(line.data["id"]) for line in covered if line.data.get("from") != VISITOR]
        if ours:
            await self._store(visitor, reached, state, ours)
        for mark in _MARKS[state]:
            await self._logs.mark(conversation, mark, reached)

    async def _store(self, visitor: Visitor, position: int, state: State, articles: list[str]) -> None:
        content = {"state": state, "position": position, "articles": articles}
        await self._intake.accept(
            channel=CHANNEL,
            account=visitor.site,
            external_id=f"{visitor.id}:{state}:{position}",
            kind="delivery",
            lane=visitor.conversation,
            content=json.dumps(content, separators=(",", ":")).encode(),
            transport={"visitor": visitor.id, "assurance": int(visitor.assurance)},
            says=b"",  # the id says it; which articles are new to it depends on what came before
        )
