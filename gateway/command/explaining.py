"""`trunkline explain T-…`: why a ticket is where it is, in sentences.

How the rules came out for the message that opened it, every offer that was made with what was seen at the time and
whether the same choice comes out again, how the triggers stand, and what happens to the ticket now. The rules are those
of the configuration that placed it; where that is not kept, those of the one that the command reads, which is said.
"""

import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

from ...config.settings import Settings
from ...desk.views.choices import agent_rank, agent_words, ticket_rank, why_agent, why_ticket
from ...desk.views.times import moment
from ...desk.views.why import more, why_nobody
from ...normalizer.joining import NOTHING
from ...queue.connection import Engine
from ...router.candidacy import candidacy
from ...router.decision import REASONS, outcomes, recompute
from ...router.decision_record import Decision
from ...router.facts import Explanation, Facts, RuleTrace
from ...router.policy import Policy
from ...router.reader import Reader
from ...router.records import Article, Ticket
from ...router.rules import Rules
from ...router.stored_ticket import StoredTicket
from .condition_lines import condition_lines, yes_or_no
from .explaining_triggers import trigger_lines

_OUTCOMES = {"matched": "yes", "failed": "no ", "not_reached": "-  "}


@dataclass(frozen=True)
class Told:
    """The lines, and whether every decision came out the same again."""

    lines: Sequence[str]
    consistent: bool


SettingsOf = Callable[[str], Awaitable[Settings | None]]
"""The configuration of a version, where it is kept."""


async def _none_kept(_version: str) -> Settings | None:
    return None


async def explain_ticket(
    engine: Engine, reader: Reader, policy: Policy, name: str, now: int, *, settings_of: SettingsOf = _none_kept
) -> Told:
    """Explain a ticket by number or id. Raises NotFound."""
    stored = await reader.ticket(name)
    decisions = await reader.decisions(stored.record.id)
    articles = await reader.articles(stored.record.id)
    facts = stored.facts_with(next((each for each in articles if each.author.kind == "customer"), None))
    lines = [
        *_heading(stored.record, stored),
        *await _case(reader, stored),
        *_joined(articles),
        *await _placement(policy, settings_of, stored.record, facts),
        *(line for number, decision in enumerate(decisions, 1) for line in _decision(number, decision)),
        *([] if decisions else ["Offers: none yet."]),
        *await trigger_lines(engine, reader, policy, stored, articles, now),
        "Now:",
        *[f"  {line.removeprefix('  ')}" for line in await _now(engine, policy, stored, now)],
    ]
    return Told(lines, all(recompute(decision) == decision.agent for decision in decisions))


def _heading(ticket: Ticket, stored: StoredTicket) -> Iterator[str]:
    language = "" if ticket.language == "unknown" else f", language {ticket.language}"
    yield f"{ticket.number} ({ticket.id})"
    yield f"  {ticket.status} in {ticket.queue}, priority {ticket.priority}, by {ticket.channel}{language}"
    yield f"  opened {moment(ticket.created_at)} UTC: {stored.work.join_reason or NOTHING}"
    if ticket.unproven:
        yield "  nobody has proven that the sender is who they say"


async def _case(reader: Reader, stored: StoredTicket) -> list[str]:
    """Which tickets are one case with it."""
    ticket, merge = stored.record, stored.work.merge
    if ticket.merged_into and merge:
        case, into = [(await reader.ticket(id_)).record.number for id_ in (ticket.merged_into, merge.into)]
        stands = "" if case == into else f", for which {case} stands"
        reason = f": {merge.reason}" if merge.reason else ""
        return [f"  merged into {into} by {merge.by}, {moment(merge.at)} UTC{reason}{stands}"]
    merged = [each.record.number for each in await reader.stored(ticket.merged) if each is not None]
    return [f"  stands for {', '.join(merged)}, merged into it"] if merged else []


def _joined(articles: Sequence[Article]) -> Iterator[str]:
    """Why each further message is here."""
    for article in articles:
        if article.joined_by:
            yield f"  joined {moment(article.created_at)} UTC: {article.join_reason}"


