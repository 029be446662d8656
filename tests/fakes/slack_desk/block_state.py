"""What stands in the controls of blocks: their names, where they were given none, and their values as Slack tells them.

Slack names each block and control that has no name. The values of a payload are told by block and control,

    {"text-0": {"text": {"type": "plain_text_input", "value": "Dear Maria"}}}

for every control that keeps one: what somebody filled in, else what stood there from the beginning.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .block_check import controls_of
from .refusal import Json

Filled = dict[tuple[str, str], Json]
"""What somebody chose or wrote, by block and control, as Slack tells it besides the type."""

_KEEPING_ONE = {"static_select", "external_select", "radio_buttons"}
_KEEPING_MANY = {"multi_static_select", "multi_external_select", "checkboxes"}
_WRITTEN = {"plain_text_input", "email_text_input", "number_input"}


def named(blocks: Sequence[Json], new_id: Callable[[], str]) -> list[Json]:
    """The same blocks, in which each has a block id and each control an action id."""
    return [_named({"block_id": new_id(), **each}, new_id) for each in blocks]


def _named(block: Json, new_id: Callable[[], str]) -> Json:
    made = dict(block)
    for place in ("element", "accessory"):
        if isinstance(made.get(place), dict) and made[place].get("type") != "image":
            made[place] = {"action_id": new_id(), **made[place]}
    if made["type"] == "actions":
        made["elements"] = [{"action_id": new_id(), **each} for each in made["elements"]]
    return made


def initial(control: Mapping[str, Any]) -> Json | None:
    """What stands in a control before anybody touched it; None for one that keeps nothing, such as a button."""
    kind = control["type"]
    if kind in _WRITTEN:
        return {"value": control.get("initial_value")}
    if kind in _KEEPING_ONE:
        return {"selected_option": control.get("initial_option")}
    if kind in _KEEPING_MANY:
        return {"selected_options": control.get("initial_options", [])}
    for kept, given in (("users_select", "user"), ("datepicker", "date"), ("timepicker", "time")):
        if kind == kept:
            return {f"selected_{given}": control.get(f"initial_{given}")}
    return None


def values_of(blocks: Sequence[Json], filled: Filled) -> Json:
    """All that stands in these blocks."""
    values: Json = {}
    for block in blocks:
        for control in controls_of(block):
            before = initial(control)
            if before is not None:
                at = (block["block_id"], control["action_id"])
                values.setdefault(at[0], {})[at[1]] = {"type": control["type"], **filled.get(at, before)}
    return values


def kept(blocks: Sequence[Json], filled: Filled) -> Filled:
    """What of it is still there after blocks were replaced by these: what has the same block and control."""
    names = {(block["block_id"], control["action_id"]) for block in blocks for control in controls_of(block)}
    return {at: value for at, value in filled.items() if at in names}
