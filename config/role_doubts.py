"""What a configuration says of teams and roles that is hardly meant; `trunkline check` tells it beside `lint`."""

from collections.abc import Iterator

from .findings import Finding
from .settings import Settings


def role_doubts(settings: Settings) -> Iterator[Finding]:
    """Auditors who are offered work, teams of nobody, and macros for nobody."""
    for name, agent in settings.agents.items():
        if agent.role == "auditor" and agent.queues:
            message = f"{name} is an auditor, who changes nothing, and is offered what comes to {agent.queues[0]}"
            position = settings.where("agents", name, "role")
            yield Finding(position, "error", message, "give another role, or take them out of the queues and teams")
    for name, team in settings.teams.items():
        if not (team.members or team.leads):
            message = f"the team {name} has neither members nor leads"
            yield Finding(settings.where("teams", name), "warning", message, "name its `members`, or remove it")
    yield from _macros(settings)


def _macros(settings: Settings) -> Iterator[Finding]:
    for name, macro in settings.macros.items():
        position = settings.where("macros", name, "for")
        if macro.for_ is None or not macro.for_.roles:
            continue
        if not settings.is_governed:
            message = f"nobody has a role on this desk, so everybody uses the macro {name}"
            yield Finding(position, "warning", message, "give agents a `role`, or leave `roles` out")
        elif macro.for_.roles == ("auditor",) and not macro.for_.teams:
            message = f"an auditor changes nothing, so only administrators use the macro {name}"
            yield Finding(position, "error", message, "name another role")
