"""Many patterns in one pass, and never a silent no."""

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from trunkline.config.patterns import options, translate
from trunkline.router import pattern_set
from trunkline.router.pattern_set import PatternSet, within_limit

_WRITTEN = ["a", "b+", "^c", "d$", "a.c", "", r"\bab\b", r"\b(a|c)", r"d\b|\bc", r"\w+ \w"]


def _set_of(*patterns: str) -> PatternSet:
    return PatternSet([translate(pattern) for pattern in patterns])


@given(st.lists(st.sampled_from(_WRITTEN), max_size=8), st.text("abcd -", max_size=8))
def test_a_set_finds_just_what_each_exact_pattern_finds_alone(patterns: list[str], text: str) -> None:
    alone = {
        number
        for number, pattern in enumerate(patterns)
        if re2.compile(translate(pattern).exact, options()).search(text)
    }
    assert _set_of(*patterns).matching(text) == alone


def test_numbers_go_on_over_the_groups() -> None:
    patterns = [f"<{number}>" for number in range(1000)]
    assert _set_of(*patterns).matching("<0> <249> <250> <999>") == {0, 249, 250, 999}


def test_no_patterns_match_nothing() -> None:
    assert PatternSet([]).matching("text") == frozenset()


def test_a_set_too_big_to_be_compiled_still_answers_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pattern_set, "_MEMORY", 150_000)
    small = _set_of(*(rf"[^\pL]{word}[^\pL]" for word in ("refund", "invoice", "возврат")))
    (_, made) = small._groups[0]
    assert made is None, "the set was meant to be too big"
    assert small.matching(" an invoice, возврат. ") == {1, 2}


def test_a_set_that_runs_out_of_memory_while_it_searches_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """RE2 then answers as if nothing had matched, not even the pattern that always does."""

    class Exhausted:
        def Match(self, _: bytes) -> list[int]:  # noqa: N802
            return []

    monkeypatch.setattr(PatternSet, "_set", lambda *_: Exhausted())
    assert _set_of("a", "b", r"\bc\b", r"\ba c a\b").matching("a c") == {0, 2}


@given(st.text(max_size=60))
def test_a_short_text_is_not_cut(text: str) -> None:
    assert within_limit(text) == text


@given(st.sampled_from(["a", "я", "退", "😀", "\ud800"]))
def test_a_long_text_is_cut_between_characters(character: str) -> None:
    cut = within_limit(character * pattern_set.TEXT_BYTES)
    assert len(cut.encode("utf-8", "replace")) <= pattern_set.TEXT_BYTES
    assert set(cut) <= {character, "?"}
