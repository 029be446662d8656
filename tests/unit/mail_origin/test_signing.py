"""Our own signatures, checked by the verifier that strangers' mails go through, whatever happens on the way."""

import re
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as elliptic
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trunkline.adapters.mail.composing import Composer
from trunkline.adapters.mail.origin.dkim import DkimVerdict, check_dkim
from trunkline.adapters.mail.origin.signed_message import read_signed
from trunkline.adapters.mail.signing import Signer, keys_for
from trunkline.adapters.mail.signing_keys import Kind, SigningKey, UnusableKeyError, new_key
from trunkline.normalizer.outgoing import Outgoing

from .zone import ZoneLookup

AT = 1_795_000_000
RSA = SigningKey.read("example.test", "r1", new_key("rsa"))
ED = SigningKey.read("example.test", "e1", new_key("ed25519"))
OTHER = SigningKey.read("example.net", "e1", new_key("ed25519"))
KEYS = (RSA, ED, OTHER)


def zone(*keys: SigningKey) -> ZoneLookup:
    """What the operator has put into the DNS, from the line that they were told."""
    records: dict[str, list[Any]] = {}
    for key in keys:
        name, _, text = key.record.partition(". IN TXT ")
        records[name] = [{"TXT": "".join(re.findall(r'"([^"]*)"', text))}]
    return ZoneLookup(records)


def composed(**changes: Any) -> bytes:
    composer = Composer(
        addresses=("desk@example.test", "b@sub.example.net", "c@c.example"), name="Désk", key=b"k", signer=Signer(KEYS)
    )
    given = {
        "article_id": "0193512e-aaaa-7000-8000-000000000002", "external_id": "a@example.test", "ticket_id": "t",
        "number": "T-1042", "channel": "mail", "account": "desk@example.test", "to": "maria@example.org",
        "subject": "Lamp — Größe " * 12, "text": "Dear  Maria,\t \n\nit works.   \n.\n\n\n", "in_reply_to": "2@x",
        "references": tuple(f"{number}@x" for number in range(30)), "created_at": AT * 1000,
    }  # fmt: skip
    return composer.compose(Outgoing(**(given | changes))).content


async def verdicts(content: bytes, *keys: SigningKey) -> list[DkimVerdict]:
    message = read_signed(content)
    found = message.all("dkim-signature")
    return [await check_dkim(zone(*keys), message, field, AT + 60) for field in found]


async def results(content: bytes) -> list[tuple[str, str]]:
    return [(each.result, each.domain) for each in await verdicts(content, *KEYS)]


async def test_every_key_of_the_domain_signs_and_both_signatures_are_good() -> None:
    assert await results(composed()) == [("pass", "example.test"), ("pass", "example.test")]
    assert await results(composed(automatic=True)) == [("pass", "example.test"), ("pass", "example.test")]


async def test_a_domain_above_signs_for_those_below_and_a_domain_without_key_is_not_signed() -> None:
    assert await results(composed(account="b@sub.example.net")) == [("pass", "example.net")]
    assert await results(composed(account="c@c.example")) == []
    assert keys_for(KEYS, "") == []


def test_the_same_message_has_the_same_signatures() -> None:
    assert composed() == composed()


async def test_what_servers_do_on_the_way_breaks_nothing() -> None:
    content = composed().replace(b"works.", b"works. ").replace(b"MIME-Version: 1.0", b"Mime-Version:   1.0")
    assert await results(b"Received: by x\r\n" + content + b"\r\n\r\n") == [("pass", "example.test")] * 2


@pytest.mark.parametrize(
    "name", ["From", "To", "Cc", "Reply-To", "Subject", "Date", "Message-ID", "References", "Content-Type"]
)
async def test_no_header_that_says_something_can_be_added(name: str) -> None:
    for content in (
        f"{name}: x@evil.example\r\n".encode() + composed(),
        composed().replace(b"\r\n\r\n", f"\r\n{name}: x@evil.example\r\n\r\n".encode(), 1),
    ):
        assert {result for result, _ in await results(content)} == {"fail"}


@pytest.mark.parametrize(
    ("old", "new"), [(b"it works", b"it fails"), (b"To: maria@", b"To: marta@"), (b"t=179", b"t=178")]
)
async def test_a_change_breaks_the_signature(old: bytes, new: bytes) -> None:
    assert old in composed()
    assert {result for result, _ in await results(composed().replace(old, new))} == {"fail"}


async def test_while_keys_are_changed_either_one_in_the_dns_is_enough() -> None:
    old, new = (SigningKey.read("example.test", selector, new_key("rsa")) for selector in ("old", "new"))
    content = Signer([old, new]).sign(b"From: desk@example.test\r\n\r\nhello\r\n", "example.test", AT)
    for there in (old, new):
        assert {each.result for each in await verdicts(content, there)} == {"pass", "permerror"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=st.text(max_size=300), subject=st.text(max_size=200), name=st.text(max_size=60))
async def test_whatever_is_written_the_signature_is_good(text: str, subject: str, name: str) -> None:
    content = composed(text=text, subject=subject, to_name=name)
    assert [result for result, _ in await results(content)] == ["pass", "pass"]
    assert all(len(line) <= 998 for line in content.split(b"\r\n"))


# Keys


def pem(private: Any, encryption: KeySerializationEncryption | None = None) -> str:
    encoded: bytes = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())
    return encoded.decode()


SMALL = generate_private_key(65537, 1024)


@pytest.mark.parametrize(
    ("secret", "why"),
    [
        ("", "no private key"),
        ("s3cret", "no private key"),
        (pem(SMALL), "1024 bits"),
        (pem(SMALL, BestAvailableEncryption(b"x")), "without a passphrase"),
        (pem(elliptic(SECP256R1())), "neither RSA nor Ed25519"),
        (new_key("ed25519").replace("PRIVATE", "PUBLIC"), "no private key"),
        (new_key("rsa")[:-200], "no private key"),
    ],
)
def test_a_secret_that_is_no_key_is_told_with_the_reason(secret: str, why: str) -> None:
    with pytest.raises(UnusableKeyError, match=why):
        SigningKey.read("example.test", "s", secret)


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_the_line_for_the_zone_file_has_strings_that_fit(kind: Kind) -> None:
    record = SigningKey.read("example.test", "s1", new_key(kind)).record
    assert record.startswith(f's1._domainkey.example.test. IN TXT "v=DKIM1; k={kind}; p=')
    assert all(len(text) <= 255 for text in re.findall(r'"([^"]*)"', record))
