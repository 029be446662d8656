"""What happened, in words: one table of sentences for the history on the desk and for lines of the feed on a terminal.

Offered to Boris · Boris declined: lunch · Taken by Ada · Moved from support to billing by Ada

An event is told from what `router/ticket.lua` remembers of it: kind, actor, agent, status and changes; `event_of` makes
the same of a line of the feed. What says nothing new has no sentence. What people wrote is not repeated, except the
reason that an agent gives. It is long because it is a table: for each kind of event one line, and what makes its words.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...normalizer.field_values import text_of
from ...queue.feed import FeedLine
from ...router.private_fields import Moved
from .labels import status_words
from .times import brief

Event = Mapping[str, Any]
Names = Mapping[str, str]

LONGEST = 200  # characters of a reason

FIELDS = {
    "priority": "Priority",
    "impact": "Impact",
    "urgency": "Urgency",
    "language": "Language",
    "tags": "Tags",
    "subject": "Subject",
    "required_skills": "Required skills",
    "preferred_skills": "Preferred skills",
    "fields": "Fields",
}

_DECIDED = {"settled": "Said not to be settled", "goes_on": "Said to be another matter"}
_ACTS = {
    "force": "give {} beyond a capacity",
    "reassign": "give away {} of a colleague",
    "release": "give back {} of a colleague",
    "move": "move {} of a colleague",
    "presence": "say how {} is",
}
_DELIVERIES = {"queued": "Sent again", "sent": "Said to have arrived", "elsewhere": "Sent to another address"}
_MOVES = {"queue": "Moved from {} to {}", "original_writer": "Customer {} → {}"}


@dataclass(frozen=True, kw_only=True)
class Happened:
    """One event as it is shown."""

    at: int
    words: str


def event_of(line: FeedLine) -> Event:
    """A line of the feed as an event."""
    ticket, article = line.data.get("ticket") or {}, line.data.get("article") or {}
    offer, agent = ticket.get("offer") or {}, line.data.get("agent") or {}
    return {
        "kind": line.kind,
        "at": line.time,
        "actor": line.data.get("actor") or "",
        "agent": offer.get("agent") or ticket.get("assignee"),
        "status": ticket.get("status"),
        "changes": line.data.get("changes"),
        "other": line.data.get("other"),
        "reason": line.data.get("reason") or agent.get("reason"),
        "ticket": ticket,
        "article": article,
        "presence": agent.get("presence"),
        "access": line.data.get("access") or {},
    }


def happenings(events: Sequence[Event], names: Names) -> list[Happened]:
    """What a ticket remembers and is worth a line beside its messages, in order; `names` are those of the agents."""
    worth = (event for event in events if event["kind"] != "ticket.created" or _is_split(event))
    told = ((int(event["at"]), sentence(event, names)) for event in worth)
    return [Happened(at=at, words=words) for at, words in told if words]


def moved_marks(moved: Sequence[Moved], names: Names) -> list[Happened]:
    """The marks where something stood that was split off."""
    counts = ((each, "A message was" if each.articles == 1 else f"{each.articles} messages were") for each in moved)
    return [
        Happened(at=each.at, words=f"{count} moved to {each.number} by {who(each.by, names)}") for each, count in counts
    ]


def who(actor: str, names: Names) -> str:
    """An actor as people say it: the agent's name, `the customer`, `the token crm`."""
    kind, _, name = actor.partition(":")
    if kind == "agent":
        return names.get(name, name)
    if kind == "customer":
        return "the customer"
    words = {"token": "the token", "rule": "the rule", "source": "the source", "import": "the import of"}
    return f"{words[kind]} {name}" if kind in words else "the router"


def sentence(event: Event, names: Names) -> str:
    """The event in words; empty when it says nothing new."""
    make = SENTENCES.get(str(event["kind"]))
    return make(event, names) if make else ""


def _accessed(words: str, event: Event, names: Names) -> str:
    access = event["access"]
    role, reason = (str(access.get(name) or "")[:LONGEST] for name in ("role", "reason"))
    about = str(access.get("about") or "")
    about = who(about, names) if about.startswith("agent:") else about
    act = _ACTS.get(str(access.get("act")), "do {}").format(about)
    told = f"{who(str(event['actor']), names)}{f', as {role},' if role else ''} {words} {act}"
    return f"{told}: {reason}" if reason else told


