"""The gateway as a process: started from its configuration, spoken to from outside, ended or killed.

A process is ready when its log says so. Nothing here waits for a length of time: waits are for something to be said, to
be answered or to end, and have a limit only so that a failing test ends too.
"""

import asyncio
import base64
import hashlib
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from ..ports import free_port
from .api import Api
from .forking import FORKING, POSSIBLE, Forked

_AS_IT_IS = Path(__file__).parents[2] / "config" / "example.yaml"


def _roomy() -> Path:
    text = _AS_IT_IS.read_text("utf-8").replace("languages: [en] }", "languages: [en], capacity: 5 }")
    for code in ("ru", "es"):
        text = text.replace(f"languages: [en, {code}] }}", f"languages: [en, {code}], capacity: 5 }}")
    assert text.count("capacity: 5 }") == 3
    place = Path(tempfile.gettempdir()) / f"trunkline-example-{hashlib.sha256(text.encode()).hexdigest()[:12]}.yaml"
    made = place.with_suffix(f".{os.getpid()}")
    made.write_text(text, "utf-8")
    return made.replace(place)


EXAMPLE = _roomy()
"""The example, in which agents take five tickets of any kind."""
PROGRAM = Path(sys.executable).with_name("trunkline")
ADMIN = "tlk_the-admin-token-of-the-tests"
SIGNING_KEY = bytes(range(32))
LIMIT = 60.0


@dataclass
class Process:
    """One run of the command; `said` is its standard output, `told` its error output, line by line."""

    words: Sequence[str]
    environ: Mapping[str, str]
    folder: Path
    cold: bool = False
    said: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._news = asyncio.Condition()
        self._process: asyncio.subprocess.Process | Forked | None = None
        self._reading: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return self._process is not None and self._process.returncode is None

    async def launch(self) -> "Process":
        """Run it."""
        if POSSIBLE and not self.cold:
            self._process = await FORKING.run(self.words, self.folder, self.environ)
        else:
            self._process = await asyncio.create_subprocess_exec(
                str(PROGRAM),
                *self.words,
                cwd=self.folder,
                env=dict(self.environ),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._reading = asyncio.create_task(
            _both(self._read(self._process.stdout, self.said), self._read(self._process.stderr, self.told))
        )
        return self

    async def until(self, words: str, *, behind: int = 0) -> str:
        """The first line of the log with these words, as soon as it is there; `behind` so many others."""
        async with asyncio.timeout(LIMIT), self._news:
            await self._news.wait_for(lambda: self._found(words, behind) or not self.alive_reading)
        found = self._found(words, behind)
        assert found, f"{self.words} ended without {words!r}:\n{self.transcript}"
        return found

    @property
    def alive_reading(self) -> bool:
        """Whether more can come."""
        return self._reading is not None and not self._reading.done()

    @property
    def transcript(self) -> str:
        """All that was said, for a failing test."""
        return "\n".join([*self.said[-40:], *self.told[-40:]])

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        if self.alive:
            assert self._process is not None
            self._process.send_signal(number)

    async def ended(self) -> int:
        """Its exit status."""
        assert self._process is not None
        assert self._reading is not None
        try:
            async with asyncio.timeout(LIMIT):
                await self._reading
                return await self._process.wait()
        except TimeoutError:
            self.send(signal.SIGKILL)
            raise AssertionError(f"{self.words} did not end:\n{self.transcript}") from None

    async def stop(self) -> int:
        """Ask it to end, and wait until it has."""
        self.send(signal.SIGTERM)
        return await self.ended()

    async def kill(self) -> None:
        """End it with SIGKILL."""
        self.send(signal.SIGKILL)
        await self.ended()

    def log(self, action: str) -> list[dict[str, Any]]:
        """Lines of the log with this action."""
        lines = [json.loads(line) for line in self.said if line.startswith("{")]
        return [line for line in lines if line.get("action") == action]

    def _found(self, words: str, behind: int = 0) -> str:
        found = (line for line in [*self.said, *self.told] if words in line)
        return next(islice(found, behind, None), "")

    async def _read(self, stream: asyncio.StreamReader, lines: list[str]) -> None:
        async for line in stream:
            async with self._news:
                lines.append(line.decode(errors="replace").rstrip("\n"))
                self._news.notify_all()

    async def announce_end(self) -> None:
        """Wake whoever waits for words that will not come."""
        async with self._news:
            self._news.notify_all()


async def _both(first: Any, second: Any) -> None:
    await asyncio.gather(first, second)


class Gateway:
    """A data folder, a configuration and the processes that run on them."""

    def __init__(self, folder: Path, *, config: Path = EXAMPLE, cold: bool = False, **settings: str) -> None:
        """`settings` override the configuration: `channels__mail__smarthost="127.0.0.1:2526"`.

        With `cold` its processes load the program themselves, as an operator's do.
        """
        self.folder = folder
        self.cold = cold
        self.data = folder / "data"
        self.config = config
        self.http_port, self.smtp_port = free_port(), free_port()
        self.processes: list[Process] = []
        own = {
            "data": str(self.data),
            "listen__http": f"127.0.0.1:{self.http_port}",
            "listen__smtp": f"127.0.0.1:{self.smtp_port}",
            "channels__mail__smarthost": f"127.0.0.1:{free_port()}",
        }
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("TRUNKLINE_")},
            "TRUNKLINE_CONFIG": str(config),
            "TRUNKLINE_ADMIN_TOKEN": ADMIN,
            "TRUNKLINE_SECRET_HTTP_FORM": "whsec_" + base64.b64encode(SIGNING_KEY).decode(),
            **{f"TRUNKLINE_{name.upper()}": value for name, value in {**own, **settings}.items()},
        }

    @property
    def url(self) -> str:
        """Where HTTP is served."""
        return f"http://127.0.0.1:{self.http_port}"

    def api(self, token: str = ADMIN) -> Api:
        """A client of the API; an asynchronous context."""
        return Api(self.url, token)

    async def start(self, role: str = "serve", *words: str) -> Process:
        """A process of this role, ready."""
        process = await self.launch(role, *words)
        await process.until('"action": "ready"')
        return process

    async def launch(self, *words: str, **environ: str) -> Process:
        """Any command, running."""
        process = Process(words, {**self.environ, **environ}, self.folder, self.cold)
        self.processes.append(process)
        return await process.launch()

    async def run(self, *words: str, **environ: str) -> Process:
        """Any command, to its end."""
        process = await self.launch(*words, **environ)
        await process.ended()
        return process

    async def stop(self) -> None:
        """End everything, the process that was started first last."""
        for process in reversed(self.processes):
            if process.alive:
                await process.stop()
        self._end_an_orphan()

    def engine_pid(self) -> int:
        """The process id of the embedded engine."""
        return int(json.loads((self.data / "engine.json").read_bytes())["pid"])

    def _end_an_orphan(self) -> None:
        """The embedded engine of a process that was killed."""
        with suppress(OSError, ValueError, TypeError):
            os.kill(self.engine_pid(), signal.SIGKILL)


@asynccontextmanager
async def gateway(**settings: Any) -> AsyncIterator[Gateway]:
    """A gateway in a folder of its own, with nothing started; all is ended and removed behind it."""
    folder = Path(tempfile.mkdtemp(prefix="tl-"))
    made = Gateway(folder, **settings)
    try:
        yield made
    finally:
        await made.stop()
        shutil.rmtree(folder, ignore_errors=True)
