"""Alerts that are not sent yet, or never will be, say nothing of a ticket any more when somebody in it is erased.

Whoever is to be told is told the number of the ticket all the same. What has been sent cannot be taken back.
"""

from collections.abc import Collection

from ..queue.connection import Engine
from ..queue.scanning import scan
from ..queue.scripts import Script, ScriptArguments
from .alert import Alert
from .ticket_keys import TicketKeys

KEPT = ("id", "number", "queue", "priority", "status")
ERASED = "What this said of the ticket was erased."

_FORGET = Script.beside(__file__, "forget_alert.lua")


class WaitingAlerts:
    """What lies in the queue of alerts, dead letters included."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._alerts = TicketKeys(engine).alerts.keys

    async def forget(self, names: Collection[str]) -> None:
        """Empty those of these tickets, named by their ids. Raises EngineUnavailable."""
        async for sequence, stored in scan(self._engine, "HSCAN", self._alerts["entries"]):
            alert = Alert.model_validate_json(stored)
            ticket = alert.content.get("ticket") or {}
            if ticket.get("id") not in names:
                continue
            bare = {name: ticket[name] for name in KEPT if name in ticket}
            after = alert.model_copy(update={"text": ERASED, "content": {**alert.content, "ticket": bare}})
            args: ScriptArguments = {"sequence": int(sequence), "before": stored, "after": after.model_dump_json()}
            await self._engine.run(_FORGET, {"alerts": self._alerts}, args)
