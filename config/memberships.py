"""Who serves which queue: what an agent names, and what the teams of which they are a member serve."""

from collections.abc import Mapping

from .desk_settings import AgentSettings
from .team_settings import Teams


def with_team_queues(agents: Mapping[str, AgentSettings], teams: Teams) -> dict[str, AgentSettings]:
    """The agents, each with the queues of the teams of which they are members behind their own."""
    return {id_: _joined(id_, agent, teams) for id_, agent in agents.items()}


def _joined(id_: str, agent: AgentSettings, teams: Teams) -> AgentSettings:
    through = (queue for team in teams.values() if id_ in team.members for queue in team.queues)
    return agent.model_copy(update={"queues": tuple(dict.fromkeys((*agent.queues, *through)))})
