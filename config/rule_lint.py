"""What the rules of a configuration can hardly mean: rules that nothing reaches, and tickets that nobody may take."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from .desk_settings import AgentSettings
from .field_comparisons import FieldCondition, unfit
from .field_settings import Declared
from .findings import Finding
from .implication import asks_for_what_rules_change, contradictory, implies, parts_of
from .rule_settings import RuleSettings
from .settings import Settings
from .shadowing import EarlierRules


def lint_rules(settings: Settings) -> Iterator[Finding]:
    """What the rules can hardly mean."""
    yield from _reach(settings)
    serving = {queue: members_of(settings, queue) for queue in settings.queues}
    for number, rule in enumerate(settings.rules):
        yield from _unmet(settings, number)
        yield from _takers(settings, number, rule, serving)
        for path, condition in rule.when.each(("rules", number, "when")) if rule.when else ():
            for index, channel in enumerate(condition.channel or ()):
                if channel not in settings.channels:
                    message = f"the channel {channel} is not among the channels that are served"
                    yield Finding(settings.where(*path, "channel", index), "warning", message)


def rules_in_vain(settings: Settings) -> frozenset[int]:
    """The rules, by their numbers, that ask what no value can meet, so that tests beside them fail for that alone."""
    return frozenset(number for number in range(len(settings.rules)) if any(_unmet(settings, number)))


def _unmet(settings: Settings, number: int) -> Iterator[Finding]:
    """What a rule asks of fields that no value of theirs can meet."""
    when = settings.rules[number].when
    for path, condition in when.each(("rules", number, "when")) if when else ():
        customer = condition.customer.fields if condition.customer else {}
        yield from _comparisons(settings, (*path, "customer"), customer, settings.customer_fields)
        yield from _comparisons(settings, (*path, "ticket"), condition.ticket or {}, settings.ticket_fields)


def _comparisons(
    settings: Settings, path: tuple[str | int, ...], asked: Mapping[str, FieldCondition], declared: Declared
) -> Iterator[Finding]:
    """What no value of the field can meet."""
    for name, condition in asked.items():
        for key, words in unfit(condition, declared[name]) if name in declared else ():
            position = settings.where(*path, name, key)
            yield Finding(position, "error", f"{path[-1]}.{name} never meets `{key}`: {words}")


def _reach(settings: Settings) -> Iterator[Finding]:
    """Rules that no message can reach, because it cannot meet them or an earlier rule takes it."""
    conditions, stage = [parts_of(rule.when) for rule in settings.rules], ""
    earlier, stopping = EarlierRules(), EarlierRules()
    for number, (rule, when) in enumerate(zip(settings.rules, conditions, strict=True)):
        position = settings.where("rules", number)
        if rule.stage != stage:
            earlier, stage = EarlierRules(), rule.stage
        may_take = sorted({*earlier.that_may_take(when), *stopping.that_may_take(when)})
        taking = (each for each in may_take if implies(when, conditions[each]))
        if contradictory(when):
            message = f'the rule "{rule.name}" can never match: its conditions exclude each other'
            yield Finding(position, "error", message)
        elif (first := next(taking, None)) is not None:
            message = f'the rule "{rule.name}" is never reached: "{settings.rules[first].name}" before it takes all'
            remedy = "put it first, or let the other one `continue: true`"
            yield Finding(position, "error", f"{message} that it would match", remedy)
        if not rule.continues and not asks_for_what_rules_change(when):
            (stopping if rule.stop else earlier).add(number, when)


def _takers(
    settings: Settings, number: int, rule: RuleSettings, serving: Mapping[str, Sequence[AgentSettings]]
) -> Iterator[Finding]:
    """Whether somebody can take what the rule decides on."""
    queue = rule.then.queue or ("" if rule.continues else settings.fallback_queue)
    members = serving[queue] if queue else list(settings.agents.values())
    where = f"the queue {queue}" if queue else "any queue"
    policy = settings.queues.get(queue)
    if not members or (policy and policy.may_wait):
        return
    if not any(_has_all(agent, rule.then.require_skills) for agent in members):
        message = (
            f"nobody in {where} has all of {', '.join(rule.then.require_skills)}: such a ticket is offered to nobody"
        )
        position = settings.where("rules", number, "then", "require_skills")
        yield Finding(position, "error", message, f"give them to an agent, {_or_wait(queue)}")
    for path, language in _languages(rule, number):
        if language == "unknown" or any(language in agent.languages for agent in members):
            continue
        message, is_required = (
            f"nobody in {where} speaks {language}",
            policy is not None and policy.language == "required",
        )
        if is_required:
            message += ", which the queue requires: such a ticket is offered to nobody"
        remedy = f"give it to an agent, or set `may_wait` of {queue}" if is_required else ""
        yield Finding(settings.where(*path), "error" if is_required else "warning", message, remedy)


def _or_wait(queue: str) -> str:
    return f"write `prefer_skills`, or set `may_wait` of {queue}" if queue else "or write `prefer_skills`"


def _languages(rule: RuleSettings, number: int) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if rule.then.language is not None:
        yield ("rules", number, "then", "language"), rule.then.language
    elif rule.when is not None:
        languages = enumerate(rule.when.language or ())
        yield from ((("rules", number, "when", "language", index), language) for index, language in languages)


def members_of(settings: Settings, queue: str) -> list[AgentSettings]:
    """The agents who take anything from this queue."""
    return [agent for agent in settings.agents.values() if queue in agent.queues and agent.capacity]


def _has_all(agent: AgentSettings, skills: Iterable[str]) -> bool:
    wanted = (skill.partition("@") for skill in skills)
    return all(agent.skills.get(name, 0) >= int(level or 1) for name, _, level in wanted)
