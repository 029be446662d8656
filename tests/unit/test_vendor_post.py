"""What verifiers and splitters ask of a post: whatever stands in it, the answer is Forged or Unreadable."""

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from trunkline.adapters.vendor_post import Post, demand_equal, json_bytes, read_json, single_header
from trunkline.config.errors import Forged, Unreadable


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


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"{", b"[" * 100_000, b"1" * 5_000, b'"\xc3\x28"'])
def test_a_body_that_is_not_json_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read_json(body)


def test_a_part_of_a_body_keeps_even_a_lone_surrogate() -> None:
    part = json_bytes(read_json(b'{"text": "\\ud83d", "name": "\xc3\xa9"}'))
    assert part == b'{"text":"\\ud83d","name":"\\u00e9"}'
    assert json_bytes(read_json(part)) == part
