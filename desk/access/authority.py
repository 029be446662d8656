"""What somebody may see and do, from their token and the configuration in force. Pure, and asked anew for each request,
so that a change of role or team holds at once.

`VERBS` is the table of roles. A token that is nobody's own has no role: its scopes say what it may do, and it sees
everything. On a desk without roles and teams every agent sees everything and may force; how somebody is they say only
for themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from ...config.settings import Settings
from ...config.team_settings import Role, led_queues
from ...router.sight import Sight
from ...web.tokens import Principal

Verb = Literal["open", "own", "read", "work", "lead", "audit", "administer"]
"""open: anybody, signed in or not. own: what concerns nobody but themselves. read: tickets that they see, customers.
work: change these. lead: force, take work from others, say how others are. audit: read what is for administrators.
administer: change that."""

EVERYTHING: frozenset[Verb] = frozenset(get_args(Verb))
_AGENT: frozenset[Verb] = frozenset({"open", "own", "read", "work"})

VERBS: Mapping[Role, frozenset[Verb]] = {
    "agent": _AGENT,
    "lead": _AGENT | {"lead"},
    "auditor": frozenset({"open", "own", "read", "audit"}),
    "admin": EVERYTHING,
}


@dataclass(frozen=True, kw_only=True)
class Authority:
    """What somebody may now."""

    who: str
    """`agent:ada`, `token:crm`."""
    agent: str = ""
    role: Role | None = None
    """None for a token that is nobody's own, and on a desk without roles."""
    verbs: frozenset[Verb] = EVERYTHING
    sight: Sight | None = None
    """None sees everything."""
    leads: frozenset[str] | None = None
    """The queues in which they lead; None for all."""
    forces_anywhere: bool = False
    """Whether they may force where they do not lead: on a desk without roles."""

    def may(self, verb: Verb) -> bool:
        """Whether the role has it; for tickets of some queues only, `sight` and `leads` say of which."""
        return verb in self.verbs

    @property
    def queues(self) -> frozenset[str] | None:
        """The queues that they see; None for all."""
        return None if self.sight is None else self.sight.queues

    def sees_queue(self, queue: str) -> bool:
        """Whether they see what is in the queue."""
        return self.sight is None or queue in self.sight.queues

    def leads_queue(self, queue: str) -> bool:
        """Whether they lead there."""
        return self.may("lead") and (self.leads is None or queue in self.leads)

    def may_force(self, queue: str) -> bool:
        """Whether they may go beyond a capacity, and take work from others, in this queue."""
        return self.forces_anywhere or self.leads_queue(queue)


def role_of(agent: str, settings: Settings) -> Role:
    """The role of an agent of the configuration, on a desk that has roles."""
    written = settings.agents[agent].role
    if written in (None, "agent") and led_queues(agent, settings.teams):
        return "lead"
    return written or "agent"


def authority_of(principal: Principal, settings: Settings) -> Authority:
    """What this principal may under this configuration; an agent who is not in it, nothing."""
    agent = principal.agent
    if agent is None:
        return Authority(who=f"token:{principal.name}")
    who = f"agent:{agent}"
    if agent not in settings.agents:
        nothing = Sight(queues=frozenset(), agent=agent)
        return Authority(who=who, agent=agent, verbs=frozenset({"open"}), sight=nothing, leads=frozenset())
    if not settings.is_governed:
        return Authority(who=who, agent=agent, leads=frozenset(), forces_anywhere=True)
    role = role_of(agent, settings)
    everything = role in ("admin", "auditor")
    led = _led(agent, role, settings)
    seen = frozenset(settings.agents[agent].queues) | (led or frozenset())
    sight = None if everything else Sight(queues=seen, agent=agent)
    return Authority(who=who, agent=agent, role=role, verbs=VERBS[role], sight=sight, leads=led)


def _led(agent: str, role: Role, settings: Settings) -> frozenset[str] | None:
    if role == "admin":
        return None
    own = settings.agents[agent].queues if settings.agents[agent].role == "lead" else ()
    return led_queues(agent, settings.teams) | frozenset(own)
