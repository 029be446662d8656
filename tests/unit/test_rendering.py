"""One reply as each channel shows it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.normalizer.formatted_text import has_marks, runs_of
from trunkline.normalizer.rendering import messages_of, taken_by
from trunkline.normalizer.sending_limits import Dialect, TextLimit

SAID = "**Hello** *there*, run `x < 1 & y` or see [our page](https://example.org/a_b?c=1&d=2).\n- one\n- two"
SHOWN: dict[Dialect, str] = {
    "plain": "Hello there, run x < 1 & y or see our page (https://example.org/a_b?c=1&d=2).\n• one\n• two",
    "telegram_html": "<b>Hello</b> <i>there</i>, run <code>x &lt; 1 &amp; y</code> or see "
    '<a href="https://example.org/a_b?c=1&amp;d=2">our page</a>.\n• one\n• two',
    "html": "<b>Hello</b> <i>there</i>, run <code>x &lt; 1 &amp; y</code> or see "
    '<a href="https://example.org/a_b?c=1&amp;d=2">our page</a>.<br>\n• one<br>\n• two',
    "whatsapp_marks": "*Hello* _there_, run `x < 1 & y` or see "
    "our page (https://example.org/a_b?c=1&d=2).\n• one\n• two",
    "mrkdwn": "*Hello* _there_, run `x &lt; 1 &amp; y` or see "
    "<https://example.org/a_b?c=1&amp;d=2|our page>.\n• one\n• two",
}


@pytest.mark.parametrize("dialect", SHOWN)
def test_one_reply_is_written_as_each_channel_shows_it(dialect: Dialect) -> None:
    assert messages_of(SAID, None, dialect, formatted=True) == [SHOWN[dialect]]


@pytest.mark.parametrize(
    "text",
    [
        "2*3*4 = 24",
        "snake_case and __init__ and a_b_c",
        "stars * alone * here",
        "**not closed",
        "https://example.org/_a_*b*",
        "[words](javascript:alert(1))",
        "<b>no HTML</b>",
        "a*b** and **",
    ],
)
def test_what_is_no_mark_stays_as_it_is(text: str) -> None:
    assert "".join(run.text for run in runs_of(text)) == text
    assert not has_marks(text)


def test_without_formatting_every_sign_is_text() -> None:
    assert messages_of("**a** <b>", None, "telegram_html") == ["**a** &lt;b&gt;"]


def test_code_of_several_lines_keeps_its_signs() -> None:
    assert messages_of("see\n```py\na **b**\n  c\n```\nend", None, "telegram_html", formatted=True) == [
        "see\n<pre>a **b**\n  c</pre>\nend"
    ]


def test_a_backslash_takes_the_meaning_of_a_mark_away() -> None:
    assert messages_of(r"\*no\* **a \* b**", formatted=True) == ["*no* a * b"]


def test_bold_that_is_cut_by_a_part_goes_on_in_the_next() -> None:
    text = "**One sentence. Another sentence.**"
    assert messages_of(text, TextLimit(most=20), "telegram_html", formatted=True) == [
        "<b>One sentence.</b>",
        "<b>Another sentence.</b>",
    ]


def test_marks_that_count_are_counted() -> None:
    made = messages_of("**aaaa** " * 20, TextLimit(most=32), "whatsapp_marks", formatted=True)
    assert max(map(len, made)) <= 32
    assert "".join(made).replace(" ", "") == "*aaaa*" * 20


def test_only_the_part_that_is_too_long_with_its_marks_is_parted_once_more() -> None:
    whole, short = "a" * 30, "[b](https://b.example/23456789012)"
    made = messages_of(
        f"{whole}\n\n**b** **b** **b** **b** **b** {short}", TextLimit(most=32), "mrkdwn", formatted=True
    )
    assert made == [whole, *["*b*"] * 5, "<https://b.example/23456789012|b>"], "one address cannot be parted"
    crowded = messages_of("& " * 40, TextLimit(most=32), "mrkdwn")
    assert max(map(len, crowded)) <= 32
    assert "".join(crowded).count("&amp;") == 40


@given(st.text(alphabet="ab *_`[]()\\\n-1.😀<&", max_size=80), st.sampled_from(list(SHOWN)))
def test_every_text_is_rendered_within_its_limit_and_loses_no_word(text: str, dialect: Dialect) -> None:
    limit = TextLimit(most=24, unit="utf16")
    plain = messages_of(text, limit, formatted=True)
    assert all(0 < taken_by(each, "utf16") <= 24 for each in plain)
    made = "".join(messages_of(text, limit, dialect))
    assert made.count("a") >= text.count("a")
