"""Patterns of rules mean Unicode, and what RE2 cannot do is refused with what to do instead."""

import re
import unicodedata

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from trunkline.config.patterns import options, translate


def _matches(pattern: str, text: str) -> bool:
    return re2.search(translate(pattern).exact, text, options()) is not None


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"\bвозврат\b", "Прошу возврат, срочно"),
        (r"\bвозврат\b", "ВОЗВРАТ"),
        (r"\bİade\b", "bir İade istiyorum"),
        (r"^\w+$", "naïveté"),
        (r"\w+", "ทดสอบ"),
        (r"^\d+$", "٤٢"),
        (r"a\sb", "a\u00a0b"),
        (r"[\w-]+@[\w.-]+", "müller@straße.de"),
        (r"\b(foo|bar)\b", "x bar."),
        (r"foo\b|\bbar", "a bard"),
        (r"(\bfoo)?x", "x"),
        (r"\bfoo\b", "foo"),
        (r"(?i)\bfoo\b", "FOO"),
        (r"\Qa+b\E", "a+b"),
        (r"[[:alpha:]]+", "abc"),
        (r"[]\d]", "]"),
        (r"[\s\S]x", "\nx"),
        (r"(?s)a.b", "a\nb"),
        (r"\D", "x"),
        (r"a\\b", "a\\b"),
    ],
)
def test_a_pattern_matches(pattern: str, text: str) -> None:
    assert _matches(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"\bвозврат\b", "возвратный"),
        (r"\bвозврат\b", "безвозврат"),
        (r"\bfoo\b", "foo_bar"),
        (r"\bfoo\b", "foo\u0301"),
        (r"^\W+$", "é"),
        (r"^\D+$", "٤"),
        (r"^\S+$", "a\u00a0b"),
        (r"(?-i)ORDER", "order"),
    ],
)
def test_a_pattern_does_not_match(pattern: str, text: str) -> None:
    assert not _matches(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "remedy"),
    [
        ("(?=x)", "RE2 has no look-around"),
        ("(?<!x)y", "RE2 has no look-around"),
        (r"(a)\1", "RE2 has no back-references"),
        (r"(?P<a>x)(?P=a)", "RE2 has no back-references"),
        (r"a\bb", "say what stands beside the word"),
        (r"\Bx", "say what stands beside the word"),
        (r"(\bfoo\s?){2}", "say what stands beside the word"),
        (r"(\bfoo )+bar", "say what stands beside the word"),
        (r"^\bfoo", "say what stands beside the word"),
        (r"x\.\b", "say what stands beside the word"),
        (r"\b", "say what stands beside the word"),
        (r"[\W\d]", r"write [^\w]"),
        ("x" * 5000, "split it into several"),
        ("(", ""),
        ("a**", ""),
        ("[", ""),
        ("\\", ""),
        ("a)", ""),
        ("a{1001}", ""),
        (r"\Z", "RE2 has no \\Z"),
        ("a++b", "RE2 has no possessive repetitions"),
        ("a{2}+b", "RE2 has no possessive repetitions"),
        ("(?>a)", "RE2 has no atomic groups"),
        ("(a)?(?(1)b|c)", "RE2 has no conditionals"),
        (r"\((?R)?\)", "RE2 has no recursion"),
        ("(?P<a>x)(?&a)", "RE2 has no recursion"),
        (r"\Gx", "RE2 has no \\G"),
        (r"x\Ky", "RE2 has no \\K"),
        (r"x\R", "RE2 has no \\R"),
        (r"\X", "RE2 has no \\X"),
        (r"\u00e9", "RE2 has no \\u"),
        ("(?|a|b)", "RE2 has no branch resets"),
        ("a(?#why)", "RE2 has no comments"),
        ("(*UCP)a", "RE2 has no control verbs"),
        (r"[(?=x](", ""),
        (r"\Q(?=x)\E(", ""),
    ],
)
def test_what_re2_cannot_do_is_refused_with_a_remedy(pattern: str, remedy: str) -> None:
    with pytest.raises(PydanticCustomError) as caught:
        translate(pattern)
    assert caught.value.context is not None
    assert caught.value.context["remedy"].startswith(remedy)


_LETTERS = st.text(st.sampled_from("abЖщéİß_9"), min_size=1, max_size=4)
_TEXTS = st.text(st.sampled_from("abЖщéİß_9 .-\n\u00a0退"), max_size=12)


@given(word=_LETTERS, text=_TEXTS)
def test_word_edges_are_those_of_a_unicode_regular_expression(word: str, text: str) -> None:
    """Python's `\\b` knows Unicode; case is left out, because the two fold it differently."""
    composed = unicodedata.normalize("NFC", text)
    expected = re.search(rf"\b{re.escape(word)}\b", composed) is not None
    assert _matches(rf"(?-i)\b{re.escape(word)}\b", composed) == expected


@given(st.text(st.sampled_from(r"ab\wbWdDsS[]()|^-.*+?{2}:QE"), max_size=14))
def test_any_pattern_is_either_taken_or_refused(pattern: str) -> None:
    try:
        translated = translate(pattern)
    except PydanticCustomError:
        return
    exact = re2.compile(translated.exact, options()).search("a b") is not None
    wider = re2.compile(translated.wider, options()).search("a b") is not None
    assert wider or not exact


def test_a_pattern_that_would_hang_other_engines_is_quick() -> None:
    assert not _matches(r"^(a+)+$", "a" * 50_000 + "!")
