"""One long text as several messages."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trunkline.normalizer.splitting import SMALLEST, Cost, characters, pieces_of, utf8_bytes, utf16_units

WORDS = st.text(st.sampled_from('ab. \n!?。」"é\u0301👩\u200d🏽🇩🇪https://x'), max_size=300) | st.text(max_size=200)


@given(WORDS, st.integers(SMALLEST, 60), st.sampled_from([characters, utf16_units, utf8_bytes]))
@example("a" * SMALLEST + '."  b', SMALLEST + 1, characters)
def test_every_piece_fits_and_nothing_but_blanks_is_lost(text: str, limit: int, cost: Cost) -> None:
    pieces = pieces_of(text, limit, cost)
    assert all(pieces)
    assert max([sum(map(cost, piece)) for piece in pieces], default=0) <= limit
    assert "".join("".join(pieces).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("It fits.", ["It fits."]),
        ("One paragraph.\n\nAnother one here.", ["One paragraph.", "Another one here."]),
        ("This is a first line\nand a second.", ["This is a first line", "and a second."]),
        ("A whole sentence. And one more.", ["A whole sentence.", "And one more."]),
        ('He said "never again." Then he left.', ['He said "never again."', "Then he left."]),
        ("words without any full stop at all", ["words without any full", "stop at all"]),
        ("Das war es. Mehr über https://example.org/a-b", ["Das war es. Mehr über", "https://example.org/a-b"]),
        (
            "今日は良い天気です。明日も晴れるでしょう。本当によかったですね。",
            ["今日は良い天気です。明日も晴れるでしょう。", "本当によかったですね。"],
        ),
        ("Hi. " + "x" * 30, ["Hi.", "x" * 24, "x" * 6]),
    ],
)
def test_it_is_parted_where_a_reader_pauses(text: str, pieces: list[str]) -> None:
    assert pieces_of(text, 24) == pieces


@pytest.mark.parametrize("one", ["👩🏽\u200d🚀", "🇩🇪", "e\u0301\u0323", "☺️"])
def test_what_is_seen_as_one_character_is_not_cut(one: str) -> None:
    for lead in range(20):
        pieces = pieces_of("x" * lead + one * 12, 21)
        assert all(len(piece.strip("x")) % len(one) == 0 for piece in pieces)
        assert not any(unicodedata.combining(piece[0]) for piece in pieces)


def test_a_text_without_pauses_is_cut_where_it_is_full() -> None:
    assert [len(piece) for piece in pieces_of("x" * 100_000, 4096)] == [4096] * 24 + [1696]
    assert len(pieces_of("\u0301" * 100, SMALLEST)) == 7


def test_characters_are_counted_as_the_channel_counts() -> None:
    assert [len(piece) for piece in pieces_of("😀" * 40, 32, utf16_units)] == [16, 16, 8]
    assert [len(piece) for piece in pieces_of("😀" * 40, 32, utf8_bytes)] == [8, 8, 8, 8, 8]


def test_a_limit_that_no_channel_has_is_refused() -> None:
    with pytest.raises(ValueError, match="less than 16"):
        pieces_of("text", SMALLEST - 1)
