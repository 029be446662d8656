"""The fake of Slack refuses blocks that Slack refuses, and names the place; what our renderers make it takes."""

from typing import Any

import pytest

from tests.fakes.slack_desk.block_check import demand_blocks, faults
from tests.fakes.slack_desk.refusal import Refused

from . import slack_surfaces

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def option(words: str, value: str) -> Json:
    return {"text": plain(words), "value": value}


BUTTON = {"type": "button", "text": plain("Take"), "action_id": "take"}
MENU = {"type": "static_select", "action_id": "status", "options": [option("Open", "open")]}
FIELD = {"type": "plain_text_input", "action_id": "text"}


def section(**changed: Any) -> Json:
    return {"type": "section", "text": plain("Hello"), **changed}


def actions(*elements: Json, **more: Any) -> Json:
    return {"type": "actions", "elements": list(elements), **more}


def labelled(element: Json, **more: Any) -> Json:
    return {"type": "input", "label": plain("Text"), "element": element, **more}


@pytest.mark.parametrize(
    ("blocks", "words", "where"),
    [
        ({}, "must be an array", "/blocks"),
        ([section()] * 51, "no more than 50 items allowed", "/blocks"),
        (["Hello"], "must be an object", "/blocks/0"),
        ([{"text": plain("Hello")}], "missing required field: type", "/blocks/0"),
        ([{"type": "secret"}], "unsupported type: secret", "/blocks/0/type"),
        ([{"type": "section"}], "missing required field: text or fields", "/blocks/0"),
        ([section(colour="red")], "invalid additional property: colour", "/blocks/0"),
        ([section(text="Hello")], "must be an object", "/blocks/0/text"),
        ([section(text=plain(""))], "must be more than 0 characters", "/blocks/0/text/text"),
        ([section(text=plain("x" * 3_001))], "must be less than 3001 characters", "/blocks/0/text/text"),
        ([section(text=plain("&" * 601))], "must be less than 3001 characters", "/blocks/0/text/text"),
        ([section(text={**plain("x"), "emoji": "no"})], "must be a boolean", "/blocks/0/text/emoji"),
        ([section(fields=[plain("x")] * 11)], "no more than 10 items allowed", "/blocks/0/fields"),
        ([section(fields=[plain("x" * 2_001)])], "must be less than 2001 characters", "/blocks/0/fields/0/text"),
        ([section(block_id="x" * 256)], "must be less than 256 characters", "/blocks/0/block_id"),
        ([section(accessory=FIELD)], "unsupported type: plain_text_input", "/blocks/0/accessory/type"),
        ([{"type": "header", "text": plain("x" * 151)}], "must be less than 151 characters", "/blocks/0/text/text"),
        (
            [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
            "unsupported type: mrkdwn",
            "/blocks/0/text/type",
        ),
        ([{"type": "context", "elements": [plain("x")] * 11}], "no more than 10 items", "/blocks/0/elements"),
        ([{"type": "context", "elements": [BUTTON]}], "unsupported type: button", "/blocks/0/elements/0/type"),
        ([{"type": "rich_text", "elements": [{"type": "text"}]}], "unsupported type", "/blocks/0/elements/0/type"),
        ([actions()], "no less than 1 items allowed", "/blocks/0/elements"),
        ([actions(*[{"type": "button", "text": plain("x")}] * 26)], "no more than 25 items", "/blocks/0/elements"),
        ([actions({**BUTTON, "text": plain("x" * 76)})], "must be less than 76", "/blocks/0/elements/0/text/text"),
        ([actions({**BUTTON, "value": "x" * 2_001})], "must be less than 2001", "/blocks/0/elements/0/value"),
        ([actions({**BUTTON, "style": "green"})], "must be one of primary, danger", "/blocks/0/elements/0/style"),
        ([actions({**BUTTON, "url": "no page"})], "must match a pattern", "/blocks/0/elements/0/url"),
        (
            [actions({**BUTTON, "confirm": {"title": plain("Sure?")}})],
            "missing required",
            "/blocks/0/elements/0/confirm",
        ),
        ([actions({**MENU, "options": []})], "no less than 1 items", "/blocks/0/elements/0/options"),
        (
            [actions({**MENU, "options": [option("x", str(each)) for each in range(101)]})],
            "no more than 100 items allowed",
            "/blocks/0/elements/0/options",
        ),
        (
            [actions({**MENU, "options": [option("x" * 76, "x")]})],
            "must be less than 76",
            "/blocks/0/elements/0/options/0/text/text",
        ),
        (
            [actions({**MENU, "options": [option("x", "x" * 151)]})],
            "must be less than 151",
            "/blocks/0/elements/0/options/0/value",
        ),
        (
            [actions({**MENU, "options": [option("x", "1"), option("y", "1")]})],
            "options must have values of their own",
            "/blocks/0/elements/0",
        ),
        (
            [actions({**MENU, "initial_option": option("Closed", "closed")})],
            "the initial option must be one of the options",
            "/blocks/0/elements/0",
        ),
        (
            [actions({"type": "overflow", "options": [option("x", str(each)) for each in range(6)]})],
            "no more than 5 items allowed",
            "/blocks/0/elements/0/options",
        ),
        (
            [labelled({"type": "checkboxes", "options": [option("x", str(each)) for each in range(11)]})],
            "no more than 10 items allowed",
            "/blocks/0/element/options",
        ),
        ([labelled(BUTTON)], "unsupported type: button", "/blocks/0/element/type"),
        ([labelled({**FIELD, "max_length": 3_001})], "must be between 1 and 3000", "/blocks/0/element/max_length"),
        (
            [labelled({**FIELD, "max_length": 5, "initial_value": "x" * 6})],
            "must be less than 6 characters",
            "/blocks/0/element/initial_value",
        ),
        (
            [section(block_id="a"), section(block_id="a")],
            "`block_id` a already exists for another block",
            "/blocks/1/block_id",
        ),
        ([actions(BUTTON, BUTTON)], "`action_id` already exists for another element", "/blocks/0/elements"),
        ([labelled({**FIELD, "focus_on_load": True})] * 2, "only one element can have focus_on_load", "/blocks"),
    ],
)
def test_blocks_that_are_wrong_are_refused_with_their_place(blocks: Any, words: str, where: str) -> None:
    found = faults(blocks)
    assert [each for each in found if words in each and each.endswith(f"[json-pointer:{where}]")], found


def test_a_message_has_a_total_to_which_each_block_adds() -> None:
    demand_blocks([section(text=plain("x" * 2_559))] * 5)
    with pytest.raises(Refused, match="msg_blocks_too_long"):
        demand_blocks([section(text=plain("x" * 2_560))] * 5)


def test_a_view_has_more_blocks_than_a_message() -> None:
    assert faults([section()] * 100, of_a_view=True) == []
    assert faults([section()] * 101, of_a_view=True) == ["no more than 100 items allowed [json-pointer:/blocks]"]


@pytest.mark.parametrize("text", ["It is green", "<!channel> & <https://evil.example|Click> " * 300, "&" * 14_000, ""])
def test_what_our_renderers_make_is_taken(text: str) -> None:
    for name, message in slack_surfaces.messages(text):
        blocks = message.arguments()["blocks"]
        assert faults(blocks) == [], name
        if blocks:
            demand_blocks(blocks)
    for name, view in (*slack_surfaces.views(text), *slack_surfaces.homes(text)):
        assert faults(view["blocks"], of_a_view=True) == [], name