def _is_split(event: Event) -> bool:
    return event["kind"] == "ticket.created" and bool(event.get("other"))


def _created(event: Event, names: Names) -> str:
    if _is_split(event):
        return _other_by("Split out of")(event, names)
    ticket = event["ticket"]
    rules = f" by {', '.join(ticket['rules'])}" if ticket.get("rules") else ""
    language = "" if ticket.get("language") in (None, "unknown") else f", {ticket['language']}"
    return f"Opened in {ticket['queue']}{rules} ({ticket['channel']}{language}, priority {ticket['priority']})"


def _offered(event: Event, names: Names) -> str:
    return f"Offered to {_agent(event.get('agent'), names)}"


def _assigned(event: Event, names: Names) -> str:
    agent, actor = event.get("agent"), str(event["actor"])
    name = _agent(agent, names)
    if actor == f"agent:{agent}":
        return f"Taken by {name}"
    forced = " beyond their capacity" if _changes(event).get("forced") else ""
    return f"Given to {name}{forced} by {who(actor, names)}"


def _returned(words: str) -> Callable[[Event, Names], str]:
    def told(event: Event, names: Names) -> str:
        changes = _changes(event)
        agent = changes.get("agent") or str(event["actor"]).removeprefix("agent:")
        reason = str(changes.get("reason") or "")[:LONGEST]
        return words.format(_agent(agent, names)) + (f": {reason}" if reason else "")

    return told


def _handed_over(event: Event, names: Names) -> str:
    changes = _changes(event)
    return f"Taken back from {_agent(changes.get('agent'), names)}, who {changes.get('reason') or 'is offline'}"


def _status_changed(event: Event, names: Names) -> str:
    status, actor = status_words(str(event["status"])), str(event["actor"])
    if spam := _changes(event).get("spam"):
        return f"{'Marked as spam' if spam[1] else 'Said to be no spam'} by {who(actor, names)}"
    reason = str(_changes(event).get("reason") or "")[:LONGEST]
    if reason and event["kind"] == "ticket.closed":
        return f"Closed by {who(actor, names)}: {reason}"
    if reason and not actor.startswith(("agent:", "customer:", "token:")):
        return f"{'Solved by itself' if event['status'] == 'solved' else 'Opened again'}: {reason}"
    if event["kind"] == "ticket.reopened":
        return "Opened again by the customer’s message"
    if actor.startswith("customer:"):
        return "Opened by the customer’s message"
    return f"Made {status} by {who(actor, names)}"


def _changed(event: Event, names: Names) -> str:
    changes = {name: pair for name, pair in _changes(event).items() if differs(pair)}
    if "merged" in changes:
        return f"{_other(event)} was {_stands_for(changes['merged'])} by {who(str(event['actor']), names)}"
    told = [
        _moved(name, *pair) for name, pair in changes.items() if name in FIELDS or name in _MOVES or name in _DECIDED
    ]
    why = str(_changes(event).get("reason") or "")[:LONGEST]
    by = f"{', '.join(told)} by {who(str(event['actor']), names)}"
    return f"{by}: {why}" if told and why else by if told else ""


def _other_by(words: str) -> Callable[[Event, Names], str]:
    def told(event: Event, names: Names) -> str:
        reason = str(event.get("reason") or "")[:LONGEST]
        by = f"{words} {_other(event)} by {who(str(event['actor']), names)}"
        return f"{by}: {reason}" if reason else by

    return told


def _other(event: Event) -> str:
    return str((event.get("other") or {}).get("number") or "another ticket")


def _stands_for(pair: Any) -> str:
    """What came into a case, or left it."""
    return "merged into this one" if len(pair[1]) > len(pair[0]) else "parted from this one"


def differs(pair: Any) -> bool:
    """Whether a change, as the pair of before and after, changes anything."""
    return isinstance(pair, list) and len(pair) == 2 and pair[0] != pair[1]


