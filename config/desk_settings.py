"""The desk: its queues, its agents, and what the customer hears at once."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from .fields import LanguageCode, Name, Text, matching
from .handling_settings import CAPACITY, LETTERS
from .quantities import Duration, Size, at_least, at_most, parse_duration, parse_size
from .section import Section
from .team_settings import Role

Level = Annotated[int, Field(ge=1, le=5)]


def _skills(value: object) -> object:
    """A plain list of skills means level 1 of each."""
    return dict.fromkeys(value, 1) if isinstance(value, list | tuple) else value


class ReopenSettings(Section):
    """When a customer's message opens a solved ticket again. A closed one stays closed and is followed up."""

    within: Duration | None = Field(
        default=None,
        description="For how long after it was solved; what comes later opens a ticket that follows it up. Left out, "
        "always; 0s, never.",
    )
    thanks: bool = Field(
        default=False,
        description="true: also by a message that only gives thanks, or says that all is settled; false: it is filed "
        "and the ticket stays solved.",
    )


def _sender(value: str) -> str:
    return matching(r"[^@\s]*@[^@\s]+", "an e-mail address, or @ and a domain")(value).lower()


SenderName = Annotated[str, AfterValidator(_sender)]


AbsencePolicy = Literal["keep", "hand_over", "on_message", "at_risk"]


class HandOverSettings(Section):
    """When open tickets of an agent who is offline go back to their queue."""

    policy: AbsencePolicy = Field(
        default="at_risk",
        description="keep: never, they wait for their agent; hand_over: at once; on_message: when the customer waits "
        "for an answer; at_risk: when the time in which the customer is owed something runs short. An agent who is no "
        "longer in the configuration holds nothing, whatever stands here.",
    )
    after: Duration = Field(
        default=parse_duration("5min"),
        description="Not before the agent has been offline for so long, so that whoever comes back soon finds their "
        "tickets where they were.",
    )


class AbsentSettings(Section):
    """What becomes of the open tickets of an agent who goes offline. Away and busy are not offline."""

    letters: HandOverSettings = Field(
        default=HandOverSettings(),
        description="Of tickets by mail, forms and the like, whose customers wait for hours.",
    )
    live: HandOverSettings = Field(
        default=HandOverSettings(policy="hand_over", after=parse_duration("30s")),
        description="Of conversations whose customer looks on: a chat.",
    )


class QueueSettings(Section):
    """One queue."""

    fallback: bool = Field(default=False, description="true for the one queue that takes what no rule has placed.")
    description: str = Field(default="", description="What it is for, in a few words.")
    priority: int = Field(default=3, ge=1, le=4, description="The priority where no rule gives one: 1 is most urgent.")
    offer_time: Duration | None = Field(
        default=None,
        description="How long an agent has to accept an offer; left out, 30s for chat and calls and 5min otherwise.",
    )
    auto_accept: bool = Field(default=False, description="true: what is offered counts as accepted at once.")
    language: Literal["preferred", "required"] = Field(
        default="preferred",
        description="preferred: a ticket goes to an agent who does not speak its language while nobody who does is on "
        "duty, after `language_wait` where they have nothing else to do, and to anybody once it is late by as long as "
        "it was promised in; required: never, it waits for a speaker, and the board tells while none is on duty.",
    )
    language_wait: Duration = Field(
        default=parse_duration("5min"),
        description="How long a ticket waits for an agent who speaks its language before any agent of the queue may "
        "have it; 0s for not at all.",
    )
    may_wait: bool = Field(
        default=False,
        description="true: what nobody of the queue can do may be asked for, a skill or a required language; such a "
        "ticket waits until somebody can. false: `trunkline check` refuses it.",
    )
    hold: Duration = Field(
        default=parse_duration("1min"),
        description="How long a ticket that comes back is kept for the agent who had it before and has no room, while "
        "others have; at most a quarter of the time that is left until it is due. 0s for not at all.",
    )
    ask_again: Annotated[Duration, at_least("10s")] = Field(
        default=parse_duration("5min"),
        description="After what time a ticket that everybody on duty has declined or missed is offered to them anew.",
    )
    absent: AbsentSettings = Field(
        default=AbsentSettings(), description="What becomes of open tickets whose agent is offline."
    )
    formerly: tuple[Name, ...] = Field(
        default=(),
        description="Names that this queue had before: tickets of theirs come here. Those of any other queue that is "
        "no longer there go to the fallback queue.",
    )
    goes_on_within: Duration = Field(
        default=parse_duration("3d"),
        description="When a known person writes anew under a subject of theirs, for how long after the last message "
        "the new ticket suggests to be merged into the old one; 0s for never.",
    )
    reopen: ReopenSettings = Field(
        default=ReopenSettings(), description="When a customer's message opens a solved ticket of the queue again."
    )
    settled: Literal["suggest", "solve"] = Field(
        default="suggest",
        description="What becomes of an open ticket whose customer says that the matter is done, takes it back, or "
        "answers with thanks alone. suggest: the ticket says so, and somebody decides with one click; solve: it is "
        "solved at once, as long as nobody else in it waits, and one click undoes that. Thanks alone never solve a "
        "live conversation.",
    )
    close_after: Duration = Field(
        default=parse_duration("7d"),
        description="How long a ticket of the queue stays solved before it is closed; what is written to a closed one "
        "opens a ticket that follows it up. 0s for never.",
    )


