"""Clocks by names of the desk's own: a call back, a delivery, whatever else a ticket owes for a time.

They are begun and stopped by name, by people, systems and triggers; a target of that name in `sla:` says how soon, and
whoever begins one may say so instead. What is stopped was given: in time or not. Pauses, calendars and escalations
are as for every clock (clock.py). Beginning one that runs, and stopping one that does not, changes nothing.
"""

from collections.abc import Sequence
from typing import Any

from ..config.errors import Conflict, NotFound
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.scripts import Script, ScriptArguments, ScriptKeys
from .agreed import agreed_for
from .clock import KINDS
from .policy import CurrentPolicy
from .records import Ticket, json_bytes
from .stored_ticket import load_ticket
from .ticket_keys import TicketKeys

_OWN_CLOCKS = Script.beside(__file__, "own_clocks.lua")


class OwnClocks:
    """Begins and stops them."""

    def __init__(self, engine: Engine, clock: Clock, *, policy: CurrentPolicy) -> None:
        self._engine = engine
        self._clock = clock
        self._policy = policy
        self._keys = TicketKeys(engine)

    async def change(
        self,
        ticket: str,
        *,
        actor: str,
        start: Sequence[str] = (),
        stop: Sequence[str] = (),
        target: int | None = None,
    ) -> int:
        """Begin and stop all of these, or none; returns how many were. `target` is open time in ms.

        Raises NotFound for a ticket or a clock to be stopped that is not there; and Conflict for a clock that follows
        the ticket by itself, or for which nobody has said how soon, and for a ticket that is finished, merged, or has
        too many.
        """
        record = (await load_ticket(self._engine, ticket)).record
        if record.merged_into is not None:
            raise Conflict(f"{record.number} is merged into another ticket; its clocks are kept there")
        for name in (*start, *stop):
            if name in KINDS:
                raise Conflict(f"the clock {name} follows the ticket; it begins and stops by itself")
        begun = await self._targets(record, start, target)
        plan = {"start": begun, "stop": list(stop)}
        keys: ScriptKeys = {"ticket": self._keys.ticket(record.id), "desk": self._keys.desk}
        args: ScriptArguments = {"now": self._clock.now(), "actor": actor, "plan": json_bytes(plan)}
        return _changed(record, await self._engine.run(_OWN_CLOCKS, keys, args))

    async def _targets(self, record: Ticket, names: Sequence[str], target: int | None) -> list[dict[str, Any]]:
        if target is not None:
            return [{"name": name, "target": target, "given": True} for name in names]
        targets = (await agreed_for(self._engine, self._policy(), record)).targets if names else {}
        for name in names:
            if name not in targets:
                raise Conflict(
                    f"no policy that holds for {record.number} has a target for the clock {name}; "
                    "name it in `targets` of `sla`, or say the target"
                )
        return [{"name": name, "target": targets[name]} for name in names]


def _changed(record: Ticket, reply: Sequence[Any]) -> int:
    match reply[0]:
        case b"MISSING":
            raise NotFound(f"there is no ticket {record.id}")
        case b"FINISHED":
            raise Conflict(f"{record.number} is {reply[1].decode()}; a clock begins on a ticket that is not finished")
        case b"ABSENT":
            raise NotFound(f"{record.number} has no clock {reply[1].decode()}")
        case b"FULL":
            raise Conflict(f"{record.number} has {reply[1]} clocks of its own; no ticket has more")
    return int(reply[1])
