"""Rules on the HTTP API: what it shows is what lies in the engine, and nothing that was acknowledged is missing."""

from collections import Counter

from .evidence import Evidence, Violation, Violations


def api_shows_everything(evidence: Evidence) -> Violations:
    """G1 as a person at the API sees it: each acknowledged message in one ticket or in one of the two lists."""
    surface = evidence.surface
    if surface is None:
        return
    shown = Counter(article["id"] for ticket in surface.tickets.values() for article in ticket["articles"])
    for message in evidence.messages:
        for article in evidence.filed.get(message, ()):
            if shown[article] != 1:
                yield Violation("G1", message, f"its article {article} is shown {shown[article]} times by the API")
    yield from _lists(evidence, "suspended", [str(each["id"]) for each in surface.suspended])
    dead = [str(each["about"].get("id")) for each in surface.dead if each["queue"] == "intake"]
    yield from _lists(evidence, "dead", dead)


def _lists(evidence: Evidence, name: str, shown: list[str]) -> Violations:
    stored = set(getattr(evidence.picture, name))
    if Counter(shown) != Counter(stored):
        yield Violation("G1", name, f"the API lists {sorted(shown)}, the engine holds {sorted(stored)}")


def api_tells_the_state(evidence: Evidence) -> Violations:
    """G4 and G5 at the API: tickets, holders and the order of articles are those of the engine."""
    if evidence.surface is None:
        return
    picture, tickets = evidence.picture, evidence.surface.tickets
    for id_ in set(tickets) ^ set(picture.tickets):
        yield Violation("surface", id_, f"is {'only' if id_ in tickets else 'not'} in the API")
    for id_ in set(tickets) & set(picture.tickets):
        stored, shown = picture.tickets[id_], tickets[id_]
        for name in ("number", "queue", "status", "assignee", "customer", "revision", "acknowledged"):
            if stored.get(name) != shown.get(name) and (stored.get(name) or shown.get(name)):
                yield Violation("surface", id_, f"{name} is {stored.get(name)!r}, the API says {shown.get(name)!r}")
        if [article["id"] for article in shown["articles"]] != picture.lists[id_]:
            yield Violation("surface", id_, "its articles stand in another order in the API")
