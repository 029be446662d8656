"""What the API takes and gives for tickets and their articles."""

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from ..normalizer.envelope import Addressee, Attachment, Record
from ..normalizer.safe_names import OCTETS
from ..router.actions import Actions
from ..router.addressees import MOST
from ..router.decision_record import Decision
from ..router.life_cycle import FINISHED
from ..router.records import Article, Status, Ticket
from ..router.spam_tickets import Block
from ..router.ticket_requests import Seen, TemplateChoice, TicketChanges, Writing
from ..router.ticket_search import Found
from ..web.paging import PageQuery
from .request_fields import (
    AgentName,
    ConfiguredName,
    EmailAddress,
    FieldName,
    FieldValue,
    FileName,
    LanguageCode,
    PersonName,
    Reason,
    RecordId,
    RequestModel,
    Skill,
    Subject,
    Tag,
    Text,
    Words,
)

_RESOLUTION_NEEDS_AN_END: dict[str, Any] = {
    "if": {"properties": {"resolution": {"type": "string"}}, "required": ["resolution"]},
    "then": {"properties": {"status": {"enum": sorted(FINISHED)}}, "required": ["status"]},
}


class Move(RequestModel):
    """A status, and how a ticket ended when it is an end."""

    model_config = ConfigDict(json_schema_extra=_RESOLUTION_NEEDS_AN_END)

    status: Annotated[Status | None, Field(description="The status it moves to; left out, it keeps its own.")] = None
    resolution: Annotated[
        Literal["resolved", "cancelled"] | None,
        Field(description="How it ended; only with the status solved or closed."),
    ] = None

    @model_validator(mode="after")
    def _resolution_needs_an_end(self) -> Self:
        if self.resolution is not None and self.status not in FINISHED:
            raise ValueError("a resolution goes with the status solved or closed")
        return self


class FiledHeld(Record):
    """How many held messages go their way again."""

    filed: int


class OriginalWriterBody(RequestModel):
    """Whether the writer of the message that was passed on is the customer."""

    customer: Annotated[bool, Field(description="false: whoever passed it on is, as before.")] = True


class SuggestionBody(RequestModel):
    """What is decided about a suggestion."""

    accept: Annotated[bool, Field(description="false: take the suggestion off the ticket.")] = True


class SpamBody(RequestModel):
    """Whether the sender is blocked with it."""

    block: Annotated[Block, Field(description="nobody, the sender's address, or all of its domain.")] = "nobody"


class TicketQuery(PageQuery):
    """Which tickets are asked for; all conditions hold at once."""

    queue: ConfiguredName | None = None
    status: Status | None = None
    customer: RecordId | None = None
    assignee: Annotated[ConfiguredName | None, Field(description="The agent who has it.")] = None
    offered_to: Annotated[ConfiguredName | None, Field(description="The agent to whom it is offered.")] = None
    undelivered: Annotated[
        bool | None,
        Field(description="true: of which an answer did not arrive, or perhaps did not, and nobody has decided on it."),
    ] = None
    sort: Annotated[
        Literal["newest", "due", "window"],
        Field(
            description="newest; due: what they owe is due first, without those that owe nothing; or window: those "
            "first to whom the channel takes a free answer the shortest (`reply_by`), of those in which somebody waits "
            "for one. A search (`q`) is newest first in any case."
        ),
    ] = "newest"
    due_before: Annotated[
        int | None,
        Field(
            ge=0, le=10**15, description="In the orders `due` and `window`: only what comes before, in milliseconds."
        ),
    ] = None
    q: Annotated[
        Words | None,
        Field(
            description="Words, or parts of words, all of which the ticket has: in number, subject, tags or fields, "
            "or in any message, answer or note of it or of a ticket merged into it, with who wrote and the names of "
            "files. A merged ticket is found as the one that stands for it; `found` says where."
        ),
    ] = None


class FoundTicket(Ticket):
    """A ticket of a list."""

    found: Found | None = Field(default=None, description="Where it has the words of `q`; null without them.")


class NewTicketBody(RequestModel):
    """A case that is opened by hand or by another system; whoever holds the token vouches for the customer."""

    text: Annotated[Text, Field(description="What the customer wants, as their first message.")]
    subject: Subject = ""
    email: EmailAddress | None = None
    name: PersonName = ""
    language: LanguageCode = "unknown"


