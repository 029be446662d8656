"""Recorded bodies of every channel, each with something odd at a place drawn by lot: read, or Unreadable."""

import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

from trunkline.adapters.card import Card
from trunkline.config.errors import Unreadable
from trunkline.gateway.channels import CARDS

from .odd_values import ODD, changed, places

FIXTURES = Path(__file__).parents[1] / "fixtures"
ODD_TEXTS = ("", "-1", "9" * 400, "a\0b", "x" * 70_000, "\ufffd\u202e", "null")
TRIES = 5
"""Of each body."""
POSTED = sorted(
    name
    for name, card in CARDS.items()
    if card.capability.handing and card.capability.handing.proof in {"signature", "token"} and name != "http"
)


@pytest.mark.parametrize("channel", POSTED)
def test_a_recorded_body_with_something_odd_in_it_is_read_or_set_aside(channel: str) -> None:
    card = CARDS[channel]
    bodies = [path for path in (FIXTURES / channel).rglob("*") if path.is_file() and path.suffix != ".yaml"]
    assert bodies, "there are no recorded bodies"
    drawn = random.Random(channel)
    for path in sorted(bodies):
        makers = list(odd_bodies(path))
        for make in drawn.sample(makers, min(TRIES, len(makers))):
            look(card, make(), path.name)


def look(card: Card, body: bytes, name: str) -> None:
    """It is read or Unreadable, and what was read can be stored."""
    assert card.read_file is not None
    try:
        parsed = card.read_file(body, card.settings.model_validate({}), "")
    except Unreadable:
        return
    except Exception as error:
        raise AssertionError(f"{name}: {body[:500]!r}") from error
    for envelope in parsed.envelopes:
        assert envelope.model_dump_json(), (name, body)
        assert "\0" not in envelope.external_id


def odd_bodies(path: Path) -> Iterator[Callable[[], bytes]]:
    """What makes every body that differs from the recorded one at one place; none of a body that is none."""
    text = path.read_text(errors="replace")
    if path.suffix == ".txt":
        yield from odd_forms(text.strip())
        return
    if path.suffix == ".xml":
        yield from odd_xml(text)
        return
    try:
        told: Any = json.loads(text)
    except ValueError:
        return
    for place in places(told):
        for odd in ODD.values():
            yield partial(_json, told, place, odd)


def odd_forms(text: str) -> Iterator[Callable[[], bytes]]:
    """The same of a form."""
    fields = parse_qsl(text, keep_blank_values=True)
    for at, (name, _) in enumerate(fields):
        others = [pair for number, pair in enumerate(fields) if number != at]
        yield partial(_form, others)
        yield partial(_form, [*fields, (name, "twice")])
        for odd in ODD_TEXTS:
            yield partial(_form, [*others, (name, odd)])


def odd_xml(text: str) -> Iterator[Callable[[], bytes]]:
    """The same of XML: without an element, with it twice, with something else within."""
    for found in re.finditer(r"<(\w+)>(<!\[CDATA\[.*?\]\]>|[^<]*)</\1>", text):
        before, after = text[: found.start()], text[found.end() :]
        within = (f"<{found[1]}><![CDATA[{odd}]]></{found[1]}>" for odd in ODD_TEXTS)
        for odd in ("", found[0] * 2, f"<{found[1]}>{found[0]}</{found[1]}>", *within):
            yield partial(_spliced, before, odd, after)


def _json(told: Any, place: tuple[str | int, ...], odd: Any) -> bytes:
    return json.dumps(changed(told, place, odd)).encode()


def _form(fields: Sequence[tuple[str, str]]) -> bytes:
    return urlencode(fields).encode()


def _spliced(*parts: str) -> bytes:
    return "".join(parts).encode()
