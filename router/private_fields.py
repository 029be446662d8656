"""What the router keeps with a ticket and with an article for itself, beside what their records show.

In the engine these are fields of the same hash whose names begin with an underscore, `_due` for `due`; neither the feed
nor the API has them. A filing writes the first ones, from then on the scripts change them (ticket.lua). Times are
milliseconds. A field that a hash lacks reads as its default.
"""

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import Field

from ..normalizer.envelope import Addressee, Record
from ..normalizer.outgoing import UsedTemplate
from .clock import TicketClock
from .reply_route import ReplyAddress

PAUSES = ("pending", "on_hold")
"""The statuses in which nothing is owed unless a policy says otherwise."""


class PrivateFields(Record):
    """The private fields of one hash."""

    @classmethod
    def from_hash(cls, stored: Mapping[bytes, bytes]) -> Self:
        """Those of a hash as the engine gave it."""
        pieces = (b'"' + name[1:] + b'":' + piece for name, piece in stored.items() if name.startswith(b"_"))
        return cls.model_validate_json(b"{" + b",".join(pieces) + b"}")

    def named(self) -> dict[str, Any]:
        """The fields that were given, under the names that they have in the engine."""
        return {f"_{name}": value for name, value in self.model_dump(mode="json", exclude_unset=True).items()}


class Preview(Record):
    """The last that a customer said, so that a list of tickets need not read their articles."""

    text: str = ""
    by: str = Field(default="", description="The name they gave.")
    key: str = Field(default="", description="The identity that wrote.")
    files: int = Field(default=0, description="How many came along.")
    at: int = 0
    article: str = Field(default="", description="Which it is; empty where an earlier Trunkline filed it.")


class BeforeTaken(Record):
    """What a ticket was before the writer of a message passed on became its customer."""

    customer: str | None
    subject: str
    unproven: bool
    reply_to: ReplyAddress | None


class BeforeSpam(Record):
    """What a ticket was before it was marked as spam."""

    status: str
    resolution: str | None = None


class Exclusion(Record):
    """What keeps an agent from being offered the ticket again."""

    reason: str = Field(description="declined, missed or released.")
    epoch: int = Field(description="It holds until the agent gives the next sign of life.")


class MergedAs(Record):
    """How a ticket was merged, and what it was before."""

    into: str = Field(description="The ticket that was chosen, which can have been merged itself since.")
    at: int
    by: str
    reason: str = ""
    status: str
    resolution: str | None = None
    assignee: str | None = None


class Moved(Record):
    """What was split out of a ticket, for the mark where it was."""

    at: int = Field(description="When the first of it came.")
    ticket: str
    number: str
    by: str
    articles: int


class Agreement(Record):
    """What was agreed for a ticket: how soon what is owed, and what pauses it. Scripts read it (clocks.lua)."""

    targets: Mapping[str, int] = Field(description="By kind, in ms of open time; what is not here is not owed.")
    pauses: tuple[str, ...] = Field(default=PAUSES, description="In which statuses clocks stand.")
    policy: str | None = Field(default=None, description="The agreement of the configuration; none: the house's.")
    calendar: str | None = Field(default=None, description="The calendar that counts; none: all hours.")
    reckon: bool = Field(default=False, description="Whether the handler of clocks has to be asked (clock_events.py).")


class Firing(Record):
    """Which triggers fire for what has happened; written before they do."""

    entry: str = Field(description="The line of the feed, or the trigger and the moment from which its time counts.")
    triggers: tuple[str, ...]
    before: Mapping[str, Any] = Field(description="What of the ticket they may change, as it was.")


