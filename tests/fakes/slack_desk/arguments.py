"""The arguments of a call: in the address, in a form, or in a body of JSON, read as strictly as Slack documents them.

Structures are JSON; in a form they are its text. A value of another kind than its argument has is refused as
`invalid_arguments` with its place, except where the method has an error of its own for it.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from .refusal import refused_with

TS = re.compile(r"\d{9,10}\.\d{6}\Z")
LARGEST_PAGE = 1_000


class Arguments:
    """What was given, by name."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.given = dict(given)

    def __contains__(self, name: str) -> bool:
        return name in self.given

    def text(self, name: str, otherwise: str = "") -> str:
        """A text."""
        value = self.given.get(name, otherwise)
        if not isinstance(value, str):
            raise refused_with("invalid_arguments", [f"must be a string [json-pointer:/{name}]"])
        return value

    def flag(self, name: str, *, otherwise: bool = False) -> bool:
        """A yes or no; a form writes it `true`, `false`, `1` or `0`."""
        value = self.given.get(name, otherwise)
        found = {"true": True, "1": True, "false": False, "0": False}.get(str(value).lower())
        if found is None:
            raise refused_with("invalid_arguments", [f"must be a boolean [json-pointer:/{name}]"])
        return found

    def number(self, name: str, otherwise: int) -> int:
        """A whole number that is not below 0."""
        value = str(self.given.get(name, otherwise))
        if not value.isascii() or not value.isdigit():
            raise refused_with("invalid_arguments", [f"must be a number [json-pointer:/{name}]"])
        return int(value)

    def structure(self, name: str, error: str = "invalid_arguments") -> Any:
        """What a JSON text or a structure says; `error` when it is no JSON. None where it was not given."""
        value = self.given.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            raise refused_with(error, [f"is no JSON [json-pointer:/{name}]"]) from None

    def listed(self, name: str) -> list[str]:
        """Ids with commas between them."""
        return [each.strip() for each in self.text(name).split(",") if each.strip()]

    def page(self) -> tuple[int, int]:
        """Where the asked page begins and how many it may hold. Refused as `invalid_limit` and `invalid_cursor`."""
        limit = self.number("limit", 100) or 100
        if limit > LARGEST_PAGE:
            raise refused_with("invalid_limit", [f"must be at most {LARGEST_PAGE} [json-pointer:/limit]"])
        cursor = self.text("cursor")
        if cursor and not re.fullmatch(r"next:\d{1,9}", cursor):
            raise refused_with("invalid_cursor", ["is none of ours [json-pointer:/cursor]"])
        return int(cursor.removeprefix("next:") or 0), limit


def shown_page(name: str, found: list[Any], given: Arguments) -> dict[str, Any]:
    """The page that was asked for, with the cursor of the next one."""
    begin, limit = given.page()
    following = f"next:{begin + limit}" if begin + limit < len(found) else ""
    return {name: found[begin : begin + limit], "response_metadata": {"next_cursor": following}}
