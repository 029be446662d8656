"""Signs of life: whoever is watched and gives none for a time is taken for offline.

    page   the agent said on the desk page how they are: the page answers each beat of its stream. `presence.grace` says
           how long its silence may last, `presence.live_grace` while they have a live conversation
    span   a system gave a time with the presence (`expires_in`): it must be said again, or a heartbeat sent, within it

Nobody else is watched: what the API sets without a time stays so. A sign of life by a machine is not one by a person,
so it asks nobody again for what they declined or missed.

While no process is there to take signs of life (a restart, a lost engine) nobody can give one. So each such process
says every `FACES_SECONDS` that it is there, silence is judged only while one is, and counts from when it came back. An
event of a watch comes when its time is over and looks at the last sign; there is one on its way for each watch.
"""

import json
from typing import Literal

import structlog

from ..config.quantities import milliseconds
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.scripts import Script, ScriptArguments
from ..queue.work import Entry
from .policy import CurrentPolicy
from .ticket_keys import TicketKeys

log = structlog.get_logger()

EVENTS = frozenset({"silent"})
FACES_SECONDS = 10.0

Watched = Literal["page", "span"]

_SIGN = Script.beside(__file__, "sign_of_life.lua")
_SILENCE = Script.beside(__file__, "silence.lua")
_FACES = Script.beside(__file__, "faces.lua")


class SignsOfLife:
    """Takes them, and handles the event that looks for them."""

    def __init__(self, engine: Engine, clock: Clock, *, policy: CurrentPolicy) -> None:
        self._engine = engine
        self._clock = clock
        self._policy = policy
        self._keys = {"desk": TicketKeys(engine).desk}

    async def heard(self, agent: str, *, page: bool = False, span_ms: int | None = None) -> None:
        """A desk page, or a system, says that the agent is there; with a span it must be said again within it."""
        args: ScriptArguments = {"now": self._clock.now(), "agent": agent, "page": page, "span": span_ms}
        await self._engine.run(_SIGN, self._keys, args)

    async def faces_are_there(self) -> None:
        """This process takes signs of life. Raises EngineUnavailable."""
        await self._engine.run(_FACES, self._keys, {"now": self._clock.now()})

    async def handle(self, entry: Entry) -> bool:
        """The time of a watch is over."""
        event, policy = json.loads(entry.payload), self._policy()
        given: ScriptArguments = {
            "agent": event["agent"],
            "watch": event["watch"],
            "grace": milliseconds(policy.settings.presence.grace),
            "live_grace": milliseconds(policy.settings.presence.live_grace),
            "live": json.dumps(policy.channels.live),
        }
        reply = await self._engine.run(_SILENCE, self._keys, {"now": self._clock.now(), **given})
        if reply[0] == b"OFFLINE":
            log.info("an agent gave no sign of life and is offline", action="agent_silent", agent=event["agent"])
        return False
