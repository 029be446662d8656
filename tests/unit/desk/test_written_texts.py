"""Texts that an agent calls up, and addresses in what customers write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from trunkline.config.canned_replies import CannedReplies
from trunkline.desk.views.canned import canned_replies
from trunkline.desk.views.linked_text import linked_text

VALUES = {"customer": "Maria", "agent": "Ada", "number": "T-7"}
TEXTS = {
    "thanks": {"en": "Thank you, {customer}. {agent}", "es": "Gracias, {customer}."},
    "busy": {"de": "Zu {number} später mehr."},
}


def chosen(*languages: str) -> dict[str, str]:
    return {each.name: each.text for each in canned_replies(TEXTS, languages, VALUES)}


def test_a_canned_reply_is_in_the_customers_language_else_in_one_that_there_is() -> None:
    assert chosen("es", "en") == {"busy": "Zu T-7 später mehr.", "thanks": "Gracias, Maria."}
    assert chosen("ru")["thanks"] == "Thank you, Maria. Ada"


def test_a_greeting_without_a_name_is_still_one() -> None:
    (reply,) = canned_replies({"a": {"en": "Hello {customer}, welcome."}}, ("en",), VALUES | {"customer": ""})
    assert reply.text == "Hello, welcome."


def test_what_a_value_says_is_not_filled_in_again() -> None:
    (reply,) = canned_replies({"a": {"en": "Hello {customer}"}}, ("en",), VALUES | {"customer": "{agent}"})
    assert reply.text == "Hello {agent}"


@pytest.mark.parametrize("text", ["Hello {name}", "Hello {}", " ", "{customer.__class__}"])
def test_a_canned_reply_with_another_placeholder_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(CannedReplies).validate_python({"a": {"en": text}})


def test_a_canned_reply_without_a_language_is_refused() -> None:
    with pytest.raises(ValidationError, match="at least one language"):
        TypeAdapter(CannedReplies).validate_python({"a": {}})


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("see https://shop.example/a?b=c&d (it works).", ["https://shop.example/a?b=c&d"]),
        ("(https://shop.example/a_(b)), or http://x.example!", ["https://shop.example/a_(b)", "http://x.example"]),
        ("javascript:alert(1) //x.example mailto:a@b.example ftp://x.example", []),
        ('<a href="https://x.example/">', ["https://x.example/"]),
        ("xhttps://x.example", []),
    ],
)
def test_only_addresses_of_pages_are_links(text: str, urls: list[str]) -> None:
    assert [part.url for part in linked_text(text) if part.url] == urls


@given(st.text() | st.from_regex(r"(https?://[a-z.()!,]{0,9} ?){1,4}"))
def test_no_letter_of_a_text_is_lost_or_added(text: str) -> None:
    assert "".join(part.text for part in linked_text(text)) == text
    assert all(part.url in ("", part.text) for part in linked_text(text))
