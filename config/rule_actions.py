"""What rules do: the section `then`."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from .fields import FieldName, LanguageCode, Name, Skill, Text, listed, matching, one_or_many
from .rule_words import StatusName
from .section import Section, wrong
from .sla_settings import HOUSE

PLACEHOLDER = re.compile(r"\{([A-Za-z_]\w*)\}")
GROUP = re.compile(r"\(\?P?<([A-Za-z_]\w*)>")
VARIABLES = ("customer", "number", "subject")
"""The names in braces that are always filled in."""


def _of_ones_own(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name in (*HOUSE, "resolution"):
            raise wrong("a clock of your own", f"{name} begins and stops by itself, by what happens to the ticket")
    return names


ClockNames = Annotated[
    tuple[Name, ...],
    BeforeValidator(listed),
    AfterValidator(_of_ones_own),
    one_or_many({"type": "string"}, at_least=0),
]
Email = Annotated[str, AfterValidator(matching(r"[^@\s]+@[^@\s]+", "an e-mail address"))]


class ClocksFromArrival(Section):
    """Clocks by names of one's own that begin with a ticket."""

    start: ClockNames = Field(description="Those that begin; `targets` of `sla` say how soon.")


class ClockSteps(Section):
    """Clocks by names of one's own that begin or stop."""

    start: ClockNames = Field(default=(), description="Those that begin; `targets` of `sla` say how soon.")
    stop: ClockNames = Field(default=(), description="Those that stop, because what was owed is given.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.start and not self.stop:
            raise wrong("at least one of start, stop, with the name of a clock")
        return self


class EffectSettings(Section):
    """What rules, triggers and macros have in common."""

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
    impact: int | None = Field(
        default=None, ge=1, le=3, description="1 is the widest; with urgency it gives the priority, where none is said."
    )
    urgency: int | None = Field(default=None, ge=1, le=3, description="1 is the most urgent.")
    fields: Mapping[FieldName, Text] = Field(
        default_factory=dict,
        description="Values for fields of `ticket_fields`; {order} stands for what the group (?P<order>…) of a regex "
        "of the rule has found. A value that the field cannot have changes nothing.",
    )

    def placeholders(self) -> Iterator[str]:
        """The names in braces in all of its texts."""
        for text in (*self.fields.values(), *self.texts):
            yield from PLACEHOLDER.findall(text)

    @property
    def texts(self) -> tuple[str, ...]:
        """Its other texts."""
        return ()

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise wrong("at least one action, such as queue, priority or tags")
        return self


class ActionSettings(EffectSettings):
    """What is decided when a rule matches."""

    acknowledge: bool | None = Field(default=None, description="false: send no automatic acknowledgement.")
    suspend: Text | None = Field(
        default=None, description="Set it aside for a person to look at, for this cause, instead of making a ticket."
    )
    clocks: ClocksFromArrival | None = Field(
        default=None, description="Clocks of your own that begin with the ticket, by their names in `targets` of `sla`."
    )


class NoticeSettings(Section):
    """Who is told by mail, and what; never the customer."""

    agents: tuple[Name, ...] = Field(default=(), description="Agents, at their own address (`agents.*.email`).")
    addresses: tuple[Email, ...] = Field(default=(), description="Other addresses, such as a lead's or a pager's.")
    text: Text = Field(description="What they are told, beside the number; {customer}, {subject} and {number} stand.")

    @model_validator(mode="after")
    def _says_whom(self) -> Self:
        if not self.agents and not self.addresses:
            raise wrong("at least one of agents, addresses")
        return self


class StepSettings(EffectSettings):
    """What a trigger or a macro does with a ticket that there is."""

    remove_tags: tuple[Text, ...] = Field(default=(), description="Tags to take away.")
    status: StatusName | None = Field(default=None, description="The status it moves to.")
    resolution: Literal["resolved", "cancelled"] | None = Field(
        default=None, description="How it ended, with the status solved or closed; left out, resolved."
    )
    clocks: ClockSteps | None = Field(
        default=None, description="Clocks of your own that begin or stop, by their names in `targets` of `sla`."
    )
    assignee: Name | None = Field(
        default=None, description="The agent who gets it, if they have room; none: nobody has it any more."
    )
    note: Text | None = Field(default=None, description="A note for colleagues; {order} and the like are filled in.")
    reply: Name | None = Field(
        default=None, description="The text of `canned_replies` that the customer gets, in the ticket's language."
    )
    notify: NoticeSettings | None = Field(default=None, description="Colleagues who are told by mail.")
    webhook: Name | None = Field(default=None, description="Post it to this one of `webhooks`, signed.")

    @property
    def texts(self) -> tuple[str, ...]:
        """The note, and what colleagues are told."""
        return tuple(filter(None, (self.note, self.notify.text if self.notify else None)))

    @model_validator(mode="after")
    def _ends_somehow(self) -> Self:
        if self.resolution is not None and self.status not in ("solved", "closed"):
            raise wrong("a resolution beside `status: solved` or `status: closed`")
        return self
