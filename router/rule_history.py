"""That a trigger or a macro has done its work with a ticket, for a cause: noted once, together with whom it tells.

It is the last step. The alerts are laid into their queue in the script that notes the cause, so whoever is killed
before tells nobody, and does all steps again; whoever comes after tells nobody twice.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.scripts import Script, ScriptArguments, ScriptKeys
from .alert import Alert
from .records import json_bytes
from .ticket_keys import TicketKeys
from .ticket_steps import Taken

USES = 20  # of macros with one ticket, by which one that is asked for again is known

_APPLIED = Script.beside(__file__, "rule_applied.lua")


class RuleHistory:
    """Notes what rules did."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._keys = TicketKeys(engine)

    async def applied(self, ticket: str, rule: str, cause: str, taken: Taken) -> None:
        """A trigger has fired. Raises EngineUnavailable."""
        await self._note(ticket, f"rule:{rule}", rule, cause, _told(taken), taken.alerts)

    async def used(self, ticket: str, macro: str, cause: str, taken: Taken, *, actor: str) -> None:
        """Somebody has used a macro. Raises EngineUnavailable."""
        told = {"macro": [None, macro], **_told(taken)}
        await self._note(ticket, actor, f"macro {macro}", cause, told, taken.alerts, by_hand=USES)

    async def cut(self, ticket: str, rules: Sequence[str], cause: str) -> None:
        """Triggers that set each other off were stopped. Raises EngineUnavailable."""
        await self._note(ticket, f"rule:{rules[0]}", rules[0], f"cut {cause}", {"cut": [[], rules]})

    async def _note(
        self,
        ticket: str,
        actor: str,
        rule: str,
        cause: str,
        changes: Mapping[str, Any],
        alerts: Sequence[Alert] = (),
        *,
        by_hand: int | None = None,
    ) -> None:
        keys: ScriptKeys = {
            "ticket": self._keys.ticket(ticket),
            "desk": self._keys.desk,
            "alerts": self._keys.alerts.keys,
        }
        args: ScriptArguments = {"now": self._clock.now(), "actor": actor, "rule": rule, "occasion": cause}
        told = json_bytes([[each.lane, each.model_dump_json()] for each in alerts])
        more: ScriptArguments = {"changes": json_bytes(dict(changes)), "told": told, "by_hand": by_hand}
        await self._engine.run(_APPLIED, keys, {**args, **more})


def _told(taken: Taken) -> dict[str, Any]:
    return {"did": [[], taken.done], **({"failed": [[], taken.failed]} if taken.failed else {})}
