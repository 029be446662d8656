"""Controls of Block Kit: "Block elements" and "Composition objects" of docs.slack.dev/reference/block-kit.

What stands in a menu from the beginning must be one of its options, as a whole. A button that opens a page has no
style of its own to check for; an action id may be left out, then Slack makes one.
"""

from collections.abc import Iterator
from typing import Any

from .shapes import Check, array, boolean, both, choice, complaint, number, record, string, typed
from .text_shapes import any_text, plain_text

IDENTIFIER = string(255)
_ADDRESS = string(3_000, pattern=r"https?://\S+")
_PLACEHOLDER = plain_text(150)
_OPTION = record({"text": plain_text(75), "value": string(150)}, {"description": plain_text(75), "url": _ADDRESS})
_MARKED_OPTION = record({"text": any_text(75), "value": string(150)}, {"description": any_text(75)})
_GROUP = record({"label": plain_text(75), "options": array(_OPTION, 1, 100)})
_CONFIRM = record(
    {"title": plain_text(100), "text": any_text(300), "confirm": plain_text(30), "deny": plain_text(30)},
    {"style": choice("primary", "danger")},
)
_COMMON = {"action_id": IDENTIFIER, "confirm": _CONFIRM, "focus_on_load": boolean}
_MENU = {**_COMMON, "placeholder": _PLACEHOLDER}
_MANY = {**_MENU, "max_selected_items": number(1, 100)}
_WRITTEN = {
    "action_id": IDENTIFIER,
    "placeholder": _PLACEHOLDER,
    "focus_on_load": boolean,
    "dispatch_action_config": record(
        {"trigger_actions_on": array(choice("on_enter_pressed", "on_character_entered"), 1, 2)}
    ),
}


def _known(value: Any, where: str) -> Iterator[str]:
    """What stands in it is one of its options; options and groups of them are not both given."""
    groups = value.get("option_groups") or []
    options = [*(value.get("options") or []), *(each for group in groups for each in group.get("options") or [])]
    if ("options" in value) == ("option_groups" in value):
        yield complaint("exactly one of options and option_groups is required", where)
    chosen = [value["initial_option"]] if "initial_option" in value else value.get("initial_options") or []
    if any(each not in options for each in chosen):
        yield complaint("the initial option must be one of the options", where)
    values = [each.get("value") for each in options if isinstance(each, dict)]
    if len({str(each) for each in values}) < len(values):
        yield complaint("options must have values of their own", where)


def _choosing(fields: dict[str, Check], *, many: bool, option: Check = _OPTION, most: int = 100) -> Check:
    initial = {"initial_options": array(option, 1, most)} if many else {"initial_option": option}
    shape = record({}, {**fields, **initial, "options": array(option, 1, most), "option_groups": array(_GROUP, 1, 100)})
    return both(shape, lambda value, where: _known(value, where) if isinstance(value, dict) else iter(()))


_BUTTON = record(
    {"text": plain_text(75)},
    {
        "action_id": IDENTIFIER,
        "url": _ADDRESS,
        "value": string(2_000, 0),
        "style": choice("primary", "danger"),
        "confirm": _CONFIRM,
        "accessibility_label": string(75),
    },
)
_OVERFLOW = record({"options": array(_OPTION, 1, 5)}, {"action_id": IDENTIFIER, "confirm": _CONFIRM})
_ASKED = {"min_query_length": number(0, 3_000)}
_MENUS: dict[str, Check] = {
    "static_select": _choosing(_MENU, many=False),
    "multi_static_select": _choosing(_MANY, many=True),
    "external_select": record({}, {**_MENU, **_ASKED, "initial_option": _OPTION}),
    "multi_external_select": record({}, {**_MANY, **_ASKED, "initial_options": array(_OPTION, 1, 100)}),
    "users_select": record({}, {**_MENU, "initial_user": IDENTIFIER}),
    "multi_users_select": record({}, {**_MANY, "initial_users": array(IDENTIFIER, 1, 100)}),
    "checkboxes": _choosing(_COMMON, many=True, option=_MARKED_OPTION, most=10),
    "radio_buttons": _choosing(_COMMON, many=False, option=_MARKED_OPTION, most=10),
    "datepicker": record({}, {**_MENU, "initial_date": string(10, pattern=r"\d{4}-\d\d-\d\d")}),
    "timepicker": record({}, {**_MENU, "initial_time": string(5, pattern=r"\d\d:\d\d")}),
    "datetimepicker": record({}, {**_COMMON, "initial_date_time": number(10**9, 10**10)}),
}
_IMAGE = record({"alt_text": string(2_000)}, {"image_url": _ADDRESS})


def _within_its_length(value: Any, where: str) -> Iterator[str]:
    begin, most = value.get("initial_value"), value.get("max_length", 3_000)
    if isinstance(begin, str) and isinstance(most, int) and len(begin) > most:
        yield complaint(f"must be less than {most + 1} characters", f"{where}/initial_value")
    if isinstance(most, int) and value.get("min_length", 0) > most:
        yield complaint("min_length must not be above max_length", where)


_LENGTHS = {"min_length": number(0, 3_000), "max_length": number(1, 3_000)}
_FIELDS: dict[str, Check] = {
    "plain_text_input": both(
        record({}, {**_WRITTEN, **_LENGTHS, "multiline": boolean, "initial_value": string(3_000, 0)}),
        _within_its_length,
    ),
    "email_text_input": record({}, {**_WRITTEN, "initial_value": string(3_000, 0)}),
    "number_input": record({"is_decimal_allowed": boolean}, {**_WRITTEN, "initial_value": string(3_000, 0)}),
}

of_actions = typed({"button": _BUTTON, "overflow": _OVERFLOW, **_MENUS})
of_a_section = typed({"button": _BUTTON, "overflow": _OVERFLOW, "image": _IMAGE, **_MENUS})
of_an_input = typed({**_MENUS, **_FIELDS})
image_element = _IMAGE
address = _ADDRESS


def demand_options(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """The options that the app tells for a menu. Raises AssertionError for what Slack does not show."""
    found = list(record({"options": array(_OPTION, 0, 100)})(answer, ""))
    assert found == [], found
    options: list[dict[str, Any]] = answer["options"]
    return options