class AgentSettings(Section):
    """One agent."""

    name: Text = Field(description="The name that customers and colleagues see.")
    email: Annotated[str, AfterValidator(matching(r"[^@\s]+@[^@\s]+", "an e-mail address"))] = Field(
        default="", description="Their own address; customers never see it."
    )
    queues: tuple[Name, ...] = Field(
        default=(),
        description="The queues whose tickets are offered to them, besides those of the teams of which they are "
        "members. Who is in no team and neither admin nor auditor must have one.",
    )
    subject: str = Field(
        default="",
        description="Their id (`sub`) at the identity provider of `sign_in`; where it is given, their address does not "
        "count there.",
    )
    role: Role | None = Field(
        default=None,
        description="What they may do. agent: see and work their queues. lead: also force, take work from others and "
        "say how they are, in their queues. admin: everything. auditor: read everything and change nothing. Left out, "
        "agent, or lead for who leads a team; where nobody has a role and there is no team, everybody does everything.",
    )
    languages: tuple[LanguageCode, ...] = Field(default=(), description="The languages they answer in, best first.")
    skills: Annotated[
        Mapping[Name, Level],
        BeforeValidator(_skills),
        WithJsonSchema(
            {
                "anyOf": [
                    {"type": "object", "additionalProperties": {"type": "integer", "minimum": 1, "maximum": 5}},
                    {"type": "array", "items": {"type": "string"}},
                ]
            }
        ),
    ] = Field(default_factory=dict, description="Skills with their level, 1 to 5; a plain list means level 1.")
    capacity: int = Field(
        default=CAPACITY,
        ge=0,
        le=1000,
        description="How much they work on at the same time, in units of weight over all channels; not how many "
        f"tickets they look after. Left out, {CAPACITY} conversations, and {LETTERS} letters of each channel.",
    )
    channel_capacity: Mapping[str, Annotated[int, Field(ge=0, le=1000)]] = Field(
        default_factory=dict, description="At most so much of it on one channel, in units of weight."
    )

    shifts: tuple[Name, ...] = Field(
        default=(),
        description="The calendars whose hours are their shifts, each in its own time zone. When a shift ends they are "
        "offline, and what they have goes on as `absent` of its queue says. Left out, they work when they say so.",
    )

    def cap(self, channel: str, *, live: bool, weight: int) -> int | None:
        """At most so many units of one channel; None where only the capacity counts."""
        given = self.channel_capacity.get(channel)
        letters = LETTERS * weight if not live and "capacity" not in self.model_fields_set else None
        return given if given is not None else letters


