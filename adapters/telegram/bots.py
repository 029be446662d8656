"""One bot as reading its updates needs it: what is set for it, and its id."""

from dataclasses import dataclass

from .settings import BotSettings


@dataclass(frozen=True)
class Bot:
    """A bot. `id` is 0 where it is not known; the first part of its token says it."""

    settings: BotSettings
    id: int = 0
