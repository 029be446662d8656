"""Rules on the engine itself: what scripts keep twice is equal, and after quiescence nothing hangs."""

import json
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from ..recount import complaints
from .evidence import Evidence, Violation, Violations
from .picture import Picture, Queue


def indexes_agree(evidence: Evidence) -> Violations:
    """The index and the waiting room are what the tickets say."""
    picture = evidence.picture
    expected = {
        f"{dimension}|{int(ticket['number'][2:]):012d}|{id_}"
        for id_, ticket in picture.tickets.items()
        for dimension in _dimensions(ticket)
    } | {f"{promise}|{id_}" for id_, ticket in picture.tickets.items() for promise in _promises(ticket)}
    yield from _difference("index", picture.index, expected)
    waiting = {ticket["_queue_position"] for ticket in picture.tickets.values() if ticket.get("_queue_position")}
    yield from _difference("waiting room", picture.waiting, waiting)
    places = {member.split("|")[2]: member.split("|")[0] for member in picture.waiting}
    for id_, queue in places.items():
        if id_ in picture.tickets and picture.tickets[id_]["queue"] != queue:
            yield Violation("structure", id_, f"waits in {queue} and is in {picture.tickets[id_]['queue']}")


def choices_agree(evidence: Evidence) -> Violations:
    """What the router chooses from is what the tickets and the agents say."""
    picture = evidence.picture
    for words in complaints(picture.tickets, picture.agents, picture.kept):
        name, _, told = words.partition(": ")
        yield Violation("structure", name, told)


def _dimensions(ticket: dict[str, object]) -> list[str]:
    queue, status, offer = ticket["queue"], ticket["status"], ticket["offer"]
    found = ["all", f"queue:{queue}", f"status:{status}", f"queue:{queue}:{status}"]
    found += [f"{name}:{ticket[name]}" for name in ("customer", "assignee") if ticket.get(name)]
    found += [f"assignee:{ticket['assignee']}:{status}"] if ticket.get("assignee") else []
    found += [f"declined:{queue}"] if ticket.get("_declined_by_all") else []
    if ticket.get("undelivered") and not ticket.get("merged_into") and ticket.get("resolution") != "spam":
        found += ["undelivered", f"undelivered:{queue}"]
    return found + ([f"offered:{offer['agent']}"] if isinstance(offer, dict) else [])


def _promises(ticket: Mapping[str, Any]) -> Iterator[str]:
    """What the most urgent of its running clocks owes: at risk from, due at; since when nobody has it, it is solved."""
    if ticket["status"] == "solved" and ticket.get("_solved_at") and not ticket.get("undelivered"):
        yield f"solved:{ticket['queue']}|{ticket['_solved_at']:016d}"
    queue, since = ticket["queue"], ticket.get("_unassigned_since")
    if ticket.get("reply_by") and ticket.get("_customer_waits_since") and ticket["status"] not in ("solved", "closed"):
        yield f"window:{queue}|{ticket['reply_by']:016d}"
    if since and ticket["status"] in ("new", "open"):
        yield f"wanted:{queue}|{since:016d}"
    clocks = [] if ticket.get("merged_into") else (ticket.get("clocks") or {}).values()
    running = [each for each in clocks if not each.get("stopped") and not each.get("paused_since")]
    if running:
        due = min(each["due"] for each in running)
        yield f"risk:{queue}|{next(each['risk'] for each in running if each['due'] == due):016d}"
        yield f"due:{queue}|{due:016d}"


def numbers_are_given_once(evidence: Evidence) -> Violations:
    """A case number leads to its ticket, and none was given twice."""
    picture = evidence.picture
    numbers = {ticket["number"]: id_ for id_, ticket in picture.tickets.items()}
    if len(numbers) != len(picture.tickets):
        yield Violation("structure", "numbers", f"{len(numbers)} numbers for {len(picture.tickets)} tickets")
    found = {key.removeprefix("number:"): id_ for key, id_ in picture.threads.items() if key.startswith("number:")}
    yield from _difference("numbers", set(found.items()), set(numbers.items()))
    if len(picture.tickets) != int(picture.counters.get("ticket", 0)):
        yield Violation("structure", "numbers", f"{picture.counters.get('ticket')} were given out")


def people_are_found(evidence: Evidence) -> Violations:
    """From an identity to its customer and back is one way, and every ticket's customer exists."""
    picture = evidence.picture
    back = {
        f"{identity['kind']}:{identity['value']}": id_
        for id_, customer in picture.customers.items()
        for identity in customer["identities"]
    }
    yield from _difference("identities", set(picture.identities.items()), set(back.items()))
    for id_, ticket in picture.tickets.items():
        if ticket.get("customer") not in picture.customers:
            yield Violation("structure", id_, f"its customer {ticket.get('customer')} does not exist")


