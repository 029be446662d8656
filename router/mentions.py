"""Agents whom a note names, as `@boris`: told by a line of the feed, and in a list of theirs until they read it.

An agent is named by their id, in whatever case. An address such as `info@boris.example` names nobody. Of an agent the
newest `KEPT` tickets are remembered, and a note tells at most `MOST` agents. Whether they see the ticket is asked by
whoever calls (desk/notes.py). The same note again tells again.
"""

import re
from collections.abc import Collection, Sequence

from ..config.errors import NotFound
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.scripts import Script, ScriptArguments, ScriptKeys
from .ticket_keys import TicketKeys

KEPT = 100
MOST = 20

_NAMED = re.compile(r"(?<![\w@.+-])@(\w[\w-]*)")
_MENTION = Script.beside(__file__, "mention.lua")


def mentioned(text: str, agents: Collection[str]) -> list[str]:
    """The agents whom a text names, each once, in its order."""
    known = {name.casefold(): name for name in agents}
    named = (known.get(found.casefold()) for found in _NAMED.findall(text))
    return list(dict.fromkeys(name for name in named if name))[:MOST]


class Mentions:
    """Tells agents of a workspace, and knows of what they were told."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._keys = TicketKeys(engine)

    async def tell(self, ticket: str, agents: Sequence[str], *, actor: str) -> None:
        """Tell these agents of this ticket, by its id. Raises NotFound."""
        keys: ScriptKeys = {
            "ticket": self._keys.ticket(ticket),
            "desk": self._keys.desk,
            "mentions": [self._key(agent) for agent in agents],
        }
        args: ScriptArguments = {"now": self._clock.now(), "actor": actor, "kept": KEPT, "agents": list(agents)}
        if await self._engine.run(_MENTION, keys, args) == b"MISSING":
            raise NotFound(f"there is no ticket {ticket}")

    async def of(self, agent: str) -> list[str]:
        """The ids of the tickets in which they are mentioned and which they have not read since, the newest first."""
        return [each.decode() for each in await self._engine.call("ZRANGE", self._key(agent), 0, -1, "REV")]

    async def read(self, agent: str, ticket: str) -> None:
        """The agent has read the ticket."""
        await self._engine.call("ZREM", self._key(agent), ticket)

    def _key(self, agent: str) -> str:
        return self._engine.keys("desk", "mentions", agent)
