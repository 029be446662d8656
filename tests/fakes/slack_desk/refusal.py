"""What Slack answers when it does not do what a call asks: 200 with `ok: false`, an error by name, and more words."""

from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]


class Refused(Exception):
    """An error by Slack's name of it; `more` stands beside it in the answer."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.error = error
        self.more = more

    @property
    def answer(self) -> Json:
        """As Slack writes it."""
        return {"ok": False, "error": self.error, **self.more}


def refused_with(error: str, messages: Sequence[str]) -> Refused:
    """An error with the places of what is wrong, as Slack tells them of blocks, views and arguments."""
    return Refused(error, response_metadata={"messages": [f"[ERROR] {each}" for each in messages]})
