"""Faults that are put into clean evidence, each with the rule that must find it and words that it must say."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from .evidence import Evidence
from .history import Action, Attempt, Message, Outcome
from .picture import Fields, Raw

Put = Callable[[Evidence], None]

STRANGE = "01900000-0000-7000-8000-000000000000"


@dataclass(frozen=True)
class SeededFault:
    """One fault."""

    rule: str
    words: str
    put: Put

    @property
    def name(self) -> str:
        """What it does."""
        return self.put.__name__.strip("_")


FAULTS: list[SeededFault] = []


def _found_as(rule: str, words: str) -> Callable[[Put], Put]:
    def remember(put: Put) -> Put:
        FAULTS.append(SeededFault(rule, words, put))
        return put

    return remember


def _ticket(evidence: Evidence, number: str) -> Fields:
    return next(ticket for ticket in evidence.picture.tickets.values() if ticket["number"] == number)


def _article(evidence: Evidence, message: str) -> str:
    return evidence.filed[message][0]


def _outgoing(evidence: Evidence) -> Fields:
    return next(fields for fields in evidence.picture.articles.values() if fields.get("delivery"))


def _attempt(message: str, outcome: Outcome, *, seconds: float = 0.1, raw_id: str = "", answer: str = "") -> Attempt:
    return Attempt(message=message, began=900, ended=900 + seconds, outcome=outcome, raw_id=raw_id, answer=answer)


def _tell(evidence: Evidence, *records: Attempt | Action | Message) -> None:
    for record in records:
        evidence.history.add(record)


# What customers were told


@_found_as("G1", "is nowhere")
def an_article_is_lost(evidence: Evidence) -> None:
    article = _article(evidence, "word3")
    ticket = evidence.picture.articles.pop(article)["ticket"]
    evidence.picture.lists[ticket].remove(article)
    del evidence.picture.originals[article]


@_found_as("G1", "is nowhere")
def a_suspended_message_is_lost(evidence: Evidence) -> None:
    evidence.picture.suspended.clear()


@_found_as("G1", "is nowhere")
def a_dead_letter_is_lost(evidence: Evidence) -> None:
    evidence.picture.dead.clear()


@_found_as("G1", "and the dead letters")
def a_filed_message_is_dead_as_well(evidence: Evidence) -> None:
    raw = evidence.raw_of[_article(evidence, "word3")]
    evidence.picture.dead[raw] = Raw(id=raw, digest="")


@_found_as("G1", "accepted raw messages are nowhere")
def a_message_that_nobody_was_told_of_vanishes(evidence: Evidence) -> None:
    evidence.picture.accepted |= {STRANGE: "one", STRANGE[:-1] + "1": "two"}


@_found_as("G1", "is listed 2 times")
def an_article_is_listed_by_two_tickets(evidence: Evidence) -> None:
    evidence.picture.lists[_ticket(evidence, "T-3")["id"]].append(_article(evidence, "word1"))


@_found_as("G1", "does not exist")
def a_listed_article_does_not_exist(evidence: Evidence) -> None:
    evidence.picture.lists[_ticket(evidence, "T-3")["id"]].append(STRANGE)


@_found_as("G2", "is 2 articles")
def a_message_is_filed_twice(evidence: Evidence) -> None:
    picture, article = evidence.picture, _article(evidence, "word3")
    picture.articles[STRANGE] = picture.articles[article] | {"id": STRANGE}
    picture.originals[STRANGE] = picture.originals[article]
    picture.lists[picture.articles[article]["ticket"]].append(STRANGE)


@_found_as("G2", "under several ids")
def a_repeat_is_given_another_id(evidence: Evidence) -> None:
    first = evidence.attempts["word3"][0]
    _tell(evidence, replace(first, raw_id=STRANGE))


@_found_as("G2", "was given to several messages")
def two_messages_are_given_one_id(evidence: Evidence) -> None:
    first = evidence.attempts["word3"][0]
    _tell(evidence, replace(first, message="word7", copy="another"))


@_found_as("G3", "was refused for good")
def a_message_is_refused_for_good(evidence: Evidence) -> None:
    _tell(evidence, _attempt("word1", "permanent", answer="554 no"))


@_found_as("G3", "was refused after")
def a_refusal_comes_late(evidence: Evidence) -> None:
    _tell(evidence, _attempt("word1", "temporary", seconds=40))


@_found_as("G3", "without an id")
def an_answer_names_no_id(evidence: Evidence) -> None:
    _tell(evidence, _attempt("word1", "ok"))


@_found_as("G3", "was never taken")
def a_message_is_never_taken(evidence: Evidence) -> None:
    _tell(
        evidence, Message(id="word9", channel="mail", external_id="word9", digests=()), _attempt("word9", "temporary")
    )


@_found_as("invention", "nobody sent")
def bytes_are_stored_that_nobody_sent(evidence: Evidence) -> None:
    evidence.picture.originals[_article(evidence, "word3")] = "0" * 64


@_found_as("invention", "has lost its bytes")
def a_blob_is_gone(evidence: Evidence) -> None:
    evidence.picture.originals[_article(evidence, "word4")] = ""


@_found_as("joining", "know nothing of each other")
def a_conversation_is_torn_apart(evidence: Evidence) -> None:
    article, ticket = _article(evidence, "word2"), _ticket(evidence, "T-3")["id"]
    evidence.picture.articles[article]["ticket"] = ticket


@_found_as("G4", "stands in another order")
def a_conversation_is_turned_round(evidence: Evidence) -> None:
    evidence.picture.lists[_ticket(evidence, "T-1")["id"]].reverse()


@_found_as("G4", "not in the order of intake")
def articles_are_not_in_their_order(evidence: Evidence) -> None:
    evidence.picture.articles[_article(evidence, "word1")]["order"] = "9"


def _reply(evidence: Evidence, outcome: Outcome, text: str) -> Action:
    return replace(evidence.history.actions()[0], outcome=outcome, text=text)


@_found_as("G1", "was taken and is nowhere")
def a_reply_is_lost(evidence: Evidence) -> None:
    _tell(evidence, _reply(evidence, "ok", "another answer"))


@_found_as("G2", "the reply is 2 articles")
def a_reply_is_written_twice(evidence: Evidence) -> None:
    text = evidence.history.actions()[0].text
    article = next(each for each in evidence.picture.articles.values() if each.get("text") == text)
    evidence.picture.articles[STRANGE] = article | {"id": STRANGE}


@_found_as("G3", "was refused")
def a_reply_is_refused_for_our_own_fault(evidence: Evidence) -> None:
    _tell(evidence, _reply(evidence, "permanent", ""))


# Tickets and agents


@_found_as("G5", "is in no queue")
def a_ticket_is_in_no_queue(evidence: Evidence) -> None:
    _ticket(evidence, "T-1")["queue"] = None


@_found_as("G5", "and offered to boris")
def a_ticket_is_with_one_agent_and_offered_to_another(evidence: Evidence) -> None:
    _ticket(evidence, "T-1").update(assignee="ada", offer={"agent": "boris"})


@_found_as("G5", "does not wait and is with nobody")
def a_ticket_is_forgotten(evidence: Evidence) -> None:
    _ticket(evidence, "T-1").update(assignee=None, offer=None, _charged=None, _waiting=None)


@_found_as("G5", "still waits or is offered")
def a_solved_ticket_still_waits(evidence: Evidence) -> None:
    _ticket(evidence, "T-1").update(status="solved", _waiting="support|0|x")


@_found_as("G5", "is charged to carla")
def a_ticket_is_charged_to_somebody_else(evidence: Evidence) -> None:
    _ticket(evidence, "T-1")["_charged"] = "carla"


@_found_as("G5", "is kept as 4 and counts as")
def a_load_is_wrong(evidence: Evidence) -> None:
    evidence.picture.agents["ada.load"] = "4"


@_found_as("G5", "was given 6 units")
def a_decision_goes_beyond_capacity(evidence: Evidence) -> None:
    decision = next(each for all_ in evidence.picture.decisions.values() for each in all_)
    decision.update(load_after=6)


@_found_as("G5", "of the feed")
def the_feed_goes_beyond_capacity(evidence: Evidence) -> None:
    evidence.picture.agents |= {"ada.capacity": "0", "boris.capacity": "0"}


@_found_as("G8", "was acknowledged 2 times")
def a_ticket_is_acknowledged_twice(evidence: Evidence) -> None:
    articles = evidence.picture.articles
    one = next(each for each in articles.values() if each["author"]["kind"] == "system")
    articles[STRANGE] = one | {"id": STRANGE}


@_found_as("G8", "and says False")
def a_ticket_denies_its_acknowledgement(evidence: Evidence) -> None:
    _ticket(evidence, "T-1")["acknowledged"] = False


@_found_as("G8", "nobody does it")
def an_article_is_being_sent_for_ever(evidence: Evidence) -> None:
    _outgoing(evidence)["delivery"]["state"] = "sending"


@_found_as("G8", "is sent and left 2 times")
def a_mail_leaves_twice(evidence: Evidence) -> None:
    assert evidence.sink is not None
    evidence.sink[_outgoing(evidence)["external_id"]] += 1


@_found_as("G8", "is sent and left 0 times")
def a_mail_never_left(evidence: Evidence) -> None:
    assert evidence.sink is not None
    del evidence.sink[_outgoing(evidence)["external_id"]]


@_found_as("G8", "is failed and left 1 times")
def a_mail_left_and_counts_as_failed(evidence: Evidence) -> None:
    _outgoing(evidence)["delivery"]["state"] = "failed"


@_found_as("invention", "left us and is no article")
def a_mail_leaves_that_nobody_wrote(evidence: Evidence) -> None:
    assert evidence.sink is not None
    evidence.sink["strange@example.test"] += 1


# The feed


@_found_as("G4", "and stands at")
def a_line_is_missing_at_the_end(evidence: Evidence) -> None:
    evidence.picture.feed.pop()


@_found_as("G4", "its lines are numbered")
def a_ticket_skips_a_number(evidence: Evidence) -> None:
    evidence.picture.feed[-1]["sequence"] += 1


@_found_as("G4", "is not as the feed told last: ['priority']")
def a_ticket_changes_without_a_line(evidence: Evidence) -> None:
    _ticket(evidence, "T-1")["priority"] = 1


@_found_as("G4", "came into the feed 0 times")
def an_article_is_not_told(evidence: Evidence) -> None:
    for line in evidence.picture.feed:
        if line["type"] == "message.received":
            line["type"] = "message.updated"


# The engine


@_found_as("structure", "index: lacks")
def the_index_lacks_a_ticket(evidence: Evidence) -> None:
    evidence.picture.index.pop()


@_found_as("structure", "index: has")
def the_index_holds_too_much(evidence: Evidence) -> None:
    evidence.picture.index.add(f"queue:billing|000000000001|{_ticket(evidence, 'T-1')['id']}")


@_found_as("structure", "waiting room: has")
def the_waiting_room_holds_a_ticket_that_does_not_wait(evidence: Evidence) -> None:
    evidence.picture.waiting.add(f"support|0000000000000001|{_ticket(evidence, 'T-1')['id']}")


@_found_as("structure", "waits in billing and is in support")
def a_ticket_waits_in_another_queue(evidence: Evidence) -> None:
    evidence.picture.waiting.add(f"billing|0000000000000001|{_ticket(evidence, 'T-1')['id']}")


@_found_as("structure", "3 numbers for 4 tickets")
def a_number_is_given_twice(evidence: Evidence) -> None:
    _ticket(evidence, "T-2")["number"] = "T-1"


@_found_as("structure", "were given out")
def a_ticket_disappears(evidence: Evidence) -> None:
    del evidence.picture.tickets[_ticket(evidence, "T-4")["id"]]


@_found_as("structure", "identities: has")
def an_identity_leads_to_somebody_else(evidence: Evidence) -> None:
    evidence.picture.identities["email:ivan@example.org"] = STRANGE


@_found_as("structure", "does not exist")
def a_customer_is_missing(evidence: Evidence) -> None:
    evidence.picture.customers.clear()


@_found_as("structure", "filed records: lacks")
def a_filing_is_forgotten(evidence: Evidence) -> None:
    evidence.picture.filed.popitem()


@_found_as("structure", "is at 0 places")
def an_entry_is_in_no_lane(evidence: Evidence) -> None:
    evidence.picture.queues["offers"].entries[900] = b"{}"


@_found_as("structure", "is at 2 places")
def an_entry_is_dead_and_lined_up(evidence: Evidence) -> None:
    queue = evidence.picture.queues["intake"]
    queue.lined_up[next(iter(queue.dead))] = "lane"


@_found_as("structure", "without a lease")
def a_lane_is_held_for_ever(evidence: Evidence) -> None:
    evidence.picture.queues["intake"].held.add("lane")


@_found_as("structure", "ready lanes of offers: lacks")
def a_lane_with_work_is_not_ready(evidence: Evidence) -> None:
    queue = evidence.picture.queues["offers"]
    queue.entries[900], queue.lined_up[900] = b"{}", "lane"


@_found_as("progress", "entries are not worked off")
def entries_are_not_worked_off(evidence: Evidence) -> None:
    queue = evidence.picture.queues["offers"]
    queue.entries[900], queue.lined_up[900], queue.ready["lane"] = b"{}", "lane", 900


@_found_as("progress", "is neither filed nor suspended nor dead")
def a_message_waits_for_ever(evidence: Evidence) -> None:
    queue = evidence.picture.queues["intake"]
    queue.entries[900], queue.later[900] = b"{}\n", "lane"


@_found_as("progress", "has not left, although it could")
def a_mail_does_not_leave(evidence: Evidence) -> None:
    queue = evidence.picture.queues["outbox"]
    queue.entries[900], queue.later[900] = b'{"article":"' + STRANGE.encode() + b'"}', f"ticket:{STRANGE}"


@_found_as("structure", "unsent: has")
def the_outbox_forgets_an_entry(evidence: Evidence) -> None:
    evidence.picture.unsent.add(f"{STRANGE}|{1:016d}")


@_found_as("structure", "queued articles: has")
def a_queued_article_has_no_entry(evidence: Evidence) -> None:
    _outgoing(evidence)["delivery"]["state"] = "queued"


# The API


def _shown(evidence: Evidence, number: str) -> Any:
    assert evidence.surface is not None
    return next(ticket for ticket in evidence.surface.tickets.values() if ticket["number"] == number)


@_found_as("G1", "is shown 0 times by the API")
def the_api_does_not_show_an_article(evidence: Evidence) -> None:
    _shown(evidence, "T-1")["articles"].pop(0)


@_found_as("G1", "suspended: the API lists []")
def the_api_does_not_list_what_is_suspended(evidence: Evidence) -> None:
    assert evidence.surface is not None
    assert isinstance(evidence.surface.suspended, list)
    evidence.surface.suspended.clear()


@_found_as("surface", "is only in the API")
def the_api_shows_a_ticket_that_is_not_there(evidence: Evidence) -> None:
    del evidence.picture.tickets[_ticket(evidence, "T-4")["id"]]


@_found_as("surface", "status is")
def the_api_tells_another_status(evidence: Evidence) -> None:
    _shown(evidence, "T-1")["status"] = "closed"


@_found_as("surface", "another order in the API")
def the_api_lists_in_another_order(evidence: Evidence) -> None:
    _shown(evidence, "T-1")["articles"].reverse()
