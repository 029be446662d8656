"""Faults in tickets, agents, the feed, the engine and the API."""

import json
from typing import Any

from .evidence import Evidence
from .seeded_fault import STRANGE, an_outgoing, found_as, the_ticket


@found_as("G5", "is in no queue")
def a_ticket_is_in_no_queue(evidence: Evidence) -> None:
    the_ticket(evidence, "T-1")["queue"] = None


@found_as("G5", "and offered to boris")
def a_ticket_is_with_one_agent_and_offered_to_another(evidence: Evidence) -> None:
    the_ticket(evidence, "T-1").update(assignee="ada", offer={"agent": "boris"})


@found_as("G5", "does not wait and is with nobody")
def a_ticket_is_forgotten(evidence: Evidence) -> None:
    the_ticket(evidence, "T-1").update(assignee=None, offer=None, _occupies=None, _queue_position=None)


@found_as("G5", "still waits or is offered")
def a_solved_ticket_still_waits(evidence: Evidence) -> None:
    the_ticket(evidence, "T-1").update(status="solved", _queue_position="support|0|x")


@found_as("G5", "is charged to carla")
def a_ticket_is_charged_to_somebody_else(evidence: Evidence) -> None:
    the_ticket(evidence, "T-1")["_occupies"] = "carla"


@found_as("G5", "is kept as 40 and counts as")
def a_load_is_wrong(evidence: Evidence) -> None:
    evidence.picture.agents["ada.load"] = "40"


@found_as("G5", "was given 6 units")
def a_decision_goes_beyond_capacity(evidence: Evidence) -> None:
    decision = next(each for all_ in evidence.picture.decisions.values() for each in all_)
    decision.update(load_after=6)


@found_as("G5", "of the feed")
def the_feed_goes_beyond_capacity(evidence: Evidence) -> None:
    evidence.picture.agents |= {"ada.capacity": "0", "boris.capacity": "0"}


@found_as("routing", "waits, and zoe is free to have it")
def a_ticket_waits_beside_a_free_agent(evidence: Evidence) -> None:
    place = {"state": "waiting", "signature": "queue:support", "tokens": "queue:support", "optional": [], "dropped": []}
    place |= {"channel": "mail", "weight": 1, "excluded": {"zoe": 6}, "priority": 3, "relaxed": 0, "step": 0}
    place |= {"aim": 1, "due": 1, "place": 1}
    evidence.picture.kept.places[STRANGE] = json.dumps(place)
    free = {"presence": "available", "tokens": "language:en,queue:support", "capacity": "1", "epoch": "7"}
    evidence.picture.agents |= {f"zoe.{name}": value for name, value in free.items()}


@found_as("G8", "was acknowledged 2 times")
def a_ticket_is_acknowledged_twice(evidence: Evidence) -> None:
    articles = evidence.picture.articles
    one = next(each for each in articles.values() if each["author"]["kind"] == "system")
    articles[STRANGE] = one | {"id": STRANGE}


@found_as("G8", "and says False")
def a_ticket_denies_its_acknowledgement(evidence: Evidence) -> None:
    the_ticket(evidence, "T-1")["acknowledged"] = False


@found_as("G8", "nobody does it")
def an_article_is_being_sent_for_ever(evidence: Evidence) -> None:
    an_outgoing(evidence)["delivery"]["state"] = "sending"


@found_as("G8", "is sent and left 2 times")
def a_mail_leaves_twice(evidence: Evidence) -> None:
    assert evidence.sink is not None
    evidence.sink[an_outgoing(evidence)["external_id"]] += 1


@found_as("G8", "is sent and left 0 times")
def a_mail_never_left(evidence: Evidence) -> None:
    assert evidence.sink is not None
    del evidence.sink[an_outgoing(evidence)["external_id"]]


@found_as("G8", "is failed and left 1 times")
def a_mail_left_and_counts_as_failed(evidence: Evidence) -> None:
    an_outgoing(evidence)["delivery"]["state"] = "failed"


