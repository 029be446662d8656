"""Triggers and macros: what is done with a ticket that there is, by itself or by hand.

triggers:
  - name: remind after three days
    in: pending
    after: 3d
    then: { reply: reminder }
  - name: solve after five
    in: pending
    after: 5d
    then: { status: solved }
  - name: the lead hears of angry customers
    event: message
    when: { keywords: [complaint, lawyer] }
    then: { notify: { addresses: [lead@example.org], text: "{number}: {subject}" } }
macros:
  refund:
    for: { teams: [money] }
    then: { queue: billing, tags: [refund], reply: refund }
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from .fields import Name, Text, listed, not_empty, one_or_many
from .quantities import Duration
from .rule_actions import VARIABLES, StepSettings
from .rule_settings import ConditionSettings, Statuses, named_groups
from .rule_test_settings import GivenSettings
from .section import Section, wrong
from .team_settings import Role

EventName = Literal[
    "arrival", "message", "edited", "reply", "note", "status", "reopened", "queue", "assigned", "changed", "undelivered"
]
Events = Annotated[
    tuple[EventName, ...],
    BeforeValidator(listed),
    AfterValidator(not_empty),
    one_or_many({"enum": list(get_args(EventName))}),
]


class TriggerTestSettings(Section):
    """A ticket and what happens to it or how long it is as it is, and whether the trigger fires; `check` runs it."""

    given: GivenSettings = Field(description="The ticket and, on a message, what it says.")
    fires: bool = Field(default=True, description="Whether the trigger fires then.")


class TriggerSettings(Section):
    """One trigger. All that match fire, in their order, each once for one cause."""

    name: Text = Field(description="A sentence that says what it does; the history of the ticket names it.")
    event: Events | None = Field(
        default=None,
        description="What happens: arrival (a ticket is opened), message (the customer writes into it), edited (they "
        "change what they wrote), reply (it is answered), note, status, reopened, queue, assigned, changed (priority, "
        "tags, fields and the like), undelivered (an answer did not arrive).",
    )
    in_: Statuses | None = Field(default=None, alias="in", description="With `after`: while it is in this status.")
    after: Duration | None = Field(
        default=None, description="So long after the status began, or after the last answer that was written in it."
    )
    when: ConditionSettings | None = Field(default=None, description="What must hold as well; left out: always.")
    then: StepSettings = Field(description="What is done.")
    tests: tuple[TriggerTestSettings, ...] = Field(default=(), description="Tickets, and whether it fires.")

    @model_validator(mode="after")
    def _has_one_cause(self) -> Self:
        if (self.event is None) == (self.after is None):
            raise wrong("either `event` with what happens, or `in` and `after` with a status and a time")
        if (self.after is None) != (self.in_ is None):
            raise wrong("`in` and `after` together", "name the status in which the time goes by")
        return self

    @model_validator(mode="after")
    def _placeholders_are_filled(self) -> Self:
        _check_placeholders(self.then, named_groups(self.when))
        return self


class MacroUsersSettings(Section):
    """Who uses a macro, and with which tickets. Of roles and teams one is enough; an administrator uses every macro."""

    roles: tuple[Role, ...] = Field(default=(), description="Agents with one of these roles.")
    teams: tuple[Name, ...] = Field(default=(), description="Members and leads of these teams.")
    queues: tuple[Name, ...] = Field(default=(), description="Only with tickets of these queues.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.roles or self.teams or self.queues):
            raise wrong("at least one of roles, teams, queues", "leave `for` out, and everybody uses it")
        return self


class MacroSettings(Section):
    """The same steps by hand: on the desk, over the API, and in bulk."""

    description: str = Field(default="", description="What it is for, in a few words.")
    for_: MacroUsersSettings | None = Field(
        default=None, alias="for", description="Who uses it, and with which tickets; left out: everybody, with all."
    )
    then: StepSettings = Field(description="What is done.")

    @model_validator(mode="after")
    def _placeholders_are_filled(self) -> Self:
        _check_placeholders(self.then, ())
        return self


Macros = Mapping[Name, MacroSettings]


def _check_placeholders(then: StepSettings, groups: Iterable[str]) -> None:
    known = {*VARIABLES, *groups}
    for name in then.placeholders():
        if name not in known:
            expected = f"placeholders that are filled: {', '.join(f'{{{each}}}' for each in sorted(known))}"
            raise wrong(expected, f"what is {{{name}}}?")
