"""Phone numbers as identity keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.normalizer.phone import aliases, e164, normalise, normalise_whatsapp


@pytest.mark.parametrize(
    ("text", "region", "key"),
    [
        ("030/123456", "DE", "+4930123456"),
        ("+49 (0)30 123456", None, "+4930123456"),
        ("8 (912) 345-67-89", "RU", "+79123456789"),
        ("0532 123 45 67", "TR", "+905321234567"),
        ("٠٣٠١٢٣٤٥٦", "DE", "+4930123456"),
        ("+55 31 8888-1234", None, "+5531988881234"),
        ("+55 31 98888-1234", None, "+5531988881234"),
        ("+55 11 3333-4444", None, "+551133334444"),
        ("+52 1 55 1234 5678", None, "+525512345678"),
        ("044 55 1234 5678", "MX", "+525512345678"),
        ("+54 9 11 2345-6789", None, "+541123456789"),
        ("+54 11 2345-6789", None, "+541123456789"),
        ("011 15-2345-6789", "AR", "+541123456789"),
        ("+54 11 15 2345 6789", None, "+541123456789"),
        ("0223 15 456-7890", "AR", "+542234567890"),
        ("06 1234 5678", "IT", "+390612345678"),
        ("+39 06 1234 5678", None, "+390612345678"),
        ("347 123 4567", "IT", "+393471234567"),
        ("8 701 234 5678", "KZ", "+77012345678"),
        ("06 1 234 5678", "HU", "+3612345678"),
        ("+44 (0)20 7946 0018", None, "+442079460018"),
        ("001 415 555 2671", "DE", "+14155552671"),
        ("+225 01 02 03 04 05", None, "+2250102030405"),
        ("12", "DE", None),
        ("my number", "DE", None),
        ("030 123456", None, None),
        ("", None, None),
    ],
)
def test_a_number_has_one_key_or_none(text: str, region: str | None, key: str | None) -> None:
    assert normalise(text, region) == key


def test_the_written_form_is_given_even_for_numbers_that_cannot_exist() -> None:
    assert e164("12", "NZ") == "+6412"


@pytest.mark.parametrize(
    ("identifier", "key"),
    [
        ("553188881234", "+5531988881234"),
        ("5531988881234@s.whatsapp.net", "+5531988881234"),
        ("491711234567:12@s.whatsapp.net", "+491711234567"),
        ("491711234567@c.us", "+491711234567"),
        ("whatsapp:+491711234567", "+491711234567"),
        ("5215512345678", "+525512345678"),
        ("5491123456789", "+541123456789"),
        ("541123456789@s.whatsapp.net", "+541123456789"),
        ("54111523456789@c.us", "+541123456789"),
        ("390612345678", "+390612345678"),
        ("123456789012345@lid", None),
        ("120363025246125486@g.us", None),
        ("ann", None),
    ],
)
def test_whatsapp_ids_name_the_same_line(identifier: str, key: str | None) -> None:
    assert normalise_whatsapp(identifier) == key


def test_a_line_may_be_registered_under_its_other_spelling() -> None:
    assert aliases("+5531988881234") == ("+553188881234",)
    assert aliases("+525512345678") == ("+5215512345678",)
    assert aliases("+541123456789") == ("+5491123456789",)
    assert aliases("+4930123456") == ()


@given(st.text(max_size=300), st.sampled_from(["DE", "BR", "MX", "XX", None]))
def test_keys_are_stable_and_nothing_raises(text: str, region: str | None) -> None:
    normalise_whatsapp(text)
    key = normalise(text, region)
    assert key is None or normalise(key) == key
