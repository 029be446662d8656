"""The verdict: the worst first, in words that say what to do."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.config.settings import Settings
from trunkline.desk.board.board_of import Moment, board_of
from trunkline.desk.board.snapshot import SeenAgent, SeenChannel, SeenQueue, Snapshot
from trunkline.desk.board.state import Board, EngineFacts
from trunkline.desk.board.verdict import LAG_MS, STUCK_MS, verdict_on
from trunkline.queue.unread_sources import Unread
from trunkline.router.parking import Parked

NOW = 1_800_000_000_000
SETTINGS = Settings.model_validate(
    {
        "queues": {"support": {"fallback": True}, "billing": {}, "empty": {}},
        "agents": {
            "ada": {
                "name": "Ada",
                "queues": ["support"],
                "capacity": 2,
                "languages": ["en"],
                "skills": {"lamps": 3},
            },
            "boris": {"name": "Boris", "queues": ["support", "billing"], "capacity": 2},
        },
    }
)
CHANNEL: dict[str, Any] = {
    "channel": "mail",
    "last": "",
    "oldest": 0,
    "in_progress": 0,
    **dict.fromkeys(("received", "in", "done", "receipts", "dead", "dropped", "suspended", "released", "discarded"), 0),
}


def queue(name: str, **facts: Any) -> SeenQueue:
    """A queue; the oldest of it is not offered while any is not."""
    zeros = dict.fromkeys(("waiting", "wanted", "oldest", "risk", "late", "undelivered", "new", "open"), 0)
    unoffered = facts.get("oldest", 0) if facts.get("waiting") else 0
    return SeenQueue(**({"name": name, "unoffered": unoffered} | zeros | facts))


def agent(id_: str, presence: str = "available", load: int = 0) -> SeenAgent:
    return SeenAgent(
        id=id_,
        presence=presence,
        since=0,
        load=load,
        live=load,
        missed=0,
        open_tickets=(),
        open_count=0,
        offered=(),
        offers=0,
        day="0:0:0",
    )


def board(
    *queues: SeenQueue, agents: tuple[SeenAgent, ...] = (), closed: str = "", strange: bool = False, **facts: Any
) -> Board:
    """The board of a moment in which this was seen."""
    agents = agents or (agent("ada"), agent("boris"))
    names = (
        "waiting",
        "wanted",
        "undelivered",
        "entries",
        "dead",
        "given_up",
        "suspended",
        "proposed",
        "known",
        "begun",
    )
    zeros = dict.fromkeys(names, 0)
    seen: dict[str, Any] = {
        "queues": queues,
        "agents": agents,
        "channels": (),
        "arrived": (),
        "handled": (),
    }
    seen |= zeros | {"waiting": sum(each.waiting for each in queues), "wanted": sum(each.wanted for each in queues)}
    return board_of(
        Moment(
            at=NOW,
            settings=SETTINGS,
            seen=Snapshot(**(seen | facts)),
            samples={},
            engine=EngineFacts(memory=0, disk=0, backlog=0, closed=closed, strange=strange),
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
    verdict = board(queue("support", waiting=3, wanted=3, oldest=NOW - 5_000), agents=(agent("ada"),)).verdict
    assert (verdict.level, verdict.advice) == ("good", "3 tickets wait, all in time; 1 of 1 agent on duty has room.")


@pytest.mark.parametrize(
    ("waiting", "wanted", "words"),
    [
        (0, 1, "1 ticket waits, in time and offered to an agent"),
        (0, 2, "2 tickets wait, all in time and offered to agents"),
        (1, 3, "3 tickets wait, all in time, 2 of them offered"),
    ],
)
def test_what_is_offered_waits_until_somebody_accepts_it(waiting: int, wanted: int, words: str) -> None:
    found = board(queue("support", waiting=waiting, wanted=wanted, oldest=NOW - 5_000))
    assert found.verdict.advice == f"{words}; 2 of 2 agents on duty have room."
    (row,) = found.queues
    assert (
        (row.waiting, row.offered) == (found.numbers.waiting.now, found.numbers.offered) == (wanted, wanted - waiting)
    )
    assert found.numbers.oldest.now == 5
    assert "Nobody waits" not in found.verdict.advice


@given(
    st.lists(
        st.builds(
            lambda waiting, offered, age, hidden: (waiting, waiting + offered, age, hidden),
            st.integers(0, 3),
            st.integers(0, 2),
            st.integers(1, 90_000),
            st.integers(0, 30_000),
        ),
        min_size=2,
        max_size=2,
    ),
    st.lists(
        st.tuples(st.sampled_from(["available", "busy", "away", "offline"]), st.integers(0, 2)), min_size=2, max_size=2
    ),
)
def test_all_is_never_well_above_a_sentence_that_nobody_has_room(
    queues: list[tuple[int, int, int, int]], people: list[tuple[str, int]]
) -> None:
    rows = [
        queue(name, waiting=waiting, wanted=wanted, oldest=NOW - age - hidden, unoffered=NOW - age)
        for name, (waiting, wanted, age, hidden) in zip(("support", "billing"), queues, strict=True)
    ]
    rows = [
        row.model_copy(
            update={"oldest": row.oldest if row.wanted else 0, "unoffered": row.unoffered if row.waiting else 0}
        )
        for row in rows
    ]
    agents = tuple(agent(id_, presence, load) for id_, (presence, load) in zip(("ada", "boris"), people, strict=True))
    found = board(*rows, agents=agents)
    words = f"{found.verdict.sentence} {found.verdict.advice}"
    assert ("Nobody waits" in words) <= (found.numbers.waiting.now == 0)
    if found.verdict.level == "good" and found.numbers.waiting.now:
        assert "; 0 of" not in words
        oldest = max(NOW - row.unoffered if row.unoffered else 0 for row in rows)
        assert found.numbers.available.now or oldest <= STUCK_MS


def test_in_a_queue_that_is_full_a_fresh_offer_hides_no_old_wait_and_an_old_offer_makes_none() -> None:
    full = (agent("ada", load=2), agent("boris", load=2))
    offered_long = queue("support", waiting=1, wanted=2, oldest=NOW - 200_000, unoffered=NOW - STUCK_MS)
    assert board(offered_long, agents=full).verdict.level == "good"
    waits_long = queue("support", waiting=1, wanted=2, oldest=NOW - STUCK_MS - 1, unoffered=NOW - STUCK_MS - 1)
    verdict = board(waits_long, agents=full).verdict
    assert verdict.sentence == "2 tickets wait in support (1 offered), and nobody there has room"


@pytest.mark.parametrize(
    ("facts", "agents", "advice"),
    [
        ({"waiting": 3}, (agent("ada"),), "1 agent with room in support; offers are on their way."),
        ({"waiting": 3}, (agent("ada", "away"),), "No agent of support has room. Ask Ada (away) to come back."),
        (
            {"waiting": 3},
            (agent("ada", "busy"), agent("boris", "offline")),
            "No agent of support has room. Ask Boris (offline) to come back, or Ada (busy) to take offers again.",
        ),
        (
            {"waiting": 3},
            (agent("ada", "offline"), agent("boris", "away")),
            "No agent of support has room. Ask Boris (away), Ada (offline) to come back.",
        ),
        (
            {"waiting": 3},
            (agent("ada", load=2), agent("boris", "busy")),
            "No agent of support has room. Ask Boris (busy) to take offers again.",
        ),
        ({"waiting": 0}, (agent("ada"),), "What waits in support is offered to agents: ask them to accept, below."),
        (
            {"waiting": 3},
            (agent("ada", load=2), agent("boris", "busy", load=2)),
            "Everybody in support is full: Ada, Boris (busy). Let somebody help out.",
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


def test_waiting_for_agents_who_are_full_is_worth_a_look_and_a_moment_of_it_is_not() -> None:
    full = (agent("ada", load=2), agent("boris", load=2))
    soon = queue("support", waiting=2, wanted=2, oldest=NOW - STUCK_MS)
    verdict = board(soon, agents=full).verdict
    assert (verdict.level, verdict.advice) == ("good", "2 tickets wait, all in time.")
    verdict = board(queue("support", waiting=2, wanted=2, oldest=NOW - STUCK_MS - 1), agents=full).verdict
    assert (verdict.level, verdict.sentence) == ("watch", "2 tickets wait in support, and nobody there has room")


def test_of_full_queues_the_one_that_has_waited_longest_gets_the_advice() -> None:
    few = queue("support", waiting=1, wanted=1, oldest=NOW - 3 * STUCK_MS)
    many = queue("billing", waiting=9, wanted=9, oldest=NOW - 2 * STUCK_MS)
    agents = (agent("ada", "away"), agent("boris", load=2))
    verdict = board(many, few, agents=agents).verdict
    assert verdict.sentence == "10 tickets wait in 2 queues, and nobody there has room"
    assert verdict.advice == "No agent of support has room. Ask Ada (away) to come back."


def test_of_queues_without_anybody_the_one_that_has_waited_longest_comes_first() -> None:
    short, long = (NOW - 5_000, NOW - 6_000)
    verdict = board(
        queue("billing", waiting=2, wanted=2, oldest=short),
        queue("support", waiting=1, wanted=1, oldest=long),
        agents=(agent("ada", "offline"), agent("boris", "away")),
    ).verdict
    assert verdict.sentence == "1 ticket waits in support and nobody is on duty there"
    assert verdict.also == ("2 tickets wait in billing and nobody is on duty there",)


def test_an_engine_of_another_folder_is_the_headline_and_nothing_is_said_to_be_safe() -> None:
    verdict = board(closed="the folder is another. To give it up: trunkline engine adopt", strange=True).verdict
    assert (verdict.level, verdict.sentence) == ("bad", "The engine is not the one of the data folder")
    assert verdict.advice.endswith("The folder is another. To give it up: trunkline engine adopt.")
    assert "nothing that was accepted is lost" not in verdict.advice


def test_closed_intake_comes_before_everything() -> None:
    late = queue("support", waiting=1, wanted=1, late=1, risk=1, oldest=NOW - 1)
    verdict = board(late, closed="the disk of the data folder is at 93 %", entries=0).verdict
    assert (verdict.level, verdict.sentence) == ("bad", "No messages are taken in at the moment")
    assert verdict.advice.endswith("The disk of the data folder is at 93 %.")
    assert verdict.also == ("1 ticket waits longer than promised in support",)


def test_messages_that_nobody_files_are_told() -> None:
    behind = channel(in_progress=2, received=2, oldest=NOW - LAG_MS - 1, **{"in": 2})
    verdict = board(channels=(behind,), entries=2).verdict
    assert verdict.sentence == "2 messages wait to be filed"
    assert board(channels=(behind.model_copy(update={"oldest": NOW - LAG_MS}),), entries=2).verdict.level == "good"


@pytest.mark.parametrize(
    ("row", "totals", "words"),
    [
        ({"in": 5, "received": 5, "done": 3}, {"entries": 2}, "2 messages of mail missing"),
        ({"in": 5, "received": 5, "done": 5, "in_progress": 1}, {}, "1 message of mail too many"),
        ({"in": 4, "received": 5, "done": 4}, {}, "1 message of mail missing"),
        ({"in": 5, "received": 5, "done": 4, "dead": 1}, {"entries": 1}, "1 message among the dead letters missing"),
        (
            {"in": 5, "received": 5, "done": 5, "suspended": 2},
            {"suspended": 1},
            "1 message on the suspended list missing",
        ),
    ],
)
def test_intake_that_does_not_balance_says_where(row: dict[str, int], totals: dict[str, int], words: str) -> None:
    verdict = board(channels=(channel(**row),), **totals).verdict
    assert (verdict.level, verdict.sentence) == ("bad", f"Intake does not balance: {words}")


def test_a_released_message_enters_the_queue_twice_and_is_stored_once() -> None:
    found = board(channels=(channel(received=3, done=4, suspended=1, released=1, **{"in": 4}),))
    (row,) = found.balance.channels
    assert (row.stored, row.filed, row.suspended, row.difference) == (3, 3, 0, 0)
    assert found.balance.even


def test_receipts_are_counted_apart_from_messages_and_the_sum_is_the_same() -> None:
    found = board(channels=(channel(received=5, done=5, receipts=2, suspended=1, **{"in": 5}),), suspended=1)
    (row,) = found.balance.channels
    assert (row.received, row.stored, row.filed, row.receipts, row.suspended) == (5, 5, 2, 2, 1)
    assert found.balance.even


def test_dead_letters_need_a_decision_and_say_where() -> None:
    verdict = board(given_up=2).verdict
    assert (verdict.level, verdict.sentence, verdict.see) == ("watch", "2 dead letters need a decision", "/board/dead")


def test_answers_that_did_not_arrive_are_told_with_their_list() -> None:
    verdict = board(undelivered=1).verdict
    assert (verdict.level, verdict.sentence) == ("watch", "Answers in 1 ticket did not arrive")
    assert verdict.see == "/board/undelivered"


def test_an_engine_that_fills_up_and_a_clock_that_is_astray_are_findings() -> None:
    calm = board()
    filling = calm.model_copy(update={"engine": calm.engine.model_copy(update={"filling": "give it more"})})
    assert (verdict_on(filling).level, verdict_on(filling).sentence) == ("watch", "The engine fills up")
    assert verdict_on(filling).advice == "Give it more."
    astray = calm.model_copy(update={"engine": calm.engine.model_copy(update={"clock": "set it back"})})
    assert (verdict_on(astray).level, verdict_on(astray).advice) == ("bad", "Set it back.")


def holding(id_: str, presence: str, count: int, *, pressing: int | None = None) -> SeenAgent:
    cannot_wait = count if pressing is None else pressing
    return agent(id_, presence, count).model_copy(update={"open_count": count, "pressing": cannot_wait})


def test_work_of_absent_agents_is_counted_named_and_part_of_the_verdict() -> None:
    held = board(queue("support"), agents=(holding("ada", "offline", 2), holding("boris", "away", 1)))
    assert held.numbers.absent == 2
    assert (held.verdict.level, held.verdict.sentence) == (
        "watch",
        "2 tickets that cannot wait are Ada’s, who is offline",
    )
    both = board(queue("support"), agents=(holding("ada", "offline", 2), holding("boris", "offline", 1)))
    assert both.verdict.sentence == "3 tickets that cannot wait are those of Ada and Boris, who are offline"


def test_what_can_wait_over_night_for_its_agent_is_no_cause_to_look() -> None:
    resting = board(queue("support"), agents=(holding("ada", "offline", 2, pressing=0),))
    assert (resting.numbers.absent, resting.verdict.level) == (2, "good")


def test_what_a_stranger_holds_is_bad() -> None:
    assert board(queue("support"), orphans=1).verdict.sentence == (
        "1 open ticket has an agent who is not in the configuration"
    )
    assert board(queue("support"), orphans=1).verdict.level == "bad"


def test_what_everybody_declined_is_said_with_what_to_do() -> None:
    verdict = board(queue("support", waiting=3, wanted=3, declined=3, oldest=NOW)).verdict
    assert verdict.sentence == "3 tickets were declined by everybody there in support"
    assert verdict.advice.startswith("They are asked again later; to be sooner, assign them")


def test_what_everybody_declined_is_asked_again_in_so_many_minutes() -> None:
    verdict = board(queue("support", waiting=1, wanted=1, declined=1, oldest=NOW, asked=NOW - 100_000)).verdict
    assert verdict.advice.startswith("They are asked again in 4 min; to be sooner")


@pytest.mark.parametrize(
    ("token", "words", "advice"),
    [
        (
            "language:fi",
            "somebody who speaks Finnish",
            "Nobody of the queue is: give it to an agent",
        ),
        ("language:en", "somebody who speaks English", "Ask Ada to come on duty."),
        ("skill:lamps@1", "somebody with the skill lamps", "Ask Ada to come on duty."),
        ("skill:lamps@3", "somebody with the skill lamps at level 3", "Ask Ada to come on duty."),
    ],
)
def test_what_waits_for_what_nobody_on_duty_can_is_said_with_who_could(token: str, words: str, advice: str) -> None:
    verdict = board(queue("support", waiting=2, wanted=2, oldest=NOW, lacking={token: 2})).verdict
    assert verdict.sentence == f"2 tickets wait in support for {words}, and nobody on duty can have them"
    assert verdict.advice.startswith(advice)


def test_letters_in_hand_keep_nobody_from_a_chat_and_do_not_make_anybody_overloaded() -> None:
    (ada,) = (each for each in board(agents=(agent("ada", load=3).model_copy(update={"live": 1}),)).agents)
    assert (ada.has_room, ada.is_over) == (True, False)
    (ada,) = (each for each in board(agents=(agent("ada", load=3),)).agents)
    assert (ada.has_room, ada.is_over) == (False, True)


def test_whose_shift_ends_and_whoever_is_kept_from_all_else_has_no_room() -> None:
    for facts in ({"closing": True}, {"exclusive": True}):
        (ada,) = board(agents=(agent("ada").model_copy(update=facts),)).agents
        assert not ada.has_room


@pytest.mark.parametrize(
    ("credentials", "level", "sentence"),
    [
        (True, "bad", "The channel line does not take the credentials of the account shop any more; 3 answers wait"),
        (False, "watch", "The channel line takes nothing of the account shop now; 3 answers wait"),
    ],
)
def test_an_account_that_takes_nothing_is_one_finding_however_many_answers_wait(
    credentials: bool, level: str, sentence: str
) -> None:
    facts: dict[str, Any] = {
        "since": 0,
        "until": NOW,
        "failures": 9,
        "cause": "LINE does not take it: 401",
        "waiting": 3,
    }
    shop = Parked(channel="line", account="shop", credentials=credentials, **facts)
    verdict = verdict_on(board(queue("support")).model_copy(update={"parked": (shop,)}))
    assert (verdict.level, verdict.sentence, verdict.also) == (level, sentence, ())
    assert verdict.advice.endswith("LINE does not take it: 401")


@pytest.mark.parametrize(
    ("credentials", "words", "advice"),
    [
        (True, "because our credentials are refused", "Give another secret"),
        (False, "because it is not reached", "is read when it is"),
    ],
)
def test_a_mailbox_that_is_not_read_is_told_with_what_to_do(credentials: bool, words: str, advice: str) -> None:
    mailbox = Unread(channel="mail", account="support", since=0, at=1, cause="535 no.", credentials=credentials)
    verdict = verdict_on(board(queue("support")).model_copy(update={"unread": (mailbox,)}))

    assert verdict.level == "bad"
    assert verdict.sentence == f"What comes to support by mail is not read, {words}"
    assert advice in verdict.advice
    assert verdict.advice.endswith("535 no.")


def test_a_source_that_hands_its_messages_elsewhere_is_told_with_its_own_remedy() -> None:
    facts: dict[str, Any] = {"since": 0, "at": 1, "cause": "Telegram posts to nobody", "remedy": "set its address"}
    bot = Unread(channel="telegram", account="support", elsewhere=True, **facts)
    verdict = verdict_on(board(queue("support")).model_copy(update={"unread": (bot,)}))
    assert verdict.sentence == "What comes to support by telegram is not read, because it is not handed to us"
    assert verdict.advice == "Set its address. Telegram posts to nobody."
