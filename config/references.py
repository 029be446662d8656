"""References between the parts of a configuration: every queue, channel and calendar that is named must be there.

It looks at the file as read, before it is known to be right, so that these mistakes are told together with all others.
What is not of the right kind is passed over here, and told elsewhere.
"""

from collections.abc import Collection, Iterator
from difflib import get_close_matches
from typing import Any

from .positions import Document, Where, inside
from .problems import Problem, shown
from .sla_settings import HOUSE

Found = tuple[Where, str]


def dangling(document: Document, channels: Collection[str]) -> Iterator[Problem]:
    """Names that lead nowhere, and the fallback queue when there is not exactly one."""
    data = document.data if isinstance(document.data, dict) else {}
    queues, calendars = _names(data.get("queues")), _names(data.get("calendars"))
    yield from _unknown(document, _queue_names(data), "queue", queues)
    teams = [found for part in ("teams", "leads") for found in _texts(data, ("sign_in", "groups", "*", part))]
    teams += _texts(data, ("macros", "*", "for", "teams"))
    yield from _unknown(document, iter(teams), "team", _names(data.get("teams")))
    yield from _unknown(document, _agent_names(data), "agent", _names(data.get("agents")))
    canned = _names(data.get("canned_replies"))
    replies = (found for path, then in _steps(data) for found in _texts(then, ("reply",), path))
    yield from _unknown(document, replies, "canned reply", canned)
    yield from _unknown(document, _channel_names(data), "channel", channels)
    yield from _unknown(document, _calendar_names(data), "calendar", calendars)
    clocks = {name for _, targets in _select(data, ("sla", "*", "targets")) for name in _names(targets)}
    yield from _unknown(document, _clock_names(data), "clock", clocks - _THEIRS)
    hooks = [*_texts(data, ("sla", "*", "escalation", "*", "webhook"))]
    hooks += [found for path, then in _steps(data) for found in _texts(then, ("webhook",), path)]
    yield from _unknown(document, iter(hooks), "webhook", _names(data.get("webhooks")))
    for kind in ("customer", "ticket"):
        own = _names(data.get(f"{kind}_fields"))
        yield from _unknown(document, _field_names(data, kind), f"{kind} field", own)
    yield from _fallback(document, data.get("queues"))
    yield from _without_queues(document, data)
    yield from _same_names(document, data, "rules")
    yield from _same_names(document, data, "triggers")


def _names(section: Any) -> tuple[str, ...]:
    return tuple(section) if isinstance(section, dict) else ()


def _unknown(document: Document, found: Iterator[Found], kind: str, known: Collection[str]) -> Iterator[Problem]:
    for path, name in found:
        if name not in known:
            close = get_close_matches(name, known, n=1)
            article = "an" if kind[0] in "aeiou" else "a"
            expected = f"{article} {kind} that is configured ({', '.join(sorted(known)) or 'there is none'})"
            remedy = f"did you mean {close[0]}?" if close else f"add the {kind}, or correct the name"
            position = document.positions.of(path)
            yield Problem(position, f"the {kind} {shown(name)}", expected, remedy)


def _queue_names(data: Any) -> Iterator[Found]:
    yield from _texts(data, ("agents", "*", "queues"))
    yield from _texts(data, ("teams", "*", "queues"))
    yield from _texts(data, ("macros", "*", "for", "queues"))
    yield from _texts(data, ("sla", "*", "when", "queue"))
    yield from _texts(data, ("sla", "*", "escalation", "*", "queue"))
    for path, channels in _select(data, ("desk", "slack", "teams", "*", "channels")):
        yield from (((*path, queue), str(queue)) for queue in _names(channels))
    for path, then in _steps(data):
        yield from _texts(then, ("queue",), path)
    for path in _TESTS:
        yield from _texts(data, (*path, "expect", "queue"))
    for path, condition in _conditions(data):
        yield from _texts(condition, ("queue",), path)


def _agent_names(data: Any) -> Iterator[Found]:
    asked = [*_conditions(data), *_steps(data)]
    named = (found for path, each in asked for found in _texts(each, ("assignee",), path))
    yield from ((at, name) for at, name in named if name != "none")
    for path, then in _steps(data):
        yield from _texts(then, ("notify", "agents"), path)
    yield from _team_members(data)


def _team_members(data: Any) -> Iterator[Found]:
    for whom in ("members", "leads"):
        yield from _texts(data, ("teams", "*", whom))


def _channel_names(data: Any) -> Iterator[Found]:
    for section in (("handling",), ("undo",), ("agents", "*", "channel_capacity")):
        for path, value in _select(data, section):
            if isinstance(value, dict):
                yield from (((*path, key), key) for key in value)
    yield from _texts(data, ("sla", "*", "when", "channel"))
    for path in _TESTS:
        yield from _texts(data, (*path, "given", "channel"))
    for path, condition in _conditions(data):
        yield from _texts(condition, ("channel",), path)


