"""Why a ticket is where it is: who has it and why, or why it waits; in one sentence, and agent by agent.

`trunkline explain` and the desk both say what is told here. Who has it is told from the router's newest decision, why
it waits from what the router would see now. The sentence on a decision names the first thing in which the agent who was
chosen was ahead of the next one, in the order of `router/decision.py`; so it is the reason, and not merely something
true. That somebody is about to be asked is said only of whom that module chooses, and not while the ticket still waits
for somebody who suits it better.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...router.candidacy import Candidacy
from ...router.decision import REASONS, Choice, Seen, outcomes, ranked
from ...router.decision_record import Decision
from ...router.life_cycle import ACTIVE
from ...router.stored_ticket import StoredTicket
from .choices import agent_rank, why_agent, why_ticket
from .happenings import who
from .labels import standing
from .language_names import language_name
from .times import brief
from .token_words import all_words

Names = Mapping[str, str]

_OFFERS = (
    "ticket.offered",
    "ticket.assigned",
    "ticket.declined",
    "ticket.missed",
    "ticket.withdrawn",
    "ticket.released",
    "ticket.handed_over",
)
"""What begins and ends that somebody is asked for a ticket, or has it."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One agent who could have been chosen, or could be."""

    name: str
    chosen: bool
    outcome: str
    load: int
    capacity: int
    speaks: bool = True
    knows: bool = False
    preferred: int = 0


@dataclass(frozen=True, kw_only=True)
class Why:
    """As it is shown; without `at` it is of now."""

    title: str
    sentence: str
    at: int | None = None
    config: str = ""
    relaxed: bool = False
    candidates: Sequence[Candidate] = ()
    others: str = ""


def why(
    stored: StoredTicket, decisions: Sequence[Decision], candidacy: Candidacy | None, names: Names, *, reader: str
) -> Why:
    """Why the ticket is where it is, told to the agent `reader`; `candidacy` is that of now, if it waits."""
    ticket = stored.record
    holder = ticket.offer.agent if ticket.offer else ticket.assignee
    if holder is None:
        return why_nobody(stored, candidacy, names, reader=reader)
    by_hand = _by_hand(stored, holder, names, reader)
    title = "Why me?" if holder == reader else f"Why {names.get(holder, holder)}?"
    if by_hand or not decisions or decisions[-1].agent != holder:
        return Why(title=title, sentence=by_hand or f"{_whom(holder, names, reader)} took it from the queue.")
    return _decided(title, decisions[-1], ticket.language, names, reader)


def why_nobody(stored: StoredTicket, candidacy: Candidacy | None, names: Names, *, reader: str = "") -> Why:
    """Why a ticket has no agent, and who could have it and why not."""
    title, ticket = "Why is it here?", stored.record
    if candidacy is None:
        rests = "" if ticket.status in ACTIVE else f": it is {standing(ticket)}, and nobody is looked for"
        return Why(title=title, sentence=f"Nobody has it{rests}.")
    best = candidacy.best
    because = _next(candidacy, best, ticket.language, names, reader)
    return Why(
        title=title,
        sentence=f"Nobody has it: it waits in {ticket.queue}, {because}.",
        relaxed=candidacy.relaxed,
        candidates=_rows(candidacy, best, "instead" if candidacy.wished else "next", names),
    )


def _no_speaker(candidacy: Candidacy) -> bool:
    """Whether the language is required and all that speak it are gone."""
    people = candidacy.candidates
    on_duty = any(each["speaks"] and each["presence"] in ("available", "busy") for each in people)
    return any(each.get("must_speak") for each in people) and not on_duty


def _next(candidacy: Candidacy, best: str | None, language: str, names: Names, reader: str) -> str:
    if candidacy.held_for is not None:
        kept = "you" if candidacy.held_for == reader else names.get(candidacy.held_for, candidacy.held_for)
        return f"kept for {kept}, who had it before, for {-(-candidacy.held_ms // 1000)} s more"
    if best is not None:
        return _asked(candidacy, "you are" if best == reader else f"{names.get(best, best)} is")
    if candidacy.asked_again_ms:
        asked = "because everybody who could have it has declined or missed it"
        return f"{asked}; they are asked again in {brief(candidacy.asked_again_ms)}"
    return _unable(candidacy, language_name(language))


def _asked(candidacy: Candidacy, who_is: str) -> str:
    if not candidacy.wished:
        return f"and {who_is} about to be asked"
    somebody = f"for somebody {all_words(candidacy.wished)}"
    return f"{somebody}; nobody like that is on duty, and {who_is} asked instead within minutes"


