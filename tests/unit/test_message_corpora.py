"""What the code makes of public corpora. Each has its own score; they disagree with each other on taste.

The floors are what is reached. What is missed is mostly taste, and deliberate:

* talon-signature wants `Thanks, Bob` cut as a signature, talon-html wants it kept; it is kept.
* talon-eml keeps `Sent from my iPhone`, the others cut it; it is cut.
* talon-html compares HTML with HTML; here quotations that stay visible are marked with `> `.
* phone_numbers was made for made-up numbering plans in two cases.
"""

import pytest

from trunkline.normalizer.phone import aliases, e164, normalise

from ..corpora.files import cases, has
from ..corpora.reply_text import read_with_trunkline, scores


@pytest.mark.parametrize(
    ("name", "floors"),
    [
        ("reply_text_github", {"github": 22}),
        ("reply_text_zapier", {"zapier": 18}),
        (
            "reply_text_talon",
            {"talon-text": 50, "talon-html": 24, "talon-signature": 24, "talon-eml": 9},
        ),
    ],
)
def test_answers_are_told_from_what_they_quote(name: str, floors: dict[str, int]) -> None:
    score, _ = scores(_here(name), read_with_trunkline)
    assert all(score[corpus] >= floor for corpus, floor in floors.items()), score


def _here(name: str) -> str:
    if not has(name):
        pytest.skip(f"the public corpus {name}.jsonl is not here")
    return name


def test_phone_numbers_get_their_international_form() -> None:
    numbers = [(raw.decode(), expected) for raw, expected in cases(_here("phone_numbers"))]
    written = sum(e164(text, expected["region"]) == expected["e164"] for text, expected in numbers)
    keys = [normalise(text, expected["region"]) for text, expected in numbers]
    assert written >= 127, (written, len(numbers))
    # A key is given only to numbers that can exist, and it is never another number, but for the spellings of one line.
    assert sum(key is not None for key in keys) >= 113
    assert all(
        key is None or e164(text, expected["region"]) in (key, *aliases(key))
        for key, (text, expected) in zip(keys, numbers, strict=True)
    )
