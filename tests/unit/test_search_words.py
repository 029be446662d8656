"""What an article is found by, and the line that shows it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.router.excerpts import WIDTH, excerpt
from trunkline.router.records import json_bytes
from trunkline.router.search_words import LONGEST, MOST_BYTES, article_words, asked_words, holds


def article(text: str = "", **facts: Any) -> dict[str, Any]:
    return {"text": text, "author": {"name": "María", "identity": "email:maria@example.org"}} | facts


def shown(lines: list[str], asked: str) -> str:
    """The excerpt with its marks in brackets."""
    return "".join(f"[{part.text}]" if part.marked else part.text for part in excerpt(lines, asked_words(asked)))


def test_an_article_is_found_by_all_that_stands_in_it_and_about_it() -> None:
    words = article_words(
        article(
            "Serial ZX81-4711, ZX81-4711!\nSee «here».",
            subject="Lámpara",
            to="ann@a.example",
            copied=[{"name": "Łukasz", "address": "lukasz@b.example"}],
            attachments=[{"name": 'Straße "7".pdf'}],
            fields={"order": "A-17", "parts": ["cable"]},
        )
    ).split()
    assert {"serial", "zx81-4711", "lampara", "maria", "maria@example.org", "ann@a.example"} <= set(words)
    assert {"lukasz", "lukasz@b.example", "strasse", "7", "pdf", "a-17", "cable"} <= {
        *words,
        *(w.strip(".") for w in words),
    }
    assert words.count("zx81-4711") == 1


def test_what_is_kept_is_bounded_and_the_facts_about_a_text_come_first() -> None:
    words = article_words(article(" ".join(f"word{n}" for n in range(5_000)), subject="lamp"))
    assert len(words.encode()) <= MOST_BYTES
    assert words.startswith("lamp maria")
    assert len(max(article_words(article("x" * 900)).split(), key=len)) == LONGEST


@given(st.text(), st.text())
def test_any_word_of_a_text_is_found_in_the_piece_that_the_engine_has(text: str, other: str) -> None:
    piece = json_bytes(article_words(article(f"{other} {text}")))
    there = article_words(article(text, author={})) != ""
    assert all(word.encode("utf-8", "replace") in piece for word in asked_words(text) if there), "none is escaped"


@pytest.mark.parametrize(
    ("text", "asked", "line"),
    [
        ("Hello\nmy STRASSE is here\nbye", "straße here", "my [STRASSE] is [here]"),
        ("我的灯坏了，请退款。", "退款", "我的灯坏了，请[退款]。"),
        ("ランプが壊れました", "壊れ", "ランプが[壊れ]ました"),
        ("โคมไฟเสียแล้ว", "เสีย", "โคมไฟ[เสีย]แล้ว"),
        ("램프가 고장났어요", "고장", "램프가 [고장]났어요"),
        ("<b>lamp</b>", "lamp", "<b>[lamp]</b>"),
        ("la\u0301mpara", "lampara", "[la\u0301mpara]"),
        ("ﬁn de la lampe", "fin lampe", "[ﬁn] de la [lampe]"),
        ("lamplamp lamp", "lamp mpla", "[lamplamp] [lamp]"),
    ],
)
def test_the_words_are_marked_as_they_were_written(text: str, asked: str, line: str) -> None:
    assert shown(text.splitlines(), asked) == line


def test_of_a_long_line_the_part_with_the_words_is_shown() -> None:
    line = shown(["so " * 3_000 + "the serial ZX81 of it " + "and " * 3_000], "zx81")
    assert "[ZX81]" in line
    assert line.startswith("…")
    assert line.endswith("…")
    assert len(line) <= WIDTH + 4


@given(st.text(), st.text(min_size=1))
def test_whatever_is_shown_stands_in_the_text(text: str, asked: str) -> None:
    words = asked_words(asked)
    line = "".join(part.text for part in excerpt(text.splitlines(), words)).strip("…")
    assert " ".join(line.split()) in " ".join(text.split())
    if any(holds(each, words) for each in text.splitlines() if len(each) < 100):
        assert line


def test_a_long_stretch_without_a_blank_is_found_by_its_beginning() -> None:
    kept = article_words(article("灯" + "坏" * 6_000 + "了 zebra"))
    assert "灯坏" in kept
    assert len(kept.encode()) > 16_000


def test_a_search_for_a_quotation_mark_is_for_nothing() -> None:
    assert asked_words('"') == ()


def test_a_very_long_text_is_shown_only_as_far_as_it_was_looked_at() -> None:
    assert excerpt(["no word here"] * 30_000 + ["the lamp"], ["lamp"]) == ()
