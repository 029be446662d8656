"""Absence: what follows when an agent goes, by whatever way, and what they leave behind.

    gone        went offline, or missed an offer        withdraw what is offered to them
    absent      is offline, or no longer configured     look at everything that they hold
    held        the time has come to look at a ticket   hand it over, if the policy of its queue says so
    handed_over the customer of a live ticket looks on  tell them that somebody else takes over

The policy is chosen here, by queue and channel (`absent` in the settings of a queue); hand_over.lua decides by what it
finds in that moment, and lets itself be asked again when it is too early. So an agent who comes back in time finds
everything where it was, and one who was taken out of the configuration holds nothing, parked tickets included. Events
can come twice and late: each looks at the state as it is.

Away and busy are no absence.
"""

import json
from collections.abc import Mapping
from typing import Any

import structlog

from ..config.desk_settings import AbsentSettings, HandOverSettings
from ..config.errors import DeliveryDeferred, Permanent
from ..config.message_templates import VALUES, render
from ..config.quantities import milliseconds
from ..config.settings import Settings
from ..normalizer.outgoing import Outgoing, Sender
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.scripts import Script, ScriptArguments, ScriptKeys
from ..queue.work import Entry
from .eligibility import is_eligible
from .policy import CurrentPolicy
from .records import Ticket
from .stored_ticket import load_ticket
from .strays import UNFINISHED, bring_home, stray_queues, tickets_under
from .ticket_keys import TicketKeys

log = structlog.get_logger()

EVENTS = frozenset({"gone", "absent", "held", "handed_over"})
TOLD = "handed_over"

_HAND_OVER = Script.beside(__file__, "hand_over.lua")
_RETURN = Script.beside(__file__, "return_ticket.lua")


