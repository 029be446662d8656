"""How fast messages are accepted and routed, beside a bare handler on the same engine in the same run.

    python benchmarks/intake.py [--messages 6000] [--mails 1500] [--paced 300] [--split]

Starts an engine with fsync always, the bare handlers and the gateway (one `serve`, or with --split web, smtp and worker
processes), each alone while it is measured, and prints ratios: absolute figures belong to the machine. Everything runs
on this machine: gateway, engine and load together. `accept` is how fast 202/250 come back; `routed` counts from the
first message sent until the last ticket was offered to an agent; the latencies are from acceptance to offer, taken from
the feed, at a steady rate below what is possible.
"""

import argparse
import asyncio
import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles
from typing import Any

from redis import Redis

from trunkline.queue.connection import Engine
from trunkline.queue.engine_server import arguments
from trunkline.queue.feed import Feed
from trunkline.queue.keys import Keys
from trunkline.queue.server_binary import find

HERE = Path(__file__).parent
SECRET = "whsec_" + "QkVOQ0hNQVJLLUtFWS1PRi1UUlVOS0xJTkUtMzItQllURVM="
AGENTS = 10

CONFIG = """
workspace: bench
channels:
  mail: {addresses: [support@example.test], trusted_peers: [127.0.0.0/8], smarthost: "127.0.0.1:1"}
  http:
    form: {fields: {name: name, email: email, subject: subject, message: message, conversation: conversation}}
queues: {support: {fallback: true}}
acknowledgement: {enabled: false}
agents:
"""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


class Bench:
    """The processes of one run."""

    def __init__(self, folder: Path, *, split: bool) -> None:
        self.folder = folder
        self.split = split
        self.url = f"unix://{folder}/redis.sock"
        self.http, self.smtp = free_port(), free_port()
        config = CONFIG + "".join(
            f"  agent{n}: {{name: Agent {n}, queues: [support], languages: [en], capacity: 1000}}\n"
            for n in range(AGENTS)
        )
        (folder / "trunkline.yaml").write_text(config)

    @contextlib.contextmanager
    def process(self, *words: str, **environment: str) -> Iterator["subprocess.Popen[bytes]"]:
        """A process that is ended when the block ends."""
        log = (self.folder / "log").open("ab")
        process = subprocess.Popen(words, env=os.environ | environment, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
            log.close()

    @contextlib.contextmanager
    def engine(self) -> Iterator[None]:
        """An engine with the settings of the embedded one."""
        with self.process(find().path, *arguments(self.folder, self.folder / "redis.sock", 4 << 30)):
            while True:
                with contextlib.suppress(Exception):
                    Redis.from_url(self.url).ping()
                    break
                time.sleep(0.02)
            yield

    @contextlib.contextmanager
    def gateway(self) -> Iterator[float]:
        """The gateway, ready, with all agents available; gives its resident memory in MB."""
        environment = {
            "TRUNKLINE_CONFIG": str(self.folder / "trunkline.yaml"),
            "TRUNKLINE_DATA": str(self.folder / "data"),
            "TRUNKLINE_REDIS__URL": self.url,
            "TRUNKLINE_LISTEN__HTTP": f"127.0.0.1:{self.http}",
            "TRUNKLINE_LISTEN__SMTP": f"127.0.0.1:{self.smtp}",
            "TRUNKLINE_SECRET_HTTP_FORM": SECRET,
            "TRUNKLINE_ADMIN_TOKEN": "bench",
        }
        roles = ("web", "smtp", "worker") if self.split else ("serve",)
        with contextlib.ExitStack() as stack:
            command = str(Path(sys.executable).with_name("trunkline"))
            begun = time.perf_counter()
            processes = [stack.enter_context(self.process(command, role, **environment)) for role in roles]
            until_ready(self.http)
            print(f"cold start {time.perf_counter() - begun:.2f} s, resident {sum(map(resident, processes)):.0f} MB")
            for port in (self.http, self.smtp):
                until_open(port)
            for n in range(AGENTS):
                put_presence(self.http, f"agent{n}")
            yield 0.0

    def load(self, kind: str, port: int, number: int, connections: int) -> float:
        """Messages a second that were accepted."""
        words = [
            sys.executable,
            str(HERE / "load.py"),
            kind,
            f"127.0.0.1:{port}",
            str(number),
            str(connections),
            SECRET,
        ]
        result = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)
        if result["accepted"] != number:
            raise SystemExit(f"only {result['accepted']} of {number} messages were accepted")
        return number / float(result["seconds"])


