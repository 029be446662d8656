"""Values of declared fields are read in every form in which people and programs write them, or refused in words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.config.field_settings import FieldSettings
from trunkline.normalizer.field_values import NoValue, read_language, read_time_zone, read_value, text_of

OPTIONS = {"choice": ["Free", "Pro"], "choices": ["lamp", "cable", "bulb"]}


def field(kind: str) -> FieldSettings:
    return FieldSettings.model_validate({"type": kind, "options": OPTIONS.get(kind, [])})


@pytest.mark.parametrize(
    ("kind", "given_", "value"),
    [
        ("text", "  A-17 ", "A-17"),
        ("text", 17, "17"),
        ("number", "12", 12),
        ("number", "12.50", 12.5),
        ("number", 12.0, 12),
        ("number", "-.5", -0.5),
        ("boolean", "Yes", True),
        ("boolean", False, False),
        ("boolean", "0", False),
        ("date", "2026-11-29", "2026-11-29"),
        ("date", "1.2.2026", "2026-02-01"),
        ("choice", "pro", "Pro"),
        ("choices", "bulb; LAMP", ["lamp", "bulb"]),
        ("choices", ["cable"], ["cable"]),
        ("email", "Maria <Maria@Example.ORG>", "maria@example.org"),
        ("url", "https://example.org/a?b", "https://example.org/a?b"),
        *((kind, nothing, None) for kind in ("text", "number", "choices", "date") for nothing in (None, "", "  ", [])),
    ],
)
def test_a_value_is_kept_in_one_form(kind: str, given_: Any, value: Any) -> None:
    read = read_value(field(kind), given_)
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    ("kind", "given_", "expected"),
    [
        ("text", "x" * 1001, "at most 1000"),
        ("text", "a\x00b", "without control"),
        ("text", {"a": 1}, "text"),
        ("number", "1,234", "12.5"),
        ("number", "1e5", "12.5"),
        ("number", True, "12.5"),
        ("number", float("inf"), "12.5"),
        ("number", 10**15, "15 digits"),
        ("boolean", "maybe", "yes or no"),
        ("boolean", 2, "yes or no"),
        ("date", "11/29/2026", "2026-11-29"),
        ("date", "2026-02-30", "2026-11-29"),
        ("date", "31.4.2026", "2026-11-29"),
        ("choice", "gold", "one of Free, Pro"),
        ("choices", "lamp, sofa", "one of lamp, cable, bulb"),
        ("email", "maria", "e-mail"),
        ("url", "javascript:alert(1)", "https://example.org"),
        ("url", "https://[", "https://example.org"),
    ],
)
def test_what_is_no_value_is_refused_with_what_would_be_one(kind: str, given_: Any, expected: str) -> None:
    with pytest.raises(NoValue, match=expected):
        read_value(field(kind), given_)


@given(
    st.sampled_from(["text", "number", "boolean", "date", "choice", "choices", "email", "url"]),
    st.one_of(st.text(max_size=40), st.integers(), st.floats(allow_nan=True), st.lists(st.text(max_size=9)), st.none()),
)
def test_a_value_written_as_text_is_read_as_the_same_value(kind: str, anything: Any) -> None:
    try:
        value = read_value(field(kind), anything)
    except NoValue:
        return
    assert read_value(field(kind), text_of(value)) == value


def test_languages_and_time_zones_are_those_that_there_are() -> None:
    assert (read_language(" ES "), read_language("")) == ("es", "unknown")
    assert (read_time_zone("Europe/Madrid"), read_time_zone("")) == ("Europe/Madrid", "")
    with pytest.raises(NoValue, match="two letters"):
        read_language("spanish")
    with pytest.raises(NoValue, match="IANA"):
        read_time_zone("Europe/Barcelona")
