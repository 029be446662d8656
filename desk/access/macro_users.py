"""Who may use which macro, and with which tickets: `for` of a macro. Pure.

Roles and teams say who, queues with which tickets. An administrator, a token that is nobody's own, and everybody on a
desk without roles, use every macro; the queues hold for them too.
"""

from collections.abc import Sequence

from ...config.trigger_settings import MacroSettings
from .authority import Authority


def not_theirs(name: str, macro: MacroSettings, authority: Authority) -> str:
    """Why they may not use this macro at all, in a sentence; empty when they may."""
    users = macro.for_
    if users is None or authority.role in (None, "admin") or not (users.roles or users.teams):
        return ""
    if authority.role in users.roles or not authority.teams.isdisjoint(users.teams):
        return ""
    whose = [*(f"the role {role}" for role in users.roles), *(f"the team {team}" for team in users.teams)]
    return f"the macro {name} is for {_or(whose)}"


def not_here(name: str, macro: MacroSettings | None, queue: str) -> str:
    """Why it is not used with a ticket of this queue, in a sentence; empty when it is."""
    queues = macro.for_.queues if macro and macro.for_ else ()
    return f"the macro {name} is for tickets in {_or(queues)}" if queues and queue not in queues else ""


def _or(words: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))
