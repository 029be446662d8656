"""What Slack takes of blocks: "Blocks" of docs.slack.dev/reference/block-kit, each with its numbers, written down here
anew so that it can disagree with desk/slack/block_limits.py.

The total of a message is not documented. It was measured by others (slackapi/bolt-js#2509): with one block 13,297
characters pass, and each further block costs about 125 of them. Where pages and SDKs differ, or are silent, the
stricter one holds: a text of a context has 2,000 characters.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from .element_shapes import IDENTIFIER, address, image_element, of_a_section, of_actions, of_an_input
from .refusal import Json, Refused, refused_with
from .shapes import Check, array, boolean, both, complaint, length_of, record, string, typed
from .text_shapes import any_text, plain_text, rich_text_parts

OF_A_MESSAGE, OF_A_VIEW = 50, 100
TOTAL_TEXT, COST_OF_A_BLOCK = 13_297, 125

_NAMED = {"block_id": IDENTIFIER}


def _says_something(value: Any, where: str) -> Iterator[str]:
    if isinstance(value, dict) and "text" not in value and "fields" not in value:
        yield complaint("missing required field: text or fields", where)


def _context_element(value: Any, where: str) -> Iterator[str]:
    is_image = isinstance(value, dict) and value.get("type") == "image"
    yield from (typed({"image": image_element}) if is_image else any_text(2_000))(value, where)


def _blocks(of_a_view: bool) -> Check:
    kinds: dict[str, Check] = {
        "section": both(
            record(
                {},
                {
                    **_NAMED,
                    "text": any_text(3_000),
                    "fields": array(any_text(2_000), 1, 10),
                    "accessory": of_a_section,
                    "expand": boolean,
                },
            ),
            _says_something,
        ),
        "context": record({"elements": array(_context_element, 1, 10)}, _NAMED),
        "actions": record({"elements": array(of_actions, 1, 25)}, _NAMED),
        "header": record({"text": plain_text(150)}, _NAMED),
        "divider": record({}, _NAMED),
        "image": record({"image_url": address, "alt_text": string(2_000)}, {**_NAMED, "title": plain_text(2_000)}),
        "rich_text": record({"elements": rich_text_parts}, _NAMED),
        "input": record(
            {"label": plain_text(2_000), "element": of_an_input},
            {**_NAMED, "hint": plain_text(2_000), "optional": boolean, "dispatch_action": boolean},
        ),
    }
    if not of_a_view:
        kinds["markdown"] = record({"text": string(12_000)}, _NAMED)
    return array(typed(kinds), 0, OF_A_VIEW if of_a_view else OF_A_MESSAGE)


_OF_A_MESSAGE, _OF_A_VIEW = _blocks(False), _blocks(True)


def faults(blocks: Any, where: str = "/blocks", *, of_a_view: bool = False) -> list[str]:
    """All that is wrong with these blocks; nothing when Slack takes them."""
    found = list((_OF_A_VIEW if of_a_view else _OF_A_MESSAGE)(blocks, where))
    return found or list(_repeated(blocks, where))


def demand_blocks(blocks: Any) -> None:
    """That a message can have these blocks. Refused as `invalid_blocks` and `msg_blocks_too_long`."""
    if found := faults(blocks):
        raise refused_with("invalid_blocks", found)
    if _text_within(blocks) + COST_OF_A_BLOCK * (len(blocks) - 1) > TOTAL_TEXT:
        raise Refused("msg_blocks_too_long")


def controls_of(block: Json) -> list[Json]:
    """The controls in a block, in their order."""
    found = [block.get("element"), block.get("accessory"), *(block["elements"] if block["type"] == "actions" else [])]
    return [each for each in found if each and "type" in each and each["type"] != "image"]


def _repeated(blocks: Sequence[Json], where: str) -> Iterator[str]:
    """Block ids are unique in a payload, action ids in their block; one field at most has the focus."""
    seen, focused = set[str](), 0
    for index, block in enumerate(blocks):
        if (name := block.get("block_id")) and name in seen:
            yield complaint(f"`block_id` {name} already exists for another block", f"{where}/{index}/block_id")
        seen.add(block.get("block_id", ""))
        named = [each["action_id"] for each in controls_of(block) if "action_id" in each]
        if len(set(named)) < len(named):
            yield complaint("`action_id` already exists for another element", f"{where}/{index}/elements")
        focused += sum(each.get("focus_on_load", False) for each in controls_of(block))
    if focused > 1:
        yield complaint("only one element can have focus_on_load", where)


def _text_within(value: Any) -> int:
    if isinstance(value, dict):
        own = length_of(value["text"]) if isinstance(value.get("text"), str) else 0
        return own + sum(_text_within(each) for each in value.values())
    return sum(map(_text_within, value)) if isinstance(value, list) else 0
