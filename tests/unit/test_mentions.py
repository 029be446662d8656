"""Whom a note names."""

import pytest

from trunkline.router.mentions import MOST, mentioned

AGENTS = ("ada", "boris", "carla-maria")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("@boris, can you look?", ["boris"]),
        ("ask (@Boris) and @ada; @boris knows", ["boris", "ada"]),
        ("@carla-maria: please", ["carla-maria"]),
        ("write to info@boris.example or boris@ada", []),
        ("@borisov and @nobody", []),
        ("@@boris", []),
    ],
)
def test_agents_are_named_by_their_ids_and_addresses_name_nobody(text: str, named: list[str]) -> None:
    assert mentioned(text, AGENTS) == named


def test_a_note_names_at_most_so_many() -> None:
    agents = [f"a{number}" for number in range(MOST + 5)]
    assert mentioned(" ".join(f"@{name}" for name in agents), agents) == agents[:MOST]
