"""The records of the desk: customers, tickets, articles, agents. (Decisions: decision_record.py.)

They are frozen and are read from the engine as they were written; only the scripts of this folder change them. A
stored record is a hash whose every value is a piece of JSON, so `from_hash` only joins. Fields that begin with an
underscore (private_fields.py) are not part of the record. The JSON form has a published schema; receivers ignore
fields that they do not know.
"""

import json
from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import Field
from pydantic_core import PydanticSerializationError, to_json

from ..normalizer.closing_words import Says
from ..normalizer.envelope import (
    Addressee,
    Assurance,
    Attachment,
    CalendarEvent,
    Contact,
    DeliveryState,
    Identity,
    Original,
    OriginProof,
    Protection,
    Record,
    SpamVerdict,
)
from ..normalizer.joining import How
from .clock import TicketClock

Status = Literal["new", "open", "pending", "on_hold", "solved", "closed"]
Resolution = Literal["resolved", "cancelled"]
Ending = Literal["resolved", "cancelled", "merged", "spam"]
Presence = Literal["available", "busy", "away", "offline"]
ArticleKind = Literal["message", "reply", "note", "event"]


class StoredRecord(Record):
    """A record that lies in the engine as a hash of pieces of JSON."""

    @classmethod
    def from_hash(cls, stored: Mapping[bytes, bytes]) -> Self:
        """The record of a hash as the engine gave it."""
        pieces = (b'"' + name + b'":' + piece for name, piece in stored.items() if not name.startswith(b"_"))
        return cls.model_validate_json(b"{" + b",".join(pieces) + b"}")


class KnownIdentity(Identity):
    """An identity of a customer, and since when it is known."""

    since: int = Field(description="Milliseconds; when this assurance was first seen.")
    seen: int | None = Field(
        default=None,
        description="Milliseconds; since when it is known that what is sent to the address is read there, though its "
        "domain proves nothing: a reply token of ours came back from it.",
    )


class Written(Record):
    """Who wrote a value, and when."""

    at: int = Field(description="Milliseconds.")
    by: str = Field(description="`agent:ada`, `token:crm`, `source:shop`, `import:customers.csv`.")


class Customer(StoredRecord):
    """One person, on however many channels."""

    id: str
    identities: tuple[KnownIdentity, ...] = Field(default=(), description="The ways in which they are known.")
    names: tuple[str, ...] = Field(default=(), description="Names they gave, the newest last; never evidence.")
    named: tuple[Identity, ...] = Field(
        default=(),
        description="What signed sources named as theirs too, the newest last: their word, by which nobody is joined.",
    )
    name: str = Field(default="", description="The name that somebody wrote down; without one, the last of `names`.")
    company: str = ""
    segment: str = ""
    language: str = Field(default="unknown", description="As written down, else the one they wrote in last.")
    time_zone: str = Field(default="", description="IANA name, if known.")
    notes: str = Field(default="", description="What colleagues should know.")
    external_ids: dict[str, str] = Field(
        default_factory=dict, description="Their ids in other systems, by the system's name; each belongs to one."
    )
    fields: dict[str, Any] = Field(default_factory=dict, description="Fields of your own, as `customer_fields` says.")
    written: dict[str, Written] = Field(
        default_factory=dict,
        description="Who wrote a value, and when, by its place: `segment`, `fields.plan`, `external_ids.crm`. Where "
        "records of a person differ the newest holds.",
    )
    links: tuple[dict[str, Any], ...] = Field(
        default=(),
        description="The ledger: which identities and which records were joined or parted, when, by whom and on what "
        "evidence; and proposals to join another record, which a person decides. The last entry about a record holds.",
    )
    records: tuple[str, ...] = Field(
        default=(),
        description="The records that are this one person's, the oldest first; empty when there is no other.",
    )
    erased_at: int | None = Field(default=None, description="When the person was erased; nothing else is left then.")
    created_at: int
    revision: int = Field(description="Rises with every change of a record; of several it is the sum.")


class Offer(Record):
    """A ticket is reserved for an agent, who has until `expires_at` to accept."""

    agent: str
    expires_at: int


class OriginalWriter(Record):
    """Who wrote a message that a colleague passed on: the ticket can be made theirs. It is the colleague's word."""

    address: str
    name: str = ""
    subject: str = Field(default="", description="That of the message passed on.")
    by: str = Field(description="The agent who passed it on.")
    taken: bool = Field(default=False, description="They are the ticket's customer now.")


class Settled(Record):
    """The customer says that the matter is done; what to make of it is the agent's to decide."""

    resolution: Resolution = Field(description="resolved: it is settled; cancelled: they take it back.")
    article: str = Field(description="The message that says so.")
    at: int
    thanks: bool = Field(default=False, description="It says nothing but thanks for our answer.")
    before: Status | None = Field(
        default=None,
        description="The ticket was solved by it, as its queue has it, and was so before; to say that the matter is "
        "not done undoes that.",
    )


