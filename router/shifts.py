"""Shifts: near the end of an agent's shift nothing is offered to them, and at its end they are offline.

    shift    a shift may be about to end, or has ended, or is another    look at it (shift.lua)

When a shift ends follows from the agent's calendars (shift_times.py) as the configuration in force has them; an agent's
shift is looked at after each registration, and whenever the last look said. Nobody is put on duty by a shift: they say
so themselves. Who works on after it says so too, and is asked until the next one closes.
"""

import json

import structlog

from ..config.quantities import milliseconds
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.scripts import Script, ScriptArguments
from ..queue.work import Entry
from .policy import CurrentPolicy
from .shift_times import shift_at
from .ticket_keys import TicketKeys

log = structlog.get_logger()

EVENTS = frozenset({"shift"})

_SHIFT = Script.beside(__file__, "shift.lua")


class Shifts:
    """The handler of this event."""

    def __init__(self, engine: Engine, clock: Clock, *, policy: CurrentPolicy) -> None:
        self._engine = engine
        self._clock = clock
        self._policy = policy
        self._keys = {"desk": TicketKeys(engine).desk}

    async def handle(self, entry: Entry) -> bool:
        """Look at the shift of one agent."""
        event, policy, now = json.loads(entry.payload), self._policy(), self._clock.now()
        agent, presence = policy.settings.agents.get(event["agent"]), policy.settings.presence
        calendars = [policy.open_time(name) for name in agent.shifts] if agent else []
        shift = shift_at(calendars, now, milliseconds(presence.closing))
        given: ScriptArguments = {
            "agent": event["agent"],
            "closes_at": shift.closes_at,
            "ends_at": shift.ends_at,
            "overtime": milliseconds(presence.overtime),
            "live": json.dumps(policy.channels.live),
            "asked_for": event.get("at"),
        }
        reply = await self._engine.run(_SHIFT, self._keys, {"now": now, **given})
        if reply[0] == b"OFFLINE":
            log.info("the shift of an agent is over", action="shift_over", agent=event["agent"])
        return False
