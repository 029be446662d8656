"""What a ticket of a channel takes of the agent who has it in hand, and how much an agent takes who says nothing.

A channel is *live* when its customers look on (a chat), else its tickets are letters. A letter is patient: in hand it
keeps nobody from a chat. Left out, an agent has CAPACITY live conversations at most, and LETTERS tickets of each
channel of letters. Above what somebody works on at the same time a number only binds tickets early: they wait for
that agent although another may be free before, which costs 1.6 to 2.1 times the waiting (docs/routing.md).
"""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from .quantities import Duration, at_most
from .section import Section

CAPACITY = 3
LETTERS = 2
MOST_LIVE = 5
"""Conversations at once, above which another adds nothing to what somebody gets done."""


class HandlingSettings(Section):
    """One channel."""

    weight: int = Field(default=1, ge=1, le=1000, description="How much of a capacity one ticket takes.")
    patient: bool | None = Field(
        default=None,
        description="true: in hand it can be laid aside, so it keeps nobody from a ticket that is not patient; left "
        "out, true for letters and false for live conversations.",
    )
    exclusive: bool = Field(
        default=False,
        description="true: it takes all of its agent, as a call does: it is offered to nobody who has a conversation "
        "in hand, and while it lasts nothing else is offered.",
    )
    wrap_up: Annotated[Duration, at_most("1h")] = Field(
        default=timedelta(),
        description="For how long after it is done (solved, closed, pending or on hold) it still takes its room, so "
        "that its agent can write up what was said; over before when they say that they are available, or it is back.",
    )
