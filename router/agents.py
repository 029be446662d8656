"""The agents as the engine knows them: capacities from the configuration, presence and load from the scripts."""

import json
from collections.abc import Mapping, Sequence
from typing import cast

import structlog

from ..config.errors import NotFound
from ..config.settings import Settings
from ..queue.connection import Engine
from ..queue.scripts import Script
from .policy import Policy
from .records import AgentState, Presence
from .routing_settings import agent_fields, routing_fields
from .strays import holders
from .ticket_keys import TicketKeys

log = structlog.get_logger()

AT_ONCE = 50  # agents that a script makes known, so that nobody waits long behind it
_REGISTER = Script.beside(__file__, "register_agents.lua")

_FIELDS = (
    *("presence", "presence_since", "presence_by", "presence_reason", "watched", "alive_at", "span"),
    *("load", "idle_since", "missed", "wrapping", "closes_at", "shift_ends"),
)


class Agents:
    """Looks agents up, and makes those of the configuration known."""

    def __init__(self, engine: Engine, *, offer_seconds: Mapping[str, int] | None = None) -> None:
        """`offer_seconds`: how long an agent has to accept, by channel."""
        self._engine = engine
        self._offer_seconds = offer_seconds or {}
        self._keys = TicketKeys(engine)

    async def register(self, policy: Policy, now: int) -> None:
        """Publish what this configuration says of agents, queues and channels; at start and after each reload.

        Whoever is not in it, whenever they left it, holds nothing from then on (absence.py). When another
        configuration is published meanwhile, it stands and the rest of this one is left out.
        """
        settings = policy.settings
        agents = [agent_fields(id_, agent, policy) for id_, agent in settings.agents.items()]
        everybody = json.dumps(list(settings.agents))
        others = json.dumps(sorted(await holders(self._engine) - set(settings.agents)))
        routing = json.dumps(routing_fields(policy, self._offer_seconds))
        for first in range(0, max(1, len(agents)), AT_ONCE):
            is_first = first == 0
            reply = await self._engine.run(
                _REGISTER,
                {"desk": self._keys.desk, "known": self._keys.known_agents},
                {
                    "now": now,
                    "list": json.dumps(agents[first : first + AT_ONCE]),
                    "everybody": everybody if is_first else None,
                    "holders": others if is_first else None,
                    "routing": routing if is_first else None,
                    "version": settings.version,
                    "last": first + AT_ONCE >= len(agents),
                },
            )
            if reply[0] == b"STALE":
                log.warning("another configuration is published", action="register_stale", config=settings.version)
                return

    async def all(self, settings: Settings) -> Sequence[AgentState]:
        """All agents of the configuration, by id."""
        return [await self.one(settings, id_) for id_ in sorted(settings.agents)]

    async def is_offline(self, id_: str | None) -> bool:
        """Whether there is such an agent, configured or not, and they are offline."""
        return id_ is not None and await self._engine.call("HGET", self._keys.agents, f"{id_}.presence") == b"offline"

    async def one(self, settings: Settings, id_: str) -> AgentState:
        """One agent. Raises NotFound."""
        configured = settings.agents.get(id_)
        if configured is None:
            raise NotFound(f"there is no agent {id_!r}", agent=id_)
        names = [f"{id_}.{name}" for name in _FIELDS]
        values = await self._engine.call("HMGET", self._keys.agents, *names)
        known = {name: value.decode() for name, value in zip(_FIELDS, values, strict=True) if value is not None}
        until = int(known["alive_at"]) + int(known["span"]) if known.get("watched") == "span" else None
        return AgentState(
            id=id_,
            name=configured.name,
            queues=configured.queues,
            languages=configured.languages,
            skills=dict(configured.skills),
            capacity=configured.capacity,
            load=int(known.get("load", 0)),
            presence=cast("Presence", known.get("presence", "offline")),
            presence_since=_time(known, "presence_since"),
            presence_by=known.get("presence_by", ""),
            presence_reason=known.get("presence_reason", ""),
            presence_until=until,
            idle_since=_time(known, "idle_since"),
            closes_at=_time(known, "closes_at"),
            shift_ends=_time(known, "shift_ends"),
            wrapping_until=_latest(known.get("wrapping", "{}")),
            missed_offers=int(known.get("missed", 0)),
        )


def _latest(wrapping: str) -> int | None:
    return max((int(each["over"]) for each in json.loads(wrapping).values()), default=None)


def _time(known: Mapping[str, str], name: str) -> int | None:
    return int(known[name]) if name in known else None