def _unable(candidacy: Candidacy, language: str) -> str:
    """What it waits for where nobody is asked."""
    if _no_speaker(candidacy):
        return f"because nobody who speaks {language} is on duty"
    if any(reason == "language" for _, reason in ranked(candidacy.candidates, relaxed=candidacy.relaxed)):
        return f"for somebody who speaks {language}; nobody on duty who does can have it now"
    if candidacy.candidates:
        return "because nobody can have it now"
    skills = f" {all_words([f'skill:{skill}' for skill in candidacy.lacking])}" if candidacy.lacking else ""
    return f"because nobody works there{skills}"


def _decided(title: str, decision: Decision, language: str, names: Names, reader: str) -> Why:
    if decision.way:
        return _chosen(title, decision, names, reader)
    able = [each for each, reason in ranked(decision.candidates, relaxed=decision.relaxed) if not reason]
    whom = _whom(decision.agent, names, reader)
    return Why(
        title=title,
        sentence=f"{whom} {_reason(able, language, you=whom == 'You')}.",
        at=decision.at,
        config=decision.config,
        relaxed=decision.relaxed,
        candidates=_rows(decision, decision.agent, "chosen", names),
        others=more(decision.others) if decision.others else "",
    )


def _chosen(title: str, decision: Decision, names: Names, reader: str) -> Why:
    whom = _whom(decision.agent, names, reader)
    return Why(
        title=title,
        sentence=f"{whom} {why_agent(decision, you=whom == 'You')}. {why_ticket(decision)}".rstrip(),
        at=decision.at,
        config=decision.config,
        relaxed=bool(decision.lacking),
        candidates=[
            Candidate(
                name=names.get(seen.agent, seen.agent),
                chosen=seen.agent == decision.agent,
                outcome=REASONS["chosen" if seen.agent == decision.agent else "behind"],
                load=seen.load,
                capacity=seen.capacity,
            )
            for seen in sorted(decision.agents, key=agent_rank)
        ],
        others=more(decision.others) if decision.others else "",
    )


def more(others: Mapping[str, int]) -> str:
    """What is said of the candidates that a decision has only counted, by what kept them from it."""
    counted = ", ".join(f"{number} {outcome}" for outcome, number in sorted(others.items()))
    return f"and {sum(others.values())} more: {counted}"


def _reason(able: Sequence[Seen], language: str, *, you: bool) -> str:
    was, speak = ("were", "speak") if you else ("was", "speaks")
    if len(able) < 2:
        return f"{was} the only one who could take it"
    best, after = able[0], able[1]
    share = f"{best['load']} of {best['capacity']} in use"
    reasons = (
        (best["speaks"] != after["speaks"], f"{speak} its language ({language_name(language)})"),
        (best["knows"] != after["knows"], "had this case before"),
        (best["preferred"] != after["preferred"], "had more of the skills that it prefers"),
        (best["load"] * after["capacity"] != after["load"] * best["capacity"], f"had the most room ({share})"),
        (best["idle_since"] != after["idle_since"], f"had been free the longest ({share})"),
    )
    return next((words for ahead, words in reasons if ahead), f"{was} first by name among equals ({share})")


def _rows(choice: Choice, agent: str | None, word: str, names: Names) -> list[Candidate]:
    return [
        Candidate(
            name=names.get(seen["agent"], seen["agent"]),
            chosen=seen["agent"] == agent,
            outcome=REASONS[outcome],
            load=int(seen["load"]),
            capacity=int(seen["capacity"]),
            speaks=bool(seen["speaks"]),
            knows=bool(seen["knows"]),
            preferred=int(seen["preferred"]),
        )
        for seen, outcome in outcomes(choice, agent, chosen=word)
    ]


def _by_hand(stored: StoredTicket, holder: str, names: Names, reader: str) -> str:
    """What says that a person has assigned it; empty when nobody did, or a system accepted an offer for its agent."""
    history = stored.work.history
    for place in range(len(history) - 1, -1, -1):
        event = history[place]
        if event["kind"] == "ticket.assigned" and event.get("agent") == holder:
            actor = str(event["actor"])
            if actor == f"agent:{holder}" or not actor.startswith(("agent:", "token:")):
                return ""
            if actor.startswith("token:") and _was_offered(history[:place], holder):
                return ""
            giver, whom = who(actor, names), "you" if holder == reader else names.get(holder, holder)
            return f"{giver[0].upper()}{giver[1:]} gave it to {whom} by hand."
    return ""


def _was_offered(history: Sequence[Mapping[str, Any]], agent: str) -> bool:
    """Whether it was offered to the agent at the end of this."""
    last = next((each for each in reversed(history) if each["kind"] in _OFFERS), None)
    return last is not None and last["kind"] == "ticket.offered" and last.get("agent") == agent


def _whom(agent: str, names: Names, reader: str) -> str:
    return "You" if agent == reader else names.get(agent, agent)
