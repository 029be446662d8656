"""What a configuration means, as far as it can be seen to be a mistake: `trunkline check` tells it.

An *error* would leave work lying or customers without an answer; a *warning* is something that has no effect, or that
is hardly meant. What is not even readable, and names that lead nowhere, are refused by the loader before this.
"""

from collections.abc import Iterator
from datetime import timedelta

from .findings import Finding
from .networks import takes_in_strangers
from .rule_lint import lint_rules, members_of
from .settings import Settings
from .trigger_lint import lint_triggers


def lint(settings: Settings) -> list[Finding]:
    """Everything that is found, in the order of the file."""
    parts = (_queues, _agents, lint_rules, lint_triggers, _promises, _engine, _answers, _proxies)
    return sorted({finding for part in parts for finding in part(settings)})


def _queues(settings: Settings) -> Iterator[Finding]:
    placed = {rule.then.queue for rule in settings.rules} | {settings.fallback_queue}
    placed |= {trigger.then.queue for trigger in settings.triggers}
    placed |= {macro.then.queue for macro in settings.macros.values()}
    placed |= {step.queue for policy in settings.sla for step in policy.escalation}
    for name in settings.queues:
        position = settings.where("queues", name)
        if not members_of(settings, name):
            remedy = "name the queue in an agent's `queues`, or in those of a team with members"
            yield Finding(
                position, "error", f"nobody serves the queue {name}: what comes there is offered to nobody", remedy
            )
        reopen = settings.queues[name].reopen
        if reopen.thanks and reopen.within == timedelta():
            message = f"nothing opens a solved ticket of {name} again, so thanks do not either"
            yield Finding(
                settings.where("queues", name, "reopen", "thanks"), "warning", message, "leave one of them out"
            )
        yield from _closing(settings, name)
        if name not in placed:
            yield Finding(
                position, "warning", f"no rule sends anything to the queue {name}", "add a rule, or remove it"
            )


def _closing(settings: Settings, name: str) -> Iterator[Finding]:
    queue = settings.queues[name]
    within = queue.reopen.within
    if within is not None and queue.close_after and within > queue.close_after:
        message = f"tickets of {name} are closed before `within` is over, and then nothing opens them again"
        remedy = "raise `close_after` of the queue, or lower `within`"
        yield Finding(settings.where("queues", name, "reopen", "within"), "warning", message, remedy)


def _agents(settings: Settings) -> Iterator[Finding]:
    for name, agent in settings.agents.items():
        for channel in settings.channels:
            room = min(agent.capacity, agent.channel_capacity.get(channel, agent.capacity))
            if 0 < room < settings.weight(channel):
                message = f"{name} has a capacity of {room} and can never take a ticket of {channel}, which weighs "
                message += str(settings.weight(channel))
                yield Finding(settings.where("agents", name, "capacity"), "error", message, "raise it, or set it to 0")
        if agent.queues and not agent.languages:
            message = f"{name} speaks no language, so every ticket whose language is known waits before it is theirs"
            yield Finding(settings.where("agents", name), "warning", message, "add `languages`")


def _promises(settings: Settings) -> Iterator[Finding]:
    for number, policy in enumerate(settings.sla):
        asked = policy.asked()
        for earlier in settings.sla[:number]:
            taken = earlier.asked()
            if all(name in asked and asked[name] <= values for name, values in taken.items()):
                message = f'the policy "{policy.name}" never holds: "{earlier.name}" before it fits all that it would'
                yield Finding(settings.where("sla", number), "error", message, "put it first, or remove it")
                break
        for index, channel in enumerate(policy.when.channel or () if policy.when else ()):
            if channel not in settings.channels:
                message = f"the channel {channel} is not among the channels that are served"
                yield Finding(settings.where("sla", number, "when", "channel", index), "warning", message)


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
