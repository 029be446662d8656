"""No text of anybody's can be more than a text in Slack, and Slack takes every payload, whatever the text is."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

from trunkline.config.errors import Invalid
from trunkline.desk.slack import block_limits as limits
from trunkline.desk.slack import controls
from trunkline.desk.slack.blocks import Channel, Link, Mention, Piece, escaped, marked, text_of
from trunkline.desk.slack.composer_view import Composer, composer_view
from trunkline.desk.slack.handles import Handle, read_handle
from trunkline.desk.slack.view_values import many, one, values_of, written

from . import slack_surfaces
from .slack_safety import dangers, words_of
from .slack_surfaces import HANDLE, OURS, PAGE, PERMALINK

ACTING = (
    "<!channel>", "<!here|here>", "<@U0ADA>", "<#C1|x>", "<!subteam^S1>", "<https://evil.example|Pay here>", "@here",
    "@channel", "https://evil.example/?q=1", "mailto:a@b.example", "&lt;!channel&gt;", "<!date^1^{time}^https://e|x>",
    "*bold*", "```", ":skull:", "> quote", "\u202eevil", "\u2066", "\x00\x08\x1b[31m", "\ud800", "\r\n\r\n", "\u2028",
    "a\u0301" * 40, "z" + "\u0316" * 200, "👩\u200d👩\u200d👧\u200d👦", "🇩🇪", "&" * 50, "<" * 50,
    "𝔘" * 60, "", " ", "\n", "🔒 note:",
)  # fmt: skip
HOSTILE = st.lists(st.sampled_from(ACTING) | st.text(max_size=40), max_size=12).map("".join) | st.builds(
    lambda unit, times: unit * times, st.sampled_from(ACTING), st.integers(1, 300)
)


@settings(max_examples=25, deadline=None)
@given(HOSTILE)
@example("<!channel> <https://evil.example|Click>" * 200)
@example("&" * 14_000)
@example("")
def test_nothing_that_anybody_writes_is_a_mention_a_link_or_a_control_in_any_message(text: str) -> None:
    for name, message in slack_surfaces.messages(text):
        payload = message.arguments()

        assert dangers(payload, *OURS, PERMALINK) == [], name
        assert faults(payload["blocks"]) == [], name
        assert text_of(payload["blocks"]) <= limits.MESSAGE_TEXT + 200, name
        assert len(payload["text"]) <= 4_000, name
        assert [payload[each] for each in ("unfurl_links", "unfurl_media", "link_names", "parse")] == [
            False, False, False, "none"
        ], name  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(HOSTILE)
@example("<!channel> <https://evil.example|Click>" * 200)
@example("&" * 14_000)
@example("")
def test_nothing_that_anybody_writes_is_a_mention_a_link_or_a_control_in_any_view(text: str) -> None:
    for name, view in (*slack_surfaces.views(text), *slack_surfaces.homes(text)):
        assert dangers(view, PAGE, PERMALINK) == [], name
        assert faults(view["blocks"]) == [], name
        assert len(view["blocks"]) <= 100, name
        assert len(view.get("private_metadata", "")) <= 3_000, name
        assert all(len(view[each]["text"]) <= 24 for each in ("title", "submit", "close") if each in view), name
    for name, answer in slack_surfaces.answers(text):
        assert dangers(answer) == [], name
        assert 0 < len(answer["options"]) <= 100 or not text, name


def test_the_fields_of_a_view_have_names_of_their_own() -> None:
    for name, view in (*slack_surfaces.views("Hello"), *slack_surfaces.homes("Hello")):
        blocks = [each["block_id"] for each in view["blocks"] if "block_id" in each]
        fields = [each["element"]["action_id"] for each in view["blocks"] if each["type"] == "input"]

        assert len(set(blocks)) == len(blocks), name
        assert len(set(fields)) == len(fields), name
        assert "submit" in view or not fields, name


def test_what_is_written_in_a_view_is_read_by_its_controls_and_its_text_is_one() -> None:
    state = {
        "text-0-0": {"text": {"type": "plain_text_input", "value": "Dear "}},
        "text-0-1": {"text_2": {"type": "plain_text_input", "value": "Maria"}},
        "afterwards": {"afterwards": {"type": "static_select", "selected_option": {"value": "solved"}}},
        "copies": {"copies": {"type": "checkboxes", "selected_options": [{"value": "ben@example.org"}]}},
        "place": {"reason": {"type": "plain_text_input", "value": None}},
    }

    values = values_of({"state": {"values": state}})

    assert written(values) == "Dear Maria"
    assert one(values, controls.AFTERWARDS) == "solved"
    assert many(values, controls.COPIES) == ["ben@example.org"]
    assert controls.REASON not in values


def test_a_long_answer_that_is_written_again_has_as_many_fields_as_it_needs() -> None:
    composer = Composer(handle=HANDLE, number="T-1", text="a" * 3_500)

    fields = [
        each["element"]
        for each in composer_view(composer)["blocks"]
        if each.get("label", {}).get("text") != "Afterwards" and each["type"] == "input"
    ]

    assert "".join(each["initial_value"] for each in fields) == composer.text


def test_a_handle_comes_back_as_it_went_and_nothing_else_is_one() -> None:
    handle = Handle(HANDLE.ticket, 12, "join:a:b")

    assert read_handle(str(handle)) == handle
    assert read_handle(str(Handle())) == Handle()
    for wrong in ("", "x", "<@U1> 3", "t 1 a b", f"t {'9' * 20}", "t 1 \u202e", "t 1 a\n"):
        with pytest.raises(Invalid):
            read_handle(wrong)


@pytest.mark.parametrize(
    "piece", [Mention("here"), Mention("U1|x"), Channel("general"), Link("javascript:x", "x"), Link("https://a|b", "x")]
)
def test_markup_of_slack_is_made_only_from_what_is_an_id_or_an_address(piece: Piece) -> None:
    with pytest.raises(Invalid):
        marked(piece)


@pytest.mark.parametrize("text", ["It is green", "&" * 14_000, "𝔘" * 14_000])
def test_a_card_stays_small(text: str) -> None:
    for name, card in slack_surfaces.cards(text):
        message = slack_surfaces.card_message(card, slack_surfaces.NOW).arguments()

        assert text_of(message["blocks"]) <= limits.CARD_TEXT, name
        assert len(message["blocks"]) <= (2 if card.finished else 5), name


def test_what_is_dangerous_would_be_found() -> None:
    bad: list[Any] = [
        {"type": "mrkdwn", "text": "<!here>", "verbatim": True},
        {"type": "mrkdwn", "text": "https://evil.example"},
        {"type": "plain_text", "text": ":skull:", "emoji": True},
        {"type": "plain_text", "text": "\u202eevil", "emoji": False},
        {"type": "link", "url": "https://evil.example", "text": "x"},
        {"type": "user", "user_id": "U1"},
        {"type": "image", "image_url": "https://evil.example/beacon.png"},
        {"text": "a <@U2> b"},
    ]

    assert [each for each in bad if not dangers(each, *OURS)] == []


def test_an_ordinary_text_arrives_as_it_was_written() -> None:
    written = "Bonjour,\n\nmy café & bar needs <2> lamps: *soon*, see https://shop.example/lamp 👩\u200d🔧"

    message = slack_surfaces.entry_message(slack_surfaces.entry_of(written), slack_surfaces.HANDLE)

    assert written in words_of(message.arguments()["blocks"])
    assert escaped("<2> lamps") in message.arguments()["text"]


def faults(blocks: list[dict[str, Any]]) -> list[str]:
    """What Slack's own models find wrong."""
    return [found for each in blocks if (found := _fault(Block.parse(each), each))]


def _fault(parsed: Any, block: dict[str, Any]) -> str:
    try:
        parsed.validate_json()
    except SlackObjectFormationError as error:
        return f"{error} in {block}"
    return "" if parsed.to_dict().get("type") == block["type"] else f"not known: {block}"
