"""What somebody may see and do, from their token and the configuration in force. Pure, and asked anew for each request,
so that a change of role or team holds at once.

`VERBS` is the table of roles. A token that is nobody's own has no role: its scopes say what it may do, and it sees
everything. On a desk without roles and teams every agent sees everything and may force; how somebody is they say only
for themselves.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal, get_args

from ...config.settings import Settings
from ...config.sign_in_settings import GroupSettings
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
    teams: frozenset[str] = frozenset()
    """Those of which they are members or which they lead."""
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


_RANK: Mapping[Role, int] = {"agent": 0, "lead": 1, "auditor": 2, "admin": 3}


def role_of(agent: str, settings: Settings, groups: AbstractSet[str] = frozenset()) -> Role:
    """The role of an agent of the configuration, on a desk that has roles; of several the last of `_RANK`.

    `groups` are those of an identity provider, which can give a role and teams to lead.
    """
    given = [group.role for group in _meant(settings, groups) if group.role]
    leads = led_queues(agent, settings.teams) or any(group.leads for group in _meant(settings, groups))
    written = settings.agents[agent].role or "agent"
    return max([written, "lead" if leads else "agent", *given], key=_RANK.__getitem__)


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
    role = role_of(agent, settings, principal.groups)
    everything = role in ("admin", "auditor")
    led = _led(agent, role, settings, principal.groups)
    through = (name for group in _meant(settings, principal.groups) for name in group.teams)
    seen = frozenset(settings.agents[agent].queues) | _queues_of(through, settings) | (led or frozenset())
    sight = None if everything else Sight(queues=seen, agent=agent)
    teams = _teams(agent, settings, principal.groups)
    return Authority(who=who, agent=agent, role=role, verbs=VERBS[role], sight=sight, teams=teams, leads=led)


def _teams(agent: str, settings: Settings, groups: AbstractSet[str]) -> frozenset[str]:
    written = [name for name, team in settings.teams.items() if agent in (*team.members, *team.leads)]
    through = [name for group in _meant(settings, groups) for name in (*group.teams, *group.leads)]
    return frozenset((*written, *through))


def _led(agent: str, role: Role, settings: Settings, groups: AbstractSet[str]) -> frozenset[str] | None:
    if role == "admin":
        return None
    meant = _meant(settings, groups)
    is_lead = "lead" in (settings.agents[agent].role, *(group.role for group in meant))
    own = settings.agents[agent].queues if is_lead else ()
    through = _queues_of((name for group in meant for name in group.leads), settings)
    return led_queues(agent, settings.teams) | through | frozenset(own)


def _meant(settings: Settings, groups: AbstractSet[str]) -> list[GroupSettings]:
    """What the configuration says of these groups."""
    known = settings.sign_in.groups if settings.sign_in else {}
    return [known[name] for name in sorted(groups) if name in known]


def _queues_of(teams: Iterable[str], settings: Settings) -> frozenset[str]:
    return frozenset(queue for team in teams for queue in settings.teams[team].queues)
