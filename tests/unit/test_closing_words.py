"""What customers write when they are done with a matter, and what only looks like it."""

import re
from collections import Counter
from pathlib import Path

import pytest

from trunkline.normalizer.closing_words import MOST_CHARACTERS, says_of

SENTENCES = Path(__file__).with_name("closing_sentences.txt")
NAMES = ("Ann Lee", "Bob", "Ada")


def sentences() -> list[tuple[str, str, str]]:
    """What each comes to, its language, and itself."""
    found, says = [], ""
    for line in SENTENCES.read_text("utf-8").splitlines():
        if line.startswith("["):
            says = line.strip("[]").replace("nothing", "")
        elif re.match("[a-z]{2}: ", line):
            found.append((says, line[:2], line[4:]))
    return found


def test_all_sentences_come_to_what_they_say() -> None:
    wrong = [(says, got, text) for says, _, text in sentences() if (got := says_of(text, NAMES)) != says]
    assert wrong == []


def test_the_corpus_is_wide_and_half_of_it_only_looks_like_it() -> None:
    counted = Counter(says for says, _, _ in sentences())
    assert counted == {"": 170, "resolved": 90, "cancelled": 44, "thanks": 36}
    assert len({language for _, language, _ in sentences()}) == 14


@pytest.mark.parametrize(
    "sign", ["?", " But it is urgent.", " Please call me.", " I want my money back.", " It still fails."]
)
def test_whatever_else_is_asked_or_said_against_it_undoes_it(sign: str) -> None:
    english = [text for says, language, text in sentences() if language == "en" and says]
    assert {says_of(f"{text.rstrip('.!')}{sign}", NAMES) for text in english} == {""}


def test_thanks_with_a_word_of_their_own_are_more_than_thanks() -> None:
    assert says_of("Thank you very much, Ann", NAMES) == "thanks"
    assert {says_of(f"Thank you very much, {word}", NAMES) for word in ("Carla", "1042", "yes", "cancel", "x")} == {""}


def test_a_long_message_comes_to_nothing() -> None:
    text = "Please ignore my last mail. "
    assert says_of(text) == "cancelled"
    assert says_of(text + "So. " * MOST_CHARACTERS) == ""