@found_as("invention", "left us and is no article")
def a_mail_leaves_that_nobody_wrote(evidence: Evidence) -> None:
    assert evidence.sink is not None
    evidence.sink["strange@example.test"] += 1


# The feed


@found_as("G4", "and stands at")
def a_line_is_missing_at_the_end(evidence: Evidence) -> None:
    evidence.picture.feed.pop()


@found_as("G4", "its lines are numbered")
def a_ticket_skips_a_number(evidence: Evidence) -> None:
    evidence.picture.feed[-1]["sequence"] += 1


@found_as("G4", "is not as the feed told last: ['priority']")
def a_ticket_changes_without_a_line(evidence: Evidence) -> None:
    the_ticket(evidence, "T-1")["priority"] = 1


@found_as("G4", "came into the feed 0 times")
def an_article_is_not_told(evidence: Evidence) -> None:
    for line in evidence.picture.feed:
        if line["type"] == "message.received":
            line["type"] = "message.updated"


# The engine


@found_as("structure", "index: lacks")
def the_index_lacks_a_ticket(evidence: Evidence) -> None:
    evidence.picture.index.pop()


@found_as("structure", "index: has")
def the_index_holds_too_much(evidence: Evidence) -> None:
    evidence.picture.index.add(f"queue:billing|000000000001|{the_ticket(evidence, 'T-1')['id']}")


@found_as("structure", "waiting room: has")
def the_waiting_room_holds_a_ticket_that_does_not_wait(evidence: Evidence) -> None:
    evidence.picture.waiting.add(f"support|0000000000000001|{the_ticket(evidence, 'T-1')['id']}")


@found_as("structure", "places: has")
def the_router_could_choose_a_ticket_that_does_not_wait(evidence: Evidence) -> None:
    place = {"state": "held", "step": 1, "excluded": {}, "optional": [], "dropped": [], "tokens": "queue:support"}
    evidence.picture.kept.places[the_ticket(evidence, "T-1")["id"]] = json.dumps(place)


@found_as("structure", "lines: has")
def a_line_holds_a_ticket_that_does_not_wait(evidence: Evidence) -> None:
    id_ = the_ticket(evidence, "T-1")["id"]
    evidence.picture.kept.lines.add(f"channel:mail,queue:support,weight:1|3|0000000000000001|{id_}")


@found_as("structure", "free agents: has")
def somebody_without_room_counts_as_free(evidence: Evidence) -> None:
    evidence.picture.kept.free.add("queue:support|0000|0000000000000001|nobody")


@found_as("structure", "holders: has")
def more_agents_are_counted_than_there_are(evidence: Evidence) -> None:
    evidence.picture.kept.holders["queue:support"] = "77"


@found_as("structure", "waits in billing and is in support")
def a_ticket_waits_in_another_queue(evidence: Evidence) -> None:
    evidence.picture.waiting.add(f"billing|0000000000000001|{the_ticket(evidence, 'T-1')['id']}")


@found_as("structure", "4 numbers for 5 tickets")
def a_number_is_given_twice(evidence: Evidence) -> None:
    the_ticket(evidence, "T-2")["number"] = "T-1"


@found_as("structure", "were given out")
def a_ticket_disappears(evidence: Evidence) -> None:
    del evidence.picture.tickets[the_ticket(evidence, "T-4")["id"]]


@found_as("structure", "identities: has")
def an_identity_leads_to_somebody_else(evidence: Evidence) -> None:
    evidence.picture.identities["email:ivan@example.org"] = STRANGE


@found_as("structure", "does not exist")
def a_customer_is_missing(evidence: Evidence) -> None:
    evidence.picture.customers.clear()


@found_as("structure", "filed records: lacks")
def a_filing_is_forgotten(evidence: Evidence) -> None:
    evidence.picture.filed.popitem()


@found_as("structure", "is at 0 places")
def an_entry_is_in_no_lane(evidence: Evidence) -> None:
    evidence.picture.queues["offers"].entries[900] = b"{}"


