"""The choice of an agent, as explained."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from trunkline.router.decision import choose, ranked


def candidate(agent: str, **facts: Any) -> dict[str, Any]:
    return {
        "agent": agent,
        "speaks": True,
        "preferred": 0,
        "presence": "available",
        "load": 0,
        "capacity": 5,
        "idle_since": 0,
        "room": True,
        "knows": False,
    } | facts


def test_the_least_loaded_for_the_capacity_is_chosen() -> None:
    assert choose([candidate("a", load=2), candidate("b", load=3, capacity=10)], relaxed=False) == "b"


def test_among_equals_the_longest_idle_is_chosen() -> None:
    assert choose([candidate("a", idle_since=20), candidate("b", idle_since=10)], relaxed=False) == "b"


def test_a_speaker_on_duty_is_waited_for_unless_the_wait_is_over() -> None:
    people = [candidate("a", speaks=False), candidate("b", presence="busy")]
    assert choose(people, relaxed=False) is None
    assert choose(people, relaxed=True) == "a"


def test_without_a_speaker_on_duty_anybody_may_have_it() -> None:
    assert choose([candidate("a", speaks=False), candidate("b", presence="offline")], relaxed=False) == "a"


def test_who_had_the_case_before_is_preferred_to_a_lower_load() -> None:
    assert choose([candidate("a"), candidate("b", load=3, knows=True)], relaxed=False) == "b"


def test_nobody_is_chosen_without_room() -> None:
    assert choose([candidate("a", room=False)], relaxed=True) is None


people = st.lists(
    st.builds(
        candidate,
        st.sampled_from(["a", "b", "c", "d", "e"]),
        speaks=st.booleans(),
        presence=st.sampled_from(["available", "busy", "away", "offline"]),
        load=st.integers(0, 5),
        capacity=st.integers(1, 5),
        idle_since=st.integers(0, 3),
        room=st.booleans(),
        knows=st.booleans(),
        preferred=st.integers(0, 2),
    ),
    unique_by=lambda each: each["agent"],
    max_size=5,
)


@given(people, st.booleans())
def test_whoever_is_chosen_was_available_and_had_room(candidates: list[dict[str, Any]], relaxed: bool) -> None:
    chosen = choose(candidates, relaxed=relaxed)
    for each in candidates:
        if each["agent"] == chosen:
            assert each["presence"] == "available"
            assert each["room"]


@given(people, st.booleans(), st.randoms())
def test_the_order_of_the_candidates_does_not_matter(
    candidates: list[dict[str, Any]], relaxed: bool, chance: Any
) -> None:
    shuffled = list(candidates)
    chance.shuffle(shuffled)
    assert choose(candidates, relaxed=relaxed) == choose(shuffled, relaxed=relaxed)


def test_what_takes_all_of_an_agent_is_said_from_both_sides() -> None:
    busy = [candidate("a", room=False, exclusive=True), candidate("b", room=False, undivided=True)]
    assert [reason for _, reason in ranked(busy, relaxed=False)] == ["exclusive", "undivided"]
