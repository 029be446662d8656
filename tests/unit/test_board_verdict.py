"""The verdict: the worst first, in words that say what to do."""

from typing import Any

import pytest

from trunkline.config.settings import Settings
from trunkline.desk.board.composing import Moment, compose
from trunkline.desk.board.snapshot import SeenAgent, SeenChannel, SeenQueue, Snapshot
from trunkline.desk.board.state import Board, EngineFacts
from trunkline.desk.board.verdict import LAG_MS, STUCK_MS

NOW = 1_800_000_000_000
SETTINGS = Settings.model_validate(
    {
        "queues": {"support": {"fallback": True}, "billing": {}, "empty": {}},
        "agents": {
            "ada": {"name": "Ada", "queues": ["support"], "capacity": 2},
            "boris": {"name": "Boris", "queues": ["support", "billing"], "capacity": 2},
        },
    }
)
CHANNEL: dict[str, Any] = {
    "channel": "mail",
    "last": "",
    "oldest": 0,
    "works": 0,
    **dict.fromkeys(("received", "in", "done", "dead", "dropped", "suspended", "released", "discarded"), 0),
}


def queue(name: str, **facts: Any) -> SeenQueue:
    zeros = dict.fromkeys(("waiting", "wanted", "oldest", "risk", "late", "new", "open"), 0)
    return SeenQueue(**({"name": name} | zeros | facts))


def agent(id_: str, presence: str = "available", load: int = 0) -> SeenAgent:
    return SeenAgent(
        id=id_, presence=presence, since=0, load=load, missed=0, works=(), working=0, offered=(), day="0:0:0"
    )


def board(*queues: SeenQueue, agents: tuple[SeenAgent, ...] = (), closed: str = "", **facts: Any) -> Board:
    """The board of a moment in which this was seen."""
    agents = agents or (agent("ada"), agent("boris"))
    zeros = dict.fromkeys(("waiting", "wanted", "entries", "dead", "suspended", "known", "begun"), 0)
    seen: dict[str, Any] = {
        "queues": queues,
        "agents": agents,
        "channels": (),
        "further": (),
        "arrived": (),
        "handled": (),
    }
    seen |= zeros | {"waiting": sum(each.waiting for each in queues), "wanted": sum(each.wanted for each in queues)}
    return compose(
        Moment(
            at=NOW,
            settings=SETTINGS,
            seen=Snapshot(**(seen | facts)),
            samples={},
            engine=EngineFacts(memory=0, disk=0, backlog=0, closed=closed),
            zone="UTC",
            today=0,
            counted=True,
        )
    )


def channel(**facts: Any) -> SeenChannel:
    return SeenChannel(**(CHANNEL | facts))


def test_a_quiet_desk_is_well() -> None:
    verdict = board(queue("support")).verdict
    assert (verdict.level, verdict.sentence) == ("good", "All is well")
    assert verdict.advice == "Nobody waits; 2 of 2 agents on duty have room."


def test_what_waits_in_time_is_well() -> None:
    verdict = board(queue("support", waiting=3, wanted=3, oldest=NOW - 5_000), agents=(agent("ada", load=2),)).verdict
    assert (verdict.level, verdict.advice) == ("good", "3 tickets wait, all in time; 0 of 1 agent on duty have room.")


@pytest.mark.parametrize(
    ("facts", "agents", "advice"),
    [
        ({"waiting": 3}, (agent("ada"),), "1 agent with room in support; offers are on their way."),
        ({"waiting": 3}, (agent("ada", "away"),), "No agent of support has room. Ask Ada (away) to come back."),
        (
            {"waiting": 3},
            (agent("ada", load=2), agent("boris", "busy", load=2)),
            "Everybody in support is full: Ada, Boris (busy). Let somebody help out, or raise a capacity.",
        ),
        (
            {"waiting": 0, "wanted": 0},
            (agent("ada"),),
            "They have agents and no first answer yet: help those who have most, below.",
        ),
    ],
)
def test_late_tickets_are_told_with_what_would_help(facts: dict[str, int], agents: Any, advice: str) -> None:
    late = queue("support", **({"wanted": 3, "late": 3, "risk": 4, "oldest": NOW - 1} | facts))
    verdict = board(late, agents=agents).verdict
    assert (verdict.level, verdict.sentence) == ("bad", "3 tickets wait longer than promised in support")
    assert verdict.advice == advice
    assert verdict.also[0] == "1 ticket comes close to what was promised in support"


