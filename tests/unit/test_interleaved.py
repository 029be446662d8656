"""Answers between the lines of what we sent, told from what mail programs and gateways make of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.normalizer.interleaved import answers_between
from trunkline.normalizer.quoting import REPLY_MARKER

SECOND = (
    "2. When did you buy it? Please send the receipt and a photo of the plate that is on the back of the lamp "
    "(https://shop.example/plate)."
)
SENT = f"Hello Ann,\n\n1. Which model is it?\n\n{SECOND}\n\nRegards\nAda"
HEADERS = "From: Example Desk <support@example.test>\nSent: Friday\nTo: Ann\nSubject: Re: Lamp [T-9]\n\n"
WRAPPED = "2. When did you buy it? Please send the receipt and a photo of the\nplate that is on the back of the lamp ("


def test_answers_are_given_with_the_lines_that_they_answer() -> None:
    answers = f"1. Which model is it?\nModel L-7\n\n{SECOND}\nIn May"
    quoted = f"{HEADERS}{REPLY_MARKER}\n\nHello Ann,\n\n{answers}\n\nRegards\nAda"
    assert answers_between(quoted, SENT) == answers.replace("1.", "> 1.").replace("2.", "> 2.")


@pytest.mark.parametrize(
    ("quoted", "answers"),
    [
        (
            f"> {REPLY_MARKER}\n>\n> The serial is 4711.\n> Ann\n>\n> Hello Ann,\n> 1. Which model is it?",
            "The serial is 4711.",
        ),
        ("> Hello Ann,\n> 1. Which model is it? L-7\n> Regards", "> Hello Ann,\n1. Which model is it? L-7"),
        ("> 1. Which model is it?\n> L-7", "> 1. Which model is it?\nL-7"),
        ("Hello Ann,\n1.  WHICH MODEL is it ?\nL-7\nRegards", "> 1.  WHICH MODEL is it ?\nL-7"),
    ],
)
def test_answers_stand_above_below_and_behind_our_lines(quoted: str, answers: str) -> None:
    assert answers_between(quoted, SENT) == answers


@pytest.mark.parametrize(
    "quoted",
    [
        "",
        SENT,
        f"{HEADERS}{REPLY_MARKER}\n\n{SENT}",
        "\n".join(f"> {line}" for line in SENT.split("\n")),
        f"[EXTERNAL MAIL]\n{HEADERS}{SENT}\n\nThis mail was checked for viruses.",
        f"Hello Ann,\n{WRAPPED}https://safe.example/?url=x&y)",
        f"Hello Ann,\n{WRAPPED}https://shop.example/plate<https://shop.example/plate>)",
        "On Friday, Bob wrote:\n> something else\n> altogether",
        "Hello Ann,\nsomething else\nRegards",
    ],
)
def test_what_only_repeats_us_or_is_of_others_has_no_answers(quoted: str) -> None:
    assert answers_between(quoted, SENT) == ""


@given(
    st.text(alphabet=st.sampled_from("ab >\n.?"), max_size=200), st.text(alphabet=st.sampled_from("ab \n"), max_size=80)
)
def test_answers_are_never_made_up(quoted: str, sent: str) -> None:
    found = {line.removeprefix("> ").strip(" >") for line in answers_between(quoted, sent).splitlines()}
    assert found <= {line.strip(" >") for line in quoted.splitlines()} | {""}
