"""What no payload of Block Kit may hold: markup of Slack's that did not come from us, and characters that act.

It reads a payload as Slack would and names every mention, link, date, emoji and control character in it that is not one
of the few things that our own renderers write: dates, and mentions and links that the test names as its own.
"""

import re
from collections.abc import Iterator
from typing import Any

_DATE = r"<!date\^\d+\^(?:\{date_short_pretty\} )?\{time\}\|[\d: -]+ UTC>"
_ENTITY = re.compile(r"&(?:amp|lt|gt);")
_ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_TEXTS = {"plain_text", "mrkdwn", "text"}
_RICH = {"rich_text", "rich_text_section", "rich_text_quote"}


def dangers(payload: Any, *ours: str) -> list[str]:
    """Everything in it that acts and is not ours; `ours` is markup that may stand there, such as `<@U1>`."""
    return list(_within(payload, "", re.compile("|".join([_DATE, *map(re.escape, ours)]))))


def words_of(payload: Any) -> list[str]:
    """Every text that is shown."""
    if isinstance(payload, dict):
        own = [payload["text"]] if isinstance(payload.get("text"), str) else []
        return own + [each for value in payload.values() for each in words_of(value) if not isinstance(value, str)]
    return [each for value in payload for each in words_of(value)] if isinstance(payload, list) else []


def _within(value: Any, where: str, ours: re.Pattern[str]) -> Iterator[str]:
    if isinstance(value, list):
        for index, each in enumerate(value):
            yield from _within(each, f"{where}/{index}", ours)
    if isinstance(value, dict):
        yield from _object(value, where, ours)
        for name, each in value.items():
            yield from _within(each, f"{where}/{name}", ours)


def _object(value: dict[str, Any], where: str, ours: re.Pattern[str]) -> Iterator[str]:
    kind, text = value.get("type"), value.get("text")
    if isinstance(text, str):
        if found := _ACTING.search(text):
            yield f"{where} has the character {found[0]!r}"
        if kind in ("mrkdwn", None) and re.search("[<>]|&(?!amp;|lt;|gt;)", ours.sub("", text)):
            yield f"{where} has markup: {text!r}"
        if kind == "mrkdwn" and value.get("verbatim") is not True:
            yield f"{where} lets Slack look for links"
        if kind == "plain_text" and value.get("emoji") is not False:
            yield f"{where} lets Slack look for emoji"
        if kind is not None and kind not in _TEXTS | {"button"}:
            yield f"{where} is a {kind}"
    if isinstance(kind, str) and kind.startswith("rich_text") and kind not in _RICH:
        yield f"{where} is a {kind}"
    for name in ("url", "image_url", "user_id", "channel_id", "usergroup_id", "range"):
        if name in value and not ours.fullmatch(str(value[name])):
            yield f"{where} has {name} {value[name]!r}"
