"""Calls to the stand-in as an app makes them, with the whole of what comes back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientSession

from .refusal import Json


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    content: Json

    @property
    def error(self) -> str:
        """The name of the error; empty when there is none."""
        return str(self.content.get("error", ""))

    @property
    def complaints(self) -> str:
        """The places of what is wrong."""
        return "\n".join(self.content.get("response_metadata", {}).get("messages", []))


async def ask(api: str, token: str, method: str, *, as_json: bool = False, **arguments: Any) -> Answer:
    """Call a method, with a form or with JSON. Raises ClientError where nothing comes back."""
    form = {name: value if isinstance(value, str) else json.dumps(value) for name, value in arguments.items()}
    given: dict[str, Any] = {"json": arguments} if as_json else {"data": form}
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with (
        ClientSession() as session,
        session.post(f"{api}/{method}", headers=headers, **given) as response,
    ):
        is_json = response.content_type == "application/json"
        return Answer(response.status, dict(response.headers), await response.json() if is_json else {})
