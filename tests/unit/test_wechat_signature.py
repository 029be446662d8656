"""Whether WeChat posted it, and what it encrypted: by WeChat's own examples, and by what else might stand there.

The examples are those of "Message push" and "Message encryption and decryption" at developers.weixin.qq.com.
"""

import json
from typing import Any

import pytest
from multidict import CIMultiDict, CIMultiDictProxy, MultiDict

from tests.fakes.wechat import encrypted, signature, xml_of
from trunkline.adapters.vendor_post import Post
from trunkline.adapters.wechat.encryption import Letters
from trunkline.adapters.wechat.signature import cipher_of, signature_of, verify
from trunkline.config.errors import Forged, Misconfigured, Unreadable

TOKEN, KEY, APP_ID = "AAAAA", "A" * 43, "wxba5fad812f8e6fb9"
CIPHER = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8"
    "XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32I"
    "Ijdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04="
)
STAMP, NONCE, MSG_SIGNATURE = "1714112445", "415670741", "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3"
NOW = int(STAMP) * 1000


def post(body: bytes = b"", method: str = "POST", **query: str) -> Post:
    given = MultiDict({"timestamp": STAMP, "nonce": NONCE, **query})
    return Post("shop", method, "/v1/wechat/shop", given, CIMultiDictProxy(CIMultiDict[str]()), body)


def judge(given: Post, now: int = NOW) -> None:
    """As an account judges what is encrypted."""
    verify(given, TOKEN, now, cipher_of(given.body))


def sealed(cipher: str = CIPHER) -> bytes:
    return xml_of({"ToUserName": "gh_97417a04a28d", "Encrypt": cipher})


def test_the_examples_of_wechat_are_signed_as_it_says() -> None:
    assert signature_of("AAAAA", "1714036504", "1514711492") == "f464b24fc39322e44b38aa78f5edd27bd1441696"
    assert signature_of("AAAAA", "1714037059", "486452656") == "899cf89e464efb63f54ddac96b0a0a235f53aa78"
    judge(post(sealed(), msg_signature=MSG_SIGNATURE))


def test_the_example_of_wechat_is_opened() -> None:
    told = json.loads(Letters(KEY, APP_ID).opened(CIPHER))
    assert (told["FromUserName"], told["Event"]) == ("o9AgO5Kd5ggOC-bXrbNODIiE3bGY", "debug_demo")


def test_the_question_whether_an_address_is_ours_is_signed_as_a_plain_post_is() -> None:
    signed = {"signature": signature(TOKEN, STAMP, NONCE)}
    verify(post(method="GET", **signed), TOKEN, NOW)
    verify(post(b"<xml/>", **signed), TOKEN, NOW)


@pytest.mark.parametrize(
    ("body", "query"),
    [
        (sealed(), {}),
        (sealed(), {"msg_signature": ""}),
        (sealed(), {"msg_signature": MSG_SIGNATURE.upper()}),
        (sealed(), {"msg_signature": "é" + MSG_SIGNATURE}),
        (sealed(), {"msg_signature": MSG_SIGNATURE * 200}),
        (sealed(), {"msg_signature": MSG_SIGNATURE, "nonce": "1"}),
        (sealed(), {"msg_signature": MSG_SIGNATURE, "timestamp": "now"}),
        (sealed(), {"msg_signature": MSG_SIGNATURE, "timestamp": "²"}),
        (sealed(), {"msg_signature": MSG_SIGNATURE, "timestamp": "9" * 400}),
        (sealed(CIPHER[:-4] + "AAA="), {"msg_signature": MSG_SIGNATURE}),
        (sealed("é"), {"msg_signature": MSG_SIGNATURE}),
        (b"", {"msg_signature": MSG_SIGNATURE}),
        (b"<xml><Encrypt><a/></Encrypt></xml>", {"msg_signature": MSG_SIGNATURE}),
        (b"<xml><Content>hello</Content></xml>", {"signature": signature(TOKEN, STAMP, NONCE)}),
    ],
)
def test_what_wechat_did_not_sign_is_forged(body: bytes, query: dict[str, str]) -> None:
    with pytest.raises(Forged):
        judge(post(body, **query))


@pytest.mark.parametrize("away", [-301_000, 301_000])
def test_what_is_signed_and_more_than_five_minutes_away_is_forged(away: int) -> None:
    with pytest.raises(Forged, match="five minutes"):
        judge(post(sealed(), msg_signature=MSG_SIGNATURE), NOW + away)


def test_a_signature_that_stands_there_twice_is_forged() -> None:
    given = post(sealed())
    query: Any = MultiDict([*given.query.items(), ("msg_signature", MSG_SIGNATURE), ("msg_signature", MSG_SIGNATURE)])
    with pytest.raises(Forged, match="twice"):
        judge(Post("shop", "POST", given.target, query, given.headers, given.body))


def test_what_is_for_another_account_is_forged() -> None:
    with pytest.raises(Forged, match="another app_id"):
        Letters(KEY, "wx2c2769f8efd9abc2").opened(CIPHER)


@pytest.mark.parametrize("cipher", ["", "x", "AAAA", CIPHER[:40], CIPHER[4:], "A" * 64 + "\n", "é" * 64])
def test_what_cannot_be_opened_is_unreadable(cipher: str) -> None:
    with pytest.raises(Unreadable):
        Letters(KEY, APP_ID).opened(cipher)
    with pytest.raises(Unreadable):
        Letters("B" * 43, APP_ID).opened(CIPHER)


@pytest.mark.parametrize("key", ["", "A" * 42, "A" * 44, "é" * 43])
def test_a_key_that_is_none_is_refused_without_being_told(key: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        Letters(key, APP_ID)
    assert not key or key not in str(caught.value)


@pytest.mark.parametrize("length", [0, 1, 8, 9, 10, 41, 42, 5000])
def test_messages_of_any_length_are_opened(length: int) -> None:
    content = b"x" * length
    assert Letters(KEY, APP_ID).opened(encrypted(KEY, content, APP_ID)) == content
