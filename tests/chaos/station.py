"""The gateway as the chaos run drives it: a `serve` and a `worker` process on one data folder, and their engine.

A process is ready when it says so in its log; its log is kept in the folder of the run, with every start of it.
"""

import asyncio
import base64
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, TypeVar

from redis import Redis
from redis.exceptions import RedisError

from ..ports import free_port

START_SECONDS = 60.0
END_SECONDS = 40.0
LOOK_SECONDS = 0.05

ADMIN = "tlk_admin_of_the_chaos_run"
SIGNING_KEY = bytes(range(32))
SITE, SITE_KEY = "web", "the key with which the site signs who its users are"
AGENTS = {"ada": "support", "boris": "support", "dora": "support", "emil": "support", "carla": "billing"}
ADDRESSES = ("support@example.test", "billing@example.test")
ORIGIN = "https://shop.example.test"
CAPS = {  # everybody comes from one address
    "messages_per_minute": 6000,
    "burst": 10_000,
    "sockets_per_visitor": 1000,
    "sockets_per_address": 1_000_000,
    "visitors_per_minute": 1_000_000,
}
UNPROVEN = {"per_address_per_day": 100, "per_domain_per_day": 10_000, "per_day": 100_000}
MAXMEMORY = 1 << 30

Role = Literal["serve", "worker"]
Found = TypeVar("Found")


async def until(look: Callable[[], Found | None], seconds: float) -> Found | None:
    """What `look` finds, as soon as it finds something; None when the time is up."""
    end = asyncio.get_running_loop().time() + seconds
    while (found := look()) is None and asyncio.get_running_loop().time() < end:  # noqa: ASYNC110 (other processes)
        await asyncio.sleep(LOOK_SECONDS)
    return found


