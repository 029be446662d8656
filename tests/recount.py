"""Counts the waiting room and the free agents again, from tickets and agents, and tells what is kept otherwise."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Fields = Mapping[str, Any]

SETS = {
    **dict.fromkeys(("lines", "heads", "on_time", "returning", "overflow", "wanting"), "room"),
    **dict.fromkeys(("free", "duty"), "staff"),
}
HASHES = {"places": "room", "counts": "room", "holders": "staff"}
"""What the engine has as sorted sets and as hashes, each with what its key begins with."""

GAINS = (1000, 600, 300, 200, 100)
NUMBERS = ("load", "live", "tickets", "live_tickets", "exclusive")


@dataclass(kw_only=True)
class Kept:
    """What the engine keeps beside the records, as texts."""

    lines: set[str] = field(default_factory=set)
    heads: set[str] = field(default_factory=set)
    on_time: set[str] = field(default_factory=set)
    returning: set[str] = field(default_factory=set)
    overflow: set[str] = field(default_factory=set)
    wanting: set[str] = field(default_factory=set)
    free: set[str] = field(default_factory=set)
    duty: set[str] = field(default_factory=set)
    places: dict[str, str] = field(default_factory=dict)
    counts: dict[str, str] = field(default_factory=dict)
    holders: dict[str, str] = field(default_factory=dict)


def complaints(tickets: Mapping[str, Fields], agents: Mapping[str, str], kept: Kept) -> list[str]:
    """What is kept and is not so; empty when all is right. Tickets by id with their private fields."""
    places = {id_: json.loads(place) for id_, place in kept.places.items()}
    return [
        *_places(tickets, places),
        *_room(places, kept),
        *_heads(kept),
        *_staff(agents, kept),
        *_loads(tickets, agents),
        *_keepers(places, agents),
    ]


def _places(tickets: Mapping[str, Fields], places: Mapping[str, Fields]) -> Iterator[str]:
    waiting = {id_: ticket for id_, ticket in tickets.items() if ticket.get("_queue_position")}
    yield from _differ("places", set(places), set(waiting))
    for id_ in places.keys() & waiting.keys():
        place, ticket = places[id_], waiting[id_]
        found = (place["tokens"].split(","), place["priority"], place["due"], place["weight"])
        expected = (_tokens(ticket), ticket["priority"], ticket["_due"], ticket["_weight"])
        if found != expected:
            yield f"place of {id_}: {found} is not {expected}"
        excluded = {agent: each["epoch"] for agent, each in (ticket.get("_excluded") or {}).items()}
        if dict(place["excluded"]) != excluded:
            yield f"place of {id_}: excludes {place['excluded']}, not {excluded}"


def _room(places: Mapping[str, Fields], kept: Kept) -> Iterator[str]:
    stand = {id_: place for id_, place in places.items() if place["state"] == "waiting"}
    yield from _differ("lines", kept.lines, {_line(id_, place) for id_, place in stand.items()})
    on_time = {f"{p['priority']}|{p['due']:016d}|{id_}" for id_, p in places.items() if p["step"] == 0}
    yield from _differ("on time", kept.on_time, on_time)
    for name, found in (("returning", kept.returning), ("overflow", kept.overflow)):
        yield from _differ(name, found, {place[name] for place in places.values() if place.get(name)})
    wanting = {
        f"{each['token']}|{id_}"
        for id_, place in places.items()
        for each in place["optional"]
        if each["at_once"] and each["token"] not in place["dropped"]
    }
    yield from _differ("wanting", kept.wanting, wanting)
    for id_, place in stand.items():
        left = [token for token in place["tokens"].split(",") if token not in place["dropped"]]
        if place["signature"] != ",".join(left):
            yield f"signature of {id_}: {place['signature']} is not {left}"
        if bool(place["relaxed"]) != bool(place.get("overflow")):
            yield f"overflow of {id_}: relaxed by {place['relaxed']}, stands at {place.get('overflow')}"


def _heads(kept: Kept) -> Iterator[str]:
    firsts: dict[str, str] = {}
    for member in sorted(kept.lines):
        firsts.setdefault("|".join(member.split("|")[:2]), member)
    heads, counts = set[str](), Counter[str]()
    for line, member in firsts.items():
        signature, priority = line.split("|")
        anchor = kept.counts.get(f"anchor|{signature}", "")
        if anchor not in signature.split(","):
            yield f"anchor of {signature}: {anchor or 'none'}"
        heads.add(f"{anchor}|{priority}|{member.removeprefix(line + '|')}|{signature}")
        counts.update((f"heads|{anchor}|{priority}", f"heads|{signature}"))
    counts.update(f"overflow|{member.split('|')[0]}" for member in kept.overflow)
    yield from _differ("heads", kept.heads, heads)
    numbers = {name: int(number) for name, number in kept.counts.items() if not name.startswith("anchor|")}
    yield from _differ("counts", set(numbers.items()), set(counts.items()))
    anchors = {name.removeprefix("anchor|") for name in kept.counts if name.startswith("anchor|")}
    yield from _differ("anchors", anchors, {line.split("|")[0] for line in firsts})


def _staff(agents: Mapping[str, str], kept: Kept) -> Iterator[str]:
    free, holders, duty = set[str](), Counter[str](), set[str]()
    for id_, agent in _by_agent(agents).items():
        tokens = [token for token in agent.get("tokens", "").split(",") if token]
        holders.update(tokens)
        if agent.get("presence") in ("available", "busy"):
            duty |= {f"{token}|{id_}" for token in tokens}
        speeds = json.loads(agent.get("speeds") or "{}")
        for way, gain in _gains(agent):
            idle = int(agent.get("idle_since", 0))
            for token in tokens:
                slowness = 100_000 - gain * speeds.get(token, 1000) // 1000
                free.add(f"{way},{token}|{slowness:06d}|{idle:016d}|{id_}")
    yield from _differ("free agents", kept.free, free)
    yield from _differ("duty", kept.duty, duty)
    yield from _differ("holders", {(key, int(value)) for key, value in kept.holders.items()}, set(holders.items()))


def _gains(agent: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """The ways in which somebody is free, with what one ticket more adds to their rate."""
    gains = [int(gain) for gain in agent.get("gains", "").split(",") if gain] or GAINS
    number = {name: int(agent.get(name, 0)) for name in (*NUMBERS, "capacity")}
    closed = (
        0 < int(agent.get("closes_at", 0)) < int(agent.get("shift_look", 0))
    )  # what is looked at next comes after it
    if agent.get("presence") != "available" or agent.get("keeps") or number["exclusive"] or closed:
        return
    for way, load, tickets in (("live", "live", "live_tickets"), ("patient", "load", "tickets")):
        if number[load] + 1 <= number["capacity"]:
            yield way, gains[min(number[tickets], len(gains) - 1)]


def _loads(tickets: Mapping[str, Fields], agents: Mapping[str, str]) -> Iterator[str]:
    counted: Counter[str] = Counter()
    for agent, takes in _in_hand(tickets, agents):
        if takes:
            live = 0 if takes.get("patient") else 1
            counted.update(
                {
                    f"{agent}.load": takes["weight"],
                    f"{agent}.load:{takes['channel']}": takes["weight"],
                    f"{agent}.tickets": 1,
                    f"{agent}.live": live * takes["weight"],
                    f"{agent}.live_tickets": live,
                    f"{agent}.exclusive": 1 if takes.get("exclusive") else 0,
                }
            )
    kept = {
        name: int(value)
        for name, value in agents.items()
        if name.rsplit(".", 1)[1].split(":")[0] in NUMBERS and value != "0"
    }
    yield from _differ("loads", set(kept.items()), {(name, number) for name, number in counted.items() if number})


def _in_hand(tickets: Mapping[str, Fields], agents: Mapping[str, str]) -> Iterator[tuple[str, Fields]]:
    """What takes room of whom: tickets, and those that are being wrapped up."""
    for ticket in tickets.values():
        if agent := ticket.get("_occupies"):
            yield agent, ticket["_takes"]
    for id_, facts in _by_agent(agents).items():
        for each in json.loads(facts.get("wrapping", "{}")).values():
            yield id_, each["takes"]


def _keepers(places: Mapping[str, Fields], agents: Mapping[str, str]) -> Iterator[str]:
    keeps = {(id_, agent["keeps"]) for id_, agent in _by_agent(agents).items() if agent.get("keeps")}
    yield from _differ("keepers", keeps, {(p["keeper"], id_) for id_, p in places.items() if p.get("keeper")})


def _by_agent(agents: Mapping[str, str]) -> Mapping[str, Mapping[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name, value in agents.items():
        id_, name_ = name.rsplit(".", 1)
        found.setdefault(id_, {})[name_] = value
    return found


def _tokens(ticket: Fields) -> list[str]:
    skills = [*ticket["required_skills"], *ticket["preferred_skills"]]
    tokens = {
        f"queue:{ticket['queue']}",
        *(f"skill:{skill}" if "@" in skill else f"skill:{skill}@1" for skill in skills),
    }
    return sorted(tokens | ({f"language:{ticket['language']}"} if ticket["language"] != "unknown" else set()))


def _line(id_: str, place: Fields) -> str:
    flags = "".join(
        flag
        for flag, is_set in (("p", place.get("patient")), ("x", place.get("exclusive")), ("e", place["excluded"]))
        if is_set
    )
    kind = f"{place['aim']}|{place['step']}|{place['channel']}|{place['weight']}|{flags or '-'}"
    return f"{place['signature']}|{place['priority']}|{place['place']:016d}|{id_}|{kind}"


def _differ(name: str, found: set[Any], expected: set[Any]) -> Iterator[str]:
    for surplus in sorted(map(str, found - expected))[:5]:
        yield f"{name}: has {surplus}, which should not be there"
    for missing in sorted(map(str, expected - found))[:5]:
        yield f"{name}: lacks {missing}"
