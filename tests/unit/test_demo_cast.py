"""The cast of the demo: complete, harmless, and the same for the same seed."""

import itertools
from pathlib import Path

from trunkline.gateway.simulation.cast import chance, the_cast


def test_everybody_has_something_to_say() -> None:
    cast = the_cast()
    for person in cast.people:
        assert cast.openings[person.language]
        assert cast.further[person.language]


def test_all_addresses_are_of_domains_reserved_for_examples() -> None:
    domains = {person.email.rpartition("@")[2] for person in the_cast().people}
    assert domains <= {"example.org", "example.net", "example.com"}
    assert len({person.email for person in the_cast().people}) == len(the_cast().people)


def test_nobody_in_the_cast_is_the_customer_of_the_readme() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    assert not [person.email for person in the_cast().people if person.email in readme]


def test_the_same_seed_gives_the_same_play_and_another_seed_another() -> None:
    def play(seed: int) -> list[str]:
        dice = [chance(seed, "opening", number) for number in range(50)]
        return [each.choice(the_cast().people).email for each in dice]

    assert play(1) == play(1)
    assert play(1) != play(2)


def test_there_is_an_answer_in_every_language() -> None:
    cast = the_cast()
    for language, number in itertools.product([*cast.openings, "unknown"], range(5)):
        assert cast.answer(language, chance(1, number))
