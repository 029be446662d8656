"""A full look for garbage is taken when the process has grown, and else never."""

import gc
import weakref
from collections.abc import AsyncIterator, Callable

import pytest

from trunkline.gateway.garbage import Garbage


class Cycle:
    """Something that only a look for cycles frees."""

    def __init__(self) -> None:
        self.itself = self


class Blocks:
    """How much is allocated, as the test says."""

    def __init__(self) -> None:
        self.count = 1_000

    def __call__(self) -> int:
        return self.count


@pytest.fixture
def blocks() -> Blocks:
    return Blocks()


@pytest.fixture
async def garbage(blocks: Blocks) -> AsyncIterator[Garbage]:
    before, made = gc.get_threshold(), Garbage(blocks)
    await made.set_aside()
    yield made
    gc.unfreeze()
    gc.set_threshold(*before)


def old_cycle() -> Callable[[], Cycle | None]:
    """One that has outlived the young."""
    cycle = Cycle()
    gc.collect(1)
    return weakref.ref(cycle)


async def test_what_has_outlived_the_young_stays_until_the_process_has_grown(garbage: Garbage, blocks: Blocks) -> None:
    cycle = old_cycle()

    blocks.count = 1_499
    await garbage.run_once()
    assert cycle() is not None

    blocks.count = 1_500
    await garbage.run_once()
    assert cycle() is None


async def test_growth_counts_from_the_last_look(garbage: Garbage, blocks: Blocks) -> None:
    blocks.count = 2_000
    await garbage.run_once()
    cycle = old_cycle()

    blocks.count = 2_999
    await garbage.run_once()
    assert cycle() is not None


async def test_what_lives_at_the_start_is_set_aside_and_no_full_look_is_taken_by_itself(garbage: Garbage) -> None:
    assert gc.get_freeze_count() > 0
    assert gc.get_threshold()[2] > 1_000_000_000
