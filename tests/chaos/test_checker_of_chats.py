"""The checker notices when a guarantee of chats is taken away from the real gateway."""

from pathlib import Path

import pytest

from .checker import check
from .run import Break, Scale, short_life
from .station import Station
from .test_checker import kill_gateway, nothing

pytestmark = [pytest.mark.long, pytest.mark.timeout(300), pytest.mark.usefixtures("server_binary")]

SCALE = Scale(seed=3, messages=240, seconds=6.0)


async def cut_connections(station: Station) -> None:
    """All connections to the engine are lost at one moment; it lives."""
    with station.engine() as engine:
        engine.client_kill_filter(_type="normal", skipme=True)


@pytest.mark.parametrize(
    ("mutation", "break_", "rule", "words"),
    [
        ("append_lines_afterwards", kill_gateway, "G1", "is 0 lines and 1 articles"),
        ("append_lines_before", kill_gateway, "G2", "is 2 lines"),
        ("answer_repeats_anew", nothing, "G2", "under several ids"),
        ("say_under_new_keys", kill_gateway, "G8", "is sent and 2 lines"),
        ("wake_nobody_after_trouble", cut_connections, "G1", "in the end"),
    ],
)
async def test_a_mutation_is_noticed(tmp_path: Path, mutation: str, break_: Break, rule: str, words: str) -> None:
    found = check(await short_life(tmp_path, break_, mutation=mutation, scale=SCALE))
    assert [each for each in found if each.rule == rule and words in each.words], found
