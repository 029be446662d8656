"""Templates of every page: whatever stands in a field, the page has the same elements, and nothing of it runs."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from jinja2 import UndefinedError

from trunkline.desk.pages.static_files import StaticFiles
from trunkline.desk.pages.templating import environment, static_folders
from trunkline.desk.stores.sessions import PageSession
from trunkline.gateway.channels import facts
from trunkline.router.records import AgentState
from trunkline.web.tokens import Principal

from ..xss_corpus import STRINGS

TEMPLATES = environment(StaticFiles(static_folders()), facts())
BENIGN = "Ada"


class Skeleton(HTMLParser):
    """The elements of a page and the names of their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, ...]] = []
        self.text: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, *(name for name, _ in attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data!r}")


def rendered(template: str, word: str) -> str:
    """The page with this word wherever one can stand."""
    principal = Principal(name=word, scopes=frozenset({"admin"}))
    session = PageSession(principal=principal, agent=word, csrf="c", digest="d", created=0, secret="s")
    worker = AgentState(
        id=word, name=word, queues=(word,), languages=(), skills={}, capacity=0, load=0, presence="available"
    )
    facts: dict[str, Any] = {
        "session": session,
        "worker": worker,
        "agents": [(word, word), ("boris", "Boris")],
        "csrf": word,
        "now": 1_800_000_000_000,
        "here": word,
        "nav": word,
        "wanted": word,
        "fault": "unknown",
        "seconds": 3,
        "words": word,
        "provider": word,
        "code": 503,
        "heading": word,
        "detail": word,
        "advice": word,
        "case": word,
        "lang": word,
        "title": word,
        "notice": word,
        "content": word,
    }
    return TEMPLATES.get_template(template).render(facts)


@pytest.mark.parametrize("template", ["base.html", "worker.html", "sign_in.html", "error.html", "frame.html"])
def test_nothing_that_a_field_holds_becomes_an_element(template: str) -> None:
    expected = Skeleton(rendered(template, BENIGN))
    for word in STRINGS:
        found = Skeleton(rendered(template, word))
        assert found.elements == expected.elements, word


def test_what_was_said_is_shown_as_it_was_said() -> None:
    for word in STRINGS:
        if "\r" not in word and "\x00" not in word:
            assert word.strip() in "".join(Skeleton(rendered("error.html", word)).text)


def test_a_name_that_is_not_given_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        TEMPLATES.get_template("error.html").render(now=0)


def _colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))


def _luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours (WCAG 2.2)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


SHEET = (Path(__file__).parents[2] / "desk/pages/static/base.css").read_text(encoding="utf-8")
LIGHT, DARK = (_colours(block) for block in re.findall(r":root \{(.*?)\n\s*\}", SHEET, re.DOTALL)[:2])
GROUNDS = ("ground", "raised", "sunken", "hover")


@pytest.mark.parametrize("scheme", [LIGHT, LIGHT | DARK], ids=["light", "dark"])
def test_text_can_be_read_in_both_schemes(scheme: dict[str, str]) -> None:
    pairs = [(ink, ground) for ink in ("ink", "ink-quiet", "accent-text") for ground in GROUNDS]
    pairs += [(name, ground) for name in ("good", "warn", "bad") for ground in ("ground", "raised", f"{name}-soft")]
    pairs += [("ink", "accent-soft"), ("ink-quiet", "accent-soft"), ("accent-text", "accent-soft")]
    pairs += [("ink", "note-ground"), ("ink-quiet", "note-ground"), ("note-ink", "note-ground")]
    pairs += [("accent-ink", "accent"), ("ground", "ink")]
    poor = {pair: round(contrast(scheme[pair[0]], scheme[pair[1]]), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in poor.items() if ratio < 4.5} == {}
    borders = {ground: contrast(scheme["line-strong"], scheme[ground]) for ground in ("ground", "raised")}
    assert {ground: ratio for ground, ratio in borders.items() if ratio < 3} == {}
