"""How long the supervisor waits before it starts an engine again."""

from trunkline.queue.embedded import LONGEST_PAUSE_SECONDS, STEADY_SECONDS, Pauses


def test_pauses_double_from_a_tenth_of_a_second_and_are_capped() -> None:
    pauses = Pauses()

    assert [pauses.next(0.0) for _ in range(4)] == [0.1, 0.2, 0.4, 0.8]
    assert [pauses.next(0.0) for _ in range(60)][-1] == LONGEST_PAUSE_SECONDS


def test_an_engine_that_ends_soon_after_each_start_waits_longer_each_time() -> None:
    pauses = Pauses()
    waited = []
    for start in (100.0, 200.0, 300.0):
        pauses.served(start)
        waited.append(pauses.next(start + STEADY_SECONDS - 1))

    assert waited == [0.1, 0.2, 0.4]


def test_an_engine_that_ran_steadily_is_started_again_soon() -> None:
    pauses = Pauses()
    for _ in range(10):
        pauses.next(0.0)
    pauses.served(100.0)

    assert pauses.next(100.0 + STEADY_SECONDS) == 0.1
