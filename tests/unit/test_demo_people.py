"""The people of the demo: complete, harmless, and able to speak."""

import re
from pathlib import Path
from typing import get_args

import pytest
from pydantic import ValidationError

from trunkline.demo.simulation.people import Person, Way, the_people, the_teamwork
from trunkline.demo.simulation.talk import FOLDER, Scenario, Topic, Turn, languages, talk_in

PLACES = {"order", "amount"}


def test_everybody_speaks_a_language_of_the_play_and_every_language_is_spoken() -> None:
    assert {person.language for person in the_people()} == set(languages())
    assert len(languages()) >= 9


def test_all_addresses_are_of_domains_reserved_for_examples() -> None:
    domains = {person.email.rpartition("@")[2] for person in the_people()}
    assert domains <= {"example.org", "example.net", "example.com"}
    assert len({person.email for person in the_people()}) == len(the_people())


def test_nobody_in_the_cast_is_the_customer_of_the_readme() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    assert not [person.email for person in the_people() if person.email in readme]


def test_all_habits_and_ways_are_there() -> None:
    assert {person.habit for person in the_people()} == {"terse", "plain", "chatty", "angry"}
    assert {way for person in the_people() for way in person.ways} == set(get_args(Way))


def test_everybody_has_a_number_of_their_own_where_a_way_needs_one() -> None:
    phones = [person.phone for person in the_people() if person.phone]
    assert len(set(phones)) == len(phones)
    with pytest.raises(ValidationError, match="has no phone"):
        Person(name="A", email="a@example.org", language="en", habit="plain", patience=1, ways=("sms",))


def test_all_numbers_are_kept_for_films() -> None:
    kept = re.compile(r"\+(447700900\d{3}|49176040690\d\d|336399801\d\d)")
    assert [person.phone for person in the_people() if person.phone and not kept.fullmatch(person.phone)] == []


def texts(topic: Topic) -> list[str]:
    """Everything that is said about a topic."""

    def of(turns: tuple[Turn, ...]) -> list[str]:
        return [text for turn in turns for text in (turn.say, turn.answer, *of(turn.then))]

    def whole(scenario: Scenario) -> list[str]:
        return [scenario.subject, scenario.mail, *scenario.chat, scenario.answer, *of(scenario.then)]

    return [text for scenario in topic.scenarios for text in whole(scenario)]


@pytest.mark.parametrize("language", languages())
def test_each_language_has_every_topic_with_answers_that_can_be_filled_in(language: str) -> None:
    assert set(talk_in(language).topics) == set(talk_in("en").topics)
    for topic in talk_in(language).topics.values():
        assert topic.words
        for text in texts(topic):
            assert text.strip()
            assert set(re.findall(r"\{(\w+)\}", text)) <= PLACES


@pytest.mark.parametrize("language", languages())
def test_agents_greet_by_name_in_each_language(language: str) -> None:
    agent = talk_in(language).agent
    assert all(place in agent.mail for place in ("{name}", "{text}", "{agent}"))
    assert "{agent}" in agent.hello


def test_a_language_that_is_not_there_is_spoken_as_english() -> None:
    assert talk_in("unknown") is talk_in("en") or talk_in("unknown") == talk_in("en")
    assert not (FOLDER / "unknown.yaml").exists()


def test_there_is_a_note_for_every_topic() -> None:
    assert set(the_teamwork().notes) == {"any", *talk_in("en").topics}