def resident(process: "subprocess.Popen[bytes]") -> float:
    """Resident memory of a process, MB."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


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
    deadline = time.monotonic() + 10
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


async def offers(url: str, after: int, number: int) -> tuple[int, list[int]]:
    """Wait until so many tickets were offered behind a position; the new position and the latencies in ms."""
    engine = Engine(url, Keys("bench"))
    feed, accepted, latencies, position = Feed(engine), dict[str, int](), list[int](), after
    async for lines in feed.follow(after):
        for line in lines:
            if line.kind == "message.received":
                accepted[line.subject] = line.data["article"]["created_at"]
            elif line.kind == "ticket.offered":
                latencies.append(line.time - accepted[line.subject])
            position = line.position
        if len(latencies) >= number:
            break
    await engine.close()
    return position, latencies


async def last(url: str) -> int:
    """The position of the feed."""
    engine = Engine(url, Keys("bench"))
    position = await Feed(engine).last()
    await engine.close()
    return position


def offered(url: str) -> int:
    """How many tickets are offered to somebody now, from the index, which costs the engine next to nothing."""
    with Redis.from_url(url) as engine:
        return int(engine.zlexcount("tl:{bench}:index", "[offered:", "(offered;"))


def measure(bench: Bench, kind: str, port: int, number: int, connections: int) -> dict[str, float]:
    """Accept and route `number` messages as fast as possible."""
    begun = time.perf_counter()
    before = offered(bench.url)
    accepted = bench.load(kind, port, number, connections)
    while offered(bench.url) < before + number:
        time.sleep(0.02)
    return {"accept": accepted, "routed": number / (time.perf_counter() - begun)}


def paced(bench: Bench, port: int, rate: int, seconds: int) -> list[int]:
    """Latencies from acceptance to offer at a steady rate."""
    after = asyncio.run(last(bench.url))
    for _ in range(seconds * 10):
        begun = time.monotonic()
        bench.load("http", port, max(1, rate // 10), 4)
        time.sleep(max(0.0, 0.1 - (time.monotonic() - begun)))
    return asyncio.run(offers(bench.url, after, max(1, rate // 10) * seconds * 10))[1]


def report(name: str, bare: float, ours: dict[str, float]) -> None:
    """One line of the result."""
    print(
        f"{name:5} bare {bare:8.0f}/s   accepted {ours['accept']:8.0f}/s ({ours['accept'] / bare:5.0%} of bare)"
        f"   routed {ours['routed']:8.0f}/s"
    )


def run(options: Any) -> None:
    """The whole run."""
    folder = Path(tempfile.mkdtemp(prefix="tl-bench-"))
    bench = Bench(folder, split=options.split)
    try:
        with bench.engine():
            ports = free_port(), free_port()
            with bench.process(sys.executable, str(HERE / "bare_http.py"), bench.url, str(ports[0])):
                until_open(ports[0])
                bare_http = bench.load("http", ports[0], options.messages, 64)
            with bench.process(sys.executable, str(HERE / "bare_smtp.py"), bench.url, str(ports[1])):
                until_open(ports[1])
                bare_smtp = bench.load("smtp", ports[1], options.mails, 16)
            with bench.gateway():
                measure(bench, "http", bench.http, 200, 16)
                report("http", bare_http, measure(bench, "http", bench.http, options.messages, 64))
                report("mail", bare_smtp, measure(bench, "smtp", bench.smtp, options.mails, 16))
                cuts = quantiles(paced(bench, bench.http, options.paced, 5), n=100)
                print(f"accept to offer at {options.paced}/s: p50 {cuts[49]:.0f} ms, p99 {cuts[98]:.0f} ms")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=6000)
    parser.add_argument("--mails", type=int, default=1500)
    parser.add_argument("--paced", type=int, default=300)
    parser.add_argument("--split", action="store_true", help="web, smtp and worker as processes of their own")
    run(parser.parse_args())
