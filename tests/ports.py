"""Ports for servers that a test starts: none is given twice, and none is anybody else's.

They lie below those that the system hands out by itself (Linux: 32768 and above), so that no connection that goes out
takes one meanwhile. Each worker of a run has a share of its own. Two runs at once start at random places, and what
listens already is passed over.
"""

import os
import random
import socket
from collections.abc import Iterator
from contextlib import suppress
from itertools import cycle, islice

SHARES = 16


def free_port() -> int:
    """A port of the loopback address that nobody has and that no other test is given."""
    for port in _PORTS:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
    raise AssertionError("they never end")


def _ports() -> Iterator[int]:
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    own = range(15_000 + worker % SHARES, 32_000, SHARES)
    return islice(cycle(own), random.SystemRandom().randrange(len(own)), None)


_PORTS = _ports()
