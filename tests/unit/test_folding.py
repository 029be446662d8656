"""One fold for rules, search and the matching of records."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.normalizer.folding import fold


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("İADE", "iade"),
        ("IADE", "ıade"),
        ("Straße", "STRASSE"),
        ("Łódź", "lodz"),
        ("ÆBLE", "aeble"),
        ("Œuvre", "oeuvre"),
        ("Đặng", "dang"),
        ("smørrebrød", "SMORREBROD"),
        ("café", "cafe\u0301"),
        ("ﬁn", "FIN"),
        ("Ёлка", "елка"),
        ("ΟΔΌΣ", "οδος"),
        ("ﾊﾛｰ", "ハロー"),
        ("ＡＢＣ", "abc"),
        ("שָׁלוֹם", "שלום"),
        ("مُحَمَّد", "محمد"),
        ("don’t", "don't"),
        ("soft\u00adhyphen", "softhyphen"),
    ],
)
def test_what_people_write_either_way_folds_to_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize("text", ["退款", "がぎ", "한국어", "ภาษาไทย", "हिन्दी"])
def test_letters_that_are_no_marks_stay(text: str) -> None:
    assert fold(text) == text


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_case_never_matters(text: str) -> None:
    assert fold(text.lower()) == fold(fold(text).lower())
