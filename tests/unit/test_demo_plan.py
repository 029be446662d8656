"""The plan of the demo: pure, the same for the same seed, and lively at the beginning."""

from collections import Counter
from itertools import islice

import pytest

from trunkline.demo.simulation.behaviour import Behaviour
from trunkline.demo.simulation.contacts import EARLY, Contact, contacts
from trunkline.demo.simulation.demo_options import DemoOptions
from trunkline.demo.simulation.talk import languages

WAYS = ("chat", "form", "mail", "sms", "telegram", "whatsapp")


def planned(seed: int, count: int = 200, *, per_minute: float = 16.0) -> list[Contact]:
    return list(islice(contacts(seed, per_minute, WAYS), count))


def test_the_same_seed_gives_the_same_play_and_another_seed_another() -> None:
    assert planned(7) == planned(7)
    assert planned(7) != planned(8)


def test_how_many_come_changes_only_when_they_come() -> None:
    def without_times(play: list[Contact]) -> list[tuple[object, ...]]:
        return [
            (contact.person, contact.way, contact.opening, contact.turns, contact.thanks, contact.quirks)
            for contact in play
        ]

    assert without_times(planned(7, per_minute=5)) == without_times(planned(7, per_minute=50))


def test_visits_come_in_order_and_about_as_many_a_minute_as_asked_for() -> None:
    play = planned(3, 400, per_minute=20)
    assert [contact.number for contact in play] == list(range(400))
    assert play == sorted(play, key=lambda contact: contact.at)
    assert 0.7 * 20 < 60 * 400 / play[-1].at < 1.4 * 20


def test_the_first_ones_come_within_twenty_seconds_even_when_few_come_later() -> None:
    for seed in range(20):
        assert planned(seed, EARLY, per_minute=1)[-1].at < 20


def test_everything_occurs() -> None:
    play = planned(1, 400)
    assert {contact.way for contact in play} == set(WAYS)
    assert {contact.person.language for contact in play} == set(languages())
    occurring = {"twice", "reload", "file", "address", "phone", "voice", "edit", "thumb", "number"}
    assert set().union(*(contact.quirks for contact in play)) == occurring
    assert Counter(bool(contact.turns) for contact in play).keys() == {True, False}


def test_nobody_comes_twice_within_a_short_time() -> None:
    people = [contact.person.email for contact in planned(5)]
    assert all(len(set(people[at : at + 10])) == 10 for at in range(len(people) - 10))


def test_who_writes_by_telegram_and_by_sms_gives_their_number() -> None:
    for contact in planned(1, 400):
        writes_by_both = contact.way == "telegram" and "sms" in contact.person.ways
        assert ("number" in contact.quirks) == writes_by_both


def test_nobody_sends_a_file_by_sms() -> None:
    assert not [contact for contact in planned(1, 400) if contact.way == "sms" and {"file", "voice"} & contact.quirks]


@pytest.mark.parametrize("ways", [("mail",), ("mail", "form"), ("chat",), ("sms",), ("telegram", "whatsapp")])
def test_only_ways_that_are_there_are_taken(ways: tuple[str, ...]) -> None:
    play = list(islice(contacts(1, 10, ways), 50))  # type: ignore[arg-type]
    assert {contact.way for contact in play} == set(ways)


def test_no_place_for_a_number_is_left_in_what_customers_say() -> None:
    for contact in planned(2, 300):
        assert not [text for text in (contact.subject, *contact.opening, *contact.turns) if "{" in text]


def test_an_agents_moods_depend_on_seed_agent_and_occasion_alone() -> None:
    occasions = [(f"subject {number}", time) for number in range(100) for time in (1, 2)]
    ada, boris = Behaviour(1, "ada"), Behaviour(1, "boris")
    decided = [ada.offer(*occasion) for occasion in occasions]
    assert decided == [Behaviour(1, "ada").offer(*occasion) for occasion in reversed(occasions)][::-1]
    assert decided != [boris.offer(*occasion) for occasion in occasions]
    assert {mood for mood, _ in decided} == {"accept", "decline", "miss"}
    assert ada.answering("hello", "good day", chat=True) == Behaviour(1, "ada").answering(
        "hello", "good day", chat=True
    )


def test_breaks_go_on_for_ever_and_repeat_with_the_seed() -> None:
    assert list(islice(Behaviour(1, "ada").breaks(), 50)) == list(islice(Behaviour(1, "ada").breaks(), 50))


def test_the_agent_whom_a_person_can_be_is_ada_or_the_first_or_the_one_named() -> None:
    assert DemoOptions().person_agent(["carla", "ada"]) == "ada"
    assert DemoOptions().person_agent(["zoe", "yan"]) == "zoe"
    assert DemoOptions(me="boris").person_agent(["ada", "boris"]) == "boris"
    assert DemoOptions(me="").person_agent(["ada"]) == ""
    assert DemoOptions().person_agent([]) == ""


def test_customers_come_as_many_as_the_agents_can_bear_unless_said_otherwise() -> None:
    assert DemoOptions().customers_a_minute(8) > DemoOptions().customers_a_minute(3) > 0
    assert DemoOptions(customers=5).customers_a_minute(8) == 5
