"""The clock follows the engine, never goes back, and does not believe a leap at once."""

from hypothesis import given
from hypothesis import strategies as st

from trunkline.queue.clock import CONFIRM_MS, STEP_MS, Clock, ManualClock

START = 1_800_000_000_000


class Hand:
    """A monotonic clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def clock_at(start: int) -> tuple[Clock, Hand]:
    hand = Hand()
    clock = Clock(None, hand)
    clock._set(start)
    return clock, hand


def test_between_two_looks_the_monotonic_clock_carries_it_on() -> None:
    clock, hand = clock_at(START)
    hand.seconds += 1.5
    assert clock.now() == START + 1500


def test_a_step_back_of_the_engine_is_ignored() -> None:
    clock, hand = clock_at(START)
    clock.follow(START - 172_800_000)
    hand.seconds += 1
    assert clock.now() == START + 1000


def test_a_leap_counts_only_when_it_is_seen_again_ten_seconds_later() -> None:
    clock, hand = clock_at(START)
    leap = START + STEP_MS + 60_000
    clock.follow(leap)
    hand.seconds += 5
    clock.follow(leap + 5_000)
    assert clock.now() == START + 5_000
    hand.seconds += CONFIRM_MS / 1000
    clock.follow(leap + 15_000)
    assert clock.now() == leap + 15_000
    assert clock.steps == 1


def test_a_leap_that_is_gone_at_the_second_look_never_counts() -> None:
    clock, hand = clock_at(START)
    clock.follow(START + 10 * STEP_MS)
    hand.seconds += 5
    clock.follow(START + 5_000)
    hand.seconds += 6
    clock.follow(START + 10 * STEP_MS)
    assert clock.now() == START + 11_000
    assert clock.steps == 0


@given(st.lists(st.tuples(st.integers(0, 30_000), st.integers(-200_000_000, 200_000_000)), max_size=40))
def test_it_never_goes_back(looks: list[tuple[int, int]]) -> None:
    clock, hand = clock_at(START)
    last = clock.now()
    for passed, drift in looks:
        hand.seconds += passed / 1000
        clock.follow(clock.now() + drift)
        assert clock.now() >= last
        last = clock.now()


def test_the_manual_clock_moves_only_when_it_is_told() -> None:
    clock = ManualClock(START)
    clock.advance(250)
    assert clock.now() == START + 250
