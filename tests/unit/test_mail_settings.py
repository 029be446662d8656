"""The section `channels.mail`: what is taken, and what is refused with a reason."""

from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from trunkline.adapters.mail.settings import MailSettings
from trunkline.config.errors import Misconfigured
from trunkline.config.loader import loads


def settings(**changes: Any) -> MailSettings:
    return MailSettings.model_validate({"addresses": ["support@example.test"]} | changes)


def test_addresses_are_kept_in_order_and_in_one_spelling() -> None:
    read = settings(addresses=["Support@Example.TEST", "billing@bücher.example"])
    assert read.addresses == ("support@example.test", "billing@xn--bcher-kva.example")
    assert read.own_name == "example.test"
    assert settings(hostname="mx.example.test").own_name == "mx.example.test"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"addresses": []}, "at least 1"),
        ({"addresses": ["support"]}, "a mail address"),
        ({"addresses": ["Support <support@example.test>, b@example.test"]}, "a mail address"),
        ({"addresses": ["поддержка@example.test"]}, "a mail address"),
        ({"addresses": ["a@example.test", "A@EXAMPLE.test"]}, "every address once"),
        ({"addresses": ["a" * 32 + "@example.test"]}, "at most 31 characters"),
        ({"forwarding": {"info": "support@example.test"}}, "a mail address elsewhere"),
        ({"trusted_peers": ["anywhere"]}, "a network"),
        ({"origin": {"resolvers": ["ns.example.test:53"]}}, "a name server by its IP address"),
        ({"origin": {"forwarders": ["a list"]}}, "a domain such as"),
        ({"origin": {"forwarders": ["list@lists.example"]}}, "a domain such as"),
        ({"origin": {"authserv_ids": ["mx one"]}}, "puts first in Authentication-Results"),
        ({"origin": {"authserv_ids": ['"mx"']}}, "puts first in Authentication-Results"),
        ({"origin": {"authserv_ids": ["m\\x"]}}, "puts first in Authentication-Results"),
        ({"origin": {"patience": "11s"}}, "at most 10s"),
        ({"name": "Desk\r\nBcc: x@example.net"}, "one line"),
        ({"hostname": "mx\r\nQUIT"}, "one line"),
        ({"key": "key.pem"}, "a certificate beside the key"),
        ({"smarthost": "relay.example.net:587", "smarthost_username": "desk"}, "readably"),
        ({"smarthost": "relay.example.net"}, "host:port"),
        ({"max_size": "300MiB"}, "in_flight"),
        ({"max_size": "1kB"}, "65536"),
        ({"adresses": []}, "Extra inputs"),
        ({"caps": {"connections": 0}}, "greater than or equal to 1"),
    ],
)
def test_what_cannot_work_is_refused_with_the_reason(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        settings(**changes)


@pytest.mark.parametrize(
    ("mail", "told"),
    [
        (
            "forwarding: { info@old.example: suport@example.test }",
            '3:100: found "suport@example.test", expected one of `addresses` (support@example.test, '
            "billing@example.test); did you mean support@example.test?",
        ),
        (
            "forwarding: { info@old.example: zq@elsewhere.org }",
            '3:100: found "zq@elsewhere.org", expected one of `addresses` (support@example.test, '
            "billing@example.test); name the one of ours that its mail is for, or add it there",
        ),
        (
            "forwarding: { Support@Example.test: billing@example.test }",
            '3:82: found "Support@Example.test", expected an address elsewhere, and none of `addresses`; '
            "mail to it is taken as it is: leave it out",
        ),
        (
            "origin: { resolvers: [127.0.0.1] }",
            '3:90: found "127.0.0.1", expected a name server by its IP address and port, such as 127.0.0.1:53 or '
            "[::1]:53; add the port: 127.0.0.1:53",
        ),
        (
            "origin: { resolvers: ['::1'] }",
            '3:90: found "::1", expected a name server by its IP address and port, such as 127.0.0.1:53 or [::1]:53; '
            "add the port: [::1]:53",
        ),
    ],
)
def test_a_mistake_inside_is_told_at_its_own_place_with_the_remedy(mail: str, told: str) -> None:
    text = "queues: { a: { fallback: true } }\nchannels:\n"
    text += f"  mail: {{ addresses: [support@example.test, billing@example.test], {mail} }}\n"
    with pytest.raises(Misconfigured) as refused:
        loads(text, "desk.yaml", {"mail": MailSettings}, {})
    assert str(refused.value) == f"desk.yaml:{told}"


def test_where_the_addresses_are_wrong_nothing_is_said_of_what_is_forwarded_to_them() -> None:
    mail = "channels: { mail: { addresses: [support], forwarding: { info@old.example: support@example.test } } }"
    with pytest.raises(Misconfigured) as refused:
        loads(f"queues: {{ a: {{ fallback: true }} }}\n{mail}", "desk.yaml", {"mail": MailSettings}, {})
    (told,) = str(refused.value).splitlines()
    assert 'found "support"' in told


def test_a_password_may_travel_encrypted_or_within_the_machine() -> None:
    assert settings(smarthost="relay.example.net:465", smarthost_username="d", smarthost_tls="implicit")
    assert settings(smarthost="127.0.0.1:25", smarthost_username="d")


@pytest.mark.parametrize(
    ("peer", "trusted"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("192.0.2.7", True),
        ("192.0.2.8", False),
        ("::1", True),
        ("::2", False),
    ],
)
def test_peers_are_trusted_by_network(peer: str, trusted: bool) -> None:
    assert settings(trusted_peers=["127.0.0.0/8", "192.0.2.7", "::1"]).trusts(ip_address(peer)) is trusted


def test_nobody_is_trusted_unless_named() -> None:
    assert not settings().trusts(ip_address("127.0.0.1"))
    assert not settings(trusted_peers=["0.0.0.0/0"]).trusts(None)


def test_the_section_survives_a_round_through_json() -> None:
    read = settings(trusted_peers=["10.0.0.0/8"], smarthost="[::1]:25", certificate="cert.pem")
    assert read.certificate == Path("cert.pem")
    assert MailSettings.model_validate_json(read.model_dump_json()) == read
