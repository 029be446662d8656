"""Steps of an escalation: what is done for a ticket as the time of a clock runs out.

    escalation:
      - { at: 75%, notify: [agent] }
      - { before: 15min, notify: [lead], clock: first_response }
      - { at: 100%, priority: 1, queue: urgent, notify: [lead, duty@example.org] }
      - { after: 30min, reassign: true, webhook: oncall }

Each step is done once for each time that a clock runs. Times count as the clock does, in open time of its calendar.
"""

import re
from datetime import timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from .fields import Name, listed, matching, not_empty, one_or_many
from .quantities import Duration, format_duration
from .section import Section, wrong

AGENT, LEAD = "agent", "lead"
_SHARE = re.compile(r"([0-9]{1,3}) ?%\Z")


def _share(value: object) -> int:
    found = _SHARE.match(str(value))
    if found is None or not 1 <= int(found[1]) <= 500:
        raise wrong("a share of the target from 1% to 500%, such as 75%")
    return int(found[1])


_TOLD = matching(r"agent|lead|[^@\s]+@[^@\s]+", "agent, lead or an e-mail address")

Share = Annotated[int, BeforeValidator(_share), WithJsonSchema({"type": "string", "pattern": "^[0-9]{1,3} ?%$"})]
Names = Annotated[tuple[Name, ...], BeforeValidator(listed), AfterValidator(not_empty), one_or_many({"type": "string"})]
Told = Annotated[
    tuple[Annotated[str, AfterValidator(_TOLD)], ...],
    BeforeValidator(listed),
    AfterValidator(not_empty),
    one_or_many({"type": "string", "examples": ["agent", "lead", "duty@example.org"]}, at_least=0),
]


class EscalationStep(Section):
    """One step."""

    at: Share | None = Field(default=None, description="When so much of the target is used, 1% to 500%.")
    before: Duration | None = Field(default=None, description="So long before it is due.")
    after: Duration | None = Field(default=None, description="So long after it was due.")
    clock: Names | None = Field(default=None, description="The clocks that it is for; left out, every one.")
    notify: Told = Field(
        default=(),
        description="Who is told by mail: agent (who has the ticket), lead (of a team that serves its queue), "
        "addresses. The history of the ticket tells it too.",
    )
    priority: int | None = Field(default=None, ge=1, le=4, description="Raise it to this priority, if it is lower.")
    queue: Name | None = Field(default=None, description="Move it to this queue, where it waits for an agent.")
    reassign: bool = Field(default=False, description="true: take it from its agent, so that another one is asked.")
    webhook: Name | None = Field(default=None, description="Post it to this one of `webhooks`, signed.")

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if sum(each is not None for each in (self.at, self.before, self.after)) != 1:
            raise wrong("exactly one of at, before, after")
        if not (self.notify or self.priority or self.queue or self.reassign or self.webhook):
            raise wrong("at least one of notify, priority, queue, reassign, webhook")
        return self

    def used(self, target: timedelta) -> timedelta:
        """How much of the target, and of time beyond it, is used when it is its turn; below 0 where it never is."""
        if self.at is not None:
            return target * self.at / 100
        return target - self.before if self.before is not None else target + (self.after or timedelta())

    @property
    def label(self) -> str:
        """By which the step is known: `75%`, `15min before`."""
        if self.at is not None:
            return f"{self.at}%"
        way = "before" if self.before is not None else "after"
        return f"{format_duration(self.before or self.after or timedelta())} {way}"
