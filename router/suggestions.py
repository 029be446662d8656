"""What a ticket suggests to whoever works on it, and how they decide against it.

`settled` is what the customer says of the matter (closing_words.py). `goes_on` names an older ticket that this one
seems to go on from: a proven person has opened both, under the same subject, one soon after the other (`goes_on_within`
of the queue). No message joins by that alone: people write “Question” twice, and what has joined wrongly goes unseen.
"""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Literal

from ..config.errors import NotFound
from ..normalizer.envelope import Envelope
from ..normalizer.folding import fold
from ..normalizer.joining import PROVEN
from ..normalizer.subjects import bare_subject
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.scripts import Script, ScriptArguments, ScriptKeys
from .records import GoesOn
from .resolver import Resolution
from .ticket_index import TicketIndex
from .ticket_keys import TicketKeys

Suggestion = Literal["settled", "goes_on"]

_LOOKED_AT = 10
"""Newest tickets of a record among which the older one is looked for; and records of a person."""
_FACTS = ("number", "subject", "status", "last_message_at", "merged_into")

_DISMISS = Script.beside(__file__, "dismiss_suggestion.lua")


class Suggestions:
    """Finds suggestions for tickets of a workspace, and takes them off."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._keys = TicketKeys(engine)
        self._index = TicketIndex(engine)

    async def dismiss(self, ticket: str, suggestion: Suggestion, *, actor: str) -> None:
        """Decide against it; again is fine. Raises NotFound."""
        keys: ScriptKeys = {"ticket": self._keys.ticket(ticket), "desk": self._keys.desk}
        args: ScriptArguments = {"now": self._clock.now(), "actor": actor, "name": suggestion}
        if await self._engine.run(_DISMISS, keys, args) == b"MISSING":
            raise NotFound(f"there is no ticket {ticket}")

    async def goes_on(self, envelope: Envelope, found: Resolution, within: timedelta) -> GoesOn | None:
        """The ticket that a message which opens one seems to go on from; None where that is not to be said."""
        wrote = envelope.sender.identities[0] if envelope.sender.identities else None
        subject = fold(bare_subject(envelope.subject)).strip()
        if not subject or not within or found.person is None or found.join.follow_up_of or not envelope.is_spoken:
            return None
        if wrote is None or wrote.assurance < PROVEN:
            return None
        for ticket in await self._newest(found.person.records or (found.person.id,)):
            if known := await self._like(ticket, subject, envelope.received_at - within.total_seconds() * 1000):
                return known
        return None

    async def _newest(self, records: Sequence[str]) -> Sequence[str]:
        places = [
            place
            for record in records[:_LOOKED_AT]
            for place in await self._index.newest(f"customer:{record}", _LOOKED_AT)
        ]
        return [place.ticket for place in sorted(places, reverse=True)][:_LOOKED_AT]

    async def _like(self, ticket: str, subject: str, since: float) -> GoesOn | None:
        """This ticket, or the one that stands for it, when it has the subject, goes on, and is new enough."""
        number, named, status, heard, case = await self._read(ticket, *_FACTS)
        if fold(bare_subject(named or "")).strip() != subject or (heard or 0) < since:
            return None
        if case:
            ticket, (number, status) = case, await self._read(case, "number", "status")
        return None if status in (None, "closed") else GoesOn(ticket=ticket, number=number)

    async def _read(self, ticket: str, *names: str) -> list[Any]:
        pieces = await self._engine.call("HMGET", self._keys.ticket(ticket), *names)
        return [json.loads(piece) if piece else None for piece in pieces]
