"""What a ticket went through follows from the lines of the feed, and nothing of what anybody wrote is kept."""

import json
from typing import Any

import pytest

from trunkline.queue.feed import FeedLine
from trunkline.what_if.attendance import Attendance, Inattention
from trunkline.what_if.history import Passage
from trunkline.what_if.retelling import Retelling
from trunkline.what_if.seen_line import SeenLine, of

from .made_history import MINUTE, SUPPORT, T0, passage, presence, taken

TICKET: dict[str, Any] = {
    "number": "T-1",
    "channel": "mail",
    "status": "new",
    "queue": "support",
    "priority": 3,
    "language": "de",
    "required_skills": [],
    "preferred_skills": [],
    "assignee": None,
    "offer": None,
    "subject": "a secret",
    "tags": ["vip"],
    "rules": ["a rule"],
    "config": "abc",
}


def line(minute: int, kind: str, actor: str = "router", changes: Any = None, **fields: Any) -> SeenLine:
    """A line about the ticket, as the feed has it."""
    data: dict[str, Any] = {"ticket": TICKET | fields, "actor": actor}
    if changes:
        data["changes"] = changes
    if kind == "message.queued":
        data["article"] = {"text": "a secret", "author": {"kind": "agent" if actor.startswith("agent") else "system"}}
    seen = of(FeedLine(position=minute + 1, kind=kind, subject="t1", sequence=1, time=T0 + minute * MINUTE, data=data))
    assert seen is not None
    text = json.dumps(seen)
    assert "secret" not in text
    return SeenLine.from_json(text)


def told(*lines: SeenLine) -> Passage:
    retelling = Retelling(T0)
    for each in lines:
        retelling.add(each)
    return retelling.history(start=T0, end=T0, until=T0).passages["t1"]


OFFERED = {"offer": {"agent": "ada", "expires_at": 0}}
PARKED = {"status": "pending", "assignee": "ada"}
HELD = {"status": "open", "assignee": "ada"}


def test_a_ticket_that_is_offered_declined_accepted_and_solved() -> None:
    found = told(
        line(1, "ticket.created", "customer:c"),
        line(1, "message.received", "customer:c"),
        line(2, "ticket.offered", **OFFERED),
        line(3, "ticket.declined", "agent:ada"),
        line(4, "ticket.offered", offer={"agent": "bea", "expires_at": 0}),
        line(5, "ticket.assigned", "agent:bea", status="open", assignee="bea"),
        line(8, "message.queued", "agent:bea", status="open", assignee="bea"),
        line(9, "ticket.status_changed", "agent:bea", status="solved", assignee="bea"),
    )

    (episode,) = found.episodes
    assert [(each.agent, each.how) for each in episode.tries] == [("ada", "declined"), ("bea", "accepted")]
    assert (episode.agent, episode.by, episode.ending) == ("bea", "offer", "finished")
    assert (episode.taken_at, episode.ended_at) == (T0 + 5 * MINUTE, T0 + 9 * MINUTE)
    assert (found.messages, found.answers) == ([T0 + MINUTE], [T0 + 8 * MINUTE])
    assert found.placed is not None
    assert (found.placed.rules, found.placed.tags, found.placed.config) == (("a rule",), ("vip",), "abc")
    assert found.first_wait == 4 * MINUTE


def test_one_that_is_parked_and_woken_has_two_episodes() -> None:
    found = told(
        line(1, "ticket.created"),
        line(2, "ticket.assigned", "agent:ada", **HELD),
        line(5, "ticket.status_changed", "agent:ada", status="pending", assignee="ada"),
        line(9, "ticket.status_changed", "customer:c", **HELD),
    )

    one, other = found.episodes
    assert (one.by, one.ending, one.status) == ("hand", "parked", "pending")
    assert (other.by, other.agent, other.taken_at) == ("kept", "ada", T0 + 9 * MINUTE)


def test_one_that_is_moved_while_it_waits_and_one_that_is_given_back() -> None:
    moved = told(line(1, "ticket.created"), line(3, "ticket.moved", "agent:ada", queue="billing"))
    given = told(
        line(1, "ticket.created"),
        line(2, "ticket.assigned", "agent:ada", **HELD),
        line(4, "ticket.released", status="open"),
    )

    assert [(each.ending, each.kind.queue) for each in moved.episodes] == [("moved", "support"), ("open", "billing")]
    assert [(each.ending, each.agent) for each in given.episodes] == [("returned", "ada"), ("open", None)]


@pytest.mark.parametrize(
    ("first", "agent", "waits"),
    [
        (
            line(5, "ticket.status_changed", status="pending", assignee="ada", changes={"status": ["open", "pending"]}),
            "ada",
            True,
        ),
        (line(5, "ticket.offered", **OFFERED), None, True),
        (line(5, "message.received", status="open", assignee="ada"), "ada", True),
        (line(5, "ticket.reopened", status="open", changes={"status": ["solved", "open"]}), None, False),
    ],
)
def test_what_was_there_before_is_taken_from_its_first_line(first: SeenLine, agent: str | None, *, waits: bool) -> None:
    found = told(first)

    assert not found.came
    assert found.placed is None
    assert found.episodes[0].agent == agent
    assert found.episodes[0].wanted_at == (T0 if waits else T0 + 5 * MINUTE)


def test_attendance_is_the_time_in_which_somebody_is_not_offline() -> None:
    there = Attendance(
        [presence(10, "ada"), presence(20, "ada", "away"), presence(30, "ada", "offline"), presence(50, "ada")],
        T0,
        T0 + 100 * MINUTE,
    )

    assert there.between("ada", T0, T0 + 60 * MINUTE) == 30 * MINUTE
    assert there.after("ada", T0 + 25 * MINUTE, 10 * MINUTE) == T0 + 55 * MINUTE
    assert there.after("ada", T0, 90 * MINUTE) is None
    assert (
        Attendance([presence(10, "ada", "offline")], T0, T0 + MINUTE).between("ada", T0, T0 + 60 * MINUTE)
        == 10 * MINUTE
    )


def test_whoever_finishes_something_soon_after_they_went_was_still_at_it() -> None:
    presences = [presence(0, "ada"), presence(10, "ada", "offline"), presence(300, "ada")]
    soon = passage(1, taken(SUPPORT, 1, "ada", 1, 25))
    late = passage(2, taken(SUPPORT, 1, "ada", 1, 250))

    there = Attendance(presences, T0, T0 + 400 * MINUTE, [soon, late])

    assert there.between("ada", T0, T0 + 300 * MINUTE) == 25 * MINUTE


def test_whoever_missed_an_offer_did_not_look_until_their_next_word() -> None:
    recorded = passage(1, taken(SUPPORT, 1, "bea", 9, 12))
    told_ = told(
        line(1, "ticket.created"), line(2, "ticket.offered", **OFFERED), line(7, "ticket.missed", status="new")
    )
    looks = Inattention([recorded, told_], [presence(7, "ada", "away")._replace(missed=True), presence(20, "ada")])

    assert [looks.covers("ada", T0 + at * MINUTE) for at in (1, 2, 19, 20)] == [False, True, True, False]
