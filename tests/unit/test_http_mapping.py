"""Sources of the channel http: what their settings may say, and what their mapping takes and refuses."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from trunkline.adapters.http_source.field_mapping import FieldMapping, read_content
from trunkline.adapters.http_source.settings import HttpSettings, SourceSettings
from trunkline.config.errors import Invalid

FORM = {"name": "name", "email": "email", "subject": "subject", "message": "message", "conversation": "conversation"}
SHOP = {
    "customer": "user.id",
    "email": "user.mails.0",
    "phone": "user.phone",
    "message": "body.text",
    "sequence": "n",
    "order": "order.number",
}


def mapping(fields: dict[str, str], **settings: Any) -> FieldMapping:
    return FieldMapping(SourceSettings(fields=fields, **settings))


def wrong_fields(fields: dict[str, str], content: Any, **settings: Any) -> list[str]:
    with pytest.raises(Invalid) as caught:
        mapping(fields, **settings).read(content)
    return [error.field for error in caught.value.facts.get("errors", ())]


def test_fields_are_found_by_their_paths_and_others_are_kept_as_they_came() -> None:
    content = {
        "user": {"id": 77, "mails": ["Maria@Example.ORG"], "phone": "+49 30 123456"},
        "body": {"text": "hello\n"},
        "n": 12,
        "order": {"number": {"year": 2026, "no": 5}},
        "ignored": [1],
    }
    fields = mapping(SHOP).read(content)
    assert fields.known == {
        "customer": "77",
        "email": "Maria@Example.ORG",
        "phone": "+49 30 123456",
        "message": "hello\n",
        "sequence": "12",
    }
    assert fields.own == {"order": {"year": 2026, "no": 5}}
    assert fields.lane_key == "e:maria@example.org"


def test_the_lane_is_the_conversation_before_the_person() -> None:
    content = {"email": "maria@example.org", "message": "a", "conversation": 4711}
    assert mapping(FORM).read(content).lane_key == "c:4711"
    assert mapping({"message": "m"}).read({"m": "x"}).lane_key == ""


@pytest.mark.parametrize("content", [{}, {"email": None, "message": ""}, {"email": " ", "message": "\n\t\u200b\0"}])
def test_every_required_field_that_is_missing_is_named(content: dict[str, Any]) -> None:
    assert wrong_fields(FORM, content) == ["email", "message"]


def test_a_missing_field_is_named_by_its_path() -> None:
    assert wrong_fields(SHOP, {"user": {"id": 1, "mails": []}, "body": "text"}) == ["user.mails.0", "body.text", "n"]


def test_what_is_required_can_be_declared() -> None:
    assert wrong_fields(FORM, {"email": "a@b.example"}, required=("name",)) == ["name", "message"]
    assert mapping(FORM, required=()).read({"message": "x"}).known == {"message": "x"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "not an address"), ("email", "a@b.example, c@d.example"), ("email", 5), ("email", ["a@b.example"]),
        ("message", 5), ("message", {"text": "x"}), ("name", True), ("name", "n" * 201),
        ("conversation", "a\nb"), ("conversation", "a\0b"), ("conversation", "c" * 201), ("conversation", 1.5),
        ("email", "a" * 400 + "@b.example"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_used_is_named(field: str, value: Any) -> None:
    good = {"email": "maria@example.org", "message": "hello"}
    assert wrong_fields(FORM, {**good, field: value}) == [field]


def test_a_long_subject_is_cut() -> None:
    content = {"email": "maria@example.org", "message": "hello", "subject": f"  {'s' * 600}  "}
    assert mapping(FORM).read(content).known["subject"] == "s" * 500


@pytest.mark.parametrize("value", [-1, 10**18, "1.0", "x", "٣", True, "0" * 30])
def test_a_sequence_is_a_whole_number(value: Any) -> None:
    content = {"user": {"mails": ["a@b.example"]}, "body": {"text": "x"}, "n": value}
    assert wrong_fields(SHOP, content) == ["n"]


@pytest.mark.parametrize("content", [[], "text", 5, None, True, [{"message": "x"}]])
def test_a_body_that_is_no_object_is_refused(content: Any) -> None:
    with pytest.raises(Invalid, match="object"):
        mapping(FORM).read(content)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b'{"a": "\\ud800"}',
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b"[" * 9999,
        b"{} {}",
        b"\xef\xbb\xbf{}",
    ],
)
def test_a_body_that_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(Invalid, match="not JSON"):
        read_content(body)


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["user", "mails", "body", "text"]), inner)
    ),
    max_leaves=12,
)


@given(ANY_JSON)
def test_any_json_is_either_read_or_refused_by_name(content: Any) -> None:
    try:
        fields = mapping(SHOP).read(content)
    except Invalid:
        return
    assert fields.known["message"].strip()
    assert all(isinstance(value, str) for value in fields.known.values())


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"fields": {"email": "email"}}, "message"),
        ({"fields": {"message": ""}}, "path"),
        ({"fields": {"message": "a..b"}}, "path"),
        ({"fields": {"Message": "a", "message": "a"}}, "small letters"),
        ({"fields": {"message": "m"}, "required": ["email"]}, "email"),
        ({"fields": {"message": "m"}, "reply": "callback"}, "callback"),
        ({"fields": {"message": "m"}, "callback": {"url": "http://shop.example/"}}, "https"),
        ({"fields": {"message": "m"}, "callback": {"url": "ftp://shop.example/"}}, "URL"),
        ({"fields": {"message": "m"}, "callback": {"url": "https://user:pass@shop.example/"}}, "URL"),
        ({"fields": {"message": "m"}, "callback": {"url": "//"}}, "URL"),
        ({"fields": {"message": "m"}, "form": {}}, "email"),
        ({"fields": {"message": "m", "email": "e"}, "form": {"labels": {"order": {"en": "Order"}}}}, "order"),
        ({"fields": {"message": "m"}, "assurance": "A3"}, "A0"),
        ({"fields": {"message": "m"}, "asurance": "A2"}, "Extra"),
    ],
)
def test_settings_that_cannot_work_are_refused_with_what_was_expected(settings: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValidationError, match=expected):
        HttpSettings.model_validate({"shop": settings})


def test_the_settings_of_the_example_stand() -> None:
    settings = HttpSettings.model_validate({"form": {"fields": FORM, "form": {"title": {"en": "Contact us"}}}})
    assert settings.root["form"].demanded == {"email", "message"}
    assert settings.root["form"].form_fields == ("name", "email", "subject", "message")
    assert HttpSettings.model_validate(settings.model_dump(mode="json")) == settings
