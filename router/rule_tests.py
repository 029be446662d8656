"""Rule tests: messages in the configuration, and what the rules must decide for them.

They stand under a rule (`tests:`) or by themselves (`rule_tests:`) and always run against all rules together, because
that is what a message meets. `trunkline check` runs them, and so does a reload before it takes effect.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any

from ..config.field_settings import Declared, OwnFields
from ..config.problems import Position
from ..config.rule_test_settings import GivenSettings, RuleTestSettings
from ..config.settings import Settings
from ..normalizer.closing_words import says_of
from ..normalizer.field_values import NoValue, read_value
from .facts import Facts, FileFacts, History, TicketState, Verdict
from .rules import Rules
from .trigger_set import Trigger, TriggerSet

NO_FIELDS = OwnFields()
_IN_ANY_ORDER = frozenset({"tags", "require_skills", "prefer_skills", "clocks"})


@dataclass(frozen=True, order=True)
class Failure:
    """One expectation that was not met."""

    position: Position
    test: str
    expected: str
    found: str
    rules: tuple[str, ...]
    came: str = ""
    """When the message came, where rules ask for days or hours."""

    def __str__(self) -> str:
        because = f"the rules that matched: {', '.join(self.rules)}" if self.rules else "no rule matched"
        when = f"; the message came {self.came} (`at`)" if self.came else ""
        return f"{self.position}: found {self.found}, expected {self.expected} ({self.test}); {because}{when}"


def run_rule_tests(settings: Settings, *, without: Collection[int] = ()) -> list[Failure]:
    """Run all of them, but for those beside the rules of these numbers; what failed, in the order of the file."""
    rules = Rules(settings)
    tests = (each for each in _tests(settings) if each[0][0] != "rules" or each[0][1] not in without)
    failures = [failure for where, test in tests for failure in _run(settings, rules, where, test)]
    return sorted([*failures, *_of_triggers(settings)])


def _of_triggers(settings: Settings) -> Iterator[Failure]:
    """Whether each trigger fires just where its tests say."""
    triggers = TriggerSet(settings)
    for number, trigger in enumerate(settings.triggers):
        for index, test in enumerate(trigger.tests):
            where = ("triggers", number, "tests", index)
            try:
                facts = facts_given(test.given, settings.own_fields)
            except NoValue as error:
                yield _no_value(settings, where, _described(test.given), error)
                continue
            fires = _fires(triggers, triggers.all[trigger.name], facts)
            if fires != test.fires:
                yield Failure(
                    position=settings.where(*where),
                    test=_described(test.given),
                    expected="it fires" if test.fires else "it does not fire",
                    found="it fires" if fires else "it does not fire",
                    rules=(trigger.name,) if fires else (),
                )


def _fires(triggers: TriggerSet, trigger: Trigger, facts: Facts) -> bool:
    state = facts.state
    lasted = facts.at - (state.status_since or facts.at)
    in_time = trigger.settings.after is None or (trigger.is_timed_in(state.status) and lasted >= trigger.after_ms)
    return in_time and triggers.holds(trigger, facts)


def _no_value(settings: Settings, where: tuple[str | int, ...], name: str, error: NoValue) -> Failure:
    found, expected = error.args
    return Failure(settings.where(*where, "given"), test=name, expected=expected, found=found, rules=())


def facts_given(given: GivenSettings, declared: OwnFields = NO_FIELDS) -> Facts:
    """The facts of a test's message; fields have values of their types. Raises NoValue (found, expected)."""
    recipients, at = given.recipient or (), round(given.at.timestamp() * 1000)
    return Facts(
        channel=given.channel,
        account=given.account or next(iter(recipients), ""),
        recipients=recipients,
        sender=given.sender,
        subject=given.subject,
        text=given.text,
        language=given.language,
        assurance=int(given.assurance[1:]),
        automation=given.automation,
        came_as=given.came_as,
        says=says_of(given.text) if given.automation == "none" else "",
        known_customer=given.customer.known,
        segment=given.customer.segment,
        company=given.customer.company,
        customer_fields=_values(given.customer.fields, declared.customer),
        ticket_fields=_values(given.ticket, declared.ticket),
        attachments=given.attachments or bool(given.files),
        files=tuple(FileFacts(name=each.name, type=each.type, size=each.size) for each in given.files),
        history=_history(given, at),
        state=_state(given, at),
        spam="" if given.spam.verdict == "none" else given.spam.verdict,
        spam_score=given.spam.score,
        at=at,
    )


def _history(given: GivenSettings, at: int) -> History:
    said = given.history
    contact = None if said.days_since is None else at - said.days_since * 86_400_000
    return History(tickets=said.tickets, open=said.open, reopened=said.reopened, last_contact_at=contact)


def _state(given: GivenSettings, at: int) -> TicketState:
    said = given.state.model_dump(exclude={"for_"})
    return TicketState(**said, status_since=at - given.state.for_ // timedelta(milliseconds=1))


def _values(given: Mapping[str, tuple[str, ...]], declared: Declared) -> dict[str, Any]:
    """Values of a test by field, as records have them; a field that is not declared keeps what was said."""
    values = dict[str, Any](given)
    for name, said in given.items():
        if name in declared:
            try:
                values[name] = read_value(declared[name], said[0] if len(said) == 1 else list(said))
            except NoValue as error:
                raise NoValue(f"{name} {', '.join(said)}", str(error)) from error
    return values


def _tests(settings: Settings) -> Iterator[tuple[tuple[str | int, ...], RuleTestSettings]]:
    for number, rule in enumerate(settings.rules):
        for index, test in enumerate(rule.tests):
            yield ("rules", number, "tests", index), test
    for index, test in enumerate(settings.rule_tests):
        yield ("rule_tests", index), test


def _run(settings: Settings, rules: Rules, where: tuple[str | int, ...], test: RuleTestSettings) -> Iterator[Failure]:
    try:
        facts = facts_given(test.given, settings.own_fields)
    except NoValue as error:
        yield _no_value(settings, where, test.name or _described(test.given), error)
        return
    verdict = rules.decide(facts)
    for name in sorted(test.expect.model_fields_set):
        wanted, found = getattr(test.expect, name), _decided(verdict, name, test.given)
        if name in _IN_ANY_ORDER:
            wanted, found = sorted(wanted), sorted(found)
        if wanted != found:
            yield Failure(
                position=settings.where(*where, "expect", name),
                test=test.name or _described(test.given),
                expected=f"{name} {_shown(wanted)}",
                found=f"{name} {_shown(found)}",
                rules=verdict.matched,
                came=_came(settings, test.given),
            )


def _came(settings: Settings, given: GivenSettings) -> str:
    """When the message came, if that matters to any rule; in UTC, by which days are counted."""
    asked = (condition for rule in settings.rules if rule.when for _, condition in rule.when.each())
    return f"{given.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if any(each.depends_on_the_time for each in asked) else ""


def _decided(verdict: Verdict, name: str, given: GivenSettings) -> Any:
    match name:
        case "rules":
            return verdict.matched
        case "language":
            return verdict.language or given.language
        case "fields":
            return {field: (text,) for field, text in verdict.fields.items()}
        case "acknowledge":
            return verdict.acknowledge is not False
        case _:
            return getattr(verdict, name)


def _described(given: GivenSettings) -> str:
    text = " ".join((given.subject or given.text or "the test's message").split())
    return text if len(text) <= 40 else f"{text[:37]}…"


def _shown(value: object) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(str, value))}]"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_shown(each)}" for name, each in value.items()) or "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if value != "" else "none"