def _calendar_names(data: Any) -> Iterator[Found]:
    yield from _texts(data, ("channels", "*", "*", "calendar"))
    yield from _texts(data, ("sla", "*", "calendar"))
    yield from _texts(data, ("agents", "*", "shifts"))
    for path, condition in _conditions(data):
        hours = condition.get("hours")
        if isinstance(hours, dict):
            yield from (((*path, "hours", key), key) for key in hours)


_THEIRS = {*HOUSE, "resolution"}


def _clock_names(data: Any) -> Iterator[Found]:
    """Clocks of one's own that rules begin and stop; that others do so by themselves is told elsewhere."""
    for path, then in _steps(data):
        yield from (found for found in _texts(then, ("clocks", "*"), path) if found[1] not in _THEIRS)


_FACTS = {"known", "segment", "company"}


def _field_names(data: Any, kind: str) -> Iterator[Found]:
    """Fields of customers or tickets that rules and their tests ask for."""
    if kind == "customer":
        yield from ((path, "region") for path, _ in _select(data, ("sla", "*", "when", "region")))
    asked = [((*path, kind), condition.get(kind)) for path, condition in _conditions(data)]
    if kind == "ticket":
        asked += [found for path, then in _steps(data) for found in _select(then, ("fields",), path)]
    asked += [found for path in _TESTS for found in _select(data, (*path, "given", kind))]
    for path, fields in asked:
        if isinstance(fields, dict):
            yield from (((*path, name), name) for name in fields if kind == "ticket" or name not in _FACTS)


_TESTS: tuple[Where, ...] = (("rules", "*", "tests", "*"), ("rule_tests", "*"), ("triggers", "*", "tests", "*"))
_STEPS: tuple[Where, ...] = (("rules", "*", "then"), ("triggers", "*", "then"), ("macros", "*", "then"))


def _steps(data: Any) -> Iterator[tuple[Where, Any]]:
    """What rules, triggers and macros do."""
    return (found for pattern in _STEPS for found in _select(data, pattern))


def _conditions(data: Any) -> Iterator[tuple[Where, dict[str, Any]]]:
    """Every condition of every rule, also those inside others."""
    waiting = [found for kind in ("rules", "triggers") for found in _select(data, (kind, "*", "when"))]
    while waiting:
        path, condition = waiting.pop()
        if isinstance(condition, dict):
            yield path, condition
            for inner in (("any", "*"), ("all", "*"), ("not",)):
                waiting.extend(_select(condition, inner, path))


def _select(data: Any, pattern: Where, path: Where = ()) -> Iterator[tuple[Where, Any]]:
    """Everything at a path in which `*` means every key or item."""
    if not pattern:
        yield path, data
        return
    part, rest = pattern[0], pattern[1:]
    for key, value in inside(data):
        if part in ("*", key):
            yield from _select(value, rest, (*path, key))


def _texts(data: Any, pattern: Where, path: Where = ()) -> Iterator[Found]:
    """The texts at a path, whether one stands there or a list of them."""
    for at, value in _select(data, pattern, path):
        items = enumerate(value) if isinstance(value, list) else ()
        yield from (((*at, index), item) for index, item in items if isinstance(item, str))
        if isinstance(value, str):
            yield at, value


def _fallback(document: Document, queues: Any) -> Iterator[Problem]:
    if not isinstance(queues, dict) or not queues:
        return
    chosen = [path for path, value in _select(queues, ("*", "fallback"), ("queues",)) if _is_true(value)]
    expected = "exactly one queue with `fallback: true`, for what no rule has placed"
    if not chosen:
        yield Problem(document.positions.of_key(("queues",)), "no fallback queue", expected, "mark one of them")
    for path in chosen[1:]:
        yield Problem(document.positions.of(path), "a second fallback queue", expected, "leave one of them")


def _without_queues(document: Document, data: Any) -> Iterator[Problem]:
    """Agents who would never be offered anything, nor see anything, for want of a queue."""
    in_teams = {name for _, name in _team_members(data)}
    for path, agent in _select(data, ("agents", "*")):
        if not isinstance(agent, dict) or agent.get("queues") or agent.get("role") in ("admin", "auditor"):
            continue
        if path[-1] not in in_teams:
            found, remedy = f'no "queues" in agents.{path[-1]}', "name the agent in a team, or give the role admin"
            expected = '"queues": The queues whose tickets are offered to them'
            yield Problem(document.positions.of((*path, "queues")), found, expected, remedy)


def _is_true(value: object) -> bool:
    """As pydantic reads a switch."""
    return isinstance(value, str) and value.lower() in {"true", "yes", "on", "1", "t", "y"}


def _same_names(document: Document, data: Any, kind: str) -> Iterator[Problem]:
    seen: dict[str, Where] = {}
    for path, name in _texts(data.get(kind), ("*", "name"), (kind,)):
        if name in seen:
            first = document.positions.of(seen[name])
            remedy = f"the rule in line {first.line} has it, and explanations tell rules by their names"
            position = document.positions.of(path)
            yield Problem(position, f"the rule name {shown(name)} again", "a name of its own", remedy)
        seen.setdefault(name, path)
