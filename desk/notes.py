"""Notes that agents write for each other, for every face; a colleague whom one names, as `@boris`, is told.

Who does not see the ticket cannot be told, so such a note is refused and says what helps.
"""

from ..config.errors import Invalid
from ..router.actions import Actions
from ..router.mentions import Mentions, mentioned
from ..router.policy import CurrentPolicy
from ..router.records import Ticket
from ..router.sight import admits
from ..router.ticket_requests import Writing
from ..web.tokens import Principal
from .access.authority import authority_of


class Notes:
    """Writes them."""

    def __init__(self, actions: Actions, mentions: Mentions, policy: CurrentPolicy) -> None:
        self._actions = actions
        self._mentions = mentions
        self._policy = policy

    async def write(self, ticket: Ticket, writing: Writing) -> str:
        """The id of the article. Raises Invalid for a colleague who does not see the ticket."""
        agents = self._told(ticket, writing)
        article = await self._actions.note(ticket.id, writing)
        if agents:
            await self._mentions.tell(ticket.id, agents, actor=writing.actor)
        return article

    def _told(self, ticket: Ticket, writing: Writing) -> list[str]:
        settings = self._policy().settings
        agents = [name for name in mentioned(writing.text, settings.agents) if f"agent:{name}" != writing.actor]
        for name in agents:
            principal = Principal(name=name, scopes=frozenset(), agent=name)
            if not admits(authority_of(principal, settings).sight, ticket):
                words = f"{settings.agent_names[name]} does not see tickets in {ticket.queue}"
                raise Invalid(f"{words}; name somebody who does, or assign it to them", field="text")
        return agents
