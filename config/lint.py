"""What a configuration means, as far as it can be seen to be a mistake: `trunkline check` tells it.

An *error* would leave work lying or customers without an answer; a *warning* is something that has no effect, or that
is hardly meant. What is not even readable, and names that lead nowhere, are refused by the loader before this.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from .desk_settings import AgentSettings
from .field_comparisons import FieldCondition, unfit
from .field_settings import Declared
from .implication import All, contradictory, implies, parts_of
from .networks import takes_in_strangers
from .problems import Position
from .rule_settings import RuleSettings
from .settings import Settings


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is hardly meant."""

    position: Position
    level: Literal["error", "warning"]
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.position}: {self.level}: {self.message}" + (f"; {self.remedy}" if self.remedy else "")


def lint(settings: Settings) -> list[Finding]:
    """Everything that is found, in the order of the file."""
    parts = (_queues, _agents, _rules, _engine, _answers, _proxies)
    return sorted({finding for part in parts for finding in part(settings)})


def _queues(settings: Settings) -> Iterator[Finding]:
    placed = {rule.then.queue for rule in settings.rules} | {settings.fallback_queue}
    for name in settings.queues:
        position = settings.where("queues", name)
        if not _members(settings, name):
            remedy = "name the queue in an agent's `queues`"
            yield Finding(
                position, "error", f"nobody serves the queue {name}: what comes there is offered to nobody", remedy
            )
        reopen = settings.queues[name].reopen
        if reopen.thanks and reopen.within == timedelta():
            message = f"nothing opens a solved ticket of {name} again, so thanks do not either"
            yield Finding(
                settings.where("queues", name, "reopen", "thanks"), "warning", message, "leave one of them out"
            )
        if name not in placed:
            yield Finding(
                position, "warning", f"no rule sends anything to the queue {name}", "add a rule, or remove it"
            )


def _agents(settings: Settings) -> Iterator[Finding]:
    for name, agent in settings.agents.items():
        for channel in settings.channels:
            room = min(agent.capacity, agent.channel_capacity.get(channel, agent.capacity))
            if 0 < room < settings.weight(channel):
                message = f"{name} has a capacity of {room} and can never take a ticket of {channel}, which weighs "
                message += str(settings.weight(channel))
                yield Finding(settings.where("agents", name, "capacity"), "error", message, "raise it, or set it to 0")
        if not agent.languages:
            message = f"{name} speaks no language, so every ticket whose language is known waits before it is theirs"
            yield Finding(settings.where("agents", name), "warning", message, "add `languages`")


def _rules(settings: Settings) -> Iterator[Finding]:
    conditions = [parts_of(rule.when) for rule in settings.rules]
    for number, rule in enumerate(settings.rules):
        yield from _reach(settings, number, conditions)
        yield from _unmet(settings, number)
        yield from _takers(settings, number, rule)
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


def _reach(settings: Settings, number: int, conditions: Sequence[All]) -> Iterator[Finding]:
    position, rule, when = settings.where("rules", number), settings.rules[number], conditions[number]
    if contradictory(when):
        yield Finding(position, "error", f'the rule "{rule.name}" can never match: its conditions exclude each other')
        return
    for earlier, taken in zip(settings.rules[:number], conditions, strict=False):
        if not earlier.continues and implies(when, taken):
            message = (
                f'the rule "{rule.name}" is never reached: "{earlier.name}" before it takes all that it would match'
            )
            remedy = "put it first, or let the other one `continue: true`"
            yield Finding(position, "error", message, remedy)
            return


def _takers(settings: Settings, number: int, rule: RuleSettings) -> Iterator[Finding]:
    """Whether somebody can take what the rule decides on."""
    queue = rule.then.queue or ("" if rule.continues else settings.fallback_queue)
    members = _members(settings, queue) if queue else list(settings.agents.values())
    where = f"the queue {queue}" if queue else "any queue"
    if members and not any(_has_all(agent, rule.then.require_skills) for agent in members):
        message = (
            f"nobody in {where} has all of {', '.join(rule.then.require_skills)}: such a ticket is offered to nobody"
        )
        yield Finding(settings.where("rules", number, "then", "require_skills"), "error", message)
    for path, language in _languages(rule, number):
        if members and language != "unknown" and not any(language in agent.languages for agent in members):
            yield Finding(settings.where(*path), "warning", f"nobody in {where} speaks {language}")


def _languages(rule: RuleSettings, number: int) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if rule.then.language is not None:
        yield ("rules", number, "then", "language"), rule.then.language
    elif rule.when is not None:
        languages = enumerate(rule.when.language or ())
        yield from ((("rules", number, "when", "language", index), language) for index, language in languages)


def _answers(settings: Settings) -> Iterator[Finding]:
    if settings.acknowledgement.enabled and settings.acknowledgement.to == "unproven":
        most = settings.acknowledgement.unproven.per_day
        message = f"whoever writes in somebody's name makes us write to them, up to {most} times a day in all"
        remedy = "leave it at seen, unless customers whose mail nothing proves must hear their number at once"
        yield Finding(settings.where("acknowledgement", "to"), "warning", message, remedy)


def _proxies(settings: Settings) -> Iterator[Finding]:
    for index, network in enumerate(settings.listen.trusted_proxies):
        if takes_in_strangers(network):
            position = settings.where("listen", "trusted_proxies", index)
            message = f"{network} takes in strangers, who can then say that they are any other address"
            yield Finding(position, "warning", message, "name the addresses of your own proxies")


def _engine(settings: Settings) -> Iterator[Finding]:
    if not settings.redis.url and settings.durability.replicas:
        position = settings.where("durability", "replicas")
        yield Finding(
            position, "error", "the embedded engine has no replicas, so nothing would be accepted", "set redis.url"
        )
    if not settings.redis.url and settings.durability.mode == "relaxed":
        position = settings.where("durability")
        yield Finding(position, "warning", "the embedded engine is always strict", "leave `durability` out")
    if not settings.channels:
        yield Finding(settings.where("channels"), "warning", "no channel is served, so nothing can come in")


def _members(settings: Settings, queue: str) -> list[AgentSettings]:
    return [agent for agent in settings.agents.values() if queue in agent.queues and agent.capacity]


def _has_all(agent: AgentSettings, skills: Iterable[str]) -> bool:
    wanted = (skill.partition("@") for skill in skills)
    return all(agent.skills.get(name, 0) >= int(level or 1) for name, _, level in wanted)
