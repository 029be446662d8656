"""Of all times at which a configuration came into force, those that bear on some days."""

import pytest

from trunkline.router.kept_configurations import InForce, in_force_within

TIMES = [InForce(at, f"v{at}") for at in (10, 20, 30)]


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [(20, 30, [20]), (19, 31, [10, 20, 30]), (40, 50, [30]), (1, 5, [10])],
    ids=["one from its beginning to its end", "all", "the last goes on", "the first stands for the time before it"],
)
def test_those_are_found_that_were_in_force(since: int, until: int, found: list[int]) -> None:
    assert [each.since for each in in_force_within(TIMES, since, until)] == found
    assert in_force_within([], since, until) == []
