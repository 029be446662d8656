"""The base of every section of the configuration, and how a validator says what it expected.

Sections are frozen and refuse keys that they do not know. A validator raises `wrong("a duration such as 30s")`: the
loader then prints `file:line:column: found "30 secs", expected a duration such as 30s; …`. Channels declare their
sections with the same base, so that their mistakes are reported in the same words.
"""

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticCustomError


class Section(BaseModel):
    """One mapping of the configuration."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def wrong(expected: str, remedy: str = "") -> PydanticCustomError:
    """The error of a validator: what was expected, and what to do about it when that is not plain."""
    return PydanticCustomError("expected", "expected {expected}", {"expected": expected, "remedy": remedy})
