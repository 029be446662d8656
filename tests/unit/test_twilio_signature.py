"""The signature of Twilio: the vectors of its own package, posts that are moved, cut, repeated, or not Twilio's."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from multidict import CIMultiDict, CIMultiDictProxy
from twilio.request_validator import RequestValidator

from tests.corpora.files import cases, has
from trunkline.adapters.twilio.signature import FORM, HEADER, demand_signed, demand_signed_body, verify
from trunkline.adapters.vendor_post import Post
from trunkline.config.errors import Forged

TOKEN = "an auth token of the tests"
ADDRESS, TARGET = "https://desk.example", "/v1/twilio/support"
FIELDS = {"MessageSid": "SM" + "1" * 32, "From": "+4917612345678", "To": "+4930901820", "Body": "Hi, Zoë & co 😀"}


def signed(fields: Any, *, url: str = ADDRESS + TARGET, token: str = TOKEN) -> str:
    return str(RequestValidator(token).compute_signature(url, fields))


def posted(body: bytes, signature: str | None, *, target: str = TARGET, kind: str = FORM) -> Post:
    given = CIMultiDict({"Content-Type": kind})
    if signature is not None:
        given[HEADER] = signature
    nothing = CIMultiDictProxy(CIMultiDict[str]())
    return Post("support", "POST", target, nothing, CIMultiDictProxy(given), body)


def is_taken(post: Post) -> bool:
    try:
        verify(post, ADDRESS, TOKEN.encode())
    except Forged:
        return False
    return True


@pytest.mark.skipif(not has("twilio_signature"), reason="the corpora are not on this machine")
def test_every_vector_of_twilio_is_judged_as_twilio_does() -> None:
    vectors = list(cases("twilio_signature"))
    assert len(vectors) >= 11
    for body, expected in vectors:
        about = expected["url"], expected["signature"], expected["token"].encode()
        try:
            if expected["params"] is None:
                demand_signed_body(about[0], body, *about[1:])
            else:
                demand_signed(about[0], [(name, value) for name, value in expected["params"]], *about[1:])
            valid = True
        except Forged:
            valid = False
        assert valid == expected["valid"], expected["basis"]


def test_a_form_is_taken_as_twilio_signs_it_with_a_port_or_without() -> None:
    body = urlencode(FIELDS).encode()
    for url in (f"{ADDRESS}{TARGET}", f"{ADDRESS}:443{TARGET}"):
        assert is_taken(posted(body, signed(FIELDS, url=url)))
    assert not is_taken(posted(body, signed(FIELDS, url=f"https://elsewhere.example{TARGET}")))
    assert not is_taken(posted(body, signed(FIELDS, url=f"http://desk.example{TARGET}")))
    assert not is_taken(posted(body, signed(FIELDS, token="another")))


def test_an_address_with_a_port_of_its_own_is_compared_with_and_without_it() -> None:
    body, address = urlencode(FIELDS).encode(), "https://[2001:db8::1]:8443"
    for url in (f"{address}{TARGET}", f"https://[2001:db8::1]{TARGET}"):
        verify(posted(body, signed(FIELDS, url=url)), address, TOKEN.encode())


def test_a_body_that_is_no_form_is_taken_by_its_digest_in_the_address() -> None:
    body = '{"property": "value"}'
    digest = RequestValidator(TOKEN).compute_hash(body)
    target = f"{TARGET}?bodySHA256={digest}"
    signature = signed({}, url=f"{ADDRESS}{target}")
    assert is_taken(posted(body.encode(), signature, target=target, kind="application/json"))
    assert not is_taken(posted(b"{}", signature, target=target, kind="application/json"))
    assert not is_taken(posted(body.encode(), signed({}), kind="application/json"))


@pytest.mark.parametrize("place", range(len(urlencode(FIELDS))))
def test_no_byte_of_a_form_can_be_changed(place: int) -> None:
    body = bytearray(urlencode(FIELDS).encode())
    body[place] ^= 1
    if parse_qsl(bytes(body).decode(errors="replace"), keep_blank_values=True) == list(FIELDS.items()):
        return
    assert not is_taken(posted(bytes(body), signed(FIELDS)))


@pytest.mark.parametrize(
    "signature", [None, "", "x", "é", "A" * 28, "A" * 5000, "\t", "=" * 28, "0" * 28, "\udcff", "A A"]
)
def test_what_is_no_signature_is_forged(signature: str | None) -> None:
    assert not is_taken(posted(urlencode(FIELDS).encode(), signature))


@pytest.mark.parametrize("body", [b"\xff\xfe", b"%FF=%FF", b"Body", b"&" * 2000, b"a=b&" * 2000, b"\0"])
def test_what_is_no_form_is_forged_and_nothing_else(body: bytes) -> None:
    assert not is_taken(posted(body, signed({})))


@pytest.mark.parametrize(
    "moved",
    [
        {**{name: value for name, value in FIELDS.items() if name != "Body"}, "BodyHi": ", Zoë & co 😀"},
        {**{name: value for name, value in FIELDS.items() if name != "Body"}, "Bod": "yHi, Zoë & co 😀"},
        {**{name: value for name, value in FIELDS.items() if name != "From"}, "From+49": "17612345678"},
        {**{name: value for name, value in FIELDS.items() if name != "To"}, "T": "o+4930901820"},
        {**{name: value for name, value in FIELDS.items() if name != "To"}, "": "To+4930901820"},
    ],
)
def test_a_signed_post_whose_borders_are_moved_is_forged(moved: dict[str, str]) -> None:
    assert signed(moved) == signed(FIELDS) or sorted(moved) != sorted(FIELDS)
    assert not is_taken(posted(urlencode(moved).encode(), signed(moved)))


def test_what_twilio_begins_to_send_is_taken() -> None:
    fields = {**FIELDS, "MessageIntent": "x", "GeoBlockLift": "1", "MediaUrl0": "https://api.twilio.com/a"}
    assert is_taken(posted(urlencode(fields).encode(), signed(fields)))


def test_a_repeated_parameter_counts_once() -> None:
    assert is_taken(posted(urlencode([*FIELDS.items(), ("Body", FIELDS["Body"])]).encode(), signed(FIELDS)))