def _moved(name: str, before: Any, after: Any) -> str:
    if name in _MOVES:
        return _MOVES[name].format(_value(before), _value(after))
    if name in _DECIDED:
        return _DECIDED[name]
    if name == "subject":
        return "Subject changed"
    if name == "fields":
        names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
        return ", ".join(
            f"{name} {text_of(before.get(name)) or 'none'} → {text_of(after.get(name)) or 'none'}" for name in names
        )
    return f"{FIELDS[name]} {_value(before)} → {_value(after)}"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "none" if value in (None, "", {}) else str(value)


def _changes(event: Event) -> Mapping[str, Any]:
    changes = event.get("changes")
    return changes if isinstance(changes, dict) else {}


def _agent(agent: Any, names: Names) -> str:
    return names.get(str(agent), str(agent or "nobody"))


def _failed(words: str) -> Callable[[Event, Names], str]:
    def told(event: Event, _: Names) -> str:
        detail = (event["article"].get("delivery") or {}).get("detail")
        return f"{words} ({detail})" if detail else words

    return told


def _queued(event: Event, names: Names) -> str:
    article = event["article"]
    if article.get("repeats"):
        return f"Sent once more by {article.get('channel')}"
    return "Case number acknowledged" if _by(article) == "system" else f"Answered by {_author(article, names)}"


def _by(article: Mapping[str, Any]) -> str:
    return str((article.get("author") or {}).get("kind") or "")


def _author(article: Mapping[str, Any], names: Names) -> str:
    id_ = str((article.get("author") or {}).get("id") or "?")
    return names.get(id_, id_)


def _decided(words: str) -> Callable[[Event, Names], str]:
    return lambda event, names: f"{words} by {who(str(event['actor']), names)}"


def _proof(words: str) -> Callable[[Event, Names], str]:
    """About an address, which is told of by its beginning and its domain."""

    def told(event: Event, names: Names) -> str:
        before, after = _changes(event).get("proof") or (None, None)
        by = who(str(event["actor"]), names)
        return words.format(by[:1].upper() + by[1:], after or before)

    return told


def _presence(event: Event, _: Names) -> str:
    reason = str(event.get("reason") or "")[:LONGEST]
    return f"Is {event['presence']}: {reason}" if reason else f"Is {event['presence']}"


def _promised(event: Event, _: Names) -> str:
    """Until when something is owed has changed without anybody's doing to the ticket."""
    before, after = _changes(event).get("due") or (None, None)
    reason = str(_changes(event).get("reason") or "")[:LONGEST]
    if before is None or after is None or before == after:
        return f"Promised anew: {reason}"
    return f"Promised {brief(abs(after - before))} {'later' if after > before else 'sooner'}: {reason}"


def _undelivered(event: Event, names: Names) -> str:
    agent = _changes(event).get("agent")
    lost = "An answer did not arrive"
    return f"{lost}; {_agent(agent, names)} is not there, so it waits in its queue" if agent else lost


def _delivery_decided(event: Event, names: Names) -> str:
    after, reason = (_changes(event).get("delivery") or ("", ""))[1], str(_changes(event).get("reason") or "")[:LONGEST]
    words = _DELIVERIES.get(after, "An answer was decided on")
    return f"{words} by {who(str(event['actor']), names)}" + (f": {reason}" if reason else "")


def _escalated(event: Event, names: Names) -> str:
    """What a step of an escalation did, and why."""
    changes = _changes(event)
    done = [_moved(name, *changes[name]) for name in ("priority", "queue") if name in changes]
    done = [words[:1].lower() + words[1:] for words in done]
    if "queue" not in changes and changes.get("agent"):
        done.append(f"taken from {_agent(changes['agent'], names)}")
    if told := changes.get("told"):
        done.append(f"{_and([names.get(each, each) for each in told])} told")
    return "; ".join((f"Escalated: {changes.get('reason') or ''}"[:LONGEST], *done))


