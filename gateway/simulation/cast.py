"""The cast of the demo: customers, and what they and the agents say, read from cast.yaml; chosen by a seed."""

from functools import lru_cache
from pathlib import Path
from random import Random

import yaml
from pydantic import BaseModel, ConfigDict


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Person(_Part):
    """A customer."""

    name: str
    email: str
    language: str


class Opening(_Part):
    """What somebody writes first."""

    subject: str
    text: str


class Cast(_Part):
    """Everybody, and everything they can say, by language."""

    people: tuple[Person, ...]
    openings: dict[str, tuple[Opening, ...]]
    further: dict[str, tuple[str, ...]]
    answers: dict[str, tuple[str, ...]]
    notes: tuple[str, ...]
    reasons: tuple[str, ...]

    def answer(self, language: str, chance: Random) -> str:
        """What an agent answers; in English where there is nothing in the language."""
        return chance.choice(self.answers.get(language, self.answers["en"]))


@lru_cache(maxsize=1)
def the_cast() -> Cast:
    """Read once."""
    return Cast.model_validate(yaml.safe_load(Path(__file__).with_name("cast.yaml").read_text("utf-8")))


def chance(seed: int, *about: object) -> Random:
    """The dice for one decision: the same seed and the same occasion always fall the same way."""
    return Random(":".join(map(str, (seed, *about))))  # noqa: S311  (a play, not a secret)
