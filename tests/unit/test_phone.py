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
    assert aliases("+4930123456") == ()


@given(st.text(max_size=300), st.sampled_from(["DE", "BR", "MX", "XX", None]))
def test_keys_are_stable_and_nothing_raises(text: str, region: str | None) -> None:
    normalise_whatsapp(text)
    key = normalise(text, region)
    assert key is None or normalise(key) == key
