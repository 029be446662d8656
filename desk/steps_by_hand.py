"""Steps that somebody takes with tickets by hand, for every face: a macro, or an agent and tags; what came of each.

Whether they may use the macro is asked first; whether it is for tickets of this queue, whether they see the ticket, and
may move or give it away, for each ticket by itself.
"""

from collections.abc import Collection, Mapping, Sequence

from pydantic import Field

from ..config.errors import Forbidden, NotFound
from ..config.trigger_settings import MacroSettings
from ..normalizer.envelope import Record
from ..router.macros import Macros, Steps
from ..router.policy import CurrentPolicy
from ..web.tokens import Principal
from .access.access import Access
from .access.macro_users import not_here, not_theirs
from .acting_agent import acting_agent, actor_of

MOST = 50  # tickets of one request


class MacroResult(Record):
    """What came of it with one ticket."""

    ticket: str = Field(description="The ticket as it was named, or its number.")
    done: tuple[str, ...] = Field(default=(), description="The steps that were taken.")
    failed: tuple[str, ...] = Field(default=(), description="Those that were not, each with the reason.")


class StepsByHand:
    """Takes them."""

    def __init__(self, macros: Macros, policy: CurrentPolicy, access: Access) -> None:
        self._macros = macros
        self._policy = policy
        self._access = access

    def macro(self, principal: Principal, name: str) -> Steps:
        """The steps of a macro that they may use. Raises NotFound, Forbidden."""
        steps = self._macros.named(name)
        if refusal := not_theirs(name, self._policy().settings.macros[name], self._access.of(principal)):
            raise Forbidden(refusal)
        return steps

    def usable(self, principal: Principal, queues: Collection[str] | None = None) -> Mapping[str, MacroSettings]:
        """The macros that they may use, by name; with `queues`, those for tickets of one of these."""
        authority, macros = self._access.of(principal), self._policy().settings.macros
        return {
            name: macro
            for name, macro in sorted(macros.items())
            if not not_theirs(name, macro, authority)
            and (queues is None or any(not not_here(name, macro, queue) for queue in queues))
        }

    async def run(
        self, principal: Principal, ticket: str, steps: Steps, *, agent: str | None, key: str | None
    ) -> MacroResult:
        """With one ticket. Raises NotFound, Forbidden."""
        stored = await self._access.ticket(principal, ticket)
        await self._access.demand_case(principal, stored.record)
        if refusal := not_here(steps.name, self._policy().settings.macros.get(steps.name), stored.record.queue):
            raise Forbidden(refusal)
        await self._access.demand_move(principal, stored.record, steps.then.queue)
        if steps.then.assignee is not None:
            await self._access.demand_assign(principal, stored.record, force=False)
        by = acting_agent(principal, agent) or stored.record.assignee or ""
        if by and by not in self._policy().settings.agents:
            raise NotFound(f"there is no agent {by}")
        taken = await self._macros.run(steps, stored, actor=actor_of(principal), agent=by, key=key)
        return MacroResult(ticket=stored.record.number, done=tuple(taken.done), failed=tuple(taken.failed))

    async def each(
        self, principal: Principal, tickets: Sequence[str], steps: Steps, *, agent: str | None, key: str | None
    ) -> list[MacroResult]:
        """With each of these, one after another; what is refused of one is told, and the others are done."""
        results = list[MacroResult]()
        for ticket in dict.fromkeys(tickets):
            try:
                results.append(await self.run(principal, ticket, steps, agent=agent, key=key))
            except (NotFound, Forbidden) as error:
                results.append(MacroResult(ticket=ticket, failed=(error.detail,)))
        return results
