"""How the platform reaches the app, whichever way: over HTTP (http_transport.py) or in Socket Mode (sockets.py).

An event that is not taken in three seconds is told again, at once, after a minute and after five, then never. A click,
a command, a shortcut and a view are told once; whoever clicked sees that it did not work (`NotAnswered`).
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from .refusal import Json

Kind = Literal["interactive", "slash_commands"]
PATIENCE = 3.0
PAUSES = (0.0, 60.0, 300.0)
"""Seconds before each further try of an event."""

Pause = Callable[[float], Awaitable[None]]


class NotAnswered(Exception):
    """The app did not take what somebody did; Slack shows them a warning."""


@dataclass
class Told:
    """One event on its way: how often it was told, and how each try ended. `taken` says that the app has it."""

    envelope: Json
    ends: list[str] = field(default_factory=list)
    taken: bool = False


class Transport(Protocol):
    """A way to the app."""

    async def try_event(self, envelope: Json, attempt: int, reason: str) -> str:
        """Tell an event once, for the `attempt`th time after the first; empty when it was taken, else why it was not.

        `final` stands for an app that wants no further try.
        """
        ...

    async def interact(self, kind: Kind, payload: Json) -> Any:
        """Tell what somebody did; what the app answers, None for nothing. Raises NotAnswered."""
        ...


FINAL = "final"


async def tell(transport: Transport, envelope: Json, pause: Pause = asyncio.sleep) -> Told:
    """Tell an event until it is taken or Slack gives up."""
    told, reason = Told(envelope), ""
    for attempt, seconds in enumerate((None, *PAUSES)):
        if seconds is not None:
            await pause(seconds)
        reason = await transport.try_event(envelope, attempt, reason)
        told.ends.append(reason or "taken")
        if not reason or reason == FINAL:
            told.taken = not reason
            break
    return told
