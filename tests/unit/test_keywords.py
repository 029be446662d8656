"""Keywords are found as whole words in every script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.config.errors import Misconfigured
from trunkline.normalizer.folding import fold
from trunkline.router.keywords import keyword, line_of_words
from trunkline.router.pattern_set import TEXT_BYTES
from trunkline.router.vocabulary import Vocabulary


def _found(written: str, text: str) -> bool:
    vocabulary = Vocabulary()
    number = vocabulary.keyword(written)
    return number in vocabulary.keywords_in(text)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("refund", "I want a REFUND."),
        ("refund*", "Is it refundable?"),
        ("*pay", "Please repay me"),
        ("*fund*", "non-refundable"),
        ("money back", "my money-back guarantee"),
        ("money back", "my money\nback"),
        ("e-mail", "by e\u2011mail"),
        ("don't", "I don’t know"),
        ("devolución", "LA DEVOLUCION"),
        ("возврат*", "Оформите возврата"),
        ("вернуть деньги", "Хочу ВЕРНУТЬ деньги!"),
        ("İade", "iade istiyorum"),
        ("iade", "İADE"),
        ("strasse", "Straße 5"),
        ("退款", "我要退款。"),
        ("refund", "我要refund谢谢"),
        ("返金", "カードに返金して"),
        ("환불", "환불을 원합니다"),
        ("คืนเงิน", "ขอคืนเงินครับ"),
        ("c++", "written in C++."),
        ("#urgent", "please #urgent"),
        ("24/7", "support 24/7?"),
        ("हिन्दी", "मैं हिन्दी बोलता हूँ"),
        ("café", "cafe\u0301"),
    ],
)
def test_a_keyword_is_found(written: str, text: str) -> None:
    assert _found(written, text)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("refund", "refunded"),
        ("refund", "nonrefund"),
        ("refund", "re fund"),
        ("refund", "refund_id"),
        ("refund*", "prefund"),
        ("money back", "money and back"),
        ("возврат", "возвратный"),
        ("退款", "退 货 款"),
        ("c++", "c+"),
        ("हिन्द", "हिन्दी"),
        ("refund", ""),
    ],
)
def test_a_keyword_is_not_found(written: str, text: str) -> None:
    assert not _found(written, text)


def test_a_keyword_of_nothing_is_refused() -> None:
    with pytest.raises(Misconfigured, match="has nothing in it"):
        keyword("\u0301*")


_WORDS = st.text(st.sampled_from("abéшЩ9"), min_size=1, max_size=4)
_BETWEEN = st.sampled_from([" ", ", ", "\n", "-", "… ", "\u00a0", " «"])


@given(wanted=_WORDS, words=st.lists(_WORDS, max_size=6), data=st.data())
def test_a_word_is_found_just_when_it_is_one_of_the_words(wanted: str, words: list[str], data: st.DataObject) -> None:
    text = "".join(word + data.draw(_BETWEEN) for word in words)
    assert _found(wanted, text) == (fold(wanted) in [fold(word) for word in words])


@given(wanted=_WORDS, words=st.lists(_WORDS, max_size=6))
def test_a_beginning_is_found_just_when_a_word_begins_with_it(wanted: str, words: list[str]) -> None:
    assert _found(f"{wanted}*", " ".join(words)) == any(fold(word).startswith(fold(wanted)) for word in words)


@given(wanted=st.lists(_WORDS, min_size=1, max_size=3), words=st.lists(_WORDS, max_size=6), between=_BETWEEN)
def test_a_phrase_is_found_just_when_its_words_stand_in_a_row(
    wanted: list[str], words: list[str], between: str
) -> None:
    phrase, folded = list(map(fold, wanted)), list(map(fold, words))
    in_a_row = any(folded[at : at + len(phrase)] == phrase for at in range(len(folded)))
    assert _found(" ".join(wanted), between.join(words)) == in_a_row


@given(
    wanted=st.text(st.sampled_from("退款返金คืン"), min_size=1, max_size=3),
    text=st.text(st.sampled_from("退款返金คืンa "), max_size=12),
)
def test_scripts_without_spaces_are_searched_letter_by_letter(wanted: str, text: str) -> None:
    """What stands between two letters, such as a space, does not matter."""
    letters = [line_of_words(fold(each)).split() for each in (wanted, text)]
    width = len(letters[0])
    expected = any(letters[1][at : at + width] == letters[0] for at in range(len(letters[1])))
    assert _found(wanted, text) == expected


@given(st.text(max_size=200))
def test_any_text_can_be_searched(text: str) -> None:
    vocabulary = Vocabulary()
    numbers = {vocabulary.keyword("refund"), vocabulary.keyword("c++")}
    assert vocabulary.keywords_in(text) <= numbers


def test_a_lone_surrogate_does_no_harm() -> None:
    assert _found("refund", "\ud800 refund \udfff")


def test_a_text_is_searched_as_far_as_the_limit() -> None:
    assert _found("refund", "x " * (TEXT_BYTES // 2 - 10) + "refund")
    assert not _found("refund", "x " * (TEXT_BYTES // 2) + "refund")


def test_many_keywords_have_each_their_own_number() -> None:
    vocabulary = Vocabulary()
    numbers = [vocabulary.keyword(f"word{n}") for n in range(1000)]
    assert len(set(numbers)) == 1000
    assert vocabulary.keywords_in("word7, word250 and word999") == {numbers[7], numbers[250], numbers[999]}
