"""One visitor in one connection, whatever carries the frames: what the socket and the long poll share.

`welcome` begins it, `take` carries out one frame and gives the answers, `news` gives what has come since the last call:
each line once and in order, how far the desk has read, who is typing, whether somebody is there. A session keeps a
cursor and nothing else that grows; the lines lie in the log.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from ...config.errors import Temporary, TrunklineError
from ...queue.conversation_log import ConversationLogs, LogLine
from ...queue.log_tail import Watch
from ...queue.signals import Signals
from .address_codes import AddressCodes
from .address_proof import AddressProof
from .admission import Visitor
from .close_codes import MalformedFrame, Unproven, flood
from .file_links import FileLinks
from .frame_errors import FrameRefused
from .frames import Address, Before, Code, Frame, Hello, Message, Seen, Typing
from .log_lines import VISITOR, Shown
from .rate_limits import FRAME_REFUSALS, RateLimits
from .receipts import DESK_READ, ChatReceipts
from .send_order import SendOrder
from .signing_in import SigningIn
from .sites import Availability, Milliseconds, Site
from .storing import CLAIMED, PROVEN, SIGNED, Storing, VisitorFacts

log = structlog.get_logger()

PAGE = 200
"""Lines that a client gets when it comes; of what lies further back it hears that there is a gap."""

CHUNK = 25  # lines read at once, so that a client that does not take them costs little
HISTORY = 50
TYPING_MS = 2_500

Frames = list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class SessionParts:
    """What every session needs."""

    logs: ConversationLogs
    signals: Signals
    storing: Storing
    receipts: ChatReceipts
    codes: AddressCodes
    links: FileLinks
    mails: bool  # whether codes can be mailed
    availability: Availability
    now: Milliseconds


class Session:
    """One visitor, connected; while it is `behind`, there are more lines than `news` gave."""

    def __init__(
        self,
        site: Site,
        visitor: Visitor,
        facts: VisitorFacts,
        parts: SessionParts,
        limits: RateLimits,
        watch: Watch,
        after: int,
    ) -> None:
        self.visitor = visitor
        self._site = site
        self._facts = facts
        self._parts = parts
        self._limits = limits
        self._watch = watch
        self._after = after
        self._shown = Shown(site.name, parts.links, parts.now)
        self._order = SendOrder(parts.now)
        self._signing_in = SigningIn(parts.logs, parts.now)
        self._proof = AddressProof(parts.codes, parts.logs, mails=parts.mails)
        self._desk_read = 0
        self._gap = False
        self.behind = True
        self._typed_at = 0
        self._refusals = 0
        self._typing = ""
        self._status: tuple[bool, int | None] = (False, None)
        self._status_is_news = False

    # Notices from outside; the connection is woken and takes it with `news`.

    def notify_typing(self, name: str) -> None:
        """An agent is typing."""
        self._typing = name
        self._watch.wake()

    def notify_status(self, online: bool, opens_at: int | None) -> None:
        """Whether somebody is there; told to the client when it is news. An identity that has ended is noticed then."""
        if (online, opens_at) != self._status:
            self._status = (online, opens_at)
            self._status_is_news = True
        if self._status_is_news or self.visitor.has_ended(self._parts.now()):
            self._watch.wake()

    async def welcome(self) -> dict[str, Any]:
        """What is known of the visitor, as the first frame tells it. Raises temporary errors."""
        visitor, logs, conversation = self.visitor, self._parts.logs, self.visitor.conversation
        kept, marks, last, self._status, _ = await asyncio.gather(
            logs.facts(conversation),
            logs.marks(conversation),
            logs.last(conversation),
            self._parts.availability(self._site.name),
            logs.seen_here([conversation]),
        )
        await self._remember(kept)
        self._desk_read = marks.get(DESK_READ, 0)
        self._place(last)
        return {
            "type": "welcome",
            "token": visitor.token,
            "visitor": visitor.id,
            "signed_in": visitor.until is not None,
            "position": last,
            "online": self._status[0],
            "opens_at": self._status[1],
            "name": visitor.name,
            "email": self._email(),
            "limits": limits_of(self._site),
            "seen": {"desk": self._desk_read},
        }

    async def _remember(self, kept: Mapping[str, str]) -> None:
        """An address that the page vouches for is proven; it is kept apart from one that a code has proven."""
        facts, email = self._facts, self.visitor.email
        facts.proven, facts.claimed, facts.signed = (kept.get(name, "") for name in (PROVEN, CLAIMED, SIGNED))
        if email and (email, email) != (facts.proven, facts.signed):
            for name in (PROVEN, SIGNED):
                await self._parts.logs.set_fact(self.visitor.conversation, name, email)
            facts.proven = facts.signed = email

    def standing(self) -> Frames:
        """How things stand, for a client that cannot know what has changed since it was here last."""
        seen: Frames = [{"type": "seen", "position": self._desk_read}] if self._desk_read else []
        return [*seen, {"type": "status", "online": self._status[0], "opens_at": self._status[1]}]

    def _email(self) -> dict[str, Any] | None:
        proven = self.visitor.email or self._facts.proven
        value = proven or self._facts.claimed
        return {"value": value, "proven": bool(proven)} if value else None

    async def news(self) -> Frames:
        """What has come since the last call, at most a chunk of lines of it. Raises temporary errors; then nothing is
        lost, and it is asked again. Raises Unproven when the visitor's identity has ended, and when they have signed in
        elsewhere.
        """
        self.visitor.demand_identity(self._parts.now())
        logs, conversation = self._parts.logs, self.visitor.conversation
        read, lines = await asyncio.gather(
            logs.marked(conversation, DESK_READ), logs.read(conversation, after=self._after, limit=CHUNK)
        )
        if lines:
            await self._signing_in.demand_theirs(self.visitor)
        return [*self._new(lines), *self._read_by_desk(read), *self._notices()]

    def _place(self, last: int) -> None:
        """A client that is far behind, or ahead of a log that it cannot know, goes on with the newest lines."""
        self._gap = last - self._after > PAGE
        self._after = last - PAGE if self._gap else min(self._after, last)

    def _new(self, lines: list[LogLine]) -> Frames:
        frames: Frames = [{"type": "gap"}] if self._gap else []
        self._gap = False
        self.behind = len(lines) == CHUNK
        if lines:
            self._after = lines[-1].position
        if any(line.data.get("from") != VISITOR for line in lines):
            self._typing = ""
        return frames + [self._shown.line(line) for line in lines]

    def _read_by_desk(self, position: int) -> Frames:
        if position <= self._desk_read:
            return []
        self._desk_read = position
        return [{"type": "seen", "position": position}]

    def _notices(self) -> Frames:
        typing, self._typing = self._typing, ""
        changed, self._status_is_news = self._status_is_news, False
        frames: Frames = [{"type": "typing", "name": typing}] if typing else []
        return frames + (self.standing()[-1:] if changed else [])

    async def take(self, frame: Frame) -> Frames:
        """Carry out one frame; the answers to it.

        Raises MalformedFrame for a hello that is not the first, Unproven when the visitor's identity has ended, and
        Overloaded for a flood that does not end.
        """
        self.visitor.demand_identity(self._parts.now())
        id_ = frame.id if isinstance(frame, Message) else None
        try:
            answers = await self._carried_out(frame)
        except FrameRefused as refusal:
            return self._refused(refusal, id_)
        except (MalformedFrame, Unproven):
            raise
        except Temporary as error:
            return self._refused(FrameRefused("busy", error.public, retry_after=error.retry_after), id_)
        except TrunklineError as error:
            log.error("a chat frame failed", action="chat_frame_failed", cause=error.detail)
            return self._refused(FrameRefused("busy", TrunklineError.public, retry_after=5), id_)
        self._refusals = 0
        return answers

    def _refused(self, refusal: FrameRefused, id_: str | None) -> Frames:
        self._refusals += refusal.code == "flood"
        if self._refusals > FRAME_REFUSALS:
            raise flood((refusal.retry_after or 1) + 10, "a flood that does not end")
        if id_ is not None and refusal.retry_after is not None:
            self._order.refused(id_, refusal.retry_after)
        return [refusal.frame(id_)]

    async def _carried_out(self, frame: Frame) -> Frames:
        self._demand_room(frame)
        match frame:
            case Message():
                self._order.demand(frame.id)
                await self._signing_in.demand_theirs(self.visitor)
                position = await self._parts.storing.store(self.visitor, self._facts, self._site.settings.caps, frame)
                return [{"type": "stored", "id": frame.id, "position": position}]
            case Typing():
                await self._tell_desk()
            case Seen():
                await self._parts.receipts.seen(self.visitor, frame.position, frame.state)
            case Before():
                return [await self._history(frame.position)]
            case Address() | Code():
                return await self._proof.take(self.visitor, self._facts, frame)
            case Hello():
                raise MalformedFrame("type: hello was said already")
        return []

    def _demand_room(self, frame: Frame) -> None:
        counted = self._limits.message if isinstance(frame, Message) else self._limits.frame
        if (seconds := counted(self.visitor.id)) > 0:
            raise FrameRefused("flood", "too much at once; please wait a moment", retry_after=int(seconds) + 1)

    async def _tell_desk(self) -> None:
        now = self._parts.now()
        if now - self._typed_at >= TYPING_MS:
            self._typed_at = now
            await self._parts.signals.send(self.visitor.conversation, {"who": "visitor"})

    async def _history(self, position: int) -> dict[str, Any]:
        lines = await self._parts.logs.before(self.visitor.conversation, before=position, limit=HISTORY)
        more = bool(lines) and lines[0].position > 1
        return {"type": "history", "lines": [self._shown.fields(line) for line in lines], "more": more}


def limits_of(site: Site) -> dict[str, int]:
    """What the widget must know of the caps."""
    caps = site.settings.caps
    return {"text": caps.text, "file": caps.file, "files": caps.files}
