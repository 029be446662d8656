"""Keywords that are looked up by hash are found just where the piece stands in the line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.normalizer.folding import fold
from trunkline.router.keywords import keyword, line_of_words
from trunkline.router.word_index import WordIndex

_WORDS = ["refund", "fund", "re", "e", "money", "back", "退款", "退", "возврат", "moneyback"]
_WRITTEN = st.builds(
    lambda begin, words, end: begin + " ".join(words) + end,
    st.sampled_from(["", "*"]),
    st.lists(st.sampled_from(_WORDS), min_size=1, max_size=3),
    st.sampled_from(["", "*"]),
)


@given(written=st.lists(_WRITTEN, max_size=8), text=st.lists(st.sampled_from([*_WORDS, "refunds"]), max_size=8))
def test_the_index_finds_just_the_pieces_that_are_in_the_line(written: list[str], text: list[str]) -> None:
    pieces, line = [keyword(each).piece for each in written], line_of_words(fold("-".join(text)))
    assert WordIndex(pieces).matching(line) == {number for number, piece in enumerate(pieces) if piece in line}


@pytest.mark.parametrize("written", ["x*", "xy*", "xyz*", "wxyz*", "*x", "*xy", "*xyz", "*wxyz", "*vwxyz"])
def test_beginnings_and_ends_of_any_length_are_found(written: str) -> None:
    word = written.strip("*")
    text = f"a {word}tail b" if written.endswith("*") else f"a head{word} b"
    assert WordIndex([keyword(written).piece]).matching(line_of_words(text)) == {0}


def test_of_ten_thousand_words_only_those_of_the_text_are_compared() -> None:
    index = WordIndex([keyword(f"word{number}").piece for number in range(10_000)])
    assert {len(entries) for entries in index._tables["word"].values()} == {1}
    assert index.matching(line_of_words("word17 and word9999")) == {17, 9999}
