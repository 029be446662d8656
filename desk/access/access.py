"""Whether somebody may see what they ask for and do what they want, for every face; acts that need a role are noted.

What is not seen is answered like what is not there, in the same words. What is refused says who may do it.
"""

from collections.abc import Mapping

from ...config.errors import Forbidden, NotFound
from ...router.held_replies import HeldReplies
from ...router.holders import holder_of
from ...router.policy import CurrentPolicy
from ...router.reader import Reader
from ...router.records import Ticket
from ...router.sight import admits
from ...router.stored_ticket import StoredTicket
from ...web.tokens import Principal
from .audit import Act, Audit
from .authority import Authority, authority_of
from .table import ENTRIES, Entry


class Access:
    """Decides for one desk."""

    def __init__(
        self, policy: CurrentPolicy, reader: Reader, audit: Audit, held_replies: HeldReplies | None = None
    ) -> None:
        self._policy = policy
        self._reader = reader
        self._audit = audit
        self._held_replies = held_replies

    def of(self, principal: Principal) -> Authority:
        """What the principal may now."""
        return authority_of(principal, self._policy().settings)

    async def guard(self, principal: Principal, address: str, named: Mapping[str, str]) -> None:
        """Whether this may be asked of what is named. Raises Forbidden, NotFound."""
        entry, authority = ENTRIES.get(address), self.of(principal)
        if entry is None:
            raise Forbidden(f"desk/access/table.py does not say who may do this: {address}")
        await self._demand_verb(authority, entry, address)
        if authority.sight is not None and entry.of and named.get(entry.name):
            ticket = await self._demand_sight(authority, entry.of, named[entry.name])
            if ticket is not None and entry.verb == "work":
                await self.demand_case(principal, ticket)

    async def ticket(self, principal: Principal, named: str) -> StoredTicket:
        """A ticket that is seen, by id or number. Raises NotFound."""
        stored = await self._reader.ticket(named)
        if not await self._sees(self.of(principal), stored.record):
            raise NotFound(f"there is no ticket {named}")
        return stored

    async def demand_case(self, principal: Principal, ticket: Ticket) -> None:
        """Whether they see what stands for this ticket, which changes with it. Raises Forbidden."""
        sight = self.of(principal).sight
        if sight is None or ticket.merged_into is None:
            return
        if not sight.admits((await self._reader.ticket(ticket.merged_into)).record):
            raise Forbidden(f"{ticket.number} is merged into a ticket in another queue; who works there may do this")

    async def demand_merge(self, principal: Principal, named: str, into: str) -> None:
        """Whether they see the other ticket of a merge, and what stands for either, which a refusal would name.

        Raises NotFound, Forbidden.
        """
        for each in (named, into):
            await self.demand_case(principal, (await self.ticket(principal, each)).record)

    async def demand_suggested(self, principal: Principal, named: str) -> None:
        """Whether they see the ticket from which this one seems to go on. Raises NotFound."""
        goes_on = (await self._reader.ticket(named)).record.goes_on
        if goes_on is not None:
            await self.ticket(principal, goes_on.ticket)

    async def sees_article(self, principal: Principal, article: str) -> bool:
        """Whether the ticket of an article is seen."""
        ticket = await self._ticket_of("article", article)
        return ticket is not None and await self._sees(self.of(principal), ticket)

    async def demand_assign(self, principal: Principal, ticket: Ticket, *, force: bool, reason: str = "") -> None:
        """Whether they may give this ticket to somebody: one of another's only who leads. Raises Forbidden.

        It is judged by who has the ticket, so the act names `holder_of` this one.
        """
        authority = self.of(principal)
        if force:
            await self._demand_lead(authority, "force", ticket, reason)
        elif holder_of(ticket) not in ("", authority.agent):
            await self._demand_lead(authority, "reassign", ticket, reason)

    async def demand_release(self, principal: Principal, ticket: Ticket, agent: str, reason: str = "") -> None:
        """Whether they may give back what this agent has. Raises Forbidden."""
        authority = self.of(principal)
        if authority.agent and agent != authority.agent:
            if authority.role is None:
                raise _speaks_for(authority)
            await self._demand_lead(authority, "release", ticket, reason)

    async def demand_move(self, principal: Principal, ticket: Ticket, queue: str | None) -> None:
        """Whether they may move this ticket, which takes it from whoever has it. Raises Forbidden."""
        authority = self.of(principal)
        if queue not in (None, ticket.queue) and ticket.assignee not in (None, authority.agent):
            await self._demand_lead(authority, "move", ticket)

    async def demand_presence(self, principal: Principal, agent: str) -> None:
        """Whether they may say how this agent is: for others, who leads in one of their queues. Raises Forbidden."""
        authority = self.of(principal)
        if authority.agent in ("", agent):
            return
        if authority.role is None:
            raise _speaks_for(authority)
        leads = any(authority.leads_queue(queue) for queue in self._policy().settings.agents[agent].queues)
        if not (leads or authority.may("administer")):
            await self._audit.refused(authority, "presence", f"agent:{agent}")
            raise Forbidden(f"only who leads a team of {agent} may say how they are")
        await self._audit.allowed(authority, "presence", f"agent:{agent}")

    async def _demand_verb(self, authority: Authority, entry: Entry, address: str) -> None:
        if not authority.may(entry.verb):
            if entry.verb == "administer":
                await self._audit.refused(authority, "administer", address)
            raise Forbidden(f"this needs another role than {authority.role or 'none'}: ask an administrator")
        if entry.verb == "administer" and self._policy().settings.is_governed:
            await self._audit.allowed(authority, "administer", address)

    async def _demand_sight(self, authority: Authority, kind: str, named: str) -> Ticket | None:
        """The ticket of what is named; None for what has none. Raises NotFound."""
        ticket = await self._ticket_of(kind, named)
        if kind == "held" and ticket is None:
            return None
        if ticket is None or not await self._sees(authority, ticket):
            raise NotFound(_NOT_THERE[kind].format(named))
        return ticket

    async def _ticket_of(self, kind: str, named: str) -> Ticket | None:
        id_: str | None = named
        if kind == "article":
            stored = await self._reader.stored_article(named)
            id_ = stored.record.ticket if stored else None
        elif kind == "held":
            id_ = await self._held_replies.ticket_of(named) if self._held_replies else None
        return (await self._reader.ticket(id_)).record if id_ else None

    async def _sees(self, authority: Authority, ticket: Ticket) -> bool:
        if admits(authority.sight, ticket):
            return True
        return ticket.merged_into is not None and admits(
            authority.sight, (await self._reader.ticket(ticket.merged_into)).record
        )

    async def _demand_lead(self, authority: Authority, act: Act, ticket: Ticket, reason: str = "") -> None:
        more = {"reason": reason} if reason else {}
        if not authority.may_force(ticket.queue):
            await self._audit.refused(authority, act, ticket.number, **more)
            raise Forbidden(f"{_WORDS[act]}; whoever leads in the queue {ticket.queue} may")
        if self._policy().settings.is_governed:
            await self._audit.allowed(authority, act, ticket.number, **more)


_NOT_THERE = {
    "ticket": "there is no ticket {}",
    "article": "there is no article {}",
    "held": "there is no such reply",
}

_WORDS: Mapping[Act, str] = {
    "force": "you may not assign beyond a capacity",
    "reassign": "you may not give away what a colleague has",
    "release": "you may not give back what a colleague has",
    "move": "you may not move what a colleague has",
}


def _speaks_for(authority: Authority) -> Forbidden:
    return Forbidden(f"this token speaks for {authority.agent} and for nobody else")