class GoesOn(Record):
    """An older ticket that this one seems to go on from: both can be merged."""

    ticket: str
    number: str


class Ticket(StoredRecord):
    """One case."""

    id: str
    number: str = Field(description="Short and speakable: `T-1042`.")
    reference: str = Field(description="Unguessable; what outsiders may hold.")
    subject: str = ""
    queue: str = Field(description="The one queue it is in.")
    status: Status
    status_since: int | None = Field(
        default=None,
        description="Since when it is in its status, or was last answered in it; none: since it came.",
    )
    resolution: Ending | None = Field(
        default=None, description="How it ended; merged: its conversation goes on in `merged_into`."
    )
    priority: int = Field(ge=1, le=4, description="1 is the most urgent.")
    impact: int | None = Field(
        default=None, ge=1, le=3, description="1 is the widest; with urgency it gives the priority."
    )
    urgency: int | None = Field(default=None, ge=1, le=3, description="1 is the most urgent.")
    required_skills: tuple[str, ...] = ()
    preferred_skills: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    fields: dict[str, Any] = Field(default_factory=dict, description="Fields of your own, as `ticket_fields` says.")
    customer: str | None = Field(default=None, description="The customer's id.")
    channel: str = Field(description="The channel it came by.")
    account: str = Field(default="", description="Our address or source that it came to.")
    language: str = "unknown"
    assignee: str | None = Field(default=None, description="The agent who has it.")
    offer: Offer | None = Field(default=None, description="The agent to whom it is offered.")
    original_writer: OriginalWriter | None = Field(
        default=None, description="Whose message an agent passed on, where the ticket was opened so."
    )
    settled: Settled | None = Field(
        default=None,
        description="The customer says that the matter is done, and nobody has decided on it yet; with `before` it has "
        "solved the ticket.",
    )
    goes_on: GoesOn | None = Field(
        default=None,
        description="The ticket of the same person that this one seems to go on from, until it is decided.",
    )
    unproven: bool = Field(default=False, description="Nobody has proven that the sender is who they say.")
    acknowledged: bool = Field(default=False, description="The customer was sent the case number.")
    undelivered: bool = Field(
        default=False,
        description="What an agent answered did not arrive, or perhaps did not, and nobody has decided about it.",
    )
    follow_up_of: str | None = Field(default=None, description="The closed ticket that this one goes on from.")
    merged_into: str | None = Field(
        default=None, description="The ticket that stands for this one; it is never merged itself."
    )
    merged: tuple[str, ...] = Field(default=(), description="The tickets for which this one stands, besides itself.")
    split_from: str | None = Field(default=None, description="The ticket out of which it was split.")
    reopened: int = Field(default=0, description="How often it was opened again.")
    revision: int = Field(description="Rises by one with every line of the feed.")
    config: str = Field(default="", description="The version of the configuration that placed it.")
    rules: tuple[str, ...] = Field(default=(), description="The rules that matched.")
    clocks: dict[str, TicketClock] = Field(
        default_factory=dict, description="What it owes and until when, by kind or name (clock.py)."
    )
    reply_by: int | None = Field(
        default=None,
        description="Milliseconds; when the channel's window for free answers shuts, as its last message says. None: "
        "the channel has none.",
    )
    created_at: int
    updated_at: int
    last_message_at: int | None = None
    first_response_at: int | None = None
    erased_at: int | None = Field(default=None, description="When its customer was erased; it is counted, and empty.")

    @property
    def misses_answer(self) -> bool:
        """Whether it stands in the list of what did not arrive."""
        return self.undelivered and self.merged_into is None and self.resolution != "spam"


class Author(Record):
    """Who wrote an article."""

    kind: Literal["customer", "agent", "system"]
    name: str = ""
    id: str = Field(default="", description="The customer's or the agent's id.")
    identity: str = Field(default="", description="The identity that wrote, `email:maria@example.org`.")
    assurance: Assurance = Assurance.CLAIMED
    evidence: str = ""
    seen: bool = Field(default=False, description="Unproven, but the address has answered us before.")


class DeliveryStatus(Record):
    """What became of an outgoing article."""

    state: DeliveryState
    detail: str = ""
    at: int = 0
    attempts: int = 0


class Version(Record):
    """What a message said before it was edited."""

    text: str = Field(description="All of it; in an article that is `truncated` only the beginning.")
    at: int = Field(description="When it was written, in milliseconds.")


class PutReaction(Record):
    """A mark that stands below a message."""

    emoji: str
    identity: str = Field(default="", description="Who put it there, `telegram:7`; empty where the channel says not.")
    name: str = Field(default="", description="What they are called there; never evidence.")
    ours: bool = Field(default=False, description="It was put there by us, in the vendor's own inbox.")
    at: int = Field(description="Milliseconds.")


DeletedBy = Literal["author", "moderator", "channel"]


