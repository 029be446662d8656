"""The people of the demo: the customers (people.yaml), and what agents say to one another (teamwork.yaml)."""

from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

Habit = Literal["terse", "plain", "chatty", "angry"]
Way = Literal["mail", "form", "chat", "telegram", "sms", "whatsapp"]


class FromFile(BaseModel):
    """What is read from the files of the demo."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Person(FromFile):
    """A customer; people.yaml says what the fields mean. Raises ValueError for a way that needs a number."""

    name: str
    email: str
    language: str
    habit: Habit
    patience: float = Field(gt=0)
    ways: tuple[Way, ...] = Field(min_length=1)
    phone: str = ""
    member: bool = False
    html: bool = False

    @model_validator(mode="after")
    def _reachable(self) -> "Person":
        if not self.phone and {"sms", "whatsapp"} & set(self.ways):
            raise ValueError(f"{self.name} has no phone")
        return self


class BreakTime(FromFile):
    """A break of an agent, in seconds of life."""

    presence: Literal["away", "busy"]
    seconds: float = Field(gt=0)


class Teamwork(FromFile):
    """What agents say to one another and how they rest."""

    notes: dict[str, tuple[str, ...]]
    reasons: tuple[str, ...] = Field(min_length=1)
    breaks: tuple[BreakTime, ...] = Field(min_length=1)

    def note(self, topic: str, dice: Random) -> str:
        """A note about a ticket of this topic."""
        return dice.choice((*self.notes.get(topic, ()), *self.notes["any"]))


class _People(FromFile):
    people: tuple[Person, ...]


@lru_cache(maxsize=1)
def the_people() -> tuple[Person, ...]:
    """All customers; read once."""
    return _People.model_validate(_read("people.yaml")).people


@lru_cache(maxsize=1)
def the_teamwork() -> Teamwork:
    """Read once."""
    return Teamwork.model_validate(_read("teamwork.yaml"))


def _read(name: str) -> object:
    return yaml.safe_load(Path(__file__).with_name(name).read_text("utf-8"))
