"""What all tests share: a real engine with real fsync, one per test process, and a fresh workspace for every test.

Tests do not flush: each has a workspace of its own. Without an engine they are skipped, and fail when CI=true.
"""

import functools
import itertools
import os
import shutil
import subprocess
import tempfile
import threading
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import hypothesis
import pytest
from redis import Redis

from trunkline.config.errors import Misconfigured
from trunkline.queue.connection import Engine
from trunkline.queue.engine_server import arguments
from trunkline.queue.keys import Keys
from trunkline.queue.server_binary import ServerBinary, find

from .ports import free_port
from .programs import missing

MEGABYTE = 1 << 20

hypothesis.settings.register_profile("trunkline", deadline=None)  # how long an example takes says nothing here
hypothesis.settings.load_profile("trunkline")

for _name in [name for name in os.environ if name.startswith("TRUNKLINE_")]:
    del os.environ[_name]


class Server:
    """A server process of the tests; what it says is read all the time, so that it never blocks on us."""

    def __init__(self, binary: ServerBinary, folder: Path, words: Sequence[str], maxmemory: int) -> None:
        self.folder = folder
        self.socket = folder / "redis.sock"
        self.url = f"unix://{self.socket}"
        self.said: list[str] = []
        self._news = threading.Condition()
        self._process = subprocess.Popen(
            [binary.path, *arguments(folder, self.socket, maxmemory), *words],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in itertools.chain(self._process.stdout, ["ended"]):
            with self._news:
                self.said.append(line)
                self._news.notify_all()

    def until(self, words: str) -> None:
        """Returns when the server has said these words."""
        with self._news:
            self._news.wait_for(lambda: any(words in line or line == "ended" for line in self.said), 30)
        assert any(words in line for line in self.said), "".join(self.said)

    def kill(self) -> None:
        """End it with SIGKILL."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()


StartServer = Callable[..., AbstractContextManager[Server]]


@pytest.fixture(scope="session")
def server_binary() -> ServerBinary:
    """The server program that Trunkline itself would choose."""
    try:
        return find()
    except Misconfigured as error:
        missing(error.detail)


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A private folder whose name leaves room for a socket; pytest's own are too long for one."""
    folder = Path(tempfile.mkdtemp(prefix="tl-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _server(binary: ServerBinary, *words: str, maxmemory: int = 512 * MEGABYTE) -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="tl-"))
    server = Server(binary, folder, words, maxmemory)
    try:
        server.until("accept connections")
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def start_server(server_binary: ServerBinary) -> StartServer:
    """Makes further servers: `with start_server("--appendfsync", "everysec") as server:`."""
    return functools.partial(_server, server_binary)


@pytest.fixture(scope="session")
def engine_url(start_server: StartServer) -> Iterator[str]:
    """The address of this test process's engine, with the settings of the embedded one."""
    with start_server() as server:
        yield server.url


@pytest.fixture(scope="session")
def cluster_url(start_server: StartServer) -> Iterator[str]:
    """The address of a cluster-enabled engine of one node that serves every slot."""
    port, bus = free_port(), free_port()
    words = ("--bind", "127.0.0.1", "--port", str(port), "--cluster-enabled", "yes", "--cluster-port", str(bus))
    with start_server(*words) as server:
        with Redis(unix_socket_path=str(server.socket)) as node:
            node.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        server.until("Cluster state changed: ok")
        yield f"redis://127.0.0.1:{port}"


@pytest.fixture
def keys() -> Keys:
    """A workspace that no other test has."""
    return Keys(f"t{uuid.uuid4().hex[:16]}")


@pytest.fixture
async def engine(engine_url: str, keys: Keys) -> AsyncIterator[Engine]:
    """This test process's engine, with a fresh workspace."""
    connected = Engine(engine_url, keys)
    yield connected
    await connected.close()


@pytest.fixture
async def cluster_engine(cluster_url: str, keys: Keys) -> AsyncIterator[Engine]:
    """A cluster-enabled engine, with a fresh workspace."""
    connected = Engine(cluster_url, keys)
    yield connected
    await connected.close()