class Article(StoredRecord):
    """One entry of a ticket's conversation."""

    id: str
    ticket: str
    kind: ArticleKind
    channel: str
    author: Author
    subject: str = ""
    text: str = ""
    quoted: str = ""
    signature: str = ""
    html: str = ""
    truncated: bool = Field(default=False, description="Text, quotes and HTML lie in a blob; this is the beginning.")
    formatted: bool = Field(
        default=False, description="The text has marks for bold, lists and the like (normalizer/formatted_text.py)."
    )
    template: str = Field(default="", description="It went as this template of the configuration.")
    mode: str = Field(default="", description="In which of the channel's ways it went, where there are several.")
    language: str = "unknown"
    attachments: tuple[Attachment, ...] = ()
    originals: tuple[Original, ...] = Field(default=(), description="The messages that it passes on.")
    spam: SpamVerdict | None = Field(default=None, description="What a filter of ours says of it.")
    protection: tuple[Protection, ...] = Field(default=(), description="Whether it is signed or encrypted, and how.")
    event: CalendarEvent | None = Field(default=None, description="What its calendar says.")
    contacts: tuple[Contact, ...] = Field(default=(), description="The contact cards that came along.")
    to: str = Field(default="", description="The address an outgoing one goes to.")
    recipients: tuple[str, ...] = Field(default=(), description="Our addresses that it was sent to.")
    copied: tuple[Addressee, ...] = Field(default=(), description="Others whom it was written to.")
    fields: dict[str, Any] = Field(
        default_factory=dict, description="What its source said for fields, as it said it; a claim unless it is proven."
    )
    says: Says = Field(default="", description="What it comes to: thanks alone, resolved or cancelled.")
    origin: OriginProof | None = Field(default=None, description="What proves where it came from, with every check.")
    joined_by: How = Field(
        default="",
        description="What brought a message into this ticket: token (its reply address), channel (the conversation), "
        "reference (it answers a message), number (in the subject), unproven (it answers a message of ours, and nobody "
        "has proven who wrote), copy (of a message here); empty where it opened the ticket.",
    )
    join_reason: str = Field(default="", description="Why it is in this ticket, or in none that it names, in words.")
    external_id: str = ""
    order: str = ""
    in_reply_to: str = ""
    repeats: tuple[str, ...] = Field(
        default=(), description="The articles that this one brings once more, on another way; empty for all others."
    )
    sent_at: int | None = None
    created_at: int
    edited_at: int | None = Field(default=None, description="When the text was written that stands here now.")
    versions: tuple[Version, ...] = Field(
        default=(), description="What it said before, the oldest first: the first text, and the last nine."
    )
    deleted_at: int | None = Field(
        default=None, description="When it was deleted where it was written; `deleted_messages` says if the text stays."
    )
    deleted_by: DeletedBy | None = Field(
        default=None, description="Who deleted it: its author, a moderator, or the channel, which does not say who."
    )
    reactions: tuple[PutReaction, ...] = Field(
        default=(), description="The marks that people put below it and did not take away, the oldest first."
    )
    erased_at: int | None = Field(default=None, description="When it was erased; nothing is left but that it was.")
    delivery: DeliveryStatus | None = None


class AgentState(Record):
    """An agent: what the configuration says, and how they are now."""

    id: str
    name: str
    queues: tuple[str, ...]
    languages: tuple[str, ...]
    skills: dict[str, int]
    capacity: int = Field(description="Units of weight over all channels.")
    load: int = Field(description="Units in use, offers included.")
    presence: Presence
    presence_since: int | None = None
    presence_by: str = Field(default="", description="Who or what set it: `agent:ada`, `token:crm`, `router`.")
    presence_reason: str = Field(default="", description="Why, where somebody said so or the router set it.")
    presence_until: int | None = Field(
        default=None, description="When they are taken for offline unless a heartbeat comes; null: not by a time."
    )
    idle_since: int | None = None
    closes_at: int | None = Field(
        default=None,
        description="From when on nothing is offered to them, because their shift, or the next one, ends soon.",
    )
    shift_ends: int | None = Field(default=None, description="When that shift ends; null: they have no shifts.")
    wrapping_until: int | None = Field(
        default=None,
        description="Until when they wrap up what they are done with, so that it still takes room; it ends when they "
        "say that they are available.",
    )
    missed_offers: int = 0


def json_bytes(value: object) -> bytes:
    """A value as JSON in UTF-8; what UTF-8 cannot hold becomes a question mark."""
    try:
        return to_json(value)
    except PydanticSerializationError:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def field_list(fields: Mapping[str, object]) -> list[str | bytes]:
    """Names and values as JSON, in turn, as the scripts take them."""
    return [part for name, value in fields.items() for part in (name, json_bytes(value))]


def text_fields(fields: Mapping[str, object]) -> dict[str, str]:
    """The fields as they lie in a hash, for a plan that travels as JSON itself."""
    return {name: json_bytes(value).decode() for name, value in fields.items()}
