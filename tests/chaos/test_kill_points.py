"""A short day is lived again for each call at which its engine may die, and for each answer that may be lost.

strace kills the engine at the n-th call by which it writes, answers or forces to the disk; a proxy carries a command to
the engine and loses the n-th answer, so that it has run and nobody knows. The day must come to the same end.
"""

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from trunkline.queue.engine_server import arguments
from trunkline.queue.server_binary import ServerBinary

from ..programs import program
from .checker import check
from .dropping_proxy import DroppingProxy, only
from .short_day import FragileWay, ShortDay
from .station import until

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

Folders = Callable[[], Path]


class FragileEngine:
    """An engine that dies at the n-th call of a kind, once."""

    def __init__(self, binary: ServerBinary, folder: Path) -> None:
        self.socket = self.engine_socket = folder / "s"
        self.deaths = 0
        self._words = [str(binary.path), *map(str, arguments(folder, self.socket, 1 << 28))]
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Returns when it serves."""
        self._process = subprocess.Popen(self._words, stdout=subprocess.DEVNULL)  # noqa: ASYNC220 (takes no time)
        assert await until(self._serves, 20.0)

    async def die_at(self, strace: str, call: str, nth: int) -> None:
        """It will die at the n-th of these calls from now on."""
        assert self._process is not None
        inject = f"{call}:signal=SIGKILL:when={nth}"
        words = ("-f", "-p", str(self._process.pid), "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={inject}")
        tracer = await asyncio.create_subprocess_exec(strace, *words, stderr=asyncio.subprocess.PIPE)
        assert tracer.stderr is not None
        said = await tracer.stderr.readline()
        if b"attached" not in said:
            pytest.skip(f"strace may not attach to a process: {said.decode()}")

    async def revive(self) -> None:
        """Start it again if it has died."""
        assert self._process is not None
        if self._process.poll() is not None:
            self.deaths += 1
            await self.start()

    async def restart(self) -> None:
        """End it and start it again on what it left, with nobody at its calls."""
        await self.revive()
        self.stop()
        await self.start()

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _serves(self) -> bool | None:
        try:
            with Redis(unix_socket_path=str(self.socket)) as engine:
                return bool(engine.ping())
        except (RedisError, OSError):
            return None


class LossyWay:
    """An engine that lives, behind a proxy that loses its n-th answer."""

    def __init__(self, engine_socket: Path, folder: Path, nth: int) -> None:
        self.engine_socket = engine_socket
        self.proxy = DroppingProxy(folder / "p", lambda: str(engine_socket), only(nth))
        self.socket = self.proxy.socket

    async def revive(self) -> None:
        """It serves all the time."""

    async def restart(self) -> None:
        """What was to be lost is lost."""


@pytest.fixture
def strace() -> str:
    """The program."""
    return program("strace")


@pytest.fixture
def folders() -> Iterator[Folders]:
    """Makes folders with short names, and removes them."""
    made = list[Path]()

    def make() -> Path:
        made.append(Path(tempfile.mkdtemp(prefix="tl-")))
        return made[-1]

    yield make
    for folder in made:
        shutil.rmtree(folder, ignore_errors=True)


async def _violations(way: FragileWay, folder: Path) -> list[str]:
    day = ShortDay(way, folder)
    try:
        evidence = await day.live()
        sent = day.taken_back & set(evidence.picture.articles)
        return [*(str(violation) for violation in check(evidence)), *(f"{each} was taken back" for each in sent)]
    finally:
        await day.end()


@pytest.mark.parametrize("call", ["write", "fdatasync"])
async def test_the_engine_may_die_at_any_call(
    server_binary: ServerBinary, strace: str, folders: Folders, call: str
) -> None:
    nth, deaths, found = 0, 0, dict[int, list[str]]()
    while nth == deaths:
        nth, folder = nth + 1, folders()
        engine = FragileEngine(server_binary, folder)
        await engine.start()
        try:
            await engine.die_at(strace, call, nth)
            found[nth] = await _violations(engine, folder)
        finally:
            engine.stop()
        deaths += engine.deaths
    assert {nth: violations for nth, violations in found.items() if violations} == {}
    assert deaths > 40


async def test_any_answer_of_the_engine_may_be_lost(engine_url: str, folders: Folders) -> None:
    nth, losses, found = 0, 0, dict[int, list[str]]()
    while nth == losses:
        nth, folder = nth + 1, folders()
        way = LossyWay(Path(engine_url.removeprefix("unix://")), folder, nth)
        await way.proxy.start()
        try:
            found[nth] = await _violations(way, folder)
        finally:
            await way.proxy.stop()
        losses += way.proxy.dropped
    assert {nth: violations for nth, violations in found.items() if violations} == {}
    assert losses > 40
