"""What a value of JSON has to look like, put together from small checks, each of which names what is wrong and where.

A check is given a value and its JSON pointer, and yields complaints in the words in which Slack has them:

    must be less than 151 characters [json-pointer:/blocks/0/text/text]

A field that a record does not know is a complaint too. Characters are counted as Slack keeps them: `&`, `<` and `>` of
a text without markup are kept as entities.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Check = Callable[[Any, str], Iterator[str]]

_ENTITIES = {"&": 5, "<": 4, ">": 4}


def length_of(text: str) -> int:
    """Characters of a text as Slack keeps it."""
    return sum(_ENTITIES.get(each, 1) for each in text)


def complaint(words: str, where: str) -> str:
    """As Slack says it of a place."""
    return f"{words} [json-pointer:{where or '/'}]"


def string(most: int, least: int = 1, pattern: str = "", count: Callable[[str], int] = len) -> Check:
    """A text of so many characters."""

    def check(value: Any, where: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield complaint("must be a string", where)
        elif count(value) < least:
            yield complaint(f"must be more than {least - 1} characters", where)
        elif count(value) > most:
            yield complaint(f"must be less than {most + 1} characters", where)
        elif pattern and not re.fullmatch(pattern, value):
            yield complaint("must match a pattern", where)

    return check


def boolean(value: Any, where: str) -> Iterator[str]:
    """A yes or no."""
    if not isinstance(value, bool):
        yield complaint("must be a boolean", where)


def number(least: int, most: int) -> Check:
    """A whole number within these bounds."""

    def check(value: Any, where: str) -> Iterator[str]:
        if not isinstance(value, int) or isinstance(value, bool):
            yield complaint("must be an integer", where)
        elif not least <= value <= most:
            yield complaint(f"must be between {least} and {most}", where)

    return check


def choice(*values: str) -> Check:
    """One of these texts."""

    def check(value: Any, where: str) -> Iterator[str]:
        if value not in values:
            yield complaint(f"must be one of {', '.join(values)}", where)

    return check


def array(each: Check, least: int, most: int) -> Check:
    """So many values, each of which is such a one."""

    def check(value: Any, where: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield complaint("must be an array", where)
            return
        if len(value) < least:
            yield complaint(f"no less than {least} items allowed", where)
        if len(value) > most:
            yield complaint(f"no more than {most} items allowed", where)
        for index, item in enumerate(value):
            yield from each(item, f"{where}/{index}")

    return check


def record(needs: Mapping[str, Check], takes: Mapping[str, Check] | None = None) -> Check:
    """An object with these fields, and perhaps those; its `type` is somebody else's to look at."""
    known = {**needs, **(takes or {})}

    def check(value: Any, where: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield complaint("must be an object", where)
            return
        for name in needs:
            if name not in value:
                yield complaint(f"missing required field: {name}", where)
        for name, item in value.items():
            if name in known:
                yield from known[name](item, f"{where}/{name}")
            elif name != "type":
                yield complaint(f"invalid additional property: {name}", where)

    return check


def typed(kinds: Mapping[str, Check]) -> Check:
    """An object of one of these types."""

    def check(value: Any, where: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield complaint("must be an object", where)
        elif "type" not in value:
            yield complaint("missing required field: type", where)
        elif not isinstance(value["type"], str) or value["type"] not in kinds:
            yield complaint(f"unsupported type: {value['type']}", f"{where}/type")
        else:
            yield from kinds[value["type"]](value, where)

    return check


def both(*checks: Check) -> Check:
    """All of these."""

    def check(value: Any, where: str) -> Iterator[str]:
        for each in checks:
            yield from each(value, where)

    return check
