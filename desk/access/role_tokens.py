"""Tokens of agents, with the scopes that the agent's role has now.

A token that was made with all that agents need (`trunkline token create --agent`) has what the role has; one that was
made with fewer scopes has those of them that the role has. The token of an agent who is no longer in the configuration
is not known. On a desk without roles a token has what it was made with.
"""

from collections.abc import Mapping
from dataclasses import replace

from ...config.team_settings import Role
from ...router.policy import CurrentPolicy
from ...web.tokens import Principal, Tokens
from ..stores.token_store import AGENT_SCOPES
from .authority import role_of

SCOPES: Mapping[Role, frozenset[str]] = {
    "agent": frozenset(AGENT_SCOPES),
    "lead": frozenset(AGENT_SCOPES),
    "auditor": frozenset({"tickets:read", "agents:read", "feed:read", "audit"}),
    "admin": frozenset({*AGENT_SCOPES, "admin"}),
}


class RoleTokens:
    """The tokens of another store, limited by role; a `Tokens`."""

    def __init__(self, tokens: Tokens, policy: CurrentPolicy) -> None:
        self._tokens = tokens
        self._policy = policy

    async def principal(self, digest: str) -> Principal | None:
        """Whose token has this digest, with what it may now."""
        found = await self._tokens.principal(digest)
        return None if found is None else self.limited(found)

    def limited(self, principal: Principal) -> Principal | None:
        """The principal as the configuration in force has it; None for an agent who is not in it."""
        settings, agent = self._policy().settings, principal.agent
        if agent is None:
            return principal
        if agent not in settings.agents:
            return None
        if not settings.is_governed:
            return principal
        allowed = SCOPES[role_of(agent, settings, principal.groups)]
        whole = principal.scopes.issuperset(AGENT_SCOPES)
        return replace(principal, scopes=allowed if whole else principal.scopes & allowed)
