"""Which identities of one message are one person's."""

import pytest

from trunkline.normalizer.envelope import Assurance, Identity, Sender
from trunkline.normalizer.same_person import MOST, of_one_person


def identity(value: str, assurance: int) -> Identity:
    return Identity(kind="email", value=value, assurance=Assurance(assurance))


def person(*given: tuple[str, int]) -> list[str]:
    return [each.value for each in of_one_person(Sender(identities=tuple(identity(*each) for each in given)))]


@pytest.mark.parametrize(
    ("given", "one"),
    [
        ([], []),
        ([("a", 0)], ["a"]),
        ([("a", 3), ("b", 3), ("c", 4)], ["a", "b", "c"]),
        ([("a", 3), ("b", 0), ("c", 3)], ["a", "c"]),
        ([("a", 3), ("b", 2)], ["a"]),
        ([("a", 2), ("b", 3)], ["a"]),
        ([("a", 0), ("b", 3)], ["a"]),
        ([("a", 3), ("b", 3), ("b", 3), ("a", 3)], ["a", "b"]),
    ],
)
def test_only_those_of_which_control_is_proven_beside_a_first_that_is(
    given: list[tuple[str, int]], one: list[str]
) -> None:
    assert person(*given) == one


def test_a_message_with_very_many_identities_counts_for_a_few() -> None:
    assert person(*((f"a{n}", 3) for n in range(50))) == [f"a{n}" for n in range(MOST)]