def test_a_queue_that_nobody_serves_is_told() -> None:
    verdict = board(queue("empty", waiting=1, wanted=1, oldest=NOW - 1)).verdict
    assert verdict.sentence == "1 ticket waits in empty and nobody is on duty there"
    assert verdict.advice == "Nobody serves empty: give an agent the queue in the configuration."


def test_several_late_queues_are_one_sentence_and_the_worst_gets_the_advice() -> None:
    late = {"wanted": 2, "waiting": 2, "oldest": NOW - 1, "risk": 2}
    verdict = board(
        queue("support", late=1, **late), queue("billing", late=2, **late), agents=(agent("boris", "away"),)
    ).verdict
    assert verdict.sentence == "3 tickets wait longer than promised in 2 queues"
    assert verdict.advice.startswith("No agent of billing")


def test_waiting_long_for_agents_who_are_full_is_worth_a_look() -> None:
    full = (agent("ada", load=2), agent("boris", load=2))
    soon = queue("support", waiting=2, wanted=2, oldest=NOW - STUCK_MS)
    assert board(soon, agents=full).verdict.level == "good"
    verdict = board(soon.model_copy(update={"oldest": NOW - STUCK_MS - 1}), agents=full).verdict
    assert (verdict.level, verdict.sentence) == ("watch", "2 tickets wait in support, and nobody there has room")


def test_closed_intake_comes_before_everything() -> None:
    late = queue("support", waiting=1, wanted=1, late=1, risk=1, oldest=NOW - 1)
    verdict = board(late, closed="the disk of the data folder is at 93 %", entries=0).verdict
    assert (verdict.level, verdict.sentence) == ("bad", "No messages are taken in at the moment")
    assert verdict.advice.endswith("The disk of the data folder is at 93 %.")
    assert verdict.also == ("1 ticket waits longer than promised in support",)


def test_messages_that_nobody_files_are_told() -> None:
    behind = channel(works=2, received=2, oldest=NOW - LAG_MS - 1, **{"in": 2})
    verdict = board(channels=(behind,), entries=2).verdict
    assert verdict.sentence == "2 messages wait to be filed"
    assert board(channels=(behind.model_copy(update={"oldest": NOW - LAG_MS}),), entries=2).verdict.level == "good"


@pytest.mark.parametrize(
    ("book", "totals", "words"),
    [
        ({"in": 5, "received": 5, "done": 3}, {"entries": 2}, "2 messages of mail missing"),
        ({"in": 5, "received": 5, "done": 5, "works": 1}, {}, "1 message of mail too many"),
        ({"in": 4, "received": 5, "done": 4}, {}, "1 message of mail missing"),
        ({"in": 5, "received": 5, "done": 4, "dead": 1}, {"entries": 1}, "1 message among the dead letters missing"),
        (
            {"in": 5, "received": 5, "done": 5, "suspended": 2},
            {"suspended": 1},
            "1 message on the suspended list missing",
        ),
    ],
)
def test_books_that_do_not_balance_say_where(book: dict[str, int], totals: dict[str, int], words: str) -> None:
    verdict = board(channels=(channel(**book),), **totals).verdict
    assert (verdict.level, verdict.sentence) == ("bad", f"The books of intake do not balance: {words}")


def test_a_released_message_enters_the_queue_twice_and_is_stored_once() -> None:
    found = board(channels=(channel(received=3, done=4, suspended=1, released=1, **{"in": 4}),))
    (book,) = found.books.channels
    assert (book.stored, book.filed, book.suspended, book.difference) == (3, 3, 0, 0)
    assert found.books.balanced


def test_dead_letters_need_a_decision_and_say_where() -> None:
    verdict = board(further=({"entries": 2, "dead": 2},)).verdict
    assert (verdict.level, verdict.sentence, verdict.see) == ("watch", "2 dead letters need a decision", "/board/dead")
