"""What rules do: the section `then`."""

import re
from collections.abc import Iterator, Mapping
from typing import Self

from pydantic import Field, model_validator

from .fields import FieldName, LanguageCode, Name, Skill, Text
from .section import Section, wrong

PLACEHOLDER = re.compile(r"\{([A-Za-z_]\w*)\}")
GROUP = re.compile(r"\(\?P?<([A-Za-z_]\w*)>")
VARIABLES = ("customer", "number", "subject")
"""The names in braces that are always filled in."""


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
    impact: int | None = Field(
        default=None, ge=1, le=3, description="1 is the widest; with urgency it gives the priority, where none is said."
    )
    urgency: int | None = Field(default=None, ge=1, le=3, description="1 is the most urgent.")
    fields: Mapping[FieldName, Text] = Field(
        default_factory=dict,
        description="Values for fields of `ticket_fields`; {order} stands for what the group (?P<order>…) of a regex "
        "of the rule has found. A value that the field cannot have changes nothing.",
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

    def placeholders(self) -> Iterator[str]:
        """The names in braces in all of its texts."""
        for text in self.fields.values():
            yield from PLACEHOLDER.findall(text)
