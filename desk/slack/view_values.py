"""What somebody chose and wrote in a view, by the names of controls.py. Pure.

    {"text": "Dear Maria, …", "afterwards": "solved", "copies": ["ben@example.org"]}

A field that says nothing is left out. What is read here was typed by an agent and is checked like everything else.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from . import controls

Values = Mapping[str, str | list[str]]

TEXT_FIELDS = (controls.TEXT, f"{controls.TEXT}_2", f"{controls.TEXT}_3")
"""The fields that are one text together: Slack takes 3,000 characters of each."""


def values_of(view: Mapping[str, Any]) -> Values:
    """Of a view as Slack sends it, submitted or in a click."""
    blocks = ((view.get("state") or {}).get("values") or {}).values()
    return dict(pair for block in blocks for action, state in block.items() for pair in _value(action, state))


def written(values: Values) -> str:
    """The text, of all its fields."""
    return "".join(str(values.get(each, "")) for each in TEXT_FIELDS)


def one(values: Values, control: str) -> str:
    """One value; empty where there is none."""
    value = values.get(control, "")
    return value if isinstance(value, str) else ""


def many(values: Values, control: str) -> list[str]:
    """The values of boxes that were ticked."""
    value = values.get(control, [])
    return value if isinstance(value, list) else [value]


def block_of(view: Mapping[str, Any], control: str) -> str:
    """The id of the block that this field stands in, for a complaint beside it; else that of the first field."""
    fields = [each for each in view.get("blocks", ()) if each.get("type") == "input"]
    named = [each for each in fields if (each.get("element") or {}).get("action_id") == control]
    return next((str(each["block_id"]) for each in (*named, *fields)), "")


def _value(action: str, state: Mapping[str, Any]) -> Iterator[tuple[str, str | list[str]]]:
    if isinstance(state.get("selected_options"), list):
        yield action, [str(each["value"]) for each in state["selected_options"]]
        return
    chosen = state.get("selected_option")
    value = chosen["value"] if chosen else state.get("value")
    if value:
        yield action, str(value)
