"""Work is that of the same ticket; in other hands it is scaled, cautiously; reactions are people's own."""

import pytest

from trunkline.what_if.attendance import Attendance, with_newcomers
from trunkline.what_if.handling import MOST_PACE, USUAL_REACTION, USUAL_WORK, Handling
from trunkline.what_if.history import Passage, Try

from .made_history import MINUTE, SUPPORT, T0, passage, presence, taken


def learned(passages: list[Passage]) -> Handling:
    return Handling(passages, Attendance([], T0, T0 + 10_000 * MINUTE))


def worked(number: int, agent: str, minutes: int) -> Passage:
    return passage(number, taken(SUPPORT, number, agent, number, number + minutes))


def test_the_same_agent_takes_as_long_as_they_took() -> None:
    recorded = [worked(1, "ada", 7), worked(2, "bea", 30)]
    assert learned(recorded).work(recorded[0], 0, "ada") == 7 * MINUTE


def test_a_quick_agent_takes_less_for_what_a_slow_one_did_but_not_by_all_that_lies_between_them() -> None:
    few = [*(worked(n, "ada", 5) for n in range(2)), *(worked(n + 2, "bea", 20) for n in range(2))]
    many = [*(worked(n, "ada", 5) for n in range(200)), *(worked(n + 200, "bea", 20) for n in range(200))]

    little, much = (learned(some).work(some[-1], 0, "ada") for some in (few, many))

    assert 15 * MINUTE < little < 20 * MINUTE
    assert 5 * MINUTE < much < 7 * MINUTE
    assert all(1 / MOST_PACE <= pace <= MOST_PACE for pace in learned(many).paces.values())


def test_what_nobody_worked_on_takes_what_is_usual() -> None:
    waited = passage(9, taken(SUPPORT, 1, "ada", 1, None))
    assert learned([worked(1, "ada", 8), worked(2, "ada", 8), waited]).usual("support") == 8 * MINUTE
    assert learned([]).usual("support") == USUAL_WORK


def test_offers_are_answered_as_they_were_and_else_as_their_agent_usually_does() -> None:
    recorded = worked(1, "ada", 5)
    recorded.episodes[0].tries = [
        Try(agent="bea", at=T0, ended=T0 + 9_000, how="declined"),
        Try(agent="ada", at=T0, ended=T0 + 4_000, how="accepted"),
    ]
    found = learned([recorded])

    assert found.answer("t1", 0, "bea") == ("declined", 9_000)
    assert found.answer("t1", 1, "bea") == ("declined", 9_000)
    assert found.answer("t2", 0, "bea") is None
    assert (found.reaction("ada"), found.reaction("bea")) == (4_000, 4_000)
    assert learned([]).reaction("ada") == USUAL_REACTION


def test_a_newcomer_comes_and_goes_as_the_colleague_who_shares_most_queues() -> None:
    queues = {"ada": ("support",), "bea": ("support", "billing"), "cleo": ("billing", "support"), "dora": ("support",)}
    presences, alike = with_newcomers([presence(1, "ada"), presence(2, "bea")], queues, {"ada", "bea", "dora"})

    assert alike == {"cleo": "bea"}
    assert [each.agent for each in presences] == ["ada", "bea", "cleo"]
    assert presences[-1].at == pytest.approx(T0 + 2 * MINUTE)
