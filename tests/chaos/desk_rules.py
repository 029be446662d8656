"""Rules on tickets, agents and what leaves us: one owner, true loads, one effect, and a feed that tells all."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from .evidence import Evidence, Violation, Violations

ACTIVE = frozenset({"new", "open"})
HAS_LEFT = {"sent": {1}, "delivered": {1}, "read": {1}, "unknown": {0, 1}}  # state → how many mails may have left
ROUTED = frozenset({"ticket.offered", "ticket.assigned"})


def one_owner(evidence: Evidence) -> Violations:
    """G5: an open ticket is in one queue that exists, waits or is with one agent, and is charged to that one."""
    for id_, ticket in evidence.picture.tickets.items():
        if not ticket.get("queue"):
            yield Violation("G5", id_, "is in no queue")
        holders = [holder for holder in (ticket["assignee"], _offered_to(ticket)) if holder]
        if len(holders) > 1:
            yield Violation("G5", id_, f"is with {holders[0]} and offered to {holders[1]}")
        active, waits, charged = ticket["status"] in ACTIVE, ticket.get("_queue_position"), ticket.get("_occupies")
        if active and bool(waits) == bool(holders):
            yield Violation("G5", id_, f"{'waits' if waits else 'does not wait'} and is with {holders or 'nobody'}")
        if not active and (waits or _offered_to(ticket)):
            yield Violation("G5", id_, f"is {ticket['status']} and still waits or is offered")
        due = holders[0] if active and holders else None
        if charged != due:
            yield Violation("G5", id_, f"is charged to {charged} and should be to {due}")


def loads_are_true(evidence: Evidence) -> Violations:
    """G5: the load of each agent is what counting their tickets gives."""
    counted: Counter[str] = Counter()
    for ticket in evidence.picture.tickets.values():
        if ticket.get("_occupies"):
            counted[f"{ticket['_occupies']}.load"] += ticket["_weight"]
            counted[f"{ticket['_occupies']}.load:{ticket['channel']}"] += ticket["_weight"]
    kept = {name: int(value) for name, value in evidence.picture.agents.items() if ".load" in name}
    for name in sorted({*counted, *kept}):
        if counted[name] != kept.get(name, 0):
            yield Violation("G5", name, f"is kept as {kept.get(name, 0)} and counts as {counted[name]}")


def never_beyond_capacity(evidence: Evidence) -> Violations:
    """G5: no decision of the router, and no moment in the feed at which it gave, takes an agent beyond capacity.

    What is patient, as letters are, keeps nobody in hand from what is not, so it does not count when such is given.
    """
    for id_, decisions in evidence.picture.decisions.items():
        for decision in decisions:
            if decision["load_after"] > decision["capacity"]:
                yield Violation("G5", id_, f"{decision['agent']} was given {decision['load_after']} units")
    holders, live = dict[str, str](), dict[str, bool]()
    for line in evidence.picture.feed:
        ticket = line["data"].get("ticket")
        if ticket is None:
            continue
        holders[ticket["id"]], live[ticket["id"]] = _holder(ticket), _is_live(evidence, ticket)
        if line["type"] in ROUTED and line["data"]["actor"] == "router":
            agent = holders[ticket["id"]]
            counted = (True,) if live[ticket["id"]] else (True, False)
            held = (id_ for id_, holder in holders.items() if holder == agent and live[id_] in counted)
            load = sum(_weight(evidence, id_) for id_ in held)
            if load > int(evidence.picture.agents[f"{agent}.capacity"]):
                yield Violation("G5", ticket["id"], f"gave {agent} {load} units at {line['position']} of the feed")


def _holder(ticket: Mapping[str, Any]) -> str:
    return (ticket["assignee"] or _offered_to(ticket) or "") if ticket["status"] in ACTIVE else ""


def _is_live(evidence: Evidence, ticket: Mapping[str, Any]) -> bool:
    takes = evidence.picture.tickets.get(ticket["id"], {}).get("_takes") or {}
    return not takes.get("patient")


def _offered_to(ticket: Mapping[str, Any]) -> str | None:
    return ticket["offer"]["agent"] if ticket["offer"] else None


def _weight(evidence: Evidence, ticket: str) -> int:
    return int(evidence.picture.tickets.get(ticket, {"_weight": 1})["_weight"])


def one_acknowledgement(evidence: Evidence) -> Violations:
    """G8: a ticket is acknowledged at most once, and says so exactly when it was."""
    counted = Counter(
        fields["ticket"]
        for fields in evidence.picture.articles.values()
        if fields["author"]["kind"] == "system" and fields["kind"] == "reply" and not fields.get("repeats")
    )
    for id_, ticket in evidence.picture.tickets.items():
        if counted[id_] > 1:
            yield Violation("G8", id_, f"was acknowledged {counted[id_]} times")
        if bool(counted[id_]) != bool(ticket.get("acknowledged")):
            yield Violation("G8", id_, f"has {counted[id_]} acknowledgements and says {ticket.get('acknowledged')}")


def one_sending(evidence: Evidence) -> Violations:
    """G8: what left us by mail left once, and every outgoing article tells the truth about it."""
    outgoing = {
        fields["external_id"]: (id_, fields["delivery"]["state"])
        for id_, fields in evidence.picture.articles.items()
        if fields.get("delivery") and fields["channel"] != "chat"
    }
    for id_, state in outgoing.values():
        if state == "sending":
            yield Violation("G8", id_, "is being sent, and nobody does it")
    if evidence.sink is None:
        return
    for external_id, (id_, state) in outgoing.items():
        left = evidence.sink[external_id]
        if left not in HAS_LEFT.get(state, {0}):
            yield Violation("G8", id_, f"is {state} and left {left} times")
    for external_id in set(evidence.sink) - set(outgoing):
        yield Violation("invention", external_id, "left us and is no article")


def feed_is_whole(evidence: Evidence) -> Violations:
    """G4: positions and the sequence of each subject rise by one, and the last line of a ticket is the ticket."""
    picture = evidence.picture
    positions = [line["position"] for line in picture.feed]
    if positions != list(range(1, picture.feed_position + 1)):
        yield Violation("G4", "feed", f"has {len(positions)} lines and stands at {picture.feed_position}")
    sequences: dict[str, list[int]] = defaultdict(list)
    last: dict[str, Mapping[str, Any]] = {}
    for line in picture.feed:
        sequences[line["subject"]].append(line["sequence"])
        last[line["subject"]] = line["data"].get("ticket", {})
    for subject, found in sequences.items():
        if found != list(range(1, len(found) + 1)):
            yield Violation("G4", subject, f"its lines are numbered {found}")
    for id_, ticket in picture.tickets.items():
        public = {name: value for name, value in ticket.items() if not name.startswith("_")}
        told = last.get(id_, {})
        differ = sorted(name for name in {*public, *told} if public.get(name) != told.get(name))
        if differ:
            yield Violation("G4", id_, f"is not as the feed told last: {differ}")


def every_article_was_told(evidence: Evidence) -> Violations:
    """G4: an article comes into the feed once, in the line that files it."""
    born = ("message.received", "message.note_added")
    told = Counter(
        line["data"]["article"]["id"]
        for line in evidence.picture.feed
        if line["type"] in born or (line["type"] == "message.queued" and _is_first(line["data"]["article"]))
    )
    for id_ in {*evidence.picture.articles, *told}:
        if told[id_] != 1 or id_ not in evidence.picture.articles:
            yield Violation("G4", id_, f"an article that came into the feed {told[id_]} times")


def _is_first(article: Mapping[str, Any]) -> bool:
    return bool(article["delivery"]["attempts"] == 0)
