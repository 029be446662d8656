"""Who is at the other end, and how much one peer may ask for."""

import pytest
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from trunkline.config.errors import Overloaded
from trunkline.web.peers import PeerLimiter, Peers, limited_as


def peer_of(peers: Peers, remote: str, *forwarded: str) -> str:
    headers = CIMultiDict([("X-Forwarded-For", value) for value in forwarded])
    return peers.peer(make_mocked_request("GET", "/", headers=headers).clone(remote=remote))


@pytest.mark.parametrize(
    ("remote", "forwarded", "peer"),
    [
        ("203.0.113.5", ("198.51.100.1",), "203.0.113.5"),
        ("10.0.0.1", ("198.51.100.1",), "198.51.100.1"),
        ("10.0.0.1", ("1.2.3.4, 198.51.100.1",), "198.51.100.1"),
        ("10.0.0.1", ("1.2.3.4, 198.51.100.1, 10.0.0.2",), "198.51.100.1"),
        ("10.0.0.1", ("1.2.3.4", "198.51.100.1"), "198.51.100.1"),
        ("10.0.0.1", ("[2001:db8::7]",), "2001:db8::7"),
        ("10.0.0.1", ("::ffff:198.51.100.1",), "198.51.100.1"),
        ("10.0.0.1", ("1.2.3.4, unknown",), "10.0.0.1"),
        ("10.0.0.1", ("10.0.0.3, 10.0.0.2",), "10.0.0.3"),
        ("10.0.0.1", (), "10.0.0.1"),
    ],
)
def test_forwarded_addresses_count_only_behind_trusted_proxies(
    remote: str, forwarded: tuple[str, ...], peer: str
) -> None:
    assert peer_of(Peers(["10.0.0.0/8"]), remote, *forwarded) == peer


@given(st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60))
def test_whatever_a_stranger_writes_into_the_header_it_stays_itself(written: str) -> None:
    assert peer_of(Peers(["10.0.0.0/8"]), "203.0.113.5", written) == "203.0.113.5"
    assert peer_of(Peers(["10.0.0.0/8"]), "10.0.0.1", f"{written}, 198.51.100.1") == "198.51.100.1"


class Seconds:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.value = 0.0

    def __call__(self) -> float:
        return self.value


def test_a_peer_may_burst_and_then_waits_its_turn() -> None:
    clock = Seconds()
    limiter = PeerLimiter(per_minute=6, burst=3, monotonic=clock)
    assert [limiter.wait("203.0.113.5") for _ in range(4)] == [0, 0, 0, 10]
    assert limiter.wait("203.0.113.6") == 0
    with pytest.raises(Overloaded) as caught:
        limiter.demand("203.0.113.5")
    assert caught.value.retry_after == 11
    clock.value = 10.0
    assert (limiter.wait("203.0.113.5"), limiter.wait("203.0.113.5")) == (0, 10)
    clock.value = 10_000.0
    assert [limiter.wait("203.0.113.5") for _ in range(4)] == [0, 0, 0, 10]


def test_addresses_of_one_ipv6_network_share_a_limit() -> None:
    assert limited_as("2001:db8:1:2::3") == limited_as("2001:db8:1:2:ffff::9") != limited_as("2001:db8:1:3::3")
    assert limited_as("::ffff:203.0.113.5") == limited_as("203.0.113.5")


def test_memory_stays_bounded_whoever_comes() -> None:
    limiter = PeerLimiter(per_minute=1, burst=1, remembered=100)
    for number in range(5000):
        limiter.wait(f"198.51.{number // 256}.{number % 256}")
    assert len(limiter) == 100
