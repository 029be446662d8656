"""What verifiers and splitters ask of a post: whatever stands in it, the answer is Forged or Unreadable."""

import json

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from trunkline.adapters.vendor_post import (
    Post,
    another_id,
    demand_equal,
    filed_as,
    json_bytes,
    read_json,
    safe_id,
    single_header,
)
from trunkline.config.errors import Forged, Unreadable
from trunkline.normalizer.envelope import RawMessage


def post(*headers: tuple[str, str]) -> Post:
    given = CIMultiDictProxy(CIMultiDict(headers))
    return Post(account="a", method="POST", target="/", query=CIMultiDictProxy(CIMultiDict()), headers=given, body=b"")


def test_a_header_that_stands_there_once_is_taken_however_its_name_is_spelled() -> None:
    assert single_header(post(("X-Signature", "abc=")), "x-signature") == "abc="


@pytest.mark.parametrize("values", [[], [""], ["a", "b"], ["é"], ["a\tb"], ["a" * 513], ["\udce9"]])
def test_a_header_that_is_missing_doubled_garbage_or_huge_is_forged(values: list[str]) -> None:
    with pytest.raises(Forged):
        single_header(post(*(("x-signature", value) for value in values)), "x-signature")


@pytest.mark.parametrize(("given", "expected"), [("a", "b"), ("é", "a"), ("\udce9", "a"), (b"\xff", "a"), ("", "a")])
def test_what_differs_is_forged(given: str | bytes, expected: str) -> None:
    demand_equal(expected, expected)
    with pytest.raises(Forged):
        demand_equal(given, expected)


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe", b"{", b"[" * 100_000, b"1" * 5_000, "{}".encode("utf-16"), b'"\xed\xa0\xbd"', b'"\xc3\x28"'],
)
def test_a_body_that_is_not_json_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read_json(body)


def test_a_part_of_a_body_is_the_same_bytes_each_time_and_half_a_character_is_none() -> None:
    part = json_bytes(read_json(b'{"text": "\\ud83d \\uD83D\\uDE00", "\\udead": ["\\udfff", 1], "name": "\xc3\xa9"}'))
    assert json.loads(part) == {"text": "\ufffd 😀", "\ufffd": ["\ufffd", 1], "name": "é"}
    assert json_bytes(read_json(part)) == part


def test_a_name_of_a_vendor_is_one_that_every_store_takes() -> None:
    assert safe_id("\ud83d\0a") == "??a"
    assert (len(safe_id("x" * 201)), safe_id("x" * 200)) == (64, "x" * 200)


def test_a_second_message_under_an_id_is_filed_under_a_name_of_its_own() -> None:
    other = another_id("1", b"said")
    raw = RawMessage(id="r", channel="c", external_id=other, received_at=0, content=b"", size=0)
    assert filed_as(raw, "1") == other
    assert filed_as(raw.model_copy(update={"external_id": "1"}), "1") == "1"
    assert filed_as(raw, "2") == "2"
