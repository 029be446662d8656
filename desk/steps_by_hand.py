"""Steps that somebody takes with tickets by hand, for every face: a macro, or an agent and tags; what came of each.

Whether they see the ticket, and may move or give it away, is asked for each ticket by itself.
"""

from collections.abc import Sequence

from pydantic import Field

from ..config.errors import Forbidden, NotFound
from ..normalizer.envelope import Record
from ..router.macros import Macros, Steps
from ..router.policy import CurrentPolicy
from ..web.tokens import Principal
from .access.access import Access
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

    async def run(
        self, principal: Principal, ticket: str, steps: Steps, *, agent: str | None, key: str | None
    ) -> MacroResult:
        """With one ticket. Raises NotFound, Forbidden."""
        stored = await self._access.ticket(principal, ticket)
        await self._access.demand_case(principal, stored.record)
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