class AttachedFile(RequestModel):
    """A file that was uploaded before, as the answer to the upload named it."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    name: FileName
    media_type: Annotated[str, Field(max_length=255, pattern=r"^[!-~]+$")] = OCTETS
    size: Annotated[int, Field(ge=0, description="Bytes.")]


class CopiedPerson(RequestModel):
    """Somebody who gets a reply beside the one it is written to."""

    address: EmailAddress
    name: PersonName = ""


class TemplateBody(RequestModel):
    """A template, and values for its places; those left out are as configured."""

    name: ConfiguredName
    parameters: Annotated[
        dict[Annotated[str, Field(max_length=100)], Annotated[str, Field(max_length=1024)]], Field(max_length=50)
    ] = Field(default_factory=dict)


_TEXT_OR_TEMPLATE: dict[str, Any] = {
    "oneOf": [
        {"required": ["text"], "properties": {"text": {"type": "string"}, "template": {"type": "null"}}},
        {
            "required": ["template"],
            "properties": {"text": {"type": "null"}, "template": {"type": "object"}, "kind": {"const": "reply"}},
        },
    ]
}


class MessageBody(Move):
    """A reply to the customer, or a note that only colleagues see."""

    model_config = ConfigDict(json_schema_extra=_RESOLUTION_NEEDS_AN_END | _TEXT_OR_TEMPLATE)

    kind: Literal["reply", "note"]
    text: Annotated[Text | None, Field(description="Left out only where a template is sent.")] = None
    format: Annotated[
        Literal["plain", "marks"],
        Field(description="marks: **bold**, *italic*, `code`, lists and [links](https://…) as the channel shows them."),
    ] = "plain"
    template: Annotated[
        TemplateBody | None,
        Field(description="A template of the account that is sent in place of a text, also when the window is shut."),
    ] = None
    mode: Annotated[
        str,
        Field(max_length=63, description="In which of the channel's ways it goes, where there are several."),
    ] = ""
    attachments: Annotated[
        tuple[AttachedFile, ...], Field(max_length=100, description="Files that go along, as their uploads named them.")
    ] = ()
    copied: Annotated[
        tuple[CopiedPerson, ...] | None,
        Field(
            max_length=MOST,
            description="Who else gets a reply; left out, those whom the ticket's `answers` name.",
        ),
    ] = None
    agent: Annotated[
        AgentName | None, Field(description="Who writes: left out, the token's own agent, else the ticket's assignee.")
    ] = None
    last_seen: Annotated[
        RecordId | None,
        Field(
            description="The newest article that the writer of a reply has seen: 409 when another agent has answered "
            "behind it, or got the ticket since. Left out, 409 when whoever has the ticket answered within two minutes."
        ),
    ] = None
    force: Annotated[bool, Field(description="Reply although somebody else has; the ticket's history says so.")] = False

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        """Either a text or a template; a note has a text."""
        if (self.text is None) == (self.template is None):
            raise ValueError("either a text or a template")
        if self.kind == "note" and self.template is not None:
            raise ValueError("a note is no template")
        return self

    def writing(self, agent: str, *, actor: str, key: str | None, seen: Seen | None = None) -> Writing:
        """What this agent writes; the same `key` again is the same article. A reply is judged by what was `seen`."""
        return Writing(
            text=self.text or "",
            formatted=self.format == "marks",
            template=TemplateChoice(**dict(self.template)) if self.template else None,
            mode=self.mode,
            actor=actor,
            agent=agent,
            status=self.status,
            resolution=self.resolution,
            attachments=[Attachment(**dict(file)) for file in self.attachments],
            copied=None if self.copied is None else [Addressee(**dict(each)) for each in self.copied],
            seen=(seen or Seen(article=self.last_seen)) if self.kind == "reply" else None,
            force=self.force,
            key=key,
        )


class TicketPatch(Move):
    """Fields to change; what is left out or null stays as it is."""

    queue: Annotated[ConfiguredName | None, Field(description="Moves it there, without agent.")] = None
    priority: Annotated[int | None, Field(ge=1, le=4, description="1 is the most urgent.")] = None
    impact: Annotated[
        int | None, Field(ge=1, le=3, description="1 is the widest; with urgency gives the priority.")
    ] = None
    urgency: Annotated[int | None, Field(ge=1, le=3, description="1 is the most urgent.")] = None
    tags: Annotated[tuple[Tag, ...] | None, Field(max_length=50, description="All tags it is to have.")] = None
    language: LanguageCode | None = None
    subject: Subject | None = None
    required_skills: Annotated[tuple[Skill, ...] | None, Field(max_length=20)] = None
    preferred_skills: Annotated[tuple[Skill, ...] | None, Field(max_length=20)] = None
    fields: Annotated[
        dict[FieldName, FieldValue] | None,
        Field(max_length=100, description="Fields of `GET /v1/fields` with their values; null empties one."),
    ] = None

    def changes(self) -> TicketChanges:
        """What is to change."""
        return TicketChanges(**dict(self))


SeenHolder = Annotated[
    Literal[""] | AgentName | None,
    Field(
        description="Who has it or is offered it as you have seen it, empty for nobody: 409 when that is not so any "
        "more. Left out, whoever has it when the request arrives."
    ),
]


class AcceptBody(RequestModel):
    """Who accepts."""

    agent: AgentName | None = None


class TakeBody(AcceptBody):
    """Who accepts or takes it."""

    take_over: bool = Field(default=False, description="Also from an agent who is offline.")
    holder: SeenHolder = None


class GiveBackBody(AcceptBody):
    """Who gives it back, and why."""

    reason: Reason = ""


class AssignBody(AcceptBody):
    """To whom it is assigned."""

    force: Annotated[bool, Field(description="Also beyond the agent's capacity.")] = False
    reason: Reason = ""
    holder: SeenHolder = None


_ADDRESS_NEEDS_RESEND: dict[str, Any] = {
    "if": {"properties": {"to": {"type": "string"}}, "required": ["to"]},
    "then": {"properties": {"action": {"const": "resend"}}},
}


class DeliveryBody(RequestModel):
    """What a person decides about a message that failed, or whose fate is unknown."""

    model_config = ConfigDict(json_schema_extra=_ADDRESS_NEEDS_RESEND)

    action: Annotated[
        Literal["resend", "mark_sent"],
        Field(
            description="`resend` sends it again; `mark_sent` records that it has arrived, or that the customer was "
            "told otherwise."
        ),
    ]
    to: Annotated[
        EmailAddress | None,
        Field(description="With `resend`: mail it there instead, as an article of its own that repeats this one."),
    ] = None
    reason: Reason = ""

    @model_validator(mode="after")
    def _address_needs_resend(self) -> Self:
        if self.to is not None and self.action != "resend":
            raise ValueError("an address goes with `resend`")
        return self

    async def decide(self, actions: Actions, article: str, *, actor: str) -> None:
        """Do it. Raises NotFound, Conflict, Invalid."""
        if self.action == "mark_sent":
            await actions.mark_sent(article, actor=actor, reason=self.reason)
        elif self.to is not None:
            await actions.resend_to(article, self.to, actor=actor, reason=self.reason)
        else:
            await actions.resend(article, actor=actor, reason=self.reason)


class ListedArticle(Article):
    """An article as it stands in its ticket; its HTML is in `GET /v1/articles/{id}`."""

    html: str = Field(default="", exclude=True)


class Answers(Record):
    """Where a reply goes."""

    channel: str
    to: str = Field(description="The address that the ticket is pinned to.")
    name: str = ""
    claimed: bool = Field(default=False, description="Named by the writer in place of their own; not proven.")
    copied: tuple[Addressee, ...] = Field(default=(), description="Who else gets it, unless a reply names others.")


class TicketDetail(Ticket):
    """A ticket with its conversation and the decisions of the router about it."""

    answers: Answers | None = Field(default=None, description="Where a reply goes; null: there is no way back.")
    articles: tuple[ListedArticle, ...] = Field(
        description="In the provider's order; with those of the tickets that are merged into it, as they came."
    )
    decisions: tuple[Decision, ...] = Field(description="The newest 50, the oldest of them first.")
