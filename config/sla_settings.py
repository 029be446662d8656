"""What customers are promised: named policies, of which the first that fits a ticket holds.

    sla:
      - name: gold
        when: { segment: gold, priority: [1, 2] }
        calendar: office
        targets:
          first_response: { 1: 15min, 2: 1h, 3: 4h, 4: 8h }
          next_response: 2h
          resolution: 3d
        pause: [pending]

Targets are open time of the calendar. A kind that no policy names keeps the target of the house (router/targets.py); a
resolution is owed only where one is named. Any other name is a clock of the desk's own, begun by that name.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from .escalation_settings import EscalationStep
from .fields import Languages, Name, Text, Texts, listed, not_empty, one_or_many
from .quantities import Duration, parse_duration
from .section import Section, wrong

PRIORITIES = (1, 2, 3, 4)
HOUSE = ("first_response", "next_response", "assignment")
"""The kinds of clocks that every ticket owes, whether a policy names them or not."""
Pausing = Literal["pending", "on_hold"]


def _positive(value: timedelta) -> timedelta:
    if value < timedelta(seconds=1):
        raise wrong("a duration of at least 1s")
    return value


def _by_priority(value: object) -> object:
    """One duration is that of every priority."""
    if isinstance(value, dict):
        return {int(key) if str(key).isdigit() else key: each for key, each in value.items()}
    return dict.fromkeys(PRIORITIES, parse_duration(value))


def _all_of_them(value: Mapping[int, timedelta]) -> Mapping[int, timedelta]:
    if set(value) != set(PRIORITIES):
        raise wrong("a duration, or one for each priority from 1 to 4")
    return value


_DURATION_SCHEMA = {"type": "string", "examples": ["4h"]}

Target = Annotated[
    Mapping[int, Annotated[Duration, AfterValidator(_positive)]],
    BeforeValidator(_by_priority),
    AfterValidator(_all_of_them),
    WithJsonSchema(
        {
            "anyOf": [
                _DURATION_SCHEMA,
                {
                    "type": "object",
                    "properties": {str(priority): _DURATION_SCHEMA for priority in PRIORITIES},
                    "required": [str(priority) for priority in PRIORITIES],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]

Priorities = Annotated[
    tuple[Annotated[int, Field(ge=1, le=4)], ...],
    BeforeValidator(listed),
    AfterValidator(not_empty),
    one_or_many({"type": "integer", "minimum": 1, "maximum": 4}),
]
Pauses = Annotated[
    tuple[Pausing, ...],
    BeforeValidator(listed),
    one_or_many({"enum": list(get_args(Pausing))}, at_least=0),
]


class SlaCondition(Section):
    """Which tickets a policy is for; all keys together, and a list of values means one of them."""

    priority: Priorities | None = Field(default=None, description="One of these priorities.")
    channel: Texts | None = Field(default=None, description="It came by one of these channels.")
    queue: Texts | None = Field(default=None, description="It is in one of these queues.")
    segment: Texts | None = Field(default=None, description="The customer's record has one of these segments.")
    language: Languages | None = Field(default=None, description="The ticket has one of these languages.")
    region: Texts | None = Field(
        default=None, description="The customer's field `region`, of `customer_fields`, is one of these."
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            expected = "at least one of priority, channel, queue, segment, language, region"
            raise wrong(expected, "leave `when` out for all")
        return self

    def asked(self) -> Mapping[str, frozenset[Any]]:
        """The values of each key that is asked."""
        named = ((name, getattr(self, name)) for name in type(self).model_fields)
        return {name: frozenset(values) for name, values in named if values is not None}


class SlaSettings(Section):
    """One policy."""

    name: Text = Field(description="What it is called, in explanations and at the clocks that follow it.")
    when: SlaCondition | None = Field(default=None, description="Which tickets it is for; left out, for all.")
    calendar: Name | None = Field(default=None, description="The calendar whose open time counts; left out, all hours.")
    targets: Mapping[Name, Target] = Field(
        min_length=1,
        description="How soon, by clock: first_response, next_response, resolution, assignment, or a name of your own; "
        "a duration, or one for each priority.",
    )
    pause: Pauses = Field(
        default=get_args(Pausing), description="The statuses in which its clocks stand: pending, on_hold; [] for none."
    )

    escalation: tuple[EscalationStep, ...] = Field(
        default=(), description="What is done as time runs out; each step once for each time that a clock runs."
    )

    def asked(self) -> Mapping[str, frozenset[Any]]:
        """What it asks of a ticket; nothing where it is for all."""
        return self.when.asked() if self.when else {}
