"""The marks that a person put below messages of others: they go with the person, and the messages stay.

Such a person took part in the ticket, so its articles are known. Everything here may be done again.
"""

from collections.abc import Collection, Iterable

from ...config.errors import EngineUnavailable
from ...queue.connection import Engine
from ...queue.scripts import Script, ScriptArguments
from ..amending import Changed, without_people
from ..belongings import Belongings
from ..records import json_bytes
from ..stored_ticket import StoredArticle
from ..ticket_keys import TicketKeys

TRIES = 20

_REDACT = Script.beside(__file__, "redact_marks.lua")


class PutMarks:
    """Takes them away."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._keys = TicketKeys(engine)
        self._belongings = Belongings(engine)

    async def remove(self, tickets: Iterable[str], people: Collection[str]) -> None:
        """Those that these identities put below anything in these tickets. Raises EngineUnavailable."""
        for ticket in tickets:
            async for stored in self._belongings.articles(ticket):
                if _has_some(stored, people):
                    await self._remove(stored.record.id, people)

    async def _remove(self, article: str, people: Collection[str]) -> None:
        key = self._keys.article(article)
        for _ in range(TRIES):
            flat = await self._engine.call("HGETALL", key)
            stored = StoredArticle.from_flat(flat) if flat else None
            if stored is None or not _has_some(stored, people):
                return
            left = without_people(Changed.of(stored.record, stored.work.amended), people)
            args: ScriptArguments = {
                "before": dict(zip(flat[::2], flat[1::2], strict=True))[b"_amended"],
                "amended": json_bytes(left.kept),
                "reactions": json_bytes([each.model_dump(mode="json") for each in left.reactions]),
            }
            if await self._engine.run(_REDACT, {"article": key}, args) == b"OK":
                return
        raise EngineUnavailable(f"{article}: it changed {TRIES} times in a row")


def _has_some(stored: StoredArticle, people: Collection[str]) -> bool:
    amended = stored.work.amended
    return amended is not None and any(each.who in people for each in amended.marks)
