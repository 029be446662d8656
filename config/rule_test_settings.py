"""Rule tests in the configuration: one message each, and what the rules must decide for it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from .fields import FieldName, Name, Skill, Text, Texts
from .quantities import Duration, Size
from .rule_words import ActorName, AssuranceName, AutomationName, SpamWord, StatusName
from .section import Section, wrong


def _instant(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise wrong("a time with its offset from UTC", "write 2026-01-07T12:00:00+02:00 or …Z")
    return value


class GivenFile(Section):
    """A file of a rule test's message."""

    name: str = Field(default="", description="Its name.")
    type: str = Field(default="application/octet-stream", description="Its media type.")
    size: Size = Field(default=1000, description="Its size.")


class GivenHistory(Section):
    """What there was with the customer before, in a rule test."""

    tickets: int = Field(default=0, ge=0, description="How many tickets they had.")
    open: int = Field(default=0, ge=0, description="How many are not solved or closed.")
    reopened: int = Field(default=0, ge=0, description="How often one was opened again.")
    days_since: int | None = Field(default=None, ge=0, description="How many days ago they were last in touch.")


class GivenState(Section):
    """How the ticket of a rule test is."""

    status: StatusName = Field(default="new", description="Its status.")
    for_: Duration = Field(default=timedelta(), alias="for", description="For how long it has been in it.")
    queue: str = Field(default="", description="Its queue.")
    priority: int | None = Field(default=None, ge=1, le=4, description="Its priority.")
    tags: tuple[Text, ...] = Field(default=(), description="Its tags.")
    assignee: str = Field(default="", description="The agent who has it.")
    messages: int = Field(default=1, ge=0, description="How many articles it has.")
    reopened: int = Field(default=0, ge=0, description="How often it was opened again.")
    by: ActorName = Field(default="customer", description="Who did what happens.")


class GivenCustomer(Section):
    """The customer of a rule test; any other key is a field of `customer_fields`."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Texts] = Field(init=False)

    known: bool = Field(default=True, description="Whether we had a record of them before.")
    segment: str = Field(default="", description="Their segment.")
    company: str = Field(default="", description="Their company.")

    @property
    def fields(self) -> Mapping[str, Texts]:
        """Fields of one's own."""
        return self.__pydantic_extra__


class GivenSpam(Section):
    """What a spam filter says in a rule test."""

    verdict: SpamWord = Field(default="none", description="Its word.")
    score: float | None = Field(default=None, description="Its score.")


class GivenSettings(Section):
    """The message of a rule test; what is left out is empty or usual."""

    channel: Text = Field(default="mail", description="The channel it comes by.")
    account: str = Field(default="", description="Our address or source; left out, the first recipient.")
    recipient: Texts | None = Field(default=None, description="Our addresses that it is sent to.")
    sender: str = Field(default="someone@example.org", description="The address it is from.")
    subject: str = Field(default="", description="The subject.")
    text: str = Field(default="", description="What the person writes.")
    language: str = Field(default="unknown", description="The language that detection found.")
    assurance: AssuranceName = Field(default="A2", description="How well the sender is proven.")
    automation: AutomationName = Field(default="none", description="Written by a person or a kind of machine.")
    came_as: Text = Field(default="message", description="What it comes as on its channel.")
    customer: GivenCustomer = Field(default=GivenCustomer(known=False), description="Who the sender is to us.")
    ticket: Mapping[FieldName, Texts] = Field(
        default_factory=dict, description="Fields of `ticket_fields` that it fills."
    )
    attachments: bool = Field(default=False, description="Whether files come along.")
    files: tuple[GivenFile, ...] = Field(default=(), description="The files that come along.")
    history: GivenHistory = Field(default=GivenHistory(), description="What there was with the customer before.")
    state: GivenState = Field(default=GivenState(), description="How the ticket is before the rules.")
    spam: GivenSpam = Field(default=GivenSpam(), description="What the spam filter in front says.")
    at: Annotated[datetime, AfterValidator(_instant)] = Field(
        default=datetime.fromisoformat("2026-01-07T12:00:00+00:00"),
        description="When it arrives, with its offset from UTC: 2026-01-07T12:00:00+02:00. Days and business hours "
        "count from it; left out, noon UTC on Wednesday, 2026-01-07.",
    )


class ExpectSettings(Section):
    """What a rule test expects to be decided."""

    queue: Name | None = Field(default=None, description="The queue.")
    priority: int | None = Field(default=None, ge=1, le=4, description="The priority.")
    tags: tuple[Text, ...] | None = Field(default=None, description="All the tags, in any order; [] for none.")
    require_skills: tuple[Skill, ...] | None = Field(default=None, description="All required skills, in any order.")
    prefer_skills: tuple[Skill, ...] | None = Field(default=None, description="All preferred skills, in any order.")
    language: str | None = Field(default=None, description="The language it is treated as written in.")
    acknowledge: bool | None = Field(default=None, description="Whether an acknowledgement may be sent.")
    suspend: str | None = Field(default=None, description="The cause for which it is set aside; empty for not at all.")
    fields: Mapping[FieldName, Texts] | None = Field(default=None, description="All fields that rules fill.")
    clocks: tuple[Name, ...] | None = Field(default=None, description="All clocks that rules begin, in any order.")
    rules: tuple[Text, ...] | None = Field(default=None, description="The names of the rules that match, in order.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise wrong("at least one expectation, such as queue or tags", "a test that expects nothing cannot fail")
        return self


class RuleTestSettings(Section):
    """One message and what must be decided for it; `trunkline check` runs it."""

    name: str = Field(default="", description="What it shows, in a few words.")
    given: GivenSettings = Field(description="The message.")
    expect: ExpectSettings = Field(description="What must be decided.")