class Process:
    """One role, started again as often as it is killed."""

    def __init__(self, station: "Station", role: Role, environment: Mapping[str, str] | None = None) -> None:
        self._station = station
        self.role: Role = role
        self._environment = environment or {}
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self.said: list[str] = []

    @property
    def alive(self) -> bool:
        """Whether it runs, or stands still."""
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        return self._process.pid

    def children(self) -> list[int]:
        """The parsers that it runs; its engine is a child too, but none of these."""
        found = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        pids = [int(word) for word in found.read_text().split()] if found.exists() else []
        return [pid for pid in pids if "sandbox" in _command_line(pid)]

    async def launch(self) -> None:
        """Run it, and do not wait."""
        self._ready.clear()
        self._process = await asyncio.create_subprocess_exec(
            *self._station.program,
            self.role,
            "--config",
            str(self._station.configuration),
            env={**os.environ, **self._station.environment, **self._environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        self._reading = asyncio.create_task(self._read(self._process))

    async def start(self) -> None:
        """Returns when it is ready."""
        await self.launch()
        assert self._reading is not None
        ready = asyncio.create_task(self._ready.wait())
        await asyncio.wait({ready, self._reading}, timeout=START_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        assert self._ready.is_set(), f"{self.role} is not ready: {self.said[-20:]}"

    def send(self, number: signal.Signals) -> None:
        """Send it a signal; it may be gone already."""
        if self.alive:
            assert self._process is not None
            self._process.send_signal(number)

    async def kill(self) -> None:
        """End it with SIGKILL."""
        self.send(signal.SIGKILL)
        await self.ended()

    async def stop(self) -> None:
        """Ask it to end in order; returns when it has ended."""
        self.send(signal.SIGCONT)
        self.send(signal.SIGTERM)
        await self.ended()

    async def ended(self) -> int:
        """Its exit status, when it has ended; it is killed when it does not come to an end."""
        if self._process is None:
            return 0
        try:
            await asyncio.wait_for(self._process.wait(), END_SECONDS)
        except TimeoutError:
            self.send(signal.SIGKILL)
        status = await self._process.wait()
        if self._reading is not None:
            await self._reading
        return status

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        with (self._station.logs / f"{self.role}.log").open("a", encoding="utf-8") as log:
            async for line in process.stdout:
                text = line.decode(errors="replace")
                self.said = [*self.said[-200:], text]
                log.write(text)
                log.flush()
                if '"action": "ready"' in text:
                    self._ready.set()


class Station:
    """A data folder with its configuration and its processes; `program` is what runs a role."""

    def __init__(
        self,
        folder: Path,
        *,
        sink: int,
        program: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self.http, self.smtp = free_port(), free_port()
        self.data = folder / "data"
        self.logs = folder
        self._record = self.data / "engine.json"
        self.configuration = folder / "trunkline.yaml"
        self.program = program or (str(Path(sys.executable).with_name("trunkline")),)
        self.environment = {
            "TRUNKLINE_ADMIN_TOKEN": ADMIN,
            "TRUNKLINE_SECRET_HTTP_FORM": "whsec_" + base64.b64encode(SIGNING_KEY).decode(),
            f"TRUNKLINE_SECRET_CHAT_{SITE.upper()}": SITE_KEY,
            **(environment or {}),
        }
        document = _document(self.data, self.http, self.smtp, sink) | dict(settings or {})
        self.configuration.write_text(json.dumps(document), encoding="utf-8")  # JSON is YAML
        self.gateway = Process(self, "serve")
        self.worker = Process(self, "worker")

    async def start(self) -> None:
        """Both processes run."""
        await self.gateway.start()
        await self.worker.start()

    async def stop(self) -> None:
        """Both have ended, and the engine with them, also when nobody owns it any more."""
        await self.worker.stop()
        await self.gateway.stop()
        with suppress(OSError, ValueError, TypeError):
            os.kill(int(json.loads(self._record.read_bytes())["pid"]), signal.SIGKILL)

    @property
    def url(self) -> str:
        """Where the API is."""
        return f"http://127.0.0.1:{self.http}"

    def engine_pid(self) -> int | None:
        """The engine's process id while it serves."""
        try:
            with self.engine() as engine:
                facts: Any = engine.info("server")
                loading: Any = engine.info("persistence")
                return int(facts["process_id"]) if not loading["loading"] else None
        except (RedisError, OSError, ValueError, KeyError):
            return None

    def engine(self) -> "Redis":
        """A client of the engine; the caller closes it."""
        return Redis(unix_socket_path=self.engine_socket(), socket_timeout=5)

    def engine_socket(self) -> str:
        """Where the engine listens."""
        return str(json.loads(self._record.read_bytes())["socket"])


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
    except OSError:
        return ""


def _document(data: Path, http: int, smtp: int, sink: int) -> dict[str, Any]:
    agents = {
        name: {"name": name.title(), "queues": [queue], "languages": ["en"], "capacity": 5}
        for name, queue in AGENTS.items()
    }
    fields = {name: name for name in ("name", "email", "subject", "message", "conversation")}
    return {
        "workspace": "chaos",
        "data": str(data),
        "listen": {"http": f"127.0.0.1:{http}", "smtp": f"127.0.0.1:{smtp}"},
        "engine": {"maxmemory": f"{MAXMEMORY >> 20}MiB"},
        "channels": {
            "mail": {
                "addresses": list(ADDRESSES),
                "trusted_peers": ["127.0.0.0/8"],
                "smarthost": f"127.0.0.1:{sink}",
            },
            "http": {"form": {"fields": fields, "assurance": "A2", "reply": "mail"}},
            "chat": {SITE: {"origins": [ORIGIN], "mail_after": "1h", "caps": CAPS}},
        },
        "senders": {"messages_per_hour": 1_000_000},
        "acknowledgement": {"to": "unproven", "again_after": "0s", "per_address_per_hour": 1000, "unproven": UNPROVEN},
        "queues": {
            "support": {"fallback": True, "offer_time": "4s", "language_wait": "0s"},
            "billing": {"offer_time": "4s", "language_wait": "1s"},
        },
        "agents": agents,
        "rules": [{"name": "refunds", "when": {"keywords": ["refund"]}, "then": {"queue": "billing"}}],
    }
