"""The agents of a run: they come on duty, accept or decline or miss what they are offered, answer, and note what they
are told.

Each write carries an Idempotency-Key and is repeated with it until there is a definite answer, as careful clients do.
"""

import asyncio
import itertools
import random
from contextlib import suppress
from typing import Any

import aiohttp

from .history import Action, History, Outcome
from .station import ADMIN, Station

API_SECONDS = 10.0
PAUSE = 0.4


class Person:
    """One agent."""

    def __init__(self, station: Station, history: History, name: str, seed: int) -> None:
        self.name = name
        self._url = f"{station.url}/v1"
        self._history = history
        self._random = random.Random(f"{seed} {name}")
        self._count = itertools.count(1)
        self._answered: set[str] = set()
        self._home = asyncio.Event()

    def go_home(self) -> None:
        """Finish what is under way and begin nothing more."""
        self._home.set()

    async def work(self) -> None:
        """Returns when they have gone home."""
        headers = {"authorization": f"Bearer {ADMIN}"}
        timeout = aiohttp.ClientTimeout(API_SECONDS)
        async with aiohttp.ClientSession(headers=headers, timeout=timeout) as session:
            while not self._home.is_set():
                # When nothing can be read now, there is another turn; what is written is repeated where it is written.
                with suppress(aiohttp.ClientError, TimeoutError, ConnectionError):
                    await self._turn(session)
                await asyncio.sleep(PAUSE * self._random.uniform(0.5, 1.5))

    async def _turn(self, session: aiohttp.ClientSession) -> None:
        await self._act(session, "PUT", f"/agents/{self.name}/presence", "presence", {"presence": "available"})
        for ticket in await self._tickets(session, offered_to=self.name):
            what = self._random.choices(("accept", "decline", "miss"), (80, 12, 8))[0]
            if what != "miss":
                await self._act(session, "POST", f"/tickets/{ticket['id']}/{what}", what, {"agent": self.name})
        for ticket in await self._tickets(session, assignee=self.name, status="open"):
            await self._treat(session, ticket)

    async def _treat(self, session: aiohttp.ClientSession, ticket: dict[str, Any]) -> None:
        path = f"/tickets/{ticket['id']}"
        what = self._random.choices(("solve", "ask", "reply", "note", "release", "wait"), (40, 10, 10, 5, 5, 30))[0]
        if what == "release":
            await self._act(session, "POST", f"{path}/release", what, {"agent": self.name})
        elif what != "wait":
            text = f"answer {self.name} {next(self._count)} end"
            status = {"solve": "solved", "ask": "pending"}.get(what)
            kind = "note" if what == "note" else "reply"
            body = {"kind": kind, "text": text, "agent": self.name} | ({"status": status} if status else {})
            await self._act(session, "POST", f"{path}/messages", kind, body)

    async def _tickets(self, session: aiohttp.ClientSession, **wanted: str) -> list[dict[str, Any]]:
        async with session.get(f"{self._url}/tickets", params={"limit": "20", **wanted}) as response:
            return list((await response.json())["items"]) if response.status == 200 else []

    async def _act(
        self, session: aiohttp.ClientSession, method: str, path: str, what: str, body: dict[str, Any]
    ) -> None:
        key = f"{self.name}-{next(self._count)}"
        while True:
            now = asyncio.get_running_loop().time
            began = now()
            outcome, words = await self._try(session, method, path, key, body)
            self._history.add(
                Action(
                    key=key,
                    agent=self.name,
                    ticket=path.split("/")[2] if path.startswith("/tickets") else "",
                    what=what,
                    began=began,
                    ended=now(),
                    outcome=outcome,
                    answer=words,
                    text=body.get("text", ""),
                )
            )
            if outcome in ("ok", "conflict", "permanent") or (what == "presence" and self._home.is_set()):
                return
            await asyncio.sleep(self._random.uniform(0.2, 1.0))

    async def _try(
        self, session: aiohttp.ClientSession, method: str, path: str, key: str, body: dict[str, Any]
    ) -> tuple[Outcome, str]:
        try:
            headers = {"idempotency-key": key}
            async with session.request(method, f"{self._url}{path}", json=body, headers=headers) as response:
                return _outcome(response.status, "Retry-After" in response.headers), await _words(response)
        except aiohttp.ClientConnectorError as error:
            return "unreached", str(error)
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            return "unknown", f"{type(error).__name__} {error}"


def _outcome(status: int, retry_after: bool) -> Outcome:
    if 200 <= status < 300:
        return "ok"
    if retry_after and status in (409, 503):  # 409 with Retry-After: the first request with this key is under way
        return "temporary"
    return "conflict" if status == 409 else "permanent"


async def _words(response: aiohttp.ClientResponse) -> str:
    return "" if response.status < 300 else f"{response.status} {(await response.text())[:300]}"
