"""Visitor tokens: good for their visitor, their site and their time, and for nothing else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trunkline.adapters.chat import visitor_token
from trunkline.adapters.chat.close_codes import Unproven
from trunkline.adapters.chat.visitor_token import DAY_MS

KEY, NOW = b"a key", 1_800_000_000_000
VISITOR = "0123456789abcdef" * 2


def test_a_token_says_who_the_visitor_is_for_400_days() -> None:
    token = visitor_token.issue(KEY, "web", VISITOR, NOW)
    found = visitor_token.read(KEY, "web", NOW + 400 * DAY_MS - 1, token)
    assert (found.visitor, found.issued, found.signed) == (VISITOR, NOW, False)
    with pytest.raises(Unproven):
        visitor_token.read(KEY, "web", NOW + 400 * DAY_MS, token)


@pytest.mark.parametrize(("key", "site"), [(b"another key", "web"), (KEY, "shop")])
def test_a_token_of_another_site_or_gateway_is_none(key: bytes, site: str) -> None:
    with pytest.raises(Unproven):
        visitor_token.read(key, site, NOW, visitor_token.issue(KEY, "web", VISITOR, NOW))


@settings(deadline=None)
@given(st.data())
def test_a_token_with_any_character_changed_is_none(data: st.DataObject) -> None:
    token = visitor_token.issue(KEY, "web", VISITOR, NOW)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters().filter(lambda character: character != token[place]))
    with pytest.raises(Unproven):
        visitor_token.read(KEY, "web", NOW, token[:place] + other + token[place + 1 :])


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_other_text_is_no_token(text: str) -> None:
    with pytest.raises(Unproven):
        visitor_token.read(KEY, "web", NOW, text)


def test_visitors_cannot_be_guessed_and_are_never_the_same() -> None:
    assert len({visitor_token.new_visitor() for _ in range(1000)}) == 1000
    assert len(bytes.fromhex(visitor_token.new_visitor())) == 16


def test_the_token_of_a_person_who_is_signed_in_says_so() -> None:
    token = visitor_token.issue(KEY, "web", f"u_{VISITOR}", NOW, until=NOW + 1000)
    assert visitor_token.read(KEY, "web", NOW + 999, token).signed
    with pytest.raises(Unproven):
        visitor_token.read(KEY, "web", NOW + 1000, token)
