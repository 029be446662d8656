"""Conditions about files, numbers, the customer's history, and how the ticket is.

Queue, priority and tags are those of the moment: a rule sees what rules before it have decided for the same message.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from functools import partial

from ..config.quantities import format_duration
from ..config.rule_settings import AttachmentCondition, ConditionSettings
from ..normalizer.folding import fold
from .condition import Condition, field_conditions_of, listed
from .facts import FileFacts
from .rule_index import Need
from .vocabulary import View

_STATE: dict[str, Callable[[View], Iterable[str]]] = {
    "status": lambda view: [view.facts.state.status],
    "queue": lambda view: [view.queue] if view.queue else [],
    "priorities": lambda view: [str(view.priority)] if view.priority else [],
    "tags": lambda view: view.tags,
    "assignee": lambda view: [view.facts.state.assignee or "none"],
    "by": lambda view: [view.facts.state.by],
}


def of_state(settings: ConditionSettings) -> Iterator[Condition]:
    """What is asked of files, counts and history, and of the ticket as it is when the rule's turn comes."""
    if settings.attachment is not None:
        yield _file(settings.attachment)
    for name, asked in (settings.counts or {}).items():
        yield from field_conditions_of(f"counts.{name}", asked, partial(_count, name))
    for number, asked in (settings.history.asked if settings.history else {}).items():
        yield from field_conditions_of(f"history.{number}", asked, partial(_before, number))
    for key, get in _STATE.items():
        if (values := getattr(settings, key)) is not None:
            yield _is_now(key.replace("priorities", "priority"), list(map(str, values)), get)
    if settings.in_status_for is not None:
        yield _in_status_for(settings.in_status_for)


def _is_now(name: str, values: Sequence[str], get: Callable[[View], Iterable[str]]) -> Condition:
    wanted = frozenset(map(fold, values))
    return Condition(
        name=name,
        holds=lambda view: not wanted.isdisjoint(map(fold, get(view))),
        expected=listed(values),
        found=lambda view: listed(get(view)) or "none",
    )


def _in_status_for(least: timedelta) -> Condition:
    def there(view: View) -> timedelta:
        since = view.facts.state.status_since
        return timedelta() if since is None else timedelta(milliseconds=view.facts.at - since)

    return Condition(
        name="in_status_for",
        holds=lambda view: there(view) >= least,
        expected=f"at least {format_duration(least)}",
        found=lambda view: format_duration(timedelta(seconds=int(there(view).total_seconds()))),
    )


def _file(settings: AttachmentCondition) -> Condition:
    types, names = (_any_like(each) for each in (settings.type, settings.name))

    def fits(file: FileFacts) -> bool:
        large = settings.at_least is None or file.size >= settings.at_least
        small = settings.at_most is None or file.size <= settings.at_most
        return large and small and types(file.type) and names(file.name)

    return Condition(
        name="attachment",
        holds=lambda view: any(map(fits, view.facts.files)),
        expected=", ".join(f"{name} {_shown(value)}" for name, value in settings if value is not None),
        found=lambda view: listed(f"{each.name} ({each.type}, {each.size} bytes)" for each in view.facts.files),
        needs=[Need(fact="attachments", keys=frozenset({True}), has=lambda view: {view.facts.attachments})],
    )


def _any_like(patterns: Sequence[str] | None) -> Callable[[str], bool]:
    """Whether a text is one of these, in which * stands for anything; always, when there are none."""
    if patterns is None:
        return lambda _: True
    written = ("".join(".*" if letter == "*" else re.escape(letter) for letter in fold(each)) for each in patterns)
    like = re.compile("|".join(written), re.DOTALL)
    return lambda text: like.fullmatch(fold(text)) is not None


def _shown(value: object) -> str:
    return listed(value) if isinstance(value, tuple) else str(value)


def _count(name: str, view: View) -> int:
    facts = view.facts
    match name:
        case "attachments":
            return len(facts.files)
        case "recipients":
            return len(facts.recipients)
        case "words":
            return len(facts.text.split())
        case "links":
            return len(_LINK.findall(facts.text))
        case "messages":
            return facts.state.messages
    return facts.state.reopened


def _before(name: str, view: View) -> int | None:
    history = view.facts.history
    if name != "days_since":
        return int(getattr(history, name))
    return None if history.last_contact_at is None else (view.facts.at - history.last_contact_at) // _DAY_MS


_LINK = re.compile(r"https?://", re.IGNORECASE)
_DAY_MS = 86_400_000
