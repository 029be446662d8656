"""What simulated agents make of words: their own scenarios in every language, and those of strangers."""

from itertools import islice

import pytest

from trunkline.demo.simulation.answering import filled_in, understood
from trunkline.demo.simulation.chance import chance
from trunkline.demo.simulation.contacts import Contact, contacts
from trunkline.demo.simulation.talk import languages, talk_in

DICE = chance(1)


def play() -> list[Contact]:
    return list(islice(contacts(11, 16, ("chat", "form", "mail")), 300))


def test_every_opening_is_understood_and_answered_to_the_point() -> None:
    for contact in play():
        found = understood(contact.person.language, "\n".join((contact.subject, *contact.opening)), DICE)
        assert (found.topic, found.known, found.over) == (contact.topic, True, False)


def test_every_further_turn_has_its_own_answer() -> None:
    for contact in play():
        first = understood(contact.person.language, "\n".join(contact.opening), DICE).answer
        for turn in contact.turns:
            found = understood(contact.person.language, turn, DICE)
            assert found.known
            assert found.answer != first


def test_thanks_end_it_in_every_language() -> None:
    for language in languages():
        for thanks in talk_in(language).thanks:
            assert understood(language, f"{thanks}\n\nMaria", DICE).over


def test_mail_programs_may_fold_lines() -> None:
    scenario = talk_in("de").topics["login"].scenarios[0]
    folded = scenario.mail.replace(" ", "\n", 4)
    assert understood("de", folded, DICE).answer == scenario.answer


def test_who_is_angry_hears_that_we_are_sorry_first() -> None:
    talk = talk_in("en")
    said = f"{talk.topics['hours'].scenarios[0].mail}\n\n{talk.angry[0]}"
    assert understood("en", said, DICE).answer.startswith(talk.agent.sorry)


def test_a_stranger_is_answered_by_topic_or_else_in_general() -> None:
    found = understood("en", "Hi, I forgot my PASSWORD, what now?", DICE)
    assert (found.topic, found.known) == ("login", False)
    unknown = understood("en", "qwertz", DICE)
    assert (unknown.topic, unknown.known) == ("", False)
    assert unknown.answer in talk_in("en").agent.generic


@pytest.mark.parametrize(
    ("said", "filled"),
    [
        ("order 12-34567, €48 please", "12-34567 and 48"),
        ("Bestellung 12-34567 über 48 €", "12-34567 and 48"),
        ("订单 12-34567，48 欧元", "12-34567 and 48"),
        ("nothing of the kind", " and "),
    ],
)
def test_answers_name_the_numbers_that_the_customer_has_named(said: str, filled: str) -> None:
    assert filled_in("{order} and {amount}", said) == filled


def test_a_known_case_is_answered_without_gaps() -> None:
    for contact in play():
        said = "\n".join((contact.subject, *contact.opening))
        answer = filled_in(understood(contact.person.language, said, DICE).answer, said)
        assert "{" not in answer
        assert "  " not in answer
