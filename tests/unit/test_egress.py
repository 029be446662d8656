"""Addresses that somebody else chose: public ones are connected to, everything inside is not, however it is written."""

import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest
from aiohttp import ClientError, ClientTimeout
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import given
from hypothesis import strategies as st

from trunkline.web.egress import AddressRefusedError, GuardedResolver, guarded_session, may_connect

INSIDE = [
    "127.0.0.1", "127.255.255.254", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1",
    "192.168.255.255", "100.64.0.1", "100.127.255.255", "198.18.0.1", "::1", "fc00::1", "fd12:3456:789a::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:7f00:1", "::ffff:0:7f00:1", "::7f00:1", "64:ff9b::7f00:1",
    "64:ff9b::10.0.0.1", "2002:7f00:1::", "2002:a00:1::1", "2002:c0a8:1::1",
]  # fmt: skip
NOWHERE = [
    "0.0.0.0", "0.1.2.3", "169.254.169.254", "169.254.0.1", "192.0.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1",
    "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "100.100.100.200",
    "::", "100::1", "2001:db8::1", "fe80::1", "fe80::1%eth0", "febf::1", "fec0::1", "ff02::1", "fd00:ec2::254",
    "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "::a9fe:a9fe", "64:ff9b:1::1", "2001::1",
    "2001:0:53aa:64c:0:0:0:1", "::ffff:0.0.0.0", "::ffff:224.0.0.1",
]  # fmt: skip
OUTSIDE = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8"]
NO_ADDRESS = ["", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.0.0.1:80", "1.1.1.1 ", "1.1.1"]


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_inside_are_connected_to_only_when_allowed(address: str) -> None:
    assert (may_connect(address), may_connect(address, allow_private=True)) == (False, True)


@pytest.mark.parametrize("address", [*NOWHERE, *NO_ADDRESS])
def test_addresses_of_no_host_and_of_metadata_are_never_connected_to(address: str) -> None:
    assert (may_connect(address), may_connect(address, allow_private=True)) == (False, False)


@pytest.mark.parametrize("address", OUTSIDE)
def test_public_addresses_are_connected_to(address: str) -> None:
    assert may_connect(address)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_the_same_however_it_is_carried(address: object) -> None:
    carried = [f"::ffff:{address}", f"64:ff9b::{address}"]
    assert {may_connect(one) for one in carried} == {may_connect(str(address))}


class Answers(AbstractResolver):
    """A name server that answers as it is told, one answer after the other."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers: Iterator[list[str]] = iter(answers)

    async def resolve(self, host: str, port: int = 0, *_: object, **__: object) -> list[ResolveResult]:
        kinds = {True: socket.AF_INET6, False: socket.AF_INET}
        return [
            ResolveResult(hostname=host, host=one, port=port, family=kinds[":" in one], proto=0, flags=0)
            for one in next(self._answers)
        ]

    async def close(self) -> None:
        pass


@pytest.mark.parametrize("answer", [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["::1"], ["169.254.169.254"], []])
async def test_a_name_with_any_address_inside_is_not_connected_to(answer: list[str]) -> None:
    with pytest.raises(AddressRefusedError):
        await GuardedResolver(False, Answers(answer)).resolve("shop.example", 443)


def spellings(port: int) -> list[str]:
    """URLs that lead to a server on this machine or to a cloud's metadata, in the spellings that guards miss."""
    hosts = [
        *("127.0.0.1", "127.0.0.2", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0x0.0x0.0x1", "0177.0.0.1"),
        *(
            "017700000001",
            "0",
            "0.0.0.0",
            "127.0.0.1.",
            "１２７.０.０.１",
            "①②⑦.⓪.⓪.①",
            "127。0。0。1",
            "255.255.255.255",
        ),
        *("[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[fd00::1]"),
        *("[64:ff9b::127.0.0.1]", "[2002:7f00:1::]", "[::ffff:0:127.0.0.1]", "[fe80::1%25lo]", "[::1%25lo]"),
        *("169.254.169.254", "[::ffff:a9fe:a9fe]", "2852039166", "0xa9fea9fe", "10.0.0.1", "192.168.0.1", "172.16.0.1"),
        *("100.64.0.1", "localhost", "LOCALHOST", "localhost.", "localhost%00.example.com", "127.0.0.1%2f@example.com"),
        *("[::]%2f", "rebound.example"),
    ]
    schemes = [
        "http://{}:{}/",
        "http://user@{}:{}/",
        "http://{}:{}/?x=1#f",
        "http://example.com@{}:{}/",
        "HTTP://{}:{}",
    ]
    return [scheme.format(host, port) for scheme in schemes for host in hosts]


async def test_no_spelling_of_an_address_inside_reaches_it() -> None:
    connected: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))
    server.setblocking(False)
    urls = spellings(server.getsockname()[1])
    assert len(urls) >= 200
    resolver = Answers(*[["127.0.0.1"]] * len(urls))
    async with guarded_session(allow_private=False, timeout=ClientTimeout(total=2), resolver=resolver) as session:
        for url in urls:
            with pytest.raises((ClientError, ValueError)):
                await session.get(url, allow_redirects=False)
            with suppress(BlockingIOError):
                connected.append(server.accept()[0].recv(10))
    server.close()
    assert connected == []


async def test_a_name_that_changes_its_mind_is_checked_at_the_socket() -> None:
    """The resolver's check is left out here, as if the answer had changed after it."""
    server = socket.create_server(("127.0.0.1", 0))
    server.setblocking(False)
    session = guarded_session(allow_private=False, timeout=ClientTimeout(total=2))
    connector = session.connector
    assert connector is not None
    connector._resolver = Answers(["127.0.0.1"])  # type: ignore[attr-defined]
    async with session:
        with pytest.raises(ClientError) as caught:
            await session.get(f"http://rebound.example:{server.getsockname()[1]}/")
    assert isinstance(caught.value.__cause__, AddressRefusedError)
    with pytest.raises(BlockingIOError):
        server.accept()
    server.close()
