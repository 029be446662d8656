"""The base of every section of the configuration, and how a validator says what it expected.

Sections are frozen and refuse keys that they do not know. A validator raises `wrong("a duration such as 30s")`: the
loader then prints `file:line:column: found "30 secs", expected a duration such as 30s; …`. Channels declare their
sections with the same base, so that their mistakes are reported in the same words.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Self

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticCustomError


class Section(BaseModel):
    """One mapping of the configuration."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with other values; what was reckoned from the values before and kept is reckoned anew."""
        copied = super().model_copy(update=update, deep=deep)
        for name in copied.__dict__.keys() - type(copied).model_fields.keys():
            del copied.__dict__[name]
        return copied


def wrong(expected: str, remedy: str = "", at: Sequence[str | int] = ()) -> PydanticCustomError:
    """The error of a validator: what was expected, and what to do about it when that is not plain.

    `at` is where in the value it is wrong, for a validator that sees more than one setting.
    """
    told = {"expected": expected, "remedy": remedy, "at": tuple(at)}
    return PydanticCustomError("expected", "expected {expected}", told)
