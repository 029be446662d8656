"""What pages say of times, sizes and names, and addresses that they go back to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.desk.pages.forms import HOME, local_path
from trunkline.desk.pages.marks import channel_mark, icon
from trunkline.desk.pages.templating import initials
from trunkline.desk.pages.time_tags import time_tag
from trunkline.desk.views import times
from trunkline.desk.views.language_names import language_name
from trunkline.desk.views.times import DAY, HOUR, MINUTE, SECOND
from trunkline.gateway.channels import facts

NOW = 1_800_000_000_000


@pytest.mark.parametrize(
    ("distance", "ago", "age"),
    [
        (0, "just now", "now"),
        (20 * SECOND, "just now", "now"),
        (50 * SECOND, "1 min ago", "1m"),
        (59 * MINUTE, "59 min ago", "59m"),
        (59 * MINUTE + 31 * SECOND, "1 h ago", "1h"),
        (23 * HOUR, "23 h ago", "23h"),
        (24 * HOUR, "1 day ago", "1d"),
        (29 * DAY, "29 days ago", "29d"),
        (60 * DAY, "16 Nov 2026", "60d"),
        (400 * DAY, "11 Dec 2025", "2025-12-11"),
        (-SECOND, "in a moment", "now"),
        (-5 * MINUTE, "in 5 min", "5m"),
        (-3 * DAY, "in 3 days", "3d"),
    ],
)
def test_a_time_is_told_as_one_would_tell_it(distance: int, ago: str, age: str) -> None:
    assert times.told(NOW - distance, NOW, "ago") == ago
    assert times.told(NOW - distance, NOW, "age") == age


def test_a_time_carries_its_absolute_one() -> None:
    assert time_tag(NOW, NOW + MINUTE, "ago") == (
        '<time datetime="2027-01-15T08:00:00Z" data-style="ago" title="15 Jan 2027, 08:00 UTC">1 min ago</time>'
    )
    assert "08:00</time>" in time_tag(NOW, NOW, "clock")


@given(st.integers(), st.integers(min_value=0, max_value=10**15))
def test_no_time_is_too_odd_to_be_told(at: int, now: int) -> None:
    for style in ("ago", "age", "clock"):
        assert time_tag(at, now, style)
    assert times.moment(at).endswith(times.hour(at))


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [(0, "0 s"), (-5, "0 s"), (999, "0 s"), (61_000, "1 min 1 s"), (3_600_000, "1 h"), (90_061_000, "1 d 1 h")],
)
def test_a_span_is_told_in_two_units(milliseconds: int, words: str) -> None:
    assert times.span(milliseconds) == words


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (9_949, "9.9 kB"),
        (9_950, "10 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (1_400_000, "1.4 MB"),
        (5_000_000_000_000, "5000 GB"),
    ],
)
def test_a_size_is_told_shortly(octets: int, words: str) -> None:
    assert times.size(octets) == words


def test_numbers_names_and_languages() -> None:
    assert times.number(1_234_567) == "1,234,567"
    assert [initials(name) for name in ("Ada Lovelace", "boris", "Ana María de la Cruz", "", "??", "山田 太郎")] == [
        *("AL", "B", "AC", "?", "?", "山太"),
    ]
    assert [language_name(code) for code in ("de", "unknown", "", "xx")] == [
        *("German", "language unknown", "language unknown", "xx"),
    ]


def test_a_channel_that_we_do_not_know_has_a_mark_too_and_nothing_of_it_runs() -> None:
    assert 'aria-label="E-mail"' in channel_mark("mail", facts())
    assert "carrier pigeon" in channel_mark("carrier pigeon", facts())
    assert 'aria-label="WhatsApp"' in channel_mark("meta", facts(), "WhatsApp")
    mark = channel_mark('"><script>alert(1)</script>', facts())
    assert "#mark-other" in mark
    assert "<script" not in mark
    assert 'aria-hidden="true"' in icon("check")
    assert icon("check", 'a"b') == '<svg class="icon" role="img" aria-label="a&#34;b"><use href="#icon-check"/></svg>'


@given(st.text(alphabet="/\\desk.:@?%\r\n\t\x00 abé\u202e", max_size=30))
def test_a_page_goes_back_to_our_own_addresses_alone(text: str) -> None:
    path = local_path(text)
    assert path == HOME or (path == text and path.startswith(("/desk", "/board")))
    assert not set(path) & set("\\\r\n\t\x00 ")
    assert "//" not in path
