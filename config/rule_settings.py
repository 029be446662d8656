"""Rules as they stand in the configuration: `name`, `when`, `then`, `continue`, and their tests beside them.

    rules:
      - name: refunds go to billing
        when:
          any:
            - recipient: billing@example.test
            - keywords: [refund, reembolso, возврат*]
        then: { queue: billing, tags: [refund] }
        tests:
          - given: { text: I want a refund }
            expect: { queue: billing }

All keys of one `when` must hold together; a list of values means one of them. What the keys mean to a message is in
`router/conditions.py`; here they are read, checked, and described for the published schema.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from .field_comparisons import FieldCondition
from .fields import (
    FieldName,
    LanguageCode,
    Languages,
    Name,
    Skill,
    Text,
    Texts,
    listed,
    matching,
    not_empty,
    one_or_many,
)
from .patterns import translate
from .positions import Where
from .section import Section, wrong

AssuranceName = Literal["A0", "A1", "A2", "A3", "A4"]
AutomationName = Literal["none", "auto_reply", "bounce", "bulk"]
SaysName = Literal["thanks", "resolved", "cancelled"]


def _pattern(value: str) -> str:
    translate(value)
    return value


def _instant(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise wrong("a time with its offset from UTC", "write 2026-01-07T12:00:00+02:00 or …Z")
    return value


def _keyword(value: str) -> str:
    if not value.strip("*").strip() or "*" in value.strip("*"):
        raise wrong("a word or phrase, with * only at its beginning or end")
    return value


_ADDRESS = matching(r"@(\*\.)?[^@\s*]+|[^@\s*]+@[^@\s*]+|\+?[^@\s*]+", "an address, @example.org or @*.example.org")
_SEVERAL = (BeforeValidator(listed), AfterValidator(not_empty))

Keywords = Annotated[
    tuple[Annotated[Text, AfterValidator(_keyword)], ...], _SEVERAL[0], _SEVERAL[1], one_or_many({"type": "string"})
]
Patterns = Annotated[
    tuple[Annotated[Text, AfterValidator(_pattern)], ...], _SEVERAL[0], _SEVERAL[1], one_or_many({"type": "string"})
]
Addresses = Annotated[
    tuple[Annotated[Text, AfterValidator(_ADDRESS)], ...], _SEVERAL[0], _SEVERAL[1], one_or_many({"type": "string"})
]
Automations = Annotated[
    tuple[AutomationName, ...], _SEVERAL[0], _SEVERAL[1], one_or_many({"enum": list(get_args(AutomationName))})
]


SeveralSays = Annotated[tuple[SaysName, ...], _SEVERAL[0], _SEVERAL[1], one_or_many({"enum": list(get_args(SaysName))})]
SpamWord = Literal["spam", "unsure", "ham", "none"]
SpamWords = Annotated[tuple[SpamWord, ...], _SEVERAL[0], _SEVERAL[1], one_or_many({"enum": list(get_args(SpamWord))})]


class CustomerCondition(Section):
    """What the customer's record must say; any other key is a field of `customer_fields`, with what is asked of it."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, FieldCondition] = Field(init=False)

    known: bool | None = Field(default=None, description="Whether we had a record of them before this message.")
    segment: FieldCondition | None = Field(default=None, description="One of these segments, or what it contains.")
    company: FieldCondition | None = Field(default=None, description="One of these companies, or what it contains.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise wrong("at least one of known, segment, company, or a field of customer_fields")
        return self

    @property
    def fields(self) -> Mapping[str, FieldCondition]:
        """Fields of one's own, each with what is asked of it."""
        return self.__pydantic_extra__


class SpamCondition(Section):
    """What a spam filter in front says of it; a message that none has seen meets no score, and has the verdict none."""

    verdict: SpamWords | None = Field(default=None, description="One of spam, unsure, ham, none.")
    score: float | None = Field(
        default=None, ge=-1000, le=1000, description="At least this score, as the filter in front counts."
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise wrong("at least one of verdict, score")
        return self


class ConditionSettings(Section):
    """What must hold; all keys together."""

    channel: Texts | None = Field(default=None, description="It came by one of these channels.")
    account: Texts | None = Field(
        default=None, description="It came to this address of ours, or this http source, as the first in our order."
    )
    recipient: Addresses | None = Field(
        default=None, description="One of our addresses that it was sent to; @example.org means all of a domain."
    )
    sender: Addresses | None = Field(
        default=None,
        description="Who wrote; @example.org means all of a domain, @*.example.org those below it. Proves nothing by "
        "itself: add assurance_at_least where it matters.",
    )
    keywords: Keywords | None = Field(
        default=None,
        description="One of these words or phrases is in subject or text: whole words, in any case, accents aside; "
        "refund* takes every ending.",
    )
    subject_keywords: Keywords | None = Field(default=None, description="As keywords, in the subject only.")
    text_keywords: Keywords | None = Field(default=None, description="As keywords, in the text only.")
    regex: Patterns | None = Field(
        default=None, description="One of these RE2 patterns matches in subject or text; case does not matter."
    )
    subject_regex: Patterns | None = Field(default=None, description="As regex, in the subject only.")
    text_regex: Patterns | None = Field(default=None, description="As regex, in the text only.")
    language: Languages | None = Field(
        default=None, description="The language it is written in, as far as it could be told; unknown is one too."
    )
    assurance_at_least: AssuranceName | None = Field(
        default=None,
        description="How well it is proven who wrote: A0 claimed, A1 bound by the channel, A2 origin proven, "
        "A3 control proven, A4 vouched for.",
    )
    automation: Automations | None = Field(default=None, description="Written by a person (none) or a kind of machine.")
    says: SeveralSays | None = Field(
        default=None,
        description="What a short text comes to: thanks alone, that the matter is resolved, or cancelled because the "
        "customer takes it back.",
    )
    customer: CustomerCondition | None = Field(default=None, description="What the customer's record must say.")
    spam: SpamCondition | None = Field(
        default=None, description="What the spam filter of your own mail server says (channels.mail.trusted_peers)."
    )
    ticket: Mapping[FieldName, FieldCondition] | None = Field(
        default=None,
        min_length=1,
        description="Fields of `ticket_fields` that the message fills, each with what is asked of it.",
    )
    hours: Mapping[Name, Literal["open", "closed"]] | None = Field(
        default=None, min_length=1, description="Calendars, each with open or closed: at the time the message arrived."
    )
    attachments: bool | None = Field(default=None, description="Whether files came along.")
    any_of: tuple["ConditionSettings", ...] | None = Field(
        default=None, alias="any", min_length=1, description="At least one of these holds."
    )
    all_of: tuple["ConditionSettings", ...] | None = Field(
        default=None, alias="all", min_length=1, description="Each of these holds."
    )
    none_of: "ConditionSettings | None" = Field(default=None, alias="not", description="This does not hold.")

    def each(self, path: Where = ()) -> Iterator[tuple[Where, "ConditionSettings"]]:
        """This one, which stands at the path, and all that are inside it, with theirs."""
        yield path, self
        if self.none_of is not None:
            yield from self.none_of.each((*path, "not"))
        for key, inner in (("any", self.any_of), ("all", self.all_of)):
            for index, condition in enumerate(inner or ()):
                yield from condition.each((*path, key, index))

    @property
    def depends_on_the_time(self) -> bool:
        """Whether what it asks, apart from those inside it, comes out otherwise on another day or at another hour."""
        asked = [*(self.customer.fields if self.customer else {}).values(), *(self.ticket or {}).values()]
        return bool(self.hours) or any(each.last_days is not None or each.next_days is not None for each in asked)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not any(getattr(self, name) is not None for name in type(self).model_fields):
            raise wrong("at least one condition, such as channel, recipient or keywords", "leave `when` out for always")
        return self


class ActionSettings(Section):
    """What is decided when a rule matches."""

    queue: Name | None = Field(default=None, description="The queue for it.")
    priority: int | None = Field(default=None, ge=1, le=4, description="1 is the most urgent, 4 the least.")
    tags: tuple[Text, ...] = Field(default=(), description="Tags to add.")
    require_skills: tuple[Skill, ...] = Field(
        default=(), description="Skills an agent must have; billing@3 asks for at least level 3 of 5."
    )
    prefer_skills: tuple[Skill, ...] = Field(default=(), description="Skills that are better to have.")
    language: LanguageCode | None = Field(
        default=None, description="Treat it as written in this language, whatever was detected."
    )
    acknowledge: bool | None = Field(default=None, description="false: send no automatic acknowledgement.")
    suspend: Text | None = Field(
        default=None, description="Set it aside for a person to look at, for this cause, instead of making a ticket."
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise wrong("at least one action, such as queue, priority or tags")
        return self


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
    customer: GivenCustomer = Field(default=GivenCustomer(known=False), description="Who the sender is to us.")
    ticket: Mapping[FieldName, Texts] = Field(
        default_factory=dict, description="Fields of `ticket_fields` that it fills."
    )
    attachments: bool = Field(default=False, description="Whether files come along.")
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


class RuleSettings(Section):
    """One rule. The first that matches ends the search, unless it says `continue: true`."""

    name: Text = Field(description="A sentence that says what it does; shown in every explanation.")
    when: ConditionSettings | None = Field(default=None, description="What must hold; left out: always.")
    then: ActionSettings = Field(description="What is decided. What an earlier rule has decided stands.")
    continues: bool = Field(
        default=False, alias="continue", description="true: go on with the next rules after this one has matched."
    )
    tests: tuple[RuleTestSettings, ...] = Field(default=(), description="Messages and what must be decided for them.")
