"""Cursors name a place in a list, and nothing else passes for one."""

from base64 import urlsafe_b64encode
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.config.errors import NotFound
from trunkline.web.paging import PageQuery, cursor_at, position_of

VALUES = st.one_of(st.text(max_size=40), st.integers(min_value=-(2**53) + 1, max_value=2**53 - 1))


@given(st.lists(VALUES, min_size=1, max_size=4))
def test_a_cursor_holds_its_place(values: list[str | int]) -> None:
    assert position_of(cursor_at(tuple(values))) == tuple(values)


@given(st.from_regex(r"\A[A-Za-z0-9_-]{1,512}\Z"))
def test_other_words_name_a_place_or_no_page(cursor: str) -> None:
    with suppress(NotFound):
        assert all(isinstance(value, str | int) for value in position_of(cursor))


@pytest.mark.parametrize("values", ["{}", "[]", "[true]", "[1.5]", "[null]", "[[1]]", "[9007199254740993]", "[NaN]"])
def test_values_that_cannot_be_sorted_name_no_page(values: str) -> None:
    with pytest.raises(NotFound):
        position_of(urlsafe_b64encode(values.encode()).decode().rstrip("="))


def test_the_first_page_begins_nowhere() -> None:
    assert PageQuery().position is None