class PresenceSettings(Section):
    """When an agent whose desk page is gone is taken for offline: the tab closed, the laptop shut, the network lost."""

    grace: Annotated[Duration, at_least("45s")] = Field(
        default=parse_duration("3min"), description="After so long without a sign of life of the page."
    )
    live_grace: Annotated[Duration, at_least("45s")] = Field(
        default=parse_duration("1min"), description="The same while they have a live conversation, such as a chat."
    )
    closing: Annotated[Duration, at_most("4h")] = Field(
        default=parse_duration("10min"),
        description="For how long before the end of their shift nothing is offered to an agent; 0s for not at all.",
    )
    overtime: Annotated[Duration, at_most("4h")] = Field(
        default=parse_duration("30min"),
        description="For how long after the end of their shift an agent who has a live conversation can finish it "
        "before they are offline; 0s for not at all.",
    )


class AttachmentSettings(Section):
    """The files that agents and systems may send along with a reply, and those that customers send."""

    size: Size = Field(default=parse_size("10MiB"), ge=1, description="The largest file.")
    total: Size = Field(
        default=parse_size("20MiB"),
        ge=1,
        description="All files of one message together; mail servers seldom take more than 25 MB, and encoding a file "
        "for mail makes it a third larger.",
    )
    count: int = Field(default=10, ge=1, le=100, description="How many files one message may have.")
    fetched: Size = Field(
        default=parse_size("100MiB"),
        ge=1,
        description="The largest file of a customer that is fetched from a channel which gives files on demand; of a "
        "larger one the ticket says that it is missing, and why.",
    )


class UnprovenCaps(Section):
    """How many acknowledgements go to people who have not been proven to have written; beyond them there is none."""

    per_address_per_day: int = Field(default=1, ge=1, le=100, description="To one address.")
    per_domain_per_day: int = Field(default=20, ge=1, le=10_000, description="To all addresses of one domain.")
    per_day: int = Field(default=200, ge=1, le=100_000, description="To all of them together.")


class SenderSettings(Section):
    """How much one sender may cause by mail."""

    messages_per_hour: int = Field(
        default=60,
        ge=1,
        le=1_000_000,
        description="So many messages of one address are filed within an hour; what is more waits among the suspended "
        "messages, is told beside the sender's tickets, and is filed from there with one step.",
    )
    unlimited: tuple[SenderName, ...] = Field(
        default=(), description="Senders to whom this does not apply: addresses, or @example.com for all of a domain."
    )

    def excepts(self, sender: str) -> bool:
        """Whether it does not apply to this address."""
        return sender in self.unlimited or f"@{sender.rpartition('@')[2]}" in self.unlimited


class AcknowledgementSettings(Section):
    """The automatic answer with the case number: once for a ticket, never to a machine."""

    enabled: bool = Field(default=True, description="Whether it is sent at all.")
    to: Literal["proven", "seen", "unproven"] = Field(
        default="seen",
        description="Who gets one. proven: people whose mail is proven to be theirs. seen: also an address whose "
        "domain can prove nothing, once a mail of ours to it was answered by its reply address. unproven: also "
        "whomever a mail names, unless the domain disowns it; then strangers can have acknowledgements sent to others, "
        "as many as the caps allow.",
    )
    per_address_per_hour: int = Field(
        default=5, ge=1, le=1000, description="At most so many to one address in an hour, so that nothing can loop."
    )
    again_after: Annotated[Duration, at_most("1d")] = Field(
        default=parse_duration("10min"),
        description="How long after an acknowledgement its address gets no other, because what writes again soon may "
        "be a machine that answers ours. For a minute of it, nobody gets one of a domain of which at most five people "
        "are known, unless it is a public provider's. 0s for not.",
    )
    unproven: UnprovenCaps = Field(
        default=UnprovenCaps(), description="Limits on those to people who are not proven to have written."
    )
