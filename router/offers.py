"""Offers: every event that can give somebody work is a durable entry, and this is its handler.

    waiting   a ticket waits for an agent          offer it to the best candidate
    freed     an agent has room, or came on duty   offer the most due tickets of their queues until there is no room
    expired   an offer ran out                     give the ticket back, unless the offer is no longer the same
    relaxed   the wait for a speaker is over       offer it to anybody of the queue

What follows from agents who leave is in absence.py; router_events.py hands each event to its handler.

Handling an event twice does no harm: each step looks at the state as it is. A sweep once a minute looks for tickets
that wait although somebody could have them; it should never find one, and counts what it finds.
"""

import json
from collections.abc import Mapping
from typing import Any

import structlog

from ..config.quantities import milliseconds
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.identifiers import new_reference
from ..queue.scripts import Script, ScriptArguments, ScriptKeys
from ..queue.work import Entry
from .allowance import Allowance
from .eligibility import Candidates
from .policy import CurrentPolicy
from .records import json_bytes
from .ticket_keys import TicketKeys
from .waiting_room import WaitingRoom

log = structlog.get_logger()

OFFER_SECONDS = 300
MISSED_OFFERS = 1  # after so many in a row an agent counts as away, until a sign of life
NO_EVENT: ScriptArguments = {"lane": None, "token": None, "sequence": None, "release": False}
"""For the script: it completes none."""
CANDIDATES = 1_000  # that offers under way look at together: about 6 ms, in which the engine does nothing else

_OFFER = Script.beside(__file__, "offer.lua")
_RETURN = Script.beside(__file__, "return_ticket.lua")


class Offers:
    """The handler of the offers queue."""

    def __init__(
        self, engine: Engine, clock: Clock, *, policy: CurrentPolicy, offer_seconds: Mapping[str, int] | None = None
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._policy = policy
        self._offer_seconds = offer_seconds or {}
        self._keys = TicketKeys(engine)
        self._waiting = WaitingRoom(engine)
        self._candidates = Allowance(CANDIDATES)
        self.swept = 0

    async def handle(self, entry: Entry) -> bool:
        """Act on one event; True when the script that acted has completed it."""
        event = json.loads(entry.payload)
        match event["event"]:
            case "waiting":
                return await self._placed(event["ticket"], event["facts"], "it began to wait", entry)
            case "relaxed":
                await self.offer(event["ticket"], "the wait for a speaker was over", relax=True)
            case "freed":
                await self.fill(event["agent"])
            case "expired":
                await self._give_back(event["ticket"], "missed", event["token"], "the offer ran out")
        return False

    async def offer(self, ticket: str, cause: str, *, relax: bool = False) -> bool:
        """Offer a waiting ticket to the best of its candidates; False when there was none."""
        facts = await self._waiting.facts(ticket)
        return facts is not None and await self._offered(ticket, facts, self._able(facts), cause, relax=relax)

    async def _offered(
        self, ticket: str, facts: Mapping[str, Any], able: Candidates, cause: str, *, relax: bool = False
    ) -> bool:
        reply = await self._offer(ticket, facts, able, cause, relax=relax, completes=NO_EVENT)
        return bool(reply[0] == b"OFFERED")

    async def _placed(self, ticket: str, facts: Mapping[str, Any], cause: str, entry: Entry) -> bool:
        able, wait = self._able(facts), self._policy().language_wait(facts["queue"])
        if wait and able.mixed:
            event = json_bytes({"event": "relaxed", "ticket": ticket})
            await self._keys.offers.push(f"ticket:{ticket}", event, due=self._clock.now() + milliseconds(wait))
        await self._offer(ticket, facts, able, cause, completes=entry.arguments)
        return True

    async def _offer(
        self,
        ticket: str,
        facts: Mapping[str, Any],
        able: Candidates,
        cause: str,
        *,
        relax: bool = False,
        completes: ScriptArguments,
    ) -> list[Any]:
        async with self._candidates.of(len(able.agents)):
            now = self._clock.now()
            plan = self._plan(facts, now, relax=relax) | {"cause": cause}
            whole = b'{"candidates":' + able.json + b"," + json_bytes(plan)[1:]
            keys: ScriptKeys = {
                "ticket": self._keys.ticket(ticket),
                "desk": self._keys.desk,
                "decisions": self._keys.decisions(ticket),
                "settling": self._keys.offers.settling,
            }
            reply: list[Any] = await self._engine.run(_OFFER, keys, {"now": now, "plan": whole, **completes})
        return reply

    def _plan(self, facts: Mapping[str, Any], now: int, *, relax: bool) -> dict[str, Any]:
        policy = self._policy()
        queue = policy.settings.queues.get(facts["queue"])
        return {
            "facts": facts,
            "expires_at": now + self._offer_ms(facts),
            "token": new_reference(),
            "auto_accept": bool(queue and queue.auto_accept),
            "config": policy.settings.version,
            "relax": relax or not policy.language_wait(facts["queue"]),
        }

    def _able(self, facts: Mapping[str, Any]) -> Candidates:
        lists = self._policy().candidates
        return lists.of(facts["queue"], facts["language"], facts["required_skills"], facts["preferred_skills"])

    async def fill(self, agent: str) -> int:
        """Offer waiting tickets of an agent's queues, the most due first, while there is room; returns how many."""
        given = 0
        configured = self._policy().settings.agents.get(agent)
        if configured is None or not await self._has_room(agent):
            return 0
        async for _, ticket, facts in self._waiting.most_due(configured.queues):
            able = self._able(facts)
            if agent in able.agents and await self._offered(ticket, facts, able, f"{agent} had room"):
                given += 1
                if not await self._has_room(agent):
                    break
        return given

    async def sweep(self) -> int:
        """Look for tickets that wait although somebody could have them; returns how many were found."""
        settings = self._policy().settings
        if await self._keys.offers.ready():  # the events that will place them are still on their way
            return 0
        found = 0
        roomy = {id_ for id_ in settings.agents if await self._has_room(id_)}
        if not roomy:
            return 0
        async for _, ticket, facts in self._waiting.most_due(list(settings.queues)):
            able = self._able(facts)
            if roomy & able.agents:
                found += await self._offered(ticket, facts, able, "the sweep found it")
        if found:
            self.swept += found
            log.error("the sweep found tickets that should not have waited", action="sweep_found", tickets=found)
        return found

    def _offer_ms(self, facts: Mapping[str, Any]) -> int:
        queue = self._policy().settings.queues.get(facts["queue"])
        if queue is not None and queue.offer_time is not None:
            return milliseconds(queue.offer_time)
        return self._offer_seconds.get(facts["channel"], OFFER_SECONDS) * 1000

    async def _has_room(self, agent: str) -> bool:
        names = [f"{agent}.{name}" for name in ("presence", "load", "capacity")]
        presence, load, capacity = await self._engine.call("HMGET", self._keys.agents, *names)
        return bool(presence == b"available" and int(load or 0) < int(capacity or 0))

    async def _give_back(self, ticket: str, how: str, token: str, reason: str) -> None:
        await self._engine.run(
            _RETURN,
            {"ticket": self._keys.ticket(ticket), "desk": self._keys.desk},
            {
                "now": self._clock.now(),
                "how": how,
                "agent": "",
                "actor": "router",
                "reason": reason,
                "token": token,
                "limit": MISSED_OFFERS,
            },
        )
