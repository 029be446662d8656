"""Places: so many at one time, in total and of one holder."""

import pytest

from trunkline.config.errors import EngineUnavailable, Overloaded
from trunkline.web.places import Places


def test_a_holder_has_a_share_and_all_together_have_the_total() -> None:
    places = Places(5, each=2)
    assert [places.take("a") for _ in range(3)] == [True, True, False]
    assert [places.take("b") for _ in range(2)] == [True, True]
    assert [places.take("c") for _ in range(2)] == [True, False]
    places.give_back("a")
    assert (places.take("c"), places.used) == (True, 5)


def test_those_who_are_favoured_share_only_the_total_and_have_some_set_apart() -> None:
    places = Places(10, each=3, set_apart=1)
    assert [places.take(f"stranger {number // 3}") for number in range(10)] == [True] * 9 + [False]
    assert [places.take("own", favoured=True) for _ in range(2)] == [True, False]
    places = Places(10, each=1)
    assert [places.take("own", favoured=True) for _ in range(11)] == [True] * 10 + [False]


def test_one_thing_of_a_holder_may_be_larger_than_their_share_but_not_than_the_total() -> None:
    places = Places(10, each=2)
    assert (places.take("a", 11), places.take("a", 8), places.take("a", 1), places.take("b", 2)) == (
        False,
        True,
        False,
        True,
    )


def test_what_was_held_is_free_after_the_block_whatever_happens_in_it() -> None:
    places = Places(1)
    with pytest.raises(EngineUnavailable), places.held("a"):  # noqa: PT012
        with pytest.raises(Overloaded), places.held("b"):
            pass
        raise EngineUnavailable
    assert (places.used, places.held_by("a")) == (0, 0)