class TicketWork(PrivateFields):
    """A ticket's."""

    arrived_at: int = Field(default=0, description="When the message came that opened it.")
    sla: Agreement | None = Field(default=None, description="See Agreement.")
    target_ms: int = Field(default=0, description="How much time its most urgent clock has (clocks.lua).")
    due: int = Field(default=0, description="Until when that clock runs; the queue's order.")
    unassigned_since: int | None = Field(default=None, description="Since when, active, it has no agent.")
    customer_waits_since: int | None = Field(default=None, description="When the first unanswered message came.")
    answered_at: int | None = Field(default=None, description="When we last answered.")
    missing_answers: Mapping[str, int] = Field(
        default_factory=dict,
        description="Answers that did not arrive, by article, and when that was known; until somebody decides on them.",
    )
    solved_at: int | None = Field(default=None, description="When it was last solved.")
    merge: MergedAs | None = Field(default=None, description="See MergedAs; none while it is not merged.")
    own_wait_since: int | None = Field(
        default=None,
        description="In a case of several tickets (case.lua): the first message by this one alone that "
        "nobody had answered.",
    )
    own_clock: TicketClock | None = Field(
        default=None, description="The first response that it owes by itself, where a ticket of its case is due before."
    )
    part_preview: Preview | None = Field(default=None, description="The last said by a ticket merged into this one.")
    moved: tuple[Moved, ...] = Field(default=(), description="See Moved.")
    split_of: tuple[str, ...] = Field(
        default=(), description="The tickets out of which it was split, one after another."
    )
    queue_position: str | None = Field(default=None, description="Its member of the waiting room, while it waits.")
    routing: Mapping[str, Any] | None = Field(
        default=None, description="How it stood in the waiting room when it left it last (ticket_left_room)."
    )
    weight: int = Field(default=1, description="How much of an agent's capacity it takes.")
    occupies: str | None = Field(default=None, description="The agent of whose capacity it takes that.")
    wrapping: str | None = Field(
        default=None, description="The agent who wrapped it up when it was done last, or does (free_agents.done)."
    )
    takes: Mapping[str, Any] | None = Field(default=None, description="What it takes of it (ticket_takes).")
    held_since: int = Field(default=0, description="Since when its agent has it.")
    hand_over_looked_at: str = Field(
        default="", description="Whose absence, and which, it was looked at for, and when it is again (hand_over.lua)."
    )
    declined_by_all: bool = Field(default=False, description="Nobody is left to ask (ticket_declined_by_all).")
    offer_count: int = Field(default=0, description="Counts its offers, and tells the newest from those before.")
    excluded: Mapping[str, Exclusion] = Field(default_factory=dict, description="By agent; see Exclusion.")
    previous_agent: str | None = Field(default=None, description="Who had it before it woke, and is preferred.")
    participants: Mapping[str, int] = Field(
        default_factory=dict, description="By identity: how well it is proven; -1: only copied."
    )
    reply_to: ReplyAddress | None = Field(default=None, description="Where its replies go; none: nowhere.")
    before_taken: BeforeTaken | None = Field(default=None, description="See BeforeTaken.")
    before_spam: BeforeSpam | None = Field(default=None, description="See BeforeSpam.")
    copied: tuple[Addressee, ...] = Field(default=(), description="Who else gets its replies (addressees.py).")
    in_reply_to: str = Field(default="", description="What a reply answers, where a channel threads by ids.")
    thread_subject: str = Field(default="", description="That message's subject, where it is not the ticket's.")
    references: tuple[str, ...] = Field(default=(), description="The thread of that message, the oldest first.")
    join_reason: str = Field(default="", description="Why the message that opened it joined no other ticket.")
    facts: Mapping[str, Any] = Field(default_factory=dict, description="What the rules saw, but for the words.")
    preview: Preview = Field(default_factory=Preview, description="See Preview.")
    article_count: int = Field(default=0, description="How many articles it has had; the next one's place.")
    hears: str = Field(
        default="",
        description="How well it is proven who wrote last, when that was a person to whom we write by ourselves.",
    )
    firing: Firing | None = Field(default=None, description="See Firing; that of the last time.")
    fired: Mapping[str, str] = Field(default_factory=dict, description="By trigger: the cause for which it fired last.")
    used: tuple[str, ...] = Field(default=(), description="The last requests for macros with it, by name and key.")
    history: tuple[Mapping[str, Any], ...] = Field(default=(), description="Its newest events (ticket_remember).")

    @property
    def said_last(self) -> Preview:
        """The last that a customer said in its case."""
        part = self.part_preview
        return part if part is not None and part.at >= self.preview.at else self.preview


class QuotedArticle(Record):
    """An article that a reply quotes."""

    article: str
    answered: bool = Field(description="It is what the reply answers.")


class OutgoingFacts(Record):
    """What an outgoing article keeps for the moment in which it is sent; the names are those of `Outgoing`."""

    account: str
    to_name: str
    conversation: str
    in_reply_to: str
    references: tuple[str, ...]
    automatic: bool
    ext: Mapping[str, Any]
    quotes: tuple[QuotedArticle, ...] = ()
    template: UsedTemplate | None = None
    mode: str = ""
    reply_by: int | None = None

    @classmethod
    def of(
        cls,
        address: ReplyAddress,
        work: TicketWork,
        *,
        automatic: bool,
        quotes: tuple[QuotedArticle, ...] = (),
        **chosen: Any,
    ) -> Self:
        """For an article to this address, in the thread of the ticket; `chosen` are further fields."""
        return cls(
            account=address.account,
            to_name=address.name,
            conversation=address.conversation,
            in_reply_to=work.in_reply_to,
            references=work.references,
            automatic=automatic,
            ext=address.ext,
            quotes=quotes,
            **chosen,
        )


class Deletion(Record):
    """A delete of a message."""

    rank: str = Field(description="See amending.py.")
    at: int
    by: Literal["author", "moderator", "channel"]


class Mark(Record):
    """The last that somebody did with one emoji below a message, or, without one, when they took all away."""

    who: str = Field(description="Their identity.")
    emoji: str
    rank: str = Field(description="See amending.py.")
    on: bool
    at: int
    name: str = ""
    ours: bool = False


class Amended(Record):
    """By what the changes of a message end in the same, in whatever order they come (amending.py)."""

    ranks: tuple[str, ...] = Field(default=("",), description="Those of its texts, the earlier ones and the present.")
    deletion: Deletion | None = None
    marks: tuple[Mark, ...] = ()


class ArticleWork(PrivateFields):
    """An article's."""

    raw: str = Field(default="", description="The id of the raw message that it was read from.")
    raw_content: str | None = Field(default=None, description="Its bytes as they came, each a character, when few.")
    raw_blob: str = Field(default="", description="Else the blob that holds them.")
    body: str = Field(default="", description="The blob that holds the whole texts, when the record has the beginning.")
    words: str = Field(default="", description="Its different words, folded, by which it is found (search_words.py).")
    announces: tuple[str, ...] = Field(default=(), description="The thread keys that mean this article alone.")
    fetched_by: tuple[str, ...] = Field(
        default=(), description="By what files of it were, or are, fetched; so an edit that has them too adds none."
    )
    amended: Amended | None = Field(default=None, description="See Amended.")
    origin_pending: bool = Field(default=False, description="Its origin will be checked again (late_proof.py).")
    outgoing: OutgoingFacts | None = Field(default=None, description="See OutgoingFacts.")
    tried_at: int | None = Field(default=None, description="When it was sent last, whatever came of it.")
    shown: Mapping[str, Any] = Field(default_factory=dict, description="What the channel shows of it (shown.lua).")
    parts: Mapping[str, Any] = Field(
        default_factory=dict, description="What is known of its several messages (part_receipts.lua)."
    )
