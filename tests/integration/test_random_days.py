"""On no day is anything owed that is in no queue, with nobody, without a clock or not on the board."""

from pathlib import Path

import pytest

from trunkline.queue.connection import Engine
from trunkline.queue.keys import Keys

from .conftest import SETTINGS, Desk
from .random_days import RULES, Day, look

STEPS = 70


async def lived_through(day: Day, steps: int) -> None:
    """The day, with all rules looked at after every step."""
    await day.desk.signs.faces_are_there()
    for _ in range(steps):
        await day.step()
        seen = await look(day)
        for rule in RULES:
            try:
                await rule(seen)
            except AssertionError as error:
                story = "\n".join(day.told[-25:])
                raise AssertionError(f"{rule.__name__}: {error}\nafter:\n{story}") from error


async def a_day(url: str, keys: Keys, folder: Path, seed: int) -> None:
    """A desk of its own, and a day there."""
    engine = Engine(url, keys)
    desk = Desk(engine, folder, SETTINGS)
    await desk.blobs.start()
    await desk.start()
    try:
        await lived_through(Day(desk, seed), STEPS)
    finally:
        await desk.blobs.stop()
        await engine.close()


@pytest.mark.parametrize("seed", range(4))
async def test_nothing_owed_is_lost_from_sight_on_a_random_day(
    engine_url: str, keys: Keys, tmp_path: Path, seed: int
) -> None:
    await a_day(engine_url, keys, tmp_path / "blobs", seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4, 64))
async def test_nothing_owed_is_lost_from_sight_on_many_days(
    engine_url: str, keys: Keys, tmp_path: Path, seed: int
) -> None:
    await a_day(engine_url, keys, tmp_path / "blobs", seed)