def filings_are_remembered(evidence: Evidence) -> Violations:
    """Every filed message is known as filed, with its article, and the other way round."""
    picture = evidence.picture
    filed = {(picture.articles[article]["ticket"], article) for article in picture.originals}
    yield from _difference("filed records", set(picture.filed.values()), filed)


def queues_are_sound(evidence: Evidence) -> Violations:
    """Every entry is at one place, every lane with work is ready or held, and after quiescence none is."""
    for name, queue in evidence.picture.queues.items():
        for sequence in {*queue.entries, *queue.lined_up, *queue.later, *queue.dead}:
            places = sum(sequence in each for each in (queue.lined_up, queue.later, queue.dead))
            if places != 1 or sequence not in queue.entries:
                yield Violation("structure", f"{name}-{sequence}", f"is at {places} places")
        for lane in queue.held ^ queue.leased:
            yield Violation("structure", f"{name} {lane}", "has a holder without a lease or a lease without a holder")
        yield from _ready_lanes(name, queue)
        if queue.lined_up or queue.held:
            busy = len(queue.lined_up), sorted(queue.held)[:3]
            yield Violation("progress", name, f"{busy[0]} entries are not worked off, lanes held: {busy[1]}")
    queues = evidence.picture.queues
    for sequence in sorted(queues["intake"].unfinished):
        yield Violation("progress", f"intake-{sequence}", "is neither filed nor suspended nor dead")
    for sequence in sorted(queues["outbox"].unfinished):
        yield Violation("progress", f"outbox-{sequence}", "has not left, although it could")


def counts_balance(evidence: Evidence) -> Violations:
    """What came in is done, dropped, or still there; and so it is with what was set aside."""
    picture = evidence.picture
    for name in ("intake", "offers", "clocks", "alerts", "held", "outbox"):
        queue, counts = picture.queues[name], picture.queues[name].counts
        yield from _sum(f"entries of {name}", len(queue.entries), counts["in"] - counts["done"] - counts["dropped"])
        yield from _sum(f"dead letters of {name}", len(queue.dead), counts["dead"])
    counts = picture.queues["intake"].counts
    yield from _sum("received messages", len(picture.accepted), counts["received"])
    yield from _sum("stored messages", counts["received"], counts["in"] - counts["released"])
    held = counts["suspended"] - counts["released"] - counts["discarded"]
    yield from _sum("suspended messages", len(picture.suspended), held)


def _sum(name: str, found: int, counted: int) -> Violations:
    if found != counted:
        yield Violation("structure", name, f"there are {found}, and {counted} were counted")


def _ready_lanes(name: str, queue: Queue) -> Violations:
    heads: dict[str, int] = {}
    for sequence, lane in sorted(queue.lined_up.items()):
        heads.setdefault(lane, sequence)
    ready = {lane: head for lane, head in heads.items() if lane not in queue.held}
    yield from _difference(f"ready lanes of {name}", set(queue.ready.items()), set(ready.items()))


def unsent_is_the_outbox(evidence: Evidence) -> Violations:
    """What has not left is what the outbox still holds, and only such articles are queued."""
    picture = evidence.picture
    outbox = picture.queues["outbox"]
    lanes = outbox.lined_up | outbox.later
    expected = {f"{lane.removeprefix('ticket:')}|{sequence:016d}" for sequence, lane in lanes.items()}
    yield from _difference("unsent", picture.unsent, expected)
    waiting = {id_ for id_, fields in picture.articles.items() if _is_queued(fields)}
    entries = {_article_of(picture, sequence) for sequence in outbox.unfinished}
    yield from _difference("queued articles", waiting, entries)


def held_replies_leave(evidence: Evidence) -> Violations:
    """Every held reply has its entry and its place at its ticket, and none is left over."""
    picture = evidence.picture
    queue = picture.queues["held"]
    entries = {json.loads(payload)["reply"] for payload in queue.entries.values()}
    places = {f"{reply['ticket']}|{reply['due']:016d}|{id_}" for id_, reply in picture.held.items()}
    yield from _difference("held replies", set(picture.held), entries)
    yield from _difference("held replies by ticket", picture.held_by_ticket, places)
    for sequence in sorted(queue.unfinished):
        yield Violation("progress", f"held-{sequence}", "is still held, although its time has come")


def _is_queued(article: dict[str, object]) -> bool:
    delivery = article.get("delivery")
    return isinstance(delivery, dict) and delivery["state"] in ("queued", "sending")


def _article_of(picture: Picture, sequence: int) -> str:
    payload = picture.queues["outbox"].entries[sequence].decode()
    return payload.split('"article":"')[1][:36]


def _difference(name: str, found: AbstractSet[object], expected: AbstractSet[object]) -> Violations:
    for surplus in sorted(map(str, set(found) - set(expected)))[:5]:
        yield Violation("structure", name, f"has {surplus}, which should not be there")
    for missing in sorted(map(str, set(expected) - set(found)))[:5]:
        yield Violation("structure", name, f"lacks {missing}")
