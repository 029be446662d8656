"""Blocks as a person reads them: lines of words, with controls in brackets. For what a robot sees, and for snapshots.

    T-1042 Lamp arrived broken
    [Take] [Reply…] [Status: Open ▾] [⋯]

Slack's markup is shown as its readers see it: dates as their fallback, links as their words, entities as characters.
"""

import html
import re
from collections.abc import Iterator, Sequence
from typing import Any

from .block_check import controls_of
from .block_state import Filled, initial
from .refusal import Json

OVERFLOW = "⋯"
_MARKUP = re.compile(r"<(?P<what>[^>|]+)(?:\|(?P<words>[^>]*))?>")


def words_of(text: Json) -> str:
    """A text object as it is read."""
    said: str = text["text"]
    if text.get("type") == "plain_text":
        return said
    return html.unescape(_MARKUP.sub(lambda found: found["words"] or found["what"], said)).replace("*", "")


def label_of(control: Json) -> str:
    """By what a person knows a control of a message: the words on it, or those in it while it is empty."""
    if control["type"] == "button":
        return words_of(control["text"])
    if control["type"] == "overflow":
        return OVERFLOW
    return words_of(control["placeholder"]) if "placeholder" in control else ""


def read(blocks: Sequence[Json], filled: Filled | None = None) -> str:
    """All of it, in lines."""
    return "\n".join(line for block in blocks for line in _lines(block, filled or {}) if line)


def message_text(message: Json) -> str:
    """A message or what was shown in passing."""
    return read(message["blocks"]) if message.get("blocks") else words_of({"text": message.get("text", "")})


def _lines(block: Json, filled: Filled) -> Iterator[str]:
    match block["type"]:
        case "divider":
            yield "---"
        case "rich_text":
            yield "".join(_run(each) for part in block["elements"] for each in part["elements"])
        case "context":
            yield " ".join(words_of(each) for each in block["elements"] if "text" in each)
        case "input":
            yield words_of(block["label"])
    if isinstance(block.get("text"), dict):
        yield words_of(block["text"])
    for each in block.get("fields", ()):
        yield words_of(each)
    yield " ".join(_shown(block, each, filled) for each in controls_of(block))


def _run(run: Json) -> str:
    for name in ("text", "name", "user_id", "channel_id", "usergroup_id", "range", "url", "fallback"):
        if name in run:
            return str(run[name])
    return "".join(map(_run, run.get("elements", ())))


def _shown(block: Json, control: Json, filled: Filled) -> str:
    value = filled.get((block.get("block_id", ""), control.get("action_id", "")), initial(control) or {})
    stands = _stands(value)
    label = label_of(control)
    return f"[{': '.join(filter(None, (label if block['type'] != 'input' or not stands else '', stands)))}]"


def _stands(value: Json) -> str:
    found: Any = value.get("value") or value.get("selected_option") or value.get("selected_options")
    if isinstance(found, list):
        return ", ".join(words_of(each["text"]) for each in found)
    return words_of(found["text"]) if isinstance(found, dict) else str(found or "")
