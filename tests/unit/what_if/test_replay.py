"""A replay decides anew what the router decides, and leaves to people what people did."""

import random
from dataclasses import replace
from itertools import pairwise

import pytest

from trunkline.what_if.history import Episode, Passage, Try
from trunkline.what_if.replay import Replay

from .made_history import BILLING, MINUTE, SUPPORT, T0, history, passage, presence, regimes, taken

THERE = (presence(0, "ada"), presence(0, "bea"))


def minutes(at: int | None) -> float | None:
    return None if at is None else (at - T0) / MINUTE


def test_what_happened_comes_out_again() -> None:
    recorded = [
        passage(1, taken(SUPPORT, 1, "ada", 1, 11, by="offer")),
        passage(2, taken(SUPPORT, 2, "bea", 2, 30, by="offer")),
        passage(3, taken(SUPPORT, 3, "ada", 11, 15, by="offer")),
    ]

    played = Replay(history(recorded, THERE), regimes(), {}).run()

    found = {
        id_: (each.episodes[0].agent, round(minutes(each.episodes[0].taken_at) or 0))
        for id_, each in played.passages.items()
    }
    assert found == {"t1": ("ada", 1), "t2": ("bea", 2), "t3": ("ada", 11)}


def test_a_ticket_that_is_placed_elsewhere_waits_for_who_is_there() -> None:
    recorded = [
        passage(1, taken(SUPPORT, 1, "ada", 1, 60)),
        passage(2, taken(SUPPORT, 2, "bea", 2, 40)),
        passage(3, taken(BILLING, 3, "bea", 40, 50)),
    ]

    played = Replay(history(recorded, THERE), regimes(), {"t3": SUPPORT, "t2": BILLING}).run()

    assert played.passages["t2"].episodes[0].kind == BILLING
    assert played.passages["t3"].episodes[0].agent == "bea"
    assert minutes(played.passages["t3"].episodes[0].taken_at) == pytest.approx(40.1, abs=0.2)


def test_an_agent_more_takes_what_waited() -> None:
    recorded = [passage(1, taken(SUPPORT, 1, "ada", 1, 60)), passage(2, taken(SUPPORT, 2, "ada", 60, 70))]
    more = {
        "agents": {
            "ada": {"name": "Ada", "queues": ["support"], "capacity": 1},
            "cleo": {"name": "Cleo", "queues": ["support"], "capacity": 1},
        }
    }

    played = Replay(history(recorded, [presence(0, "ada")]), regimes(**more), {}).run()

    assert played.alike == {"cleo": "ada"}
    assert played.passages["t2"].first_wait is not None
    assert played.passages["t2"].first_wait < MINUTE


def test_who_did_not_look_does_not_look_again() -> None:
    missed = taken(SUPPORT, 1, "bea", 8, 20)
    missed.tries = [Try(agent="ada", at=T0 + MINUTE, ended=T0 + 6 * MINUTE, how="missed")]
    recorded = [passage(1, missed)]
    presences = (
        presence(0, "ada"),
        presence(0, "bea", "offline"),
        presence(6, "ada", "away")._replace(missed=True),
        presence(8, "bea"),
        presence(30, "ada"),
    )

    played = Replay(history(recorded, presences), regimes(), {}).run()

    assert played.passages["t1"].episodes[0].agent == "bea"


def test_what_was_parked_wakes_after_as_long_and_its_agent_keeps_it() -> None:
    first = taken(SUPPORT, 1, "ada", 1, 11, ending="parked")
    again = taken(SUPPORT, 31, "ada", 31, 41, by="kept")

    played = Replay(history([passage(1, first, again)], THERE), regimes(), {}).run()

    one, other = played.passages["t1"].episodes
    assert one.ended_at is not None
    assert other.wanted_at - one.ended_at == 20 * MINUTE
    assert (other.agent, other.by) == ("ada", "kept")


