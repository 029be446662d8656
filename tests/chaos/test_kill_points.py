"""The engine is killed at every single call by which it writes, forces to the disk or answers, one call after the other.

One short day (a message, its filing, an offer, an acceptance, a reply, the mails that leave) is lived again for each
call, and each time everybody repeats what they were not answered, as they do in life. strace kills the engine at the
n-th call of a kind; then it is started again on what it left.
"""

import asyncio
import hashlib
import shutil
import subprocess
import tempfile
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from redis import Redis
from redis.exceptions import RedisError

from trunkline.config.errors import EngineUnavailable
from trunkline.queue.connection import Engine
from trunkline.queue.engine_server import arguments
from trunkline.queue.keys import Keys
from trunkline.queue.server_binary import ServerBinary

from ..integration.conftest import SETTINGS, Desk
from .checker import check
from .evidence import Evidence
from .history import Action, Attempt, History, Message
from .picture import take
from .station import until

LEASE_MS = 31_000
AT_ONCE = 12  # calls that are killed at by one test

Result = TypeVar("Result")


class FragileEngine:
    """An engine that dies at the n-th call of a kind, once."""

    def __init__(self, binary: ServerBinary, folder: Path, strace: str) -> None:
        self.socket = folder / "s"
        self.deaths = 0
        self._words = [binary.path, *map(str, arguments(folder, self.socket, 1 << 28))]
        self._folder = folder
        self._strace = strace
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self, call: str = "", nth: int = 0) -> None:
        """Returns when it serves; with a call it will die at the n-th of them from then on."""
        self._process = subprocess.Popen(self._words, stdout=subprocess.DEVNULL)
        assert await until(self._serves, 20.0)
        if call:
            await self._attach(call, nth)

    async def _attach(self, call: str, nth: int) -> None:
        assert self._process is not None
        inject = f"{call}:signal=SIGKILL:when={nth}"
        tracer = await asyncio.create_subprocess_exec(
            *(self._strace, "-D", "-f", "-p", str(self._process.pid), "-e", f"trace={call}", "-e", f"inject={inject}"),
            stderr=asyncio.subprocess.PIPE,
        )
        assert tracer.stderr is not None
        said = await tracer.stderr.readline()
        assert b"attached" in said, said

    def _serves(self) -> bool | None:
        try:
            with Redis(unix_socket_path=str(self.socket)) as engine:
                return bool(engine.ping())
        except (RedisError, OSError):
            return None

    async def revive(self) -> None:
        """Start it again if it has died."""
        assert self._process is not None
        if self._process.poll() is not None:
            self.deaths += 1
            await self.start()

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


class ShortDay:
    """The day, and what everybody was told in it."""

    def __init__(self, engine: FragileEngine, folder: Path) -> None:
        self._fragile = engine
        self._folder = folder
        self._history = History()
        self._time = 0.0
        connected = Engine(f"unix://{engine.socket}", Keys(f"t{uuid.uuid4().hex[:8]}"))
        self.desk = Desk(connected, folder / "blobs", SETTINGS)

    async def live(self) -> Evidence:
        """From the first message to the last mail."""
        desk = self.desk
        await self._insist(desk.blobs.start)
        await self._insist(desk.start)
        await self._insist(lambda: desk.actions.presence("ada", "available", actor="ada"))
        await self._write("word1", "chat:1", "")
        await self._write("word2", "chat:1", "x" * 70_000)
        await self._settle()
        (ticket,) = await self._insist(desk.tickets)
        await self._insist(lambda: desk.actions.accept(ticket.id, "ada", actor="ada"))
        await self._reply(ticket.id, "an answer")
        await self._settle()
        return await self._evidence()

    async def _insist(self, act: Callable[[], Awaitable[Result]]) -> Result:
        """Again until it is heard; meanwhile the engine comes back and leases run out."""
        while True:
            try:
                return await act()
            except EngineUnavailable:
                await self._fragile.revive()
                self.desk.clock.advance(LEASE_MS)

    async def _write(self, word: str, conversation: str, more: str) -> None:
        text = word + more
        digests = (hashlib.sha256(text.encode()).hexdigest(),)
        self._history.add(
            Message(id=word, channel="mail", external_id=word, digests=digests, conversation=conversation)
        )
        began = self._tick()
        accepted = await self._insist(
            lambda: self.desk.write(text, external_id=word, conversation=conversation, lane="lane")
        )
        self._history.add(
            Attempt(message=word, began=began, ended=self._tick(), outcome="ok", raw_id=accepted.id)
        )

    async def _reply(self, ticket: str, text: str) -> None:
        began = self._tick()
        await self._insist(lambda: self.desk.actions.reply(ticket, text, agent="ada", actor="ada", key="k"))
        self._history.add(
            Action(
                **{"key": "k", "agent": "ada", "ticket": ticket, "what": "reply", "text": text, "outcome": "ok"},
                began=began,
                ended=self._tick(),
            )
        )

    async def _settle(self) -> None:
        """Work until nothing is left, also of what was left to a lease or to another try."""
        for _ in range(4):
            await self._insist(self.desk.settle)
            await self._fragile.revive()
            self.desk.clock.advance(LEASE_MS)

    async def _evidence(self) -> Evidence:
        with Redis(unix_socket_path=str(self._fragile.socket)) as engine:
            picture = take(engine, self.desk.engine.keys.workspace, self._folder / "blobs")
        return Evidence(self._history, picture, sink=Counter(each.external_id for each in self.desk.sent))

    def _tick(self) -> float:
        self._time += 1.0
        return self._time


@pytest.fixture
def strace() -> str:
    """The program."""
    found = shutil.which("strace")
    if found is None:
        pytest.skip("strace is not installed, so the engine cannot be killed at a call")
    return found


@pytest.fixture
def folders() -> Iterator[Callable[[], Path]]:
    """Makes short-named folders, and removes them."""
    made = list[Path]()

    def make() -> Path:
        made.append(Path(tempfile.mkdtemp(prefix="tl-")))
        return made[-1]

    yield make
    for folder in made:
        shutil.rmtree(folder, ignore_errors=True)


async def _day(binary: ServerBinary, strace: str, folder: Path, call: str, nth: int) -> tuple[int, Evidence]:
    engine = FragileEngine(binary, folder, strace)
    await engine.start(call, nth)
    day = ShortDay(engine, folder)
    try:
        evidence = await day.live()
    finally:
        await day.desk.blobs.stop()
        await day.desk.engine.close()
        engine.stop()
    return engine.deaths, evidence


@pytest.mark.parametrize("call", ["write", "fdatasync"])
async def test_the_engine_may_die_at_any_call(
    server_binary: ServerBinary, strace: str, folders: Callable[[], Path], call: str
) -> None:
    nth = died = 0
    while True:
        nth += 1
        deaths, evidence = await _day(server_binary, strace, folders(), call, nth)
        violations = check(evidence)
        assert not violations, f"killed at {call} {nth}: {violations}"
        if not deaths:
            break
        died += 1
    print(call, died)
    assert died >= 10
