"""What a configuration says of teams and roles that is hardly meant; `trunkline check` tells it beside `lint`."""

from collections.abc import Iterator

from .findings import Finding
from .settings import Settings


def role_doubts(settings: Settings) -> Iterator[Finding]:
    """Auditors who are offered work, and teams of nobody."""
    for name, agent in settings.agents.items():
        if agent.role == "auditor" and agent.queues:
            message = f"{name} is an auditor, who changes nothing, and is offered what comes to {agent.queues[0]}"
            position = settings.where("agents", name, "role")
            yield Finding(position, "error", message, "give another role, or take them out of the queues and teams")
    for name, team in settings.teams.items():
        if not (team.members or team.leads):
            message = f"the team {name} has neither members nor leads"
            yield Finding(settings.where("teams", name), "warning", message, "name its `members`, or remove it")