def test_what_wakes_while_it_is_wrapped_up_is_counted_once_and_the_wrap_up_takes_its_room() -> None:
    first = taken(SUPPORT, 1, "ada", 1, 11, ending="parked")
    again = taken(SUPPORT, 13, "ada", 13, 20, by="kept")
    recorded = [passage(1, first, again), passage(2, taken(SUPPORT, 15, "ada", 15, 16))]
    wraps = regimes(handling={"test": {"wrap_up": "5min"}})

    played = Replay(history(recorded, [presence(0, "ada")]), wraps, {}).run()

    assert played.passages["t1"].episodes[1].agent == "ada"
    assert minutes(played.passages["t2"].episodes[0].taken_at) == pytest.approx(25.1, abs=0.2)


def test_work_goes_on_only_while_its_agent_is_there() -> None:
    over_night = taken(SUPPORT, 1, "ada", 1, 111)
    presences = (presence(0, "ada"), presence(11, "ada", "offline"), presence(101, "ada"))

    played = Replay(history([passage(1, over_night)], presences), regimes(), {}).run()

    assert minutes(played.passages["t1"].episodes[0].ended_at) == pytest.approx(111, abs=0.2)


def test_a_customer_who_left_leaves_again_unless_somebody_was_there_sooner() -> None:
    left = Episode(kind=SUPPORT, wanted_at=T0 + 2 * MINUTE)
    left.end(T0 + 12 * MINUTE, "finished", "closed")
    recorded = [passage(1, taken(SUPPORT, 1, "ada", 1, 60)), passage(2, left)]

    alone = Replay(history(recorded, [presence(0, "ada")]), regimes(), {}).run()
    both = Replay(history(recorded, [presence(0, "ada"), presence(0, "bea")]), regimes(), {}).run()

    assert alone.passages["t2"].first_taken is None
    assert minutes(alone.passages["t2"].episodes[0].ended_at) == 12
    assert both.passages["t2"].first_taken is not None


def test_what_was_moved_by_hand_is_moved_again_only_where_it_stands_as_it_stood() -> None:
    moved = Episode(kind=SUPPORT, wanted_at=T0 + 2 * MINUTE)
    moved.end(T0 + 5 * MINUTE, "moved", "new")
    recorded = [passage(1, taken(SUPPORT, 1, "ada", 1, 60)), passage(2, moved, taken(BILLING, 5, "bea", 30, 40))]
    presences = [presence(0, "ada"), presence(30, "bea")]

    played = Replay(history(recorded, presences), regimes(), {}).run()
    urgent = Replay(history(recorded, presences), regimes(), {"t2": BILLING._replace(priority=1)}).run()

    assert [each.kind.queue for each in played.passages["t2"].episodes] == ["support", "billing"]
    assert played.passages["t2"].episodes[-1].agent == "bea"
    assert [each.kind for each in urgent.passages["t2"].episodes] == [BILLING._replace(priority=1)] * 2


def test_no_ticket_is_lost_and_nobody_has_more_than_fits_on_random_days() -> None:
    chance = random.Random(5)
    recorded: list[Passage] = []
    for number in range(200):
        at = chance.randint(0, 500)
        work = chance.randint(1, 20)
        recorded.append(passage(number, taken(chance.choice((SUPPORT, BILLING)), at, "bea", at, at + work)))

    played = Replay(history(recorded, THERE, minutes=6000), regimes(), {}).run()

    assert {*played.passages} == {each.id for each in recorded}
    spans = [
        (each.episodes[0].taken_at or 0, each.episodes[0].ended_at or 0, each.episodes[0].agent)
        for each in played.passages.values()
    ]
    for agent in ("ada", "bea"):
        theirs = sorted((begin, end) for begin, end, who in spans if who == agent)
        assert all(end <= begin for (_, end), (begin, _) in pairwise(theirs))
    assert all(end for _, end, _ in spans)


def test_a_replay_leaves_its_history_as_it_was() -> None:
    recorded = [passage(1, taken(SUPPORT, 1, "ada", 1, 11))]
    before = replace(recorded[0].episodes[0])

    Replay(history(recorded, THERE), regimes(), {"t1": BILLING}).run()

    assert recorded[0].episodes == [before]
