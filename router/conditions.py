"""Conditions: what a rule's `when` means to a message.

Each key of the configuration becomes a `Condition` with a test and with the words to explain it; all keys of one
mapping must hold, a list of values means one of them. Addresses are compared as identity keys, other words under the
one fold; the rule's side is worked out when it is compiled, the message's side by the `View`, once for all rules, as is
whether a word or pattern of the `Vocabulary` is there.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import re2

from ..config.patterns import options
from ..config.rule_actions import GROUP
from ..config.rule_settings import ConditionSettings, CustomerCondition, SpamCondition
from ..normalizer.addresses import normalise_address, normalise_domain
from ..normalizer.folding import fold
from .condition import Condition, field_conditions_of, listed
from .rule_index import Need, either
from .state_conditions import of_state
from .vocabulary import Part, View, Vocabulary, composed_pattern


def compile_condition(settings: ConditionSettings, vocabulary: Vocabulary) -> Condition:
    """The condition of one mapping: all of its keys together."""
    of_message = [*_of_facts(settings), *of_state(settings), *_of_words(settings, vocabulary)]
    parts = [*of_message, *_of_conditions(settings, vocabulary)]
    return parts[0] if len(parts) == 1 else _all(parts)


def _all(parts: Sequence[Condition]) -> Condition:
    needs = [need for part in parts for need in part.needs]
    return Condition(name="all", holds=lambda view: all(part.holds(view) for part in parts), parts=parts, needs=needs)


def _any(parts: Sequence[Condition]) -> Condition:
    each = [part.needs[-1] for part in parts if part.needs]
    needs = [either(each)] if len(each) == len(parts) else []
    return Condition(name="any", holds=lambda view: any(part.holds(view) for part in parts), parts=parts, needs=needs)


def _not(part: Condition) -> Condition:
    return Condition(name="not", holds=lambda view: not part.holds(view), parts=(part,))


def _of_conditions(settings: ConditionSettings, vocabulary: Vocabulary) -> Iterator[Condition]:
    if settings.any_of is not None:
        yield _any([compile_condition(inner, vocabulary) for inner in settings.any_of])
    if settings.all_of is not None:
        yield _all([compile_condition(inner, vocabulary) for inner in settings.all_of])
    if settings.none_of is not None:
        yield _not(compile_condition(settings.none_of, vocabulary))


_FACTS: dict[str, Callable[[View], Iterable[str]]] = {
    "channel": lambda view: [view.facts.channel],
    "account": lambda view: [view.facts.account],
    "language": lambda view: [view.facts.language],
    "automation": lambda view: [view.facts.automation],
    "came_as": lambda view: [view.facts.came_as],
    "says": lambda view: [view.facts.says] if view.facts.says else [],
}
_ADDRESSES: dict[str, Callable[[View], Iterable[str]]] = {
    "recipient": lambda view: view.facts.recipients,
    "sender": lambda view: [view.facts.sender],
}


def _of_facts(settings: ConditionSettings) -> Iterator[Condition]:
    for name, get in _FACTS.items():
        if (values := getattr(settings, name)) is not None:
            yield _one_of(name, values, get)
    for name, get in _ADDRESSES.items():
        if (values := getattr(settings, name)) is not None:
            yield _address(name, values, get)
    if settings.assurance_at_least is not None:
        yield _assurance(settings.assurance_at_least)
    if settings.attachments is not None:
        yield _switch("attachments", settings.attachments, lambda view: view.facts.attachments)
    if settings.customer is not None:
        yield from _customer(settings.customer)
    if settings.spam is not None:
        yield from _spam(settings.spam)
    for name, asked in (settings.ticket or {}).items():
        yield from field_conditions_of(f"ticket.{name}", asked, _ticket_field(name))
    yield from (_hours(calendar, state) for calendar, state in (settings.hours or {}).items())


def _of_words(settings: ConditionSettings, vocabulary: Vocabulary) -> Iterator[Condition]:
    for name, parts in _PARTS.items():
        if (keywords := getattr(settings, f"{name}keywords")) is not None:
            numbers = {vocabulary.keyword(keyword): keyword for keyword in reversed(keywords)}
            yield _words(f"{name}keywords", numbers, parts, View.keywords, View.has_keyword)
        if (patterns := getattr(settings, f"{name}regex")) is not None:
            numbers = {vocabulary.pattern(pattern): pattern for pattern in reversed(patterns)}
            yield _words(f"{name}regex", numbers, parts, View.patterns, View.has_pattern)


def groups_of(settings: ConditionSettings) -> list[tuple[tuple[Part, ...], Any]]:
    """The patterns that have named groups, with the parts in which each looks; not those that must not match."""
    return [
        (parts, re2.compile(composed_pattern(pattern), options()))
        for path, condition in settings.each()
        if "not" not in path
        for name, parts in _PARTS.items()
        for pattern in getattr(condition, f"{name}regex") or ()
        if GROUP.search(pattern)
    ]


_PARTS: dict[str, tuple[Part, ...]] = {"": ("subject", "text"), "subject_": ("subject",), "text_": ("text",)}


def _words(
    name: str,
    numbers: dict[int, str],
    parts: tuple[Part, ...],
    look: Callable[[View, tuple[Part, ...]], frozenset[int]],
    has: Callable[[View, tuple[Part, ...], frozenset[int]], bool],
) -> Condition:
    wanted = frozenset(numbers)

    def found(view: View) -> str:
        there = sorted(numbers[number] for number in wanted & look(view, parts))
        return ", ".join(there) or "none of them"

    return Condition(
        name=name,
        holds=lambda view: has(view, parts, wanted),
        expected=listed(reversed(numbers.values())),
        found=found,
        needs=[Need(fact=name, keys=wanted, has=lambda view: look(view, parts), costly=name.endswith("regex"))],
    )


def _one_of(name: str, values: Sequence[str], get: Callable[[View], Iterable[str]]) -> Condition:
    wanted = frozenset(map(fold, values))
    return Condition(
        name=name,
        holds=lambda view: not wanted.isdisjoint(view.compared(name, get, fold)),
        expected=listed(values),
        found=lambda view: listed(get(view)),
        needs=[Need(fact=name, keys=wanted, has=lambda view: view.compared(name, get, fold))],
    )


def _switch(name: str, wanted: bool, get: Callable[[View], bool]) -> Condition:
    return Condition(
        name=name,
        holds=lambda view: get(view) is wanted,
        expected=_yes(wanted),
        found=lambda view: _yes(get(view)),
        needs=[Need(fact=name, keys=frozenset({wanted}), has=lambda view: {get(view)})],
    )


def _address(name: str, values: Sequence[str], get: Callable[[View], Iterable[str]]) -> Condition:
    wanted = frozenset(_address_key(value) for value in values if not value.startswith("@"))
    endings = tuple(_ending(value) for value in values if value.startswith("@"))

    def holds(view: View) -> bool:
        there = view.compared(name, get, _address_key)
        return not wanted.isdisjoint(there) or any(address.endswith(endings) for address in there)

    def has(view: View) -> set[str]:
        return {key for address in view.compared(name, get, _address_key) for key in _endings(address)}

    return Condition(
        name=name,
        holds=holds,
        expected=listed(values),
        found=lambda view: listed(get(view)),
        needs=[Need(fact=name, keys=wanted.union(endings), has=has)],
    )


def _endings(address: str) -> list[str]:
    """An address, and all that it could end with by `_ending`."""
    at = address.rfind("@")
    return [address, address[at:], *(address[place:] for place, letter in enumerate(address) if letter == ".")]


def _ending(pattern: str) -> str:
    """How addresses end that are meant by `@example.org` or `@*.example.org`."""
    below = pattern.startswith("@*.")
    domain = pattern.removeprefix("@").removeprefix("*.")
    return ("." if below else "@") + (normalise_domain(domain) or domain.lower())


def _address_key(address: str) -> str:
    return normalise_address(address) or address.lower()


def _assurance(name: str) -> Condition:
    least = int(name[1:])
    return Condition(
        name="assurance_at_least",
        holds=lambda view: view.facts.assurance >= least,
        expected=name,
        found=lambda view: f"A{view.facts.assurance}",
    )


def _hours(calendar: str, state: str) -> Condition:
    def found(view: View) -> str:
        return "open" if view.is_open(calendar) else "closed"

    return Condition(name=f"hours.{calendar}", holds=lambda view: found(view) == state, expected=state, found=found)


def _customer(settings: CustomerCondition) -> Iterator[Condition]:
    if settings.known is not None:
        yield _switch("customer.known", settings.known, lambda view: view.facts.known_customer)
    if settings.segment is not None:
        yield from field_conditions_of("customer.segment", settings.segment, lambda view: view.facts.segment or None)
    if settings.company is not None:
        yield from field_conditions_of("customer.company", settings.company, lambda view: view.facts.company or None)
    for name, asked in settings.fields.items():
        yield from field_conditions_of(f"customer.{name}", asked, _customer_field(name))


def _spam(settings: SpamCondition) -> Iterator[Condition]:
    if settings.verdict is not None:
        yield _one_of("spam.verdict", settings.verdict, lambda view: [view.facts.spam or "none"])
    if settings.score is not None:
        yield _at_least("spam.score", settings.score, lambda view: view.facts.spam_score)


def _at_least(name: str, least: float, get: Callable[[View], float | None]) -> Condition:
    def holds(view: View) -> bool:
        value = get(view)
        return value is not None and value >= least

    def found(view: View) -> str:
        value = get(view)
        return "none" if value is None else f"{value:g}"

    return Condition(name=name, holds=holds, expected=f"at least {least:g}", found=found)


def _customer_field(name: str) -> Callable[[View], Any]:
    return lambda view: view.facts.customer_fields.get(name)


def _ticket_field(name: str) -> Callable[[View], Any]:
    return lambda view: view.facts.ticket_fields.get(name)


def _yes(value: bool) -> str:
    return "true" if value else "false"
