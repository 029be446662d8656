"""Answers that were not read follow the visitor by mail, so that a conversation does not end with a closed window.

Each line by an agent is looked at again after `mail_after`. If the visitor has read it by then, nothing happens; while
they are connected, it is looked at again later; if they have left, and we know an address of theirs, all that they have
not read goes there in one mail, or in as many as its files need, through the desk and its outbox, so it stands in the
ticket and an answer comes back to it. How far was mailed is a mark of the conversation, and what a mail takes along is
written down before it is ordered: a worker that dies in between orders the same mail again, which is recognised.
"""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from ...config.desk_settings import AttachmentSettings
from ...normalizer.envelope import Attachment
from ...queue.clock import Clock
from ...queue.connection import Engine
from ...queue.conversation_log import ConversationLogs, LogLine
from ...queue.work import Entry, WorkQueue
from ..outgoing_mail import Forward, UnreadAnswers
from .log_lines import AGENT
from .receipts import READ
from .settings import ChatSettings
from .sites import CHANNEL
from .storing import CLAIMED, PROVEN

QUEUE = "chat_unread"
MAILED = "visitor:mailed"
MAILING = "mailing"
GIVEN_UP_MS = 86_400_000
MOST = 200


class Unread:
    """The handler of the queue `chat_unread`, and what fills it."""

    def __init__(
        self,
        settings: ChatSettings,
        engine: Engine,
        clock: Clock,
        logs: ConversationLogs,
        forward: Forward | None,
        limits: AttachmentSettings,
    ) -> None:
        """`limits` are those of the files of one mail."""
        self._settings = settings.root
        self._clock = clock
        self._logs = logs
        self._forward = forward
        self._limits = limits
        self.queue = WorkQueue(engine, QUEUE)

    async def expect(self, site: str, conversation: str, position: int) -> None:
        """An agent's line is there: look later whether it was read. Raises temporary errors."""
        if self._forward is not None:
            await self._look_again({"site": site, "conversation": conversation, "position": position, "since": 0})

    async def handle(self, entry: Entry) -> bool:
        """Look at one line; the entry is finished in any case. Raises temporary errors."""
        asked = json.loads(entry.payload)
        conversation, position = asked["conversation"], int(asked["position"])
        marks = await self._logs.marks(conversation)
        done = max(marks.get(READ, 0), marks.get(MAILED, 0))
        if position <= done or asked["site"] not in self._settings:
            return False
        here, _ = await self._logs.here(conversation)
        if here:
            await self._look_again(asked)
            return False
        while position > done:
            done = await self._mail(asked["site"], conversation, position, done)
        return False

    async def _look_again(self, asked: dict[str, Any]) -> None:
        now = self._clock.now()
        since = asked["since"] or now
        if now - since <= GIVEN_UP_MS:
            due = now + self._settings[asked["site"]].mail_after // timedelta(milliseconds=1)
            await self.queue.push(asked["conversation"], json.dumps(asked | {"since": since}).encode(), due=due)

    async def _mail(self, site: str, conversation: str, position: int, done: int) -> int:
        """Have the next mail sent; up to which line nothing is left to do then."""
        facts = await self._logs.facts(conversation)
        address = facts.get(PROVEN) or facts.get(CLAIMED)
        unread = await self._logs.read(conversation, after=done, limit=MOST)
        lines = _in_one_mail([line for line in unread if line.data.get("from") == AGENT], self._limits)
        begun, _, upto = facts.get(MAILING, "").partition(":")
        if begun == str(position) and int(upto) > done:  # by a worker that died: the same mail as then
            lines = [line for line in lines if line.position <= int(upto)]
        if not address or not lines or self._forward is None:
            return unread[-1].position if address and unread else position
        last = lines[-1].position
        await self._logs.set_fact(conversation, MAILING, f"{position}:{last}")
        key = f"chat-unread:{position}:{last}"
        await self._forward(_answers(site, address, lines, proven=PROVEN in facts, key=key))
        await self._logs.mark(conversation, MAILED, last)
        return last


def _in_one_mail(lines: Sequence[LogLine], limits: AttachmentSettings) -> Sequence[LogLine]:
    """As many as there is room for with all their files; the first in any case."""
    sizes: list[int] = []
    for number, line in enumerate(lines):
        sizes += [int(file["size"]) for file in line.data.get("files", ())]
        if number and (len(sizes) > limits.count or sum(sizes) > limits.total):
            return lines[:number]
    return lines


def _answers(site: str, address: str, lines: Sequence[LogLine], *, proven: bool, key: str) -> UnreadAnswers:
    files = [file for line in lines for file in line.data.get("files", ())]
    return UnreadAnswers(
        channel=CHANNEL,
        ticket=str(lines[-1].data["ticket"]),
        articles=[str(line.data["id"]) for line in lines],
        text="\n\n".join(str(line.data["text"]) for line in lines),
        attachments=[Attachment.model_validate(file) for file in files],
        address=address,
        proven=proven,
        site=site,
        key=key,
    )
