"""Constructors of Block Kit's controls: buttons, menus and fields to write in, within Slack's limits. Pure.

What a control carries is a `Handle` (handles.py); its action id is one of controls.py.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from . import block_limits as limits
from .blocks import Json, plain
from .handles import Handle
from .plain_words import beginning, one_line

Look = Literal["", "primary", "danger"]


@dataclass(frozen=True)
class Sure:
    """What is asked before something is done."""

    title: str
    words: str
    yes: str
    no: str = "Cancel"


@dataclass(frozen=True)
class Option:
    """One of a menu."""

    words: str
    value: str
    more: str = ""  # a second line


def button(words: str, action: str, handle: Handle | str, *, look: Look = "", sure: Sure | None = None) -> Json:
    """A button that carries this handle."""
    return {
        "type": "button",
        "text": plain(one_line(words), limits.BUTTON_TEXT),
        "action_id": action,
        "value": str(handle)[: limits.BUTTON_VALUE],
        **({"style": look} if look else {}),
        **({"confirm": _confirm(sure)} if sure else {}),
    }


def link_button(words: str, action: str, url: str) -> Json:
    """A button that opens a page of ours."""
    return {
        "type": "button",
        "text": plain(one_line(words), limits.BUTTON_TEXT),
        "action_id": action,
        "url": url[:3_000],
    }


def menu(placeholder: str, action: str, options: Sequence[Option], *, chosen: str = "", first: bool = False) -> Json:
    """A menu of at least one option; `chosen` is the value of the one that stands in it, `first`: it has the focus."""
    made = [_option(each) for each in options[: limits.OPTIONS]]
    initial = [each for each in made if chosen and each["value"] == chosen]
    return {
        "type": "static_select",
        "action_id": action,
        "placeholder": plain(one_line(placeholder), limits.PLACEHOLDER_TEXT),
        "options": made,
        **({"initial_option": initial[0]} if initial else {}),
        **({"focus_on_load": True} if first else {}),
    }


def search_menu(placeholder: str, action: str, *, least: int = 0, chosen: Option | None = None) -> Json:
    """A menu whose options are asked for while one types, from `least` letters on; `options_answer` is the answer."""
    return {
        "type": "external_select",
        "action_id": action,
        "placeholder": plain(one_line(placeholder), limits.PLACEHOLDER_TEXT),
        "min_query_length": least,
        **({"initial_option": _option(chosen)} if chosen else {}),
    }


def options_answer(options: Sequence[Option]) -> Json:
    """What is answered to a `search_menu`."""
    return {"options": [_option(each) for each in options[: limits.OPTIONS]]}


def overflow(action: str, options: Sequence[Option]) -> Json:
    """The menu behind `⋯`: one to five options."""
    return {
        "type": "overflow",
        "action_id": action,
        "options": [_option(each) for each in options[: limits.OVERFLOW_OPTIONS]],
    }


def several(action: str, options: Sequence[Option], *, chosen: Collection[str] = ()) -> Json:
    """Boxes to tick: at most ten."""
    made = [_option(each) for each in options[:10]]
    initial = [each for each in made if each["value"] in chosen]
    return {
        "type": "checkboxes",
        "action_id": action,
        "options": made,
        **({"initial_options": initial} if initial else {}),
    }


def one_of(action: str, options: Sequence[Option], *, chosen: str) -> Json:
    """A choice that is seen at once: at most ten."""
    made = [_option(each) for each in options[:10]]
    initial = [each for each in made if each["value"] == chosen]
    return {
        "type": "radio_buttons",
        "action_id": action,
        "options": made,
        **({"initial_option": initial[0]} if initial else {}),
    }


def text_field(
    action: str,
    *,
    begin: str = "",
    lines: bool = False,
    placeholder: str = "",
    most: int = limits.INPUT_TEXT,
    first: bool = False,
) -> Json:
    """A field to write in; `first` has the focus when the view opens."""
    return {
        "type": "plain_text_input",
        "action_id": action,
        "multiline": lines,
        "max_length": max(1, min(most, limits.INPUT_TEXT)),
        **({"initial_value": beginning(begin, min(most, limits.INPUT_TEXT))} if begin else {}),
        **({"placeholder": plain(one_line(placeholder), limits.PLACEHOLDER_TEXT)} if placeholder else {}),
        **({"focus_on_load": True} if first else {}),
    }


def labelled(
    label: str, element: Json, *, block_id: str, hint: str = "", optional: bool = False, tells: bool = False
) -> Json:
    """A field of a view under its label; `tells` asks to hear of every choice in it at once."""
    return {
        "type": "input",
        "block_id": block_id[: limits.IDENTIFIER],
        "label": plain(one_line(label), limits.LABEL_TEXT),
        "element": element,
        "optional": optional,
        **({"hint": plain(hint, limits.LABEL_TEXT)} if hint else {}),
        **({"dispatch_action": True} if tells else {}),
    }


def _option(option: Option) -> Json:
    return {
        "text": plain(one_line(option.words), limits.OPTION_TEXT),
        "value": option.value[: limits.OPTION_VALUE],
        **({"description": plain(one_line(option.more), limits.OPTION_TEXT)} if option.more else {}),
    }


def _confirm(sure: Sure) -> Json:
    return {
        "title": plain(one_line(sure.title), limits.CONFIRM_TITLE),
        "text": plain(sure.words, limits.CONFIRM_TEXT),
        "confirm": plain(one_line(sure.yes), limits.CONFIRM_BUTTON),
        "deny": plain(one_line(sure.no), limits.CONFIRM_BUTTON),
    }
