"""Faults in chats: in what visitors were told and shown, in the log, and in what became tickets."""

from dataclasses import replace
from typing import Any

from .evidence import Evidence
from .history import Message, Stay
from .picture import Log
from .seeded_fault import STRANGE, an_attempt, found_as, tell, the_article, the_ticket


def _log(evidence: Evidence) -> Log:
    return next(iter(evidence.picture.logs.values()))


def _reply(evidence: Evidence) -> dict[str, Any]:
    line = next(line for line in _log(evidence).lines if line["from"] == "agent")
    return evidence.picture.articles[line["id"]]


@found_as("G1", "nowhere in a log")
def a_line_is_lost(evidence: Evidence) -> None:
    _log(evidence).lines.pop()


@found_as("G1", "and is ['chat:web:")
def a_line_is_at_another_position(evidence: Evidence) -> None:
    first = evidence.attempts["line1"][0]
    tell(evidence, replace(first, raw_id=first.raw_id.replace("@1", "@2")))


@found_as("G2", "is 2 lines")
def a_line_is_there_twice(evidence: Evidence) -> None:
    lines = _log(evidence).lines
    lines.append(lines[0])


@found_as("G2", "under several ids")
def a_repeat_is_given_another_position(evidence: Evidence) -> None:
    first = evidence.attempts["line1"][0]
    tell(evidence, replace(first, raw_id=first.raw_id.replace("@1", "@9")))


@found_as("G3", "was refused for good")
def a_visitor_is_turned_away(evidence: Evidence) -> None:
    tell(evidence, an_attempt("line1", "permanent", answer="closed with 4401"))


@found_as("G4", "were sent in one order and stand in another")
def a_line_overtakes_another(evidence: Evidence) -> None:
    lines = _log(evidence).lines
    lines[0], lines[1] = lines[1], lines[0]


@found_as("joining", "has 2 logs")
def a_conversation_is_split(evidence: Evidence) -> None:
    evidence.picture.logs["chat:web:another"] = Log(lines=[_log(evidence).lines.pop()])


@found_as("joining", "is the log of 2 visitors")
def two_visitors_share_a_log(evidence: Evidence) -> None:
    tell(evidence, Message(id="line9", channel="chat", external_id="another", digests=(), conversation="another"))
    _log(evidence).lines.append({"id": "another", "from": "visitor", "text": ""})


@found_as("G1", "lines of 5 in the end")
def a_window_does_not_show_the_last_line(evidence: Evidence) -> None:
    tell(evidence, Stay(window="another", conversation=evidence.history.stays()[0].conversation))


@found_as("G2", "was shown lines twice: [1]")
def a_window_shows_a_line_twice(evidence: Evidence) -> None:
    tell(evidence, evidence.history.sights()[0])


@found_as("G1", "with a gap or in another order: [2]")
def a_window_shows_a_gap(evidence: Evidence) -> None:
    tell(evidence, replace(evidence.history.sights()[1], window="another"))


@found_as("invention", "was shown what is not in the log at 1")
def a_window_shows_other_words(evidence: Evidence) -> None:
    tell(evidence, replace(evidence.history.sights()[0], window="another", text="other words"))


@found_as("invention", "is a line that nobody wrote")
def a_line_is_invented(evidence: Evidence) -> None:
    _log(evidence).lines.append({"id": "another", "from": "visitor", "text": ""})


@found_as("G1", "is 1 lines and 0 articles")
def a_line_is_no_article(evidence: Evidence) -> None:
    del evidence.picture.originals[the_article(evidence, "line2")]


@found_as("G4", "lists a chat in another order")
def a_ticket_turns_a_chat_round(evidence: Evidence) -> None:
    evidence.picture.lists[the_ticket(evidence, "T-5")["id"]].reverse()


@found_as("joining", "holds the chats of 2 visitors")
def two_visitors_share_a_ticket(evidence: Evidence) -> None:
    records = evidence.history.records
    found = next(at for at, each in enumerate(records) if isinstance(each, Message) and each.id == "line3")
    records[found] = replace(records[found], conversation="another")


@found_as("joining", "has 2 tickets that are not closed")
def a_conversation_has_two_open_tickets(evidence: Evidence) -> None:
    evidence.picture.articles[the_article(evidence, "line3")]["ticket"] = the_ticket(evidence, "T-4")["id"]


@found_as("G8", "is read and 2 lines")
def a_reply_is_said_twice(evidence: Evidence) -> None:
    line = next(line for line in _log(evidence).lines if line["from"] == "agent")
    _log(evidence).lines.append(line)


@found_as("G8", "is sent and 0 lines")
def a_reply_is_never_said(evidence: Evidence) -> None:
    _reply(evidence)["delivery"]["state"] = "sent"
    _log(evidence).lines = [line for line in _log(evidence).lines if line["from"] != "agent"]


@found_as("G8", "is queued and 1 lines")
def a_reply_was_said_and_still_waits(evidence: Evidence) -> None:
    _reply(evidence)["delivery"]["state"] = "queued"


@found_as("G8", "its fate is unknown")
def nobody_knows_of_a_reply(evidence: Evidence) -> None:
    _reply(evidence)["delivery"]["state"] = "unknown"


@found_as("G8", "and known at None")
def a_reply_could_be_said_again(evidence: Evidence) -> None:
    _log(evidence).keys.clear()


@found_as("invention", "is a line of ours and no reply")
def we_say_what_nobody_wrote(evidence: Evidence) -> None:
    _log(evidence).lines.append({"id": STRANGE, "from": "agent", "text": ""})


@found_as("invention", "counts as read and was shown to nobody")
def a_receipt_is_made_up(evidence: Evidence) -> None:
    records = evidence.history.records
    records[:] = [each for each in records if getattr(each, "author", "") != "agent"]