@found_as("structure", "is at 2 places")
def an_entry_is_dead_and_lined_up(evidence: Evidence) -> None:
    queue = evidence.picture.queues["intake"]
    queue.lined_up[next(iter(queue.dead))] = "lane"


@found_as("structure", "without a lease")
def a_lane_is_held_for_ever(evidence: Evidence) -> None:
    evidence.picture.queues["intake"].held.add("lane")


@found_as("structure", "ready lanes of offers: lacks")
def a_lane_with_work_is_not_ready(evidence: Evidence) -> None:
    queue = evidence.picture.queues["offers"]
    queue.entries[900], queue.lined_up[900] = b"{}", "lane"


@found_as("progress", "entries are not worked off")
def entries_are_not_worked_off(evidence: Evidence) -> None:
    queue = evidence.picture.queues["offers"]
    queue.entries[900], queue.lined_up[900], queue.ready["lane"] = b"{}", "lane", 900


@found_as("progress", "is neither filed nor suspended nor dead")
def a_message_waits_for_ever(evidence: Evidence) -> None:
    queue = evidence.picture.queues["intake"]
    queue.entries[900], queue.later[900] = b"{}\n", "lane"


@found_as("progress", "has not left, although it could")
def a_mail_does_not_leave(evidence: Evidence) -> None:
    queue = evidence.picture.queues["outbox"]
    queue.entries[900], queue.later[900] = b'{"article":"' + STRANGE.encode() + b'"}', f"ticket:{STRANGE}"


@found_as("progress", "is still held, although its time has come")
def a_reply_is_held_for_ever(evidence: Evidence) -> None:
    queue = evidence.picture.queues["held"]
    queue.entries[900], queue.later[900] = b'{"reply":"' + STRANGE.encode() + b'"}', f"ticket:{STRANGE}"


@found_as("structure", "entries of intake: there are")
def an_entry_leaves_without_being_counted(evidence: Evidence) -> None:
    evidence.picture.queues["intake"].counts["done"] -= 1


@found_as("structure", "suspended messages: there are")
def a_suspended_message_is_not_counted(evidence: Evidence) -> None:
    evidence.picture.queues["intake"].counts["suspended"] -= 1


@found_as("structure", "held replies: has")
def a_held_reply_has_no_entry(evidence: Evidence) -> None:
    evidence.picture.held[STRANGE] = {"ticket": STRANGE, "due": 1}


@found_as("structure", "unsent: has")
def the_outbox_forgets_an_entry(evidence: Evidence) -> None:
    evidence.picture.unsent.add(f"{STRANGE}|{1:016d}")


@found_as("structure", "queued articles: has")
def a_queued_article_has_no_entry(evidence: Evidence) -> None:
    an_outgoing(evidence)["delivery"]["state"] = "queued"


# The API


def _shown(evidence: Evidence, number: str) -> Any:
    assert evidence.surface is not None
    return next(ticket for ticket in evidence.surface.tickets.values() if ticket["number"] == number)


@found_as("G1", "is shown 0 times by the API")
def the_api_does_not_show_an_article(evidence: Evidence) -> None:
    _shown(evidence, "T-1")["articles"].pop(0)


@found_as("G1", "suspended: the API lists []")
def the_api_does_not_list_what_is_suspended(evidence: Evidence) -> None:
    assert evidence.surface is not None
    assert isinstance(evidence.surface.suspended, list)
    evidence.surface.suspended.clear()


@found_as("surface", "is only in the API")
def the_api_shows_a_ticket_that_is_not_there(evidence: Evidence) -> None:
    del evidence.picture.tickets[the_ticket(evidence, "T-4")["id"]]


@found_as("surface", "status is")
def the_api_tells_another_status(evidence: Evidence) -> None:
    _shown(evidence, "T-1")["status"] = "closed"


@found_as("surface", "another order in the API")
def the_api_lists_in_another_order(evidence: Evidence) -> None:
    _shown(evidence, "T-1")["articles"].reverse()
