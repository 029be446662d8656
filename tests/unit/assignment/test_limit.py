"""What stands behind a head that surely has its turn is not looked for: the choice comes out as if it had been."""

import random

import pytest

from trunkline.router.assignment.choice import OWN, RETURNING, HeadSeen, Pace, choose_ticket, limit_of
from trunkline.router.assignment.tuning import DEFAULT

PRIORITIES = (1, 2, 3, 4)


def bucket(chance: random.Random, priority: int, token: int) -> HeadSeen | None:
    """The first of what waits under a token, if anything does."""
    if chance.random() < 0.4:
        return None
    return HeadSeen(chance.randrange(20), f"t{priority}{token}", priority, chance.random() < 0.2, True, OWN)


@pytest.mark.parametrize("seed", range(300))
def test_the_choice_is_the_same_as_from_all_heads(seed: int) -> None:
    chance = random.Random(seed)
    own = HeadSeen(chance.randrange(20), "own", chance.choice(PRIORITIES), chance.random() < 0.3, True, RETURNING)
    everything = [own] if chance.random() < 0.5 else []
    looked_for = list(everything)
    for priority in PRIORITIES:
        for token in range(3):
            if head := bucket(chance, priority, token):
                everything.append(head)
                limit = limit_of(looked_for, priority)
                looked_for += [head] if limit is None or head < limit else []
    due = {priority: chance.choice((0, 0, 3, 40)) for priority in PRIORITIES}
    pace = Pace(1 << 20, chance.choice((0, 900, 20_000)), (90, 90, 90, 90), (60_000, 240_000, 900_000, 3_600_000))

    choices = {choose_ticket(heads, pace, lambda which, _: due[which], DEFAULT) for heads in (everything, looked_for)}

    assert len(choices) == 1


def test_nothing_is_a_limit_while_something_more_important_may_come() -> None:
    urgent, late = HeadSeen(9, "a", 2, False, True, OWN), HeadSeen(5, "b", 3, True, True, RETURNING)

    assert limit_of([], 4) is None
    assert limit_of([late], 1) is None
    assert limit_of([late, urgent], 2) is late, "at the end of the ladder"
    assert limit_of([urgent], 4) is urgent
