"""Who acts: the agent for whom something is done, and the name that stands for the caller in the feed.

A token that is bound to an agent acts as that agent and as nobody else. Another token names the agent.
"""

from ..config.errors import Forbidden, Invalid
from ..web.operations import Call
from ..web.problem import FieldError, invalid
from ..web.tokens import Principal


def actor_of(principal: Principal) -> str:
    """Who did it, as the feed says: `agent:ada` or `token:crm`."""
    return f"agent:{principal.agent}" if principal.agent else f"token:{principal.name}"


def own_key(principal: Principal, key: str | None) -> str | None:
    """A caller's key, apart from everybody else's: by it a repeat has no second effect. None without one."""
    return f"{principal.name}\x1f{key}" if key else None


def key_of(call: Call) -> str | None:
    """The caller's Idempotency-Key as `own_key`."""
    return own_key(call.principal, call.idempotency_key)


def acting_agent(principal: Principal, named: str | None) -> str | None:
    """The agent for whom the caller acts; None when neither token nor request says. Raises Forbidden."""
    if principal.agent is None:
        return named
    if named not in (None, principal.agent):
        raise Forbidden(f"this token speaks for {principal.agent} and for nobody else")
    return principal.agent


def agent_missing(detail: str) -> Invalid:
    """The refusal of a request that needs an agent and has none."""
    return invalid([FieldError(place="body", field="agent", detail=detail)])
