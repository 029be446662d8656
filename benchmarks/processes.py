"""The processes of one run, on this machine: an engine with fsync always, bare handlers, load, and the gateway."""

import contextlib
import http.client
import json
import os
import platform
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from redis import Redis

from trunkline.queue.engine_server import arguments
from trunkline.queue.server_binary import find

HERE = Path(__file__).parent
TRUNKLINE = Path(sys.executable).with_name("trunkline")
AGENTS = 10
CAPACITY = 1000  # the most that an agent may have
WORKSPACE = "bench"

Process = subprocess.Popen[bytes]


class Bench:
    """A folder with a configuration, and what runs on it."""

    def __init__(self, folder: Path, config: str, secrets: Mapping[str, str], *, capacity: int = CAPACITY) -> None:
        """`config` lacks workspace, queue and agents; `secrets` are by their variables; `capacity` is of each agent."""
        self.folder = folder
        self.url = f"unix://{folder}/redis.sock"
        self.ports = {"http": free_port(), "smtp": free_port()}
        agents = "".join(
            f"  agent{n}: {{name: Agent {n}, queues: [support], languages: [en], capacity: {capacity}}}\n"
            for n in range(AGENTS)
        )
        text = f"workspace: {WORKSPACE}\n{config}\nqueues: {{support: {{fallback: true}}}}\nagents:\n{agents}"
        (folder / "trunkline.yaml").write_text(text)
        self._environment = {
            "TRUNKLINE_CONFIG": str(folder / "trunkline.yaml"),
            "TRUNKLINE_DATA": str(folder / "data"),
            "TRUNKLINE_REDIS__URL": self.url,
            "TRUNKLINE_LISTEN__HTTP": f"127.0.0.1:{self.ports['http']}",
            "TRUNKLINE_LISTEN__SMTP": f"127.0.0.1:{self.ports['smtp']}",
            "TRUNKLINE_ADMIN_TOKEN": "bench",
            **secrets,
        }

    @contextlib.contextmanager
    def process(self, *words: str, **options: Any) -> Iterator[Process]:
        """A process that is ended when the block ends."""
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(words, **{"stdout": log, "stderr": log, **options})
            try:
                yield process
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(30)

    @contextlib.contextmanager
    def engine(self) -> Iterator[Process]:
        """An engine with the settings of the embedded one."""
        with self.process(str(find().path), *arguments(self.folder, self.folder / "redis.sock", 4 << 30)) as process:
            while True:
                with contextlib.suppress(Exception):
                    Redis.from_url(self.url).ping()
                    break
                time.sleep(0.02)
            yield process

    @contextlib.contextmanager
    def bare(self, name: str) -> Iterator[tuple[Process, int]]:
        """A yardstick on the same engine; gives its port too."""
        port = free_port()
        with self.process(sys.executable, str(HERE / name), self.url, str(port)) as process:
            until_open(port)
            yield process, port

    @contextlib.contextmanager
    def role(self, role: str, port: int) -> Iterator[Process]:
        """The gateway in one role that listens on this port, with nobody on duty."""
        with self.process(str(TRUNKLINE), role, env=os.environ | self._environment) as process:
            until_open(port)
            yield process

    @contextlib.contextmanager
    def gateway(self, *roles: str) -> Iterator[list[Process]]:
        """The gateway in these roles, ready, with all agents available; the first role serves HTTP."""
        begun, environment = time.perf_counter(), os.environ | self._environment
        with contextlib.ExitStack() as stack:
            processes = [stack.enter_context(self.process(str(TRUNKLINE), role, env=environment)) for role in roles]
            until_ready(self.ports["http"])
            print(f"cold start {time.perf_counter() - begun:.2f} s, resident {sum(map(resident, processes)):.0f} MB")
            for n in range(AGENTS):
                put_presence(self.ports["http"], f"agent{n}")
            yield processes


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def machine() -> str:
    """What it is measured on, and how busy that is."""
    model = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    name = model[0].partition(":")[2].strip() if model else platform.machine()
    load = Path("/proc/loadavg").read_text().split()[0]
    return f"{os.cpu_count()} × {name}, Python {platform.python_version()}, load before {load}"


def resident(process: Process) -> float:
    """Resident memory of a process, MB."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def processor_seconds(process: Process) -> float:
    """The processor time that a process has used, seconds."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def request(port: int, method: str, path: str, body: object = None) -> int:
    """One call of the API; returns the status."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    headers = {"Authorization": "Bearer bench", "Content-Type": "application/json"}
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    status = connection.getresponse().status
    connection.close()
    return status


def until_ready(port: int) -> None:
    """Returns when the gateway says that it is ready."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if request(port, "GET", "/readyz") == 200:
                return
        time.sleep(0.02)
    raise SystemExit("the gateway did not become ready")


def until_open(port: int) -> None:
    """Returns when somebody listens on the port."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port)).close()
            return
        time.sleep(0.02)
    raise SystemExit(f"nobody listens on {port}")


def put_presence(port: int, agent: str) -> None:
    """An agent comes on duty."""
    status = request(port, "PUT", f"/v1/agents/{agent}/presence", {"presence": "available"})
    if status != 200:
        raise SystemExit(f"presence was answered {status}")
