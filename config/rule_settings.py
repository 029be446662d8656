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
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from .field_comparisons import FieldCondition
from .fields import (
    FieldName,
    Languages,
    Name,
    Text,
    Texts,
    listed,
    matching,
    not_empty,
    one_or_many,
)
from .patterns import translate
from .positions import Where
from .quantities import Duration, Size
from .rule_actions import GROUP, VARIABLES, ActionSettings
from .rule_test_settings import RuleTestSettings
from .rule_words import (
    ActorName,
    AssuranceName,
    AutomationName,
    CountName,
    SaysName,
    SpamWord,
    StatusName,
)
from .section import Section, wrong


def _pattern(value: str) -> str:
    translate(value)
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
Statuses = Annotated[
    tuple[StatusName, ...], _SEVERAL[0], _SEVERAL[1], one_or_many({"enum": list(get_args(StatusName))})
]
Actors = Annotated[tuple[ActorName, ...], _SEVERAL[0], _SEVERAL[1], one_or_many({"enum": list(get_args(ActorName))})]
Names = Annotated[tuple[Name, ...], _SEVERAL[0], _SEVERAL[1], one_or_many({"type": "string"})]
Priorities = Annotated[
    tuple[Annotated[int, Field(ge=1, le=4)], ...], _SEVERAL[0], _SEVERAL[1], one_or_many({"type": "integer"})
]
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


class AttachmentCondition(Section):
    """What one file must be; all keys together."""

    type: Texts | None = Field(default=None, description="One of these media types; image/* takes every image.")
    name: Texts | None = Field(default=None, description="One of these names, in any case; *.pdf takes every ending.")
    at_least: Size | None = Field(default=None, description="Not smaller than this.")
    at_most: Size | None = Field(default=None, description="Not larger than this.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise wrong("at least one of type, name, at_least, at_most", "write `attachments: true` for any file")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise wrong("a size that a file can have", "the lower end is above the upper one")
        return self


class HistoryCondition(Section):
    """What there was with a customer before a message; all keys together. Of somebody unknown there is nothing."""

    tickets: FieldCondition | None = Field(default=None, description="How many tickets they had.")
    open: FieldCondition | None = Field(
        default=None, description="How many of the last fifty of them are not solved or closed."
    )
    reopened: FieldCondition | None = Field(
        default=None, description="How often one of the last fifty was opened again, together."
    )
    days_since: FieldCondition | None = Field(
        default=None, description="How many days ago they last wrote or were written to; nothing when never."
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise wrong("at least one of tickets, open, reopened, days_since")
        return self

    @property
    def asked(self) -> Mapping[str, FieldCondition]:
        """What is asked of each number."""
        named = ((name, getattr(self, name)) for name in type(self).model_fields)
        return {name: each for name, each in named if each is not None}


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
    came_as: Names | None = Field(
        default=None,
        description="What it came as on its channel: message, or what the channel has besides, such as comment, "
        "live_comment, post, story_mention, story_reply and menu_button.",
    )
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
    attachment: AttachmentCondition | None = Field(
        default=None, description="One file that came along is like this: type, name and size of the same one."
    )
    counts: Mapping[CountName, FieldCondition] | None = Field(
        default=None,
        min_length=1,
        description="Numbers, each with what is asked of it: attachments, recipients, words and links of the message; "
        "messages of the ticket so far, and how often it was reopened.",
    )
    history: HistoryCondition | None = Field(
        default=None, description="What there was with this customer before this message."
    )
    status: Statuses | None = Field(default=None, description="The ticket's status; new when a message arrives.")
    queue: Names | None = Field(
        default=None, description="The ticket's queue; when a message arrives, the one that a rule before has chosen."
    )
    priorities: Priorities | None = Field(
        default=None, alias="priority", description="The ticket's priority; on arrival, that of a rule before."
    )
    tags: Texts | None = Field(
        default=None, description="One of these tags is on the ticket; on arrival, by a rule before."
    )
    assignee: Names | None = Field(default=None, description="The agent who has it; none: nobody.")
    in_status_for: Duration | None = Field(
        default=None, description="For how long at least the ticket has been in its status."
    )
    by: Actors | None = Field(
        default=None,
        description="Who did what happened: customer, agent, token (a system, over the API) or router; a message that "
        "arrives is the customer's.",
    )
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


class RuleSettings(Section):
    """One rule. The first that matches ends the search, unless it says `continue: true`."""

    name: Text = Field(description="A sentence that says what it does; shown in every explanation.")
    when: ConditionSettings | None = Field(default=None, description="What must hold; left out: always.")
    then: ActionSettings = Field(description="What is decided. What an earlier rule has decided stands.")
    continues: bool = Field(
        default=False, alias="continue", description="true: go on with the next rules after this one has matched."
    )
    stop: bool = Field(default=False, description="true: no rule of any stage is tried after this one has matched.")
    stage: Name | Literal[""] = Field(
        default="",
        description="The stage it belongs to: where `rules` is a mapping, the key it stands under.",
    )
    tests: tuple[RuleTestSettings, ...] = Field(default=(), description="Messages and what must be decided for them.")

    @model_validator(mode="after")
    def _one_way_on(self) -> Self:
        if self.continues and self.stop:
            raise wrong("`continue: true` or `stop: true`, not both", "leave one of them out")
        return self

    @model_validator(mode="after")
    def _placeholders_are_filled(self) -> Self:
        known = {*VARIABLES, *named_groups(self.when)}
        for name in self.then.placeholders():
            if name not in known:
                expected = f"placeholders that are filled: {', '.join(f'{{{each}}}' for each in sorted(known))}"
                raise wrong(expected, f"name a group of a regex of this rule: (?P<{name}>…), or correct {{{name}}}")
        return self


def named_groups(when: ConditionSettings | None) -> Iterator[str]:
    """The groups that have a name in the patterns that must match, not in those under `not`."""
    for path, condition in when.each() if when else ():
        if "not" not in path:
            for patterns in (condition.regex, condition.subject_regex, condition.text_regex):
                yield from (name for pattern in patterns or () for name in GROUP.findall(pattern))
