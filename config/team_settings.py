"""Teams and roles: who works in which queue, who leads it, and what somebody may do.

    teams:
      money: { members: [carla], leads: [ada], queues: [billing] }
    agents:
      dora: { name: Dora, role: admin }

A configuration that names neither a team nor a role is *open*: every agent sees and does everything that agents do, as
befits a desk where everybody does everything. As soon as it names one of them it is governed: an agent without a role
sees and works their own queues, and nothing else (desk/access/authority.py).
"""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from .fields import Name
from .section import Section

Role = Literal["agent", "lead", "admin", "auditor"]


class TeamSettings(Section):
    """One team."""

    description: str = Field(default="", description="What it is for, in a few words.")
    members: tuple[Name, ...] = Field(default=(), description="The agents who work in the team's queues.")
    leads: tuple[Name, ...] = Field(
        default=(),
        description="The agents who lead it: they see its queues, may force there, take work from one and give it to "
        "another, and say how its agents are. Only those who are members too are offered its tickets.",
    )
    queues: tuple[Name, ...] = Field(min_length=1, description="The queues that it serves.")


Teams = Mapping[Name, TeamSettings]


def led_queues(agent: str, teams: Teams) -> frozenset[str]:
    """The queues of the teams that the agent leads."""
    return frozenset(queue for team in teams.values() if agent in team.leads for queue in team.queues)