class Absence:
    """The handler of these events."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        *,
        policy: CurrentPolicy,
        senders: Mapping[str, Sender],
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._policy = policy
        self._senders = senders
        self._keys = TicketKeys(engine)

    async def handle(self, entry: Entry) -> bool:
        """Act on one event; it is left to the worker to complete it."""
        event = json.loads(entry.payload)
        match event["event"]:
            case "gone":
                await self._withdraw(event["agent"])
            case "absent":
                await self._look_at_all(event["agent"])
            case "held":
                await self._look(event["ticket"], event["agent"], event.get("at"))
            case "handed_over":
                await self._tell(event["ticket"], event["revision"], event["agent"])
        return False

    async def after_reload(self) -> None:
        """Bring home what lies in queues that are gone, and withdraw offers to agents who may not have them any more.

        Called at start and after each reload, when the agents are registered; again it does no harm.
        """
        settings, now = self._policy().settings, self._clock.now()
        for queue in await stray_queues(self._engine, settings):
            moved = await bring_home(self._engine, settings, queue, now)
            log.warning("a queue is gone and its tickets were moved", action="queue_gone", queue=queue, tickets=moved)
        async for agent, ticket in self._offered():
            record = (await load_ticket(self._engine, ticket)).record
            configured = settings.agents.get(agent)
            if configured is not None and not is_eligible(configured, record.queue, record.required_skills):
                await self._take_back(ticket, agent, f"{agent} no longer serves {record.queue}")

    async def _offered(self) -> Any:
        members = await self._engine.call("ZRANGE", self._keys.index, "[offered:", "(offered;", "BYLEX")
        for member in members:
            head, _, ticket = member.decode().split("|")
            yield head.removeprefix("offered:"), ticket

    async def _withdraw(self, agent: str) -> None:
        presence, missed = await self._state(agent, "presence", "missed")
        if presence not in ("away", "offline"):
            return
        reason = f"{agent} missed another offer" if presence == "away" and missed != "0" else f"{agent} went {presence}"
        for ticket in await self._offered_to(agent):
            await self._take_back(ticket, agent, reason)

    async def _offered_to(self, agent: str) -> list[str]:
        """The tickets that are offered to an agent, the most due first."""
        aims: list[tuple[int, str]] = []
        async for ticket in tickets_under(self._engine, f"offered:{agent}"):
            routed = await self._engine.call("HGET", self._keys.ticket(ticket), "_routing")
            aims.append((json.loads(routed or b"{}").get("aim", 0), ticket))
        return [ticket for _, ticket in sorted(aims)]

    async def _take_back(self, ticket: str, agent: str, reason: str) -> None:
        given: ScriptArguments = {"how": "withdrawn", "agent": agent, "actor": "router", "reason": reason}
        await self._run(_RETURN, ticket, {**given, "token": None, "limit": 0})

    async def _look_at_all(self, agent: str) -> None:
        (removed,) = await self._state(agent, "removed")
        for status in UNFINISHED if removed == "1" else ("new", "open"):
            async for ticket in tickets_under(self._engine, f"assignee:{agent}:{status}"):
                await self._look(ticket, agent)

    async def _look(self, ticket: str, agent: str, asked_for: int | None = None) -> None:
        moved = True
        while moved:
            record = (await load_ticket(self._engine, ticket)).record
            reply = await self._run(
                _HAND_OVER, ticket, {"agent": agent, "asked_for": asked_for, **self._policy_for(record)}
            )
            moved = reply[0] == b"MOVED"

    def _policy_for(self, record: Ticket) -> ScriptArguments:
        policy = self._policy()
        live = policy.channels[record.channel].live
        chosen = hand_over_settings(policy.settings, record.queue, live=live)
        return {"queue": record.queue, "policy": chosen.policy, "after": milliseconds(chosen.after), "live": live}

    async def _tell(self, ticket: str, revision: int, agent: str) -> None:
        """Tell the customer, once, as a line of the channel that nobody wrote."""
        stored = await load_ticket(self._engine, ticket)
        record, address, policy = stored.record, stored.work.reply_to, self._policy()
        name = f"{address.channel}_{TOLD}" if address else ""
        send = self._senders.get(address.channel) if address else None
        if address is None or send is None or name not in VALUES or not is_served(record):
            return
        configured = policy.settings.agents.get(agent)
        words = {"agent": configured.name if configured else agent.capitalize()}
        text = render(name, record.language, words, folder=policy.settings.templates).body
        id_ = f"{TOLD}:{record.id}:{revision}"
        line = {"ticket_id": record.id, "number": record.number, "language": record.language, "text": text}
        way = {"channel": address.channel, "account": address.account, "to": address.to, "ext": address.ext}
        try:
            await send(
                Outgoing.model_validate(
                    {"article_id": id_, "external_id": id_, "automatic": True, "created_at": self._clock.now()}
                    | line
                    | way
                )
            )
        except DeliveryDeferred:
            raise
        except Permanent as error:
            log.info("a customer was not told of a new agent", action="hand_over_untold", cause=error.detail)

    async def _state(self, agent: str, *names: str) -> list[str]:
        values = await self._engine.call("HMGET", self._keys.agents, *(f"{agent}.{name}" for name in names))
        return [(value or b"").decode() for value in values]

    async def _run(self, script: Script, ticket: str, args: ScriptArguments) -> list[Any]:
        keys: ScriptKeys = {"ticket": self._keys.ticket(ticket), "desk": self._keys.desk}
        reply: list[Any] = await self._engine.run(script, keys, {"now": self._clock.now(), **args})
        return reply


def hand_over_settings(settings: Settings, queue: str, *, live: bool) -> HandOverSettings:
    """The policy for tickets of this queue; of one that is not configured, the default."""
    absent = settings.queues[queue].absent if queue in settings.queues else AbsentSettings()
    return absent.live if live else absent.letters


def is_served(record: Ticket) -> bool:
    """Whether somebody still owes the customer something."""
    return record.status in ("new", "open")
