"""What triggers and macros can hardly mean: some never fire, some undo each other, some steps cannot be taken.

Two triggers that set each other off are stopped when they run (router/rule_runner.py), so that is a warning. Of more
than two that go round in a circle nothing is said here; they are stopped all the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from .desk_settings import AgentSettings
from .findings import Finding
from .implication import Leaf, asks_for_what_rules_change, contradictory, implies, parts_of
from .quantities import format_duration
from .rule_actions import StepSettings
from .settings import Settings
from .trigger_settings import TriggerSettings

_SET_OFF: Mapping[str, str] = {"queue": "queue", "status": "status", "assignee": "assigned", "priority": "changed"}
"""What a step sets, and the event that this is."""

_MOST = 500  # triggers that set the same and wait for it; more are not compared with each other


def lint_triggers(settings: Settings) -> Iterator[Finding]:
    """What triggers and macros can hardly mean."""
    for number, trigger in enumerate(settings.triggers):
        yield from _fires(settings, number, trigger)
        asked = _asked(trigger, "queue") or ()
        yield from _steps(settings, ("triggers", number), trigger.then, asked)
    for name, macro in settings.macros.items():
        yield from _steps(settings, ("macros", name), macro.then, ())
    for what, event in _SET_OFF.items():
        yield from _fights(settings, what, event)


def _asked(trigger: TriggerSettings, name: str) -> Sequence[Any] | None:
    """The values of which one must be; None where nothing is asked."""
    leaves = (part for part in parts_of(trigger.when) if isinstance(part, Leaf) and part.name == name)
    return next((leaf.value if isinstance(leaf.value, tuple) else (leaf.value,) for leaf in leaves), None)


def _fires(settings: Settings, number: int, trigger: TriggerSettings) -> Iterator[Finding]:
    cause = "its conditions exclude each other" if contradictory(parts_of(trigger.when)) else ""
    key, remedy = "when", ""
    if trigger.in_ and trigger.after is not None and not cause:
        key = "after"
        cause, remedy = _too_late(settings, trigger, trigger.in_, trigger.after)
    if cause:
        message = f'the trigger "{trigger.name}" never fires: {cause}'
        yield Finding(settings.where("triggers", number, key), "error", message, remedy)
    if trigger.in_ == ("closed",) and trigger.then.status not in (None, "closed"):
        message = "a closed ticket stays closed, so it cannot be moved"
        yield Finding(settings.where("triggers", number, "then", "status"), "error", message, "leave `status` out")


def _too_late(
    settings: Settings, trigger: TriggerSettings, statuses: Sequence[str], after: timedelta
) -> tuple[str, str]:
    """Why a ticket is never for so long in this status, and what to do."""
    asked = _asked(trigger, "status")
    if asked is not None and set(asked).isdisjoint(statuses):
        return f"it asks for the status {' or '.join(asked)} while it is {' or '.join(statuses)}", "correct one of them"
    names = _asked(trigger, "queue") or tuple(settings.queues)
    closing = [settings.queues[name].close_after for name in names if name in settings.queues]
    if set(statuses) == {"solved"} and closing and all(timedelta() < each < after for each in closing):
        words = f"a solved ticket is closed after {format_duration(max(closing))}"
        return words, "lower `after`, or raise `close_after` of the queue"
    for other in settings.triggers:
        if other is not trigger and _ends(other, trigger, statuses, after):
            words = f'"{other.name}" has ended the status after {format_duration(other.after or timedelta())}'
            return words, "let one of them wait for another time"
    return "", ""


def _ends(other: TriggerSettings, trigger: TriggerSettings, statuses: Sequence[str], after: timedelta) -> bool:
    """Whether the other one has moved every such ticket before."""
    if other.after is None or other.after >= after or not set(statuses) <= set(other.in_ or ()):
        return False
    if other.then.status is None or other.then.status in statuses:
        return False
    taken = parts_of(other.when)
    return not asks_for_what_rules_change(taken) and implies(parts_of(trigger.when), taken)


def _steps(
    settings: Settings, path: tuple[str | int, ...], then: StepSettings, asked: Sequence[str]
) -> Iterator[Finding]:
    """Steps that cannot be taken, or that leave a ticket lying."""

    def finding(key: str, message: str, remedy: str) -> Finding:
        return Finding(settings.where(*path, "then", key), "error", message, remedy)

    agent = settings.agents.get(then.assignee or "")
    if agent is not None and not agent.capacity:
        yield finding("assignee", f"{then.assignee} has a capacity of 0, so never room for it", "name somebody else")
    if then.status == "new":
        yield finding("status", "no ticket becomes new again", "write open, where it waits for an agent")
    if then.notify and not then.notify.addresses and not any(map(_email(settings), then.notify.agents)):
        names = ", ".join(then.notify.agents)
        yield finding("notify", f"nobody is told, for no address is known of {names}", "add `email` to the agent")
    if both := set(then.tags) & set(then.remove_tags):
        yield finding("remove_tags", f"the tag {sorted(both)[0]} is added and taken away", "leave one of them out")
    queues = (then.queue,) if then.queue else asked or tuple(settings.queues)
    waits = all(settings.queues[queue].may_wait for queue in queues if queue in settings.queues)
    if (
        then.require_skills
        and not waits
        and not any(_serves(each, queues, then.require_skills) for each in settings.agents.values())
    ):
        skills = ", ".join(then.require_skills)
        message = f"nobody in {' or '.join(queues)} has all of {skills}: such a ticket is offered to nobody"
        yield finding("require_skills", message, "give them to an agent, or write `prefer_skills`")


def _email(settings: Settings) -> Any:
    return lambda name: name in settings.agents and settings.agents[name].email


def _serves(agent: AgentSettings, queues: Sequence[str], skills: Sequence[str]) -> bool:
    wanted = (skill.partition("@") for skill in skills)
    able = all(agent.skills.get(name, 0) >= int(level or 1) for name, _, level in wanted)
    return able and bool(agent.capacity) and not set(queues).isdisjoint(agent.queues)


def _fights(settings: Settings, what: str, event: str) -> Iterator[Finding]:
    """Triggers each of which undoes what the other has set, and is set off by it."""
    setting = [
        (number, trigger, getattr(trigger.then, what))
        for number, trigger in enumerate(settings.triggers)
        if getattr(trigger.then, what) is not None and event in (trigger.event or ())
    ]
    asked = {number: _asked(trigger, what) for number, trigger, _ in setting[:_MOST]}
    for at, (number, trigger, value) in enumerate(setting[:_MOST]):
        for other_number, other, other_value in setting[:at]:
            if value == other_value or not _meets(value, asked[other_number]) or not _meets(other_value, asked[number]):
                continue
            rest = [each for one in (trigger, other) for each in parts_of(one.when) if not _is(each, what)]
            if not contradictory(tuple(rest)):
                message = f'the triggers "{other.name}" and "{trigger.name}" set each other off: {what} {other_value}, '
                remedy = "let them ask for what excludes each other"
                yield Finding(settings.where("triggers", number), "warning", f"{message}{what} {value}", remedy)


def _meets(value: Any, asked: Sequence[Any] | None) -> bool:
    return asked is None or value in asked


def _is(part: Any, name: str) -> bool:
    return isinstance(part, Leaf) and part.name == name
