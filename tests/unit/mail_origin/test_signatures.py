"""What signatures see: canonical forms, header selection, and a mail that could be read in two ways."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.adapters.mail import limits
from trunkline.adapters.mail.origin import signed_message
from trunkline.adapters.mail.origin.canonical import canonical_body, canonical_field, unsigned
from trunkline.adapters.mail.origin.dkim import check_dkim
from trunkline.adapters.mail.origin.signed_message import SignedField, SignedMessage, read_signed
from trunkline.adapters.mail.origin.tag_list import TagListError, read_tags

from .corpus import ZONE
from .signing import sign
from .zone import ZoneLookup

BODIES = st.lists(st.sampled_from([b" ", b"\t", b"\r\n", b"a", b"\xff", b"."])).map(
    lambda parts: b"".join(parts) + b"\r\n"
)


@given(BODIES)
def test_a_body_is_seen_as_the_standard_says(body: bytes) -> None:
    lines = body.split(b"\r\n")[:-1]
    relaxed = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in lines]
    for given_lines, is_relaxed in ((lines, False), (relaxed, True)):
        while given_lines and not given_lines[-1]:
            given_lines.pop()
        expected = b"".join(line + b"\r\n" for line in given_lines) or (b"" if is_relaxed else b"\r\n")
        assert canonical_body(body, relaxed=is_relaxed) == expected


@pytest.mark.parametrize("body", [b" " * 10**7, b"\r\n" * 10**6, b"\n\r" * 10**6, b"a \t" * 10**6])
def test_a_body_of_blanks_takes_linear_time(body: bytes) -> None:
    canonical_body(body, relaxed=True)
    canonical_body(body, relaxed=False)


def test_the_example_of_the_standard() -> None:
    """RFC 6376 section 3.4.5."""
    assert canonical_field(b"A: X\r\n", relaxed=True) == b"a:X\r\n"
    assert canonical_field(b"B : Y\t\r\n\tZ  \r\n", relaxed=True) == b"b:Y Z\r\n"
    assert canonical_body(b" C \r\nD \t E\r\n\r\n\r\n", relaxed=True) == b" C\r\nD E\r\n"
    assert canonical_field(b"B : Y\t\r\n\tZ  \r\n", relaxed=False) == b"B : Y\t\r\n\tZ  \r\n"
    assert canonical_body(b" C \r\nD \t E\r\n\r\n\r\n", relaxed=False) == b" C \r\nD \t E\r\n"


def test_only_the_value_of_b_is_left_out() -> None:
    assert unsigned(b"X: a=b; bh=b=; b = YQ\r\n  ==; d=x\r\n") == b"X: a=b; bh=b=; b =; d=x\r\n"


@pytest.mark.parametrize(
    "content",
    [
        b"From: a@b.example\r\nx y\r\n\r\n",
        b"From: a@b.example\rX: y\r\n\r\n",
        b"\r\nFrom: a\0b\r\n",
        b" x\r\nFrom: a\r\n",
    ],
)
def test_headers_that_could_be_read_in_two_ways_are_not_read(content: bytes) -> None:
    assert not read_signed(content).fields


class _Counted:
    """A pattern that counts how often it is asked."""

    def __init__(self, pattern: re.Pattern[bytes]) -> None:
        self.asked = 0
        self._pattern = pattern

    def match(self, line: bytes) -> re.Match[bytes] | None:
        self.asked += 1
        return self._pattern.match(line)


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"From: a@b.example\r\njunk\r\njunk\r\n" + b"a:\r\n" * 50_000, 0),
        (b"From: a@b.example\r\njunk\r\njunk\r\n" + b"a:\r\n" * 10_000, 2),
        (b"a:\r\n" * 20_000 + b"From: a@b.example\r\n", 0),
        (b"a:" + b"a" * limits.HEADER_BLOCK + b"\r\n\r\n", 0),
        (b"a:\r\n" * 10_000 + b"b\0:\r\n", 0),
    ],
)
def test_headers_that_prove_nothing_are_not_read_on(
    content: bytes, lines: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = _Counted(signed_message._FIELD)
    monkeypatch.setattr(signed_message, "_FIELD", counted)
    message = read_signed(content)
    assert (message.fields, counted.asked) == ((), lines)


def test_the_limits_are_those_of_the_lenient_reader() -> None:
    ours = (signed_message.LONGEST_HEADERS, signed_message.LONGEST_FIELD, signed_message.MOST_LINES)
    assert ours == (limits.HEADER_BLOCK, limits.HEADER, limits.HEADER_LINES)


def test_headers_within_the_limits_are_read() -> None:
    content = b"a:\n" * (limits.HEADER_LINES - 1) + b"b: 1\n\nHello\n"
    message = read_signed(content)
    assert (len(message.all("a")), len(message.all("b")), message.body) == (19_999, 1, b"Hello\r\n")


def test_finding_fields_by_name_takes_linear_time() -> None:
    fields = tuple(SignedField("a", b"a:\r\n") for _ in range(500_000))
    assert len(SignedMessage(fields, b"").all("a")) == len(fields)


@given(st.binary(max_size=300))
def test_nothing_makes_it_raise(content: bytes) -> None:
    read_signed(content)


@pytest.mark.parametrize("text", ["a", "a=1;;b=2", "a=1;a=2", "1=a", "=", "a b=1", "a=é"])
def test_lists_that_cannot_be_read(text: str) -> None:
    with pytest.raises(TagListError):
        read_tags(text)


async def test_a_header_that_stands_several_times_is_taken_from_below() -> None:
    text = "X-A: 1\nX-A: 2\nFrom: maria@example.org\n\nHello\n"
    names = ("from", "x-a", "x-a", "x-none")
    for mail, result in (
        (sign(text, "example.org", names=names), "pass"),
        (sign(text, "example.org", names=names).replace("X-A: 1\nX-A: 2", "X-A: 2\nX-A: 1"), "fail"),
        ("X-A: 0\n" + sign(text, "example.org", names=names), "pass"),
        ("X-None: 0\n" + sign(text, "example.org", names=names), "fail"),
    ):
        message = read_signed(mail.encode())
        verdict = await check_dkim(ZoneLookup(ZONE), message, message.all("dkim-signature")[0], 0)
        assert verdict.result == result
