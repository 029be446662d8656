"""Values as people write them: texts that YAML would guess at, durations, sizes, listeners."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from trunkline.config.loader import loads
from trunkline.config.quantities import (
    HostPort,
    format_duration,
    format_size,
    parse_duration,
    parse_host_port,
    parse_size,
)
from trunkline.config.settings import Settings


def _load(text: str) -> Settings:
    return loads("queues: { support: { fallback: true } }\n" + text, "desk.yaml", {}, {})


@pytest.mark.parametrize("word", ["no", "on", "y", "1.10", "007", "0x1F", "12:30", "2026-01-02", "1e3", "true", "'~'"])
def test_text_stays_as_it_is_written(word: str) -> None:
    tags = _load(f"rules: [{{ name: r, then: {{ tags: [{word}] }} }}]").rules[0].then.tags
    assert tags == (word.strip("'"),)


def test_norwegian_is_a_language() -> None:
    assert _load("agents: { a: { name: Ola, queues: [support], languages: [no] } }").agents["a"].languages == ("no",)


@pytest.mark.parametrize(
    ("word", "meant"),
    [("true", True), ("yes", True), ("on", True), ("True", True), ("false", False), ("no", False), ("off", False)],
)
def test_a_switch_takes_the_words_of_every_yaml(word: str, meant: bool) -> None:
    assert _load(f"acknowledgement: {{ enabled: {word} }}").acknowledgement.enabled is meant


def test_a_single_value_needs_no_brackets_where_several_are_meant() -> None:
    when = _load("rules: [{ name: r, when: { language: en }, then: { tags: [x] } }]").rules[0].when
    assert when is not None
    assert when.language == ("en",)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("250ms", timedelta(milliseconds=250)),
        ("30s", timedelta(seconds=30)),
        ("5min", timedelta(minutes=5)),
        ("1h30min", timedelta(minutes=90)),
        ("1h 30min", timedelta(minutes=90)),
        ("35d", timedelta(days=35)),
        ("2w", timedelta(days=14)),
        ("0s", timedelta()),
    ],
)
def test_durations_are_read(text: str, meant: timedelta) -> None:
    assert parse_duration(text) == meant


@pytest.mark.parametrize("text", ["", "5", "5m", "5 minutes", "-5s", "1.5h", "5min!", "s", "٣s", "6000w"])
def test_other_durations_are_refused(text: str) -> None:
    with pytest.raises(PydanticCustomError, match="a duration"):
        parse_duration(text)


@given(st.integers(min_value=0, max_value=10**12).map(lambda ms: timedelta(milliseconds=ms)))
def test_a_duration_is_read_back_as_it_was_written(duration: timedelta) -> None:
    assert parse_duration(format_duration(duration)) == duration


@pytest.mark.parametrize(("text", "size"), [("0B", 0), ("64KiB", 65536), ("25MiB", 26214400), ("2 GB", 2 * 10**9)])
def test_sizes_are_read(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "25", "25M", "25mib", "-1B", "1.5GB"])
def test_other_sizes_are_refused(text: str) -> None:
    with pytest.raises(PydanticCustomError, match="a size such as"):
        parse_size(text)


@given(st.integers(min_value=0, max_value=10**12 - 1))
def test_a_size_is_read_back_as_it_was_written(size: int) -> None:
    assert parse_size(format_size(size)) == size


@pytest.mark.parametrize(
    ("text", "host", "port", "loopback"),
    [
        ("127.0.0.1:8080", "127.0.0.1", 8080, True),
        ("127.9.9.9:0", "127.9.9.9", 0, True),
        ("[::1]:25", "::1", 25, True),
        ("localhost:25", "localhost", 25, True),
        ("0.0.0.0:25", "0.0.0.0", 25, False),
        ("[::]:25", "::", 25, False),
        ("mail.example.com:587", "mail.example.com", 587, False),
    ],
)
def test_listeners_are_read_and_know_whether_they_can_be_reached(
    text: str, host: str, port: int, loopback: bool
) -> None:
    listener = parse_host_port(text)
    assert listener == HostPort(host, port)
    assert str(listener) == text
    assert listener.loopback is loopback


@pytest.mark.parametrize(
    ("one", "other", "excluded"),
    [
        ("127.0.0.1:25", "127.0.0.1:25", True),
        ("localhost:25", "127.0.0.1:25", True),
        ("localhost:25", "[::1]:25", True),
        ("0.0.0.0:25", "192.0.2.7:25", True),
        ("[::]:25", "[2001:db8::1]:25", True),
        ("Desk.example:25", "desk.example:25", True),
        ("127.0.0.1:25", "127.0.0.1:26", False),
        ("127.0.0.1:25", "192.0.2.7:25", False),
        ("0.0.0.0:25", "[::]:25", False),
        ("127.0.0.1:0", "127.0.0.1:0", False),
    ],
)
def test_of_two_listeners_that_meet_only_one_can_be_had(one: str, other: str, excluded: bool) -> None:
    assert parse_host_port(one).excludes(parse_host_port(other)) is excluded
    assert parse_host_port(other).excludes(parse_host_port(one)) is excluded


@pytest.mark.parametrize(
    "text", ["", "8080", ":8080", "::1:25", "host", "host:", "host:99999", "http://host:80", "a b:1"]
)
def test_other_listeners_are_refused(text: str) -> None:
    with pytest.raises(PydanticCustomError, match="host:port"):
        parse_host_port(text)
