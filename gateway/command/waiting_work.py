"""Dead letters and suspended messages as an operator handles them: lists in words, single ones with their bytes."""

import json
from typing import Any

from ...desk.dead_letters import DeadLetterView, GivenUp, content_of
from ...desk.views.times import moment
from ...queue.blobs import Blobs
from ...queue.clock import Clock
from ...queue.intake import unpack
from ...router.suspended import Suspended, SuspendedMessages

Shown = tuple[list[str], bytes]


class Upkeep:
    """What an operator can do with what was given up or set aside."""

    def __init__(self, blobs: Blobs, given_up: GivenUp, suspended: SuspendedMessages, clock: Clock) -> None:
        self._blobs = blobs
        self._given_up = given_up
        self._suspended = suspended
        self._clock = clock
        self.decide = given_up.decide

    async def dead(self, limit: int) -> list[str]:
        """The newest dead letters, a line each."""
        return [_line(self._given_up.view(letter)) for letter in await self._given_up.behind(None, limit)]

    async def dead_letter(self, id_: str) -> Shown:
        """One dead letter. Raises NotFound."""
        letter = await self._given_up.letter(id_)
        content, view = await self._given_up.content(letter), self._given_up.view(letter)
        facts = view.model_dump(include={"id", "what", "which", "attempts", "cause"}) | {"at": moment(view.at)}
        ours = facts | {"size": len(content)}
        return _fields(ours | {name: value for name, value in view.about.items() if name not in ours}), content

    async def suspended(self, limit: int) -> list[str]:
        """The newest suspended messages, a line each."""
        found = await self._suspended.list(limit=limit)
        return [f"{each.id}  {moment(each.at)}  {each.channel}  {each.sender}  {each.cause}" for each in found]

    async def suspended_message(self, id_: str) -> Shown:
        """One suspended message. Raises NotFound."""
        payload = await self._suspended.raw(id_)
        content = await content_of(payload, self._blobs)
        known = _set_aside(await self._suspended.one(id_))
        return _fields(known | _readable(unpack(payload)[0]) | {"size": len(content)}), content

    async def release(self, id_: str) -> None:
        """File it after all. Raises NotFound."""
        await self._suspended.release(id_)

    async def drop(self, id_: str) -> None:
        """Throw it away. Raises NotFound."""
        await self._suspended.drop(id_, self._clock.now())


def _set_aside(known: Suspended | None) -> dict[str, Any]:
    """What the list knows of a suspended message, as a person reads it; nothing if it was just taken off."""
    if known is None:
        return {}
    return known.model_dump() | {"at": moment(known.at), "excerpt": " ".join(known.excerpt.split())}


def _readable(header: dict[str, Any]) -> dict[str, Any]:
    received = header.get("received_at")
    return header | ({"received_at": moment(received)} if isinstance(received, int) else {})


def _line(view: DeadLetterView) -> str:
    return f"{view.id}  {moment(view.at)}  {view.attempts} attempts  {view.which}  {view.cause}"


def _fields(facts: dict[str, Any]) -> list[str]:
    return [f"{name:<12} {_plain(value)}" for name, value in facts.items() if value not in ("", None)]


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
