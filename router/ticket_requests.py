"""What somebody asks of a ticket: two requests, which travel whole from a face to the script that carries them out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from pydantic import Field

from ..normalizer.envelope import Addressee, Attachment, Record
from ..normalizer.outgoing import UsedTemplate
from ..queue.identifiers import new_id
from .records import Resolution, Status

_JUDGED = {"status", "resolution", "queue", "priority", "fields"}  # which take more than writing a field


@dataclass(frozen=True, kw_only=True)
class TicketChanges:
    """What a PATCH asks for; None leaves a field as it is. Of `fields` those named change, None empties one."""

    status: Status | None = None
    resolution: Resolution | None = None
    queue: str | None = None
    priority: int | None = None
    impact: int | None = None
    urgency: int | None = None
    tags: Sequence[str] | None = None
    language: str | None = None
    subject: str | None = None
    fields: Mapping[str, Any] | None = None
    required_skills: Sequence[str] | None = None
    preferred_skills: Sequence[str] | None = None

    def written(self) -> dict[str, Any]:
        """What becomes a field of the ticket as it stands; a list has each value once."""
        asked = {name: value for name, value in vars(self).items() if value is not None and name not in _JUDGED}
        lists = {name: list(dict.fromkeys(value)) for name, value in asked.items() if not isinstance(value, str | int)}
        return asked | lists


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the writer of an answer has seen of its ticket."""

    article: str | None = None  # the newest article
    at: int | None = None  # when they looked, in ms
    held: Sequence[str] = ()  # replies that had not left yet, by their ids
    asks_for_messages: bool = False  # they are asked as well when the customer has written since
    revision: int | None = None  # nothing at all may have happened since this one


@dataclass(frozen=True, kw_only=True)
class Known:
    """What was known of a case when an answer to it was judged: at another revision it is judged anew."""

    case: str
    revision: int
    held: Sequence[str]

    def named(self) -> dict[str, Any]:
        """As the scripts take it."""
        return {"revision": self.revision, "held": list(self.held)}


class TemplateChoice(Record):
    """A template of the channel's vendor that is to be sent, and values for it; one not given is as configured."""

    name: str
    parameters: Mapping[str, str] = Field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Writing:
    """What somebody writes into a ticket, and the status that it moves to with it."""

    text: str
    actor: str
    agent: str = ""  # who writes; empty when no agent does
    status: Status | None = None
    resolution: Resolution | None = None
    attachments: Sequence[Attachment] = ()
    formatted: bool = False  # the text has marks (normalizer/formatted_text.py)
    template: TemplateChoice | None = None  # it goes as this, and the text is what that says
    used: UsedTemplate | None = None  # the same, filled in
    mode: str = ""  # in which of the channel's ways it goes; empty: the usual one
    copied: Sequence[Addressee] | None = None  # who else gets it; None: who the customer wrote to
    seen: Seen | None = None  # given, an answer is refused when somebody else has answered meanwhile (collisions.py)
    force: bool = False  # it is written all the same
    over: str = ""  # what somebody else had done, in spite of which it is
    known: Known | None = None
    key: str | None = None  # the same key again is the same article

    def article_in(self, ticket: str, now: int) -> str:
        """The id of the article that it becomes in the ticket of this id."""
        return new_id(now) if self.key is None else str(uuid5(UUID(ticket), self.key))