async def _placement(policy: Policy, settings_of: SettingsOf, ticket: Ticket, facts: Facts | None) -> list[str]:
    """How the rules of that day came out; those of now where the configuration of that day is not kept."""
    if ticket.split_from:
        return [f"Placed by hand in {ticket.queue}, when it was split out of another ticket"]
    settings = policy.settings
    if ticket.config != settings.version:
        settings = await settings_of(ticket.config) or settings
    version = settings.version if settings is policy.settings else ticket.config
    named = ", ".join(ticket.rules) or "no rule matched, so the fallback"
    lines = [f"Placed by configuration {ticket.config or 'none'}: {named} → {ticket.queue}"]
    if facts is None:
        return [*lines, "  the message that opened it is not kept any more"]
    told = (policy.rules if settings is policy.settings else Rules(settings)).explain(facts)
    lines += [line for trace in told.rules for line in _rule(trace)]
    if ticket.config == version:
        return [*lines, f"  recomputed: {_verdict(told)}, equal: {yes_or_no(told.verdict.matched == ticket.rules)}"]
    return [*lines, f"  the rules shown are those of version {version}: {_verdict(told)}"]


def _verdict(told: Explanation) -> str:
    return f"{told.verdict.queue}, by {', '.join(told.verdict.matched) or 'no rule'}"


def _rule(trace: RuleTrace) -> Iterator[str]:
    decided = f" → {json.dumps(dict(trace.decided), ensure_ascii=False)}" if trace.decided else ""
    yield f"  {_OUTCOMES[trace.outcome]} {trace.rule}{decided}"
    if trace.when is not None:
        yield from condition_lines(trace.when, "      ")


def _decision(number: int, decision: Decision) -> Iterator[str]:
    again = recompute(decision)
    yield (
        f"Offer {number}, {moment(decision.at)} UTC, because {decision.cause}: to {decision.agent} "
        f"(load {decision.load_before} → {decision.load_after} of {decision.capacity}; configuration {decision.config})"
    )
    if decision.way:
        yield from _choice(decision)
    for seen, outcome in outcomes(decision, decision.agent) if not decision.way else ():
        yield f"  {seen['agent']}: {REASONS[outcome]} (load {seen['load']} of {seen['capacity']})"
    if decision.others:
        yield f"  {more(decision.others)}"
    yield f"  recomputed from what was seen: {again or 'nobody'}, equal: {yes_or_no(again == decision.agent)}"


def _choice(decision: Decision) -> Iterator[str]:
    """What was looked at: agents where the ticket chose, tickets where the agent did, each as they rank."""
    yield f"  {decision.agent} {why_agent(decision, you=False)}. {why_ticket(decision)}".rstrip()
    for agent in sorted(decision.agents, key=agent_rank):
        yield f"  {agent.agent}: {agent_words(agent)}, free since {moment(agent.idle_since)} UTC"
    for ticket in sorted(decision.tickets, key=ticket_rank):
        facts = f"aim {moment(ticket.place)} UTC, priority {ticket.priority}"
        marks = ", head of the line" * ticket.final + ", room is kept for it" * (not ticket.fits)
        name = "this ticket" if ticket.ticket == decision.ticket else ticket.number or ticket.ticket
        yield f"  {name}: {facts}{marks}"
    if decision.more_tickets:
        yield f"  and {decision.more_tickets} more tickets"


async def _now(engine: Engine, policy: Policy, stored: StoredTicket, now: int) -> list[str]:
    """Who has it, to whom it is offered, or why it waits, agent by agent."""
    ticket = stored.record
    if ticket.assignee is not None:
        return [f"{ticket.assignee} has it."]
    if ticket.offer is not None:
        return [f"it is offered to {ticket.offer.agent} until {moment(ticket.offer.expires_at)} UTC."]
    told = why_nobody(stored, await candidacy(engine, policy, stored, now), {})
    rows = [f"  {each.name} {each.outcome} (load {each.load} of {each.capacity})" for each in told.candidates]
    return [told.sentence, *rows]
