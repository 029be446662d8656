"""Rules on chats: what visitors were told and shown, the logs, and the tickets are one and the same."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from .evidence import Evidence, Violation, Violations
from .history import Message, Sight

SAID = {"sent", "delivered", "read"}


def stored_lines_stay(evidence: Evidence) -> Violations:
    """G1 and G2: what was answered `stored` is in the log at the position that was told, and nowhere else."""
    for message in _messages(evidence):
        places = [f"{conversation}@{position}" for conversation, position in evidence.lines.get(message.id, ())]
        for _, told in evidence.taken(message.id):
            if told not in places:
                yield Violation("G1", message.id, f"was stored as {told} and is {places or 'nowhere in a log'}")
        if len(places) > 1:
            yield Violation("G2", message.id, f"is {len(places)} lines: {places}")


def lines_keep_their_order(evidence: Evidence) -> Violations:
    """G4: the lines of a visitor stand in the order in which they were sent, also by those who did not wait."""
    for conversation, messages in _conversations(evidence).items():
        positions = [position for message in messages for _, position in evidence.lines.get(message.id, ())]
        if positions != sorted(positions):
            yield Violation("G4", conversation, f"its lines were sent in one order and stand in another: {positions}")


def a_conversation_has_one_log(evidence: Evidence) -> Violations:
    """A visitor has one log, and a log one visitor."""
    logs = _logs(evidence)
    for conversation, names in logs.items():
        if len(names) > 1:
            yield Violation("joining", conversation, f"has {len(names)} logs: {sorted(names)}")
    visitors = Counter(name for names in logs.values() for name in names)
    for name, count in visitors.items():
        if count > 1:
            yield Violation("joining", name, f"is the log of {count} visitors")


def windows_show_the_log(evidence: Evidence) -> Violations:
    """G1, G2 and G4 as visitors see them: each window shows the log from its beginning, without a gap or a double."""
    shown: dict[str, list[Sight]] = defaultdict(list)
    for sight in evidence.history.sights():
        shown[sight.window].append(sight)
    to_the_end = {stay.window: stay.conversation for stay in evidence.history.stays()}
    logs = _logs(evidence)
    for window in sorted({*shown, *to_the_end}):
        conversation = to_the_end.get(window) or shown[window][0].conversation
        lines = [line for name in logs.get(conversation, ()) for line in evidence.picture.logs[name].lines]
        yield from _window(window, shown[window], lines)
        if window in to_the_end and len(shown[window]) < len(lines):
            yield Violation("G1", window, f"shows {len(shown[window])} lines of {len(lines)} in the end")


def _window(window: str, sights: Sequence[Sight], lines: Sequence[Mapping[str, Any]]) -> Violations:
    positions = [sight.position for sight in sights]
    twice = [position for position, count in Counter(positions).items() if count > 1]
    if twice:
        yield Violation("G2", window, f"was shown lines twice: {twice}")
    elif positions != list(range(1, len(positions) + 1)):
        yield Violation("G1", window, f"was shown lines with a gap or in another order: {positions}")
    for sight in sights:
        line = lines[sight.position - 1] if sight.position <= len(lines) else {}
        if (sight.id, sight.author, sight.text) != (line.get("id"), line.get("from"), line.get("text")):
            yield Violation("invention", window, f"was shown what is not in the log at {sight.position}: {sight.id}")


def lines_are_articles(evidence: Evidence) -> Violations:
    """G1 and G2: each line of a visitor was written, and is one article; each article from a chat is one line."""
    wrote = {message.external_id for message in _messages(evidence)}
    for name, log in evidence.picture.logs.items():
        for position, line in enumerate(log.lines, 1):
            if line["from"] == "visitor" and line["id"] not in wrote:
                yield Violation("invention", f"{name}@{position}", "is a line that nobody wrote")
    for message in _messages(evidence):
        lines, articles = len(evidence.lines.get(message.id, ())), len(evidence.filed.get(message.id, ()))
        if lines != articles:
            rule = "G2" if lines and articles else "G1"
            yield Violation(rule, message.id, f"is {lines} lines and {articles} articles")


def tickets_list_as_logs(evidence: Evidence) -> Violations:
    """G4: a ticket lists what a visitor wrote in the order of the log."""
    filed = evidence.filed
    place = {filed[message][0]: lines[0] for message, lines in evidence.lines.items() if filed.get(message)}
    for ticket, listing in evidence.picture.lists.items():
        places = [place[article] for article in listing if article in place]
        if places != sorted(places):
            yield Violation("G4", ticket, f"lists a chat in another order than its log: {places}")


def one_open_ticket(evidence: Evidence) -> Violations:
    """A conversation has at most one ticket that is not closed, and a ticket at most one conversation."""
    talks: dict[str, set[str]] = defaultdict(set)
    for conversation, messages in _conversations(evidence).items():
        for message in messages:
            for article in evidence.filed.get(message.id, ()):
                talks[evidence.picture.articles[article]["ticket"]].add(conversation)
    for ticket, conversations in talks.items():
        if len(conversations) > 1:
            yield Violation("joining", ticket, f"holds the chats of {len(conversations)} visitors")
    open_ = Counter(
        conversation
        for ticket, conversations in talks.items()
        for conversation in conversations
        if evidence.picture.tickets[ticket]["status"] != "closed"
    )
    for conversation, count in open_.items():
        if count > 1:
            yield Violation("joining", conversation, f"has {count} tickets that are not closed")


def replies_are_lines(evidence: Evidence) -> Violations:
    """G8: what was sent over chat is one line, what is a line was sent, and of nothing it is unknown."""
    places: dict[str, list[str]] = defaultdict(list)
    for name, log in evidence.picture.logs.items():
        for position, line in enumerate(log.lines, 1):
            if line["from"] != "visitor":
                places[line["id"]].append(f"{name}@{position}")
                if log.keys.get(line["id"]) != position:
                    yield Violation(
                        "G8", line["id"], f"is a line at {position} and known at {log.keys.get(line['id'])}"
                    )
    replies = {
        id_: fields["delivery"]["state"]
        for id_, fields in evidence.picture.articles.items()
        if fields.get("delivery") and fields["channel"] == "chat"
    }
    for id_, state in replies.items():
        if state == "unknown":
            yield Violation("G8", id_, "is a reply over chat, and its fate is unknown")
        elif len(places[id_]) != (state in SAID):
            yield Violation("G8", id_, f"is {state} and {len(places[id_])} lines: {places[id_]}")
    for id_ in set(places) - set(replies):
        yield Violation("invention", id_, f"is a line of ours and no reply: {places[id_]}")


def receipts_are_true(evidence: Evidence) -> Violations:
    """What counts as delivered to a visitor, or as read, was shown in a window of theirs."""
    shown = {sight.id for sight in evidence.history.sights()}
    for id_, fields in evidence.picture.articles.items():
        state = (fields.get("delivery") or {}).get("state")
        if fields["channel"] == "chat" and state in ("delivered", "read") and id_ not in shown:
            yield Violation("invention", id_, f"counts as {state} and was shown to nobody")


def _messages(evidence: Evidence) -> list[Message]:
    return [message for message in evidence.messages.values() if message.channel == "chat"]


def _conversations(evidence: Evidence) -> dict[str, list[Message]]:
    """The messages of each visitor, in the order in which they were first sent."""
    found: dict[str, list[Message]] = defaultdict(list)
    for message in _messages(evidence):
        found[message.conversation].append(message)
    return found


def _logs(evidence: Evidence) -> dict[str, set[str]]:
    """The logs in which there are lines of a visitor."""
    return {
        conversation: {name for message in messages for name, _ in evidence.lines.get(message.id, ())}
        for conversation, messages in _conversations(evidence).items()
    }