def _and(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _clocked(words: str) -> Callable[[Event, Names], str]:
    def told(event: Event, names: Names) -> str:
        name = str(_changes(event).get("clock") or "").replace("_", " ")
        return words.format(name) + f" by {who(str(event['actor']), names)}"

    return told


def _applied(event: Event, names: Names) -> str:
    """What a rule has done beside what stands there already."""
    changes, rule = _changes(event), str(event["actor"]).partition(":")[2]
    if "cut" in changes:
        return f"Rules that set each other off were stopped: {', '.join(changes['cut'][1])}"
    done, failed = (", ".join((changes.get(name) or ((), ()))[1]) for name in ("did", "failed"))
    told = f"The rule {rule} did: {done or 'nothing'}"
    if "macro" in changes:
        by = who(str(event["actor"]), names)
        told = f"{by} used the macro {changes['macro'][1]}, which did: {done or 'nothing'}"
    return f"{told}; not: {failed}" if failed else told


def _reacted(event: Event, _: Names) -> str:
    went, came = _changes(event).get("reaction") or ("", "")
    return f"Reaction {came}" if came else f"Reaction {went} taken away"


def _answered_over(event: Event, names: Names) -> str:
    reason = str(_changes(event).get("reason") or "")[:LONGEST]
    return f"Answered all the same by {who(str(event['actor']), names)}, although {reason}"


def _mentioned(event: Event, names: Names) -> str:
    told = [names.get(each, each) for each in _changes(event).get("mentioned") or ()]
    return f"{_and(told) if told else 'Somebody'} named in a note by {who(str(event['actor']), names)}"


def _only(words: str) -> Callable[[Event, Names], str]:
    return lambda _, __: words


SENTENCES: Mapping[str, Callable[[Event, Names], str]] = {
    "ticket.created": _created,
    "ticket.offered": _offered,
    "ticket.assigned": _assigned,
    "ticket.declined": _returned("{} declined"),
    "ticket.missed": _returned("{} missed the offer"),
    "ticket.withdrawn": _returned("The offer to {} was withdrawn"),
    "ticket.released": _returned("{} gave it back"),
    "ticket.handed_over": _handed_over,
    "ticket.status_changed": _status_changed,
    "ticket.reopened": _status_changed,
    "ticket.closed": _status_changed,
    "ticket.answered_over": _answered_over,
    "ticket.undelivered": _undelivered,
    "ticket.delivery_decided": _delivery_decided,
    "ticket.said_settled": _only("The customer says that the matter is done"),
    "ticket.mentioned": _mentioned,
    "ticket.merged": _other_by("Merged into"),
    "ticket.unmerged": _other_by("Parted from"),
    "ticket.split": _other_by("Split, and a part moved to"),
    "ticket.proof_asked": _proof("{} sent a code to {}, by which they can prove that it is theirs"),
    "ticket.proof_withdrawn": _proof("{} took back the code that went to {}"),
    "ticket.proof_given": _proof("They proved with a code that {1} is theirs"),
    "ticket.proof_failed": _proof("They wrote a wrong code for {1}"),
    "ticket.promised": _promised,
    "ticket.escalated": _escalated,
    "ticket.rule_applied": _applied,
    "ticket.clock_started": _clocked("Clock begun ({})"),
    "ticket.clock_stopped": _clocked("Clock stopped ({})"),
    "ticket.moved": _changed,
    "ticket.updated": _changed,
    "message.received": _only("Message received"),
    "message.queued": _queued,
    "message.sent": _only("Sent"),
    "message.delivered": _only("Delivered"),
    "message.read": _only("Read by the customer"),
    "message.delivery_failed": _failed("Could not be delivered"),
    "message.delivery_unknown": _failed("Perhaps not delivered; a person must look"),
    "message.note_added": lambda event, names: f"Note by {_author(event['article'], names)}",
    "message.file_fetched": _only("A file of a message was fetched"),
    "message.file_delayed": _only("A file of a message cannot be fetched yet"),
    "message.file_missing": _only("A file of a message cannot be had"),
    "message.edited": _only("A message was edited by its writer"),
    "message.extended": _only("More of a message came"),
    "message.deleted": _only("A message was deleted where it was written"),
    "message.reacted": _reacted,
    "message.updated": _only("Came to another of our addresses too"),
    "clock.reckoned": _only("Until when it is due was worked out"),
    "customer.created": _decided("Record written"),
    "customer.updated": _decided("Record changed"),
    "customer.proposed": _only("May be the same person as another record"),
    "customer.merged": _decided("Joined with another record"),
    "customer.parted": _decided("Parted from another record"),
    "customer.kept_apart": _decided("Kept apart from another record"),
    "access.allowed": lambda event, names: _accessed("was allowed to", event, names),
    "access.refused": lambda event, names: _accessed("was not allowed to", event, names),
    "agent.presence_changed": _presence,
}
