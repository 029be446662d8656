"""Variables in the texts of rules: `{order}` stands for what a named group of a regex has found. Pure.

A name that stands for nothing is left out, with the space before it.
"""

import re
from collections.abc import Mapping

LONGEST = 200  # characters of one

_PLACEHOLDER = re.compile(r" ?\{([A-Za-z_]\w*)\}")


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its names filled in; what is filled in is not looked through again."""

    def value(match: re.Match[str]) -> str:
        known = values.get(match[1], "")
        return f"{' ' if match[0].startswith(' ') else ''}{known}" if known else ""

    return _PLACEHOLDER.sub(value, text)
