"""How fast messages are accepted and routed, beside a bare handler on the same engine in the same run.

    python benchmarks/intake.py [--pairs 5] [--messages 6000] [--mails 1500] [--paced 300] [--split] [--only NAME …]

Starts an engine with fsync always and measures everything alone; gateway, engine and load share this machine.

1. Accepting with filing paused (a `web` or `smtp` process, no worker): the bare handler and ours in turn, in pairs. The
   ratio within a pair is what to compare: its median and its ends are printed, with the processor time of a message,
   which is the fairer where the machine has other work.
   First our own signed posts and mail, then a row for every channel whose vendor posts to us (vendor_posts.py).
2. Accepting and routing at once (one `serve`, or with --split web, smtp and worker): `routed` counts from the first
   message sent until the last ticket was offered to an agent; it gives up when nothing more comes.
3. From acceptance to offer, taken from the feed, at a steady rate below what is possible.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from processes import AGENTS, CAPACITY, HERE, WORKSPACE, Bench, Process, machine, processor_seconds, until_open
from redis import Redis
from vendor_posts import ROWS

from trunkline.queue.connection import Engine
from trunkline.queue.feed import Feed
from trunkline.queue.keys import Keys

CONNECTIONS = {"smtp": 16}  # and 64 of everything else
WARM = 200  # messages before anything is measured
PACED_SECONDS = 5

SECRET = "whsec_" + "QkVOQ0hNQVJLLUtFWS1PRi1UUlVOS0xJTkUtMzItQllURVM="

CONFIG = """
channels:
  mail: {addresses: [support@example.test], trusted_peers: [127.0.0.0/8], smarthost: "127.0.0.1:1"}
  http:
    form: {fields: {name: name, email: email, subject: subject, message: message, conversation: conversation}}
acknowledgement: {enabled: false}
"""


@dataclass(frozen=True)
class Measured:
    """Messages a second, and the processor time of one message in microseconds."""

    rate: float
    gateway: float
    engine: float

    @property
    def used(self) -> float:
        """Processor time of a message in all."""
        return self.gateway + self.engine

    def __str__(self) -> str:
        return f"{self.rate:6.0f}/s, {self.gateway:4.0f} + {self.engine:3.0f} us of gateway and engine"


class Meter:
    """Rate and processor time from the moment that it is made."""

    def __init__(self, engine: Process, processes: Sequence[Process]) -> None:
        self._measured = [processes, [engine]]
        self._used = [sum(map(processor_seconds, each)) for each in self._measured]
        self._begun = time.perf_counter()

    def read(self, number: int, rate: float | None = None) -> Measured:
        """For so many messages; `rate` where the load has timed them itself."""
        rate = rate or number / (time.perf_counter() - self._begun)
        now = [sum(map(processor_seconds, each)) for each in self._measured]
        gateway, engine = ((late - early) / number * 1e6 for late, early in zip(now, self._used, strict=True))
        return Measured(rate, gateway, engine)


@contextmanager
def workspace(vendor: str = "") -> Iterator[tuple[Bench, Process]]:
    """An empty engine, and what runs on it: our own channels, or that of a row."""
    config, secrets = CONFIG, {"http_form": SECRET}
    if vendor:
        config, secrets = f"channels: {{{ROWS[vendor].config}}}\n", dict(ROWS[vendor].secrets)
    environment = {f"TRUNKLINE_SECRET_{name.upper()}": value for name, value in secrets.items()}
    with tempfile.TemporaryDirectory(prefix="tl-bench-", ignore_cleanup_errors=True) as folder:
        bench = Bench(Path(folder), config, environment)
        with bench.engine() as engine:
            yield bench, engine


def load(kind: str, port: int, number: int, connections: int | None = None) -> float:
    """Messages a second that were accepted. Raises SystemExit when one was not."""
    address, many = f"127.0.0.1:{port}", CONNECTIONS.get(kind, 64) if connections is None else connections
    words = [sys.executable, str(HERE / "load.py"), kind, address, str(number), str(many), SECRET]
    result = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)
    if result["accepted"] != number:
        raise SystemExit(f"only {result['accepted']} of {number} messages were accepted")
    return number / float(result["seconds"])


async def offers(url: str, after: int, number: int) -> list[int]:
    """Wait until so many tickets were offered behind a position; the latencies in ms. Raises TimeoutError."""
    engine = Engine(url, Keys(WORKSPACE))
    accepted, latencies = dict[str, int](), list[int]()
    async with asyncio.timeout(60):
        async for lines in Feed(engine).follow(after):
            for line in lines:
                if line.kind == "message.received":
                    accepted[line.subject] = line.data["article"]["created_at"]
                elif line.kind == "ticket.offered":
                    latencies.append(line.time - accepted[line.subject])
            if len(latencies) >= number:
                break
    await engine.close()
    return latencies


async def last(url: str) -> int:
    """The position of the feed."""
    engine = Engine(url, Keys(WORKSPACE))
    position = await Feed(engine).last()
    await engine.close()
    return position


def offered(url: str) -> int:
    """How many tickets are offered to somebody now, from the index, which costs the engine next to nothing."""
    with Redis.from_url(url) as engine:
        return int(engine.zlexcount("tl:{bench}:index", "[offered:", "(offered;"))


def pair(bench: Bench, engine: Process, kind: str, number: int) -> tuple[Measured, Measured]:
    """Accepting by the bare handler, then by ours with filing paused."""

    def accepting(process: Process, port: int) -> Measured:
        load(kind, port, WARM)
        meter = Meter(engine, [process])
        return meter.read(number, load(kind, port, number))

    face, role = ("smtp", "smtp") if kind == "smtp" else ("http", "web")
    with bench.bare(f"bare_{face}.py") as (process, port):
        bare = accepting(process, port)
    with bench.role(role, bench.ports[face]) as process:
        return bare, accepting(process, bench.ports[face])


def compare(kind: str, pairs: Sequence[tuple[Measured, Measured]]) -> None:
    """What the pairs say."""
    ratios = sorted(ours.rate / bare.rate for bare, ours in pairs)
    used = median(bare.used / ours.used for bare, ours in pairs)
    ends = f"{ratios[0]:.0%} to {ratios[-1]:.0%}; by processor time {used:.0%}"
    print(f"{kind}, filing paused: {median(ratios):.0%} of bare ({ends})", flush=True)
    for name, side in zip(("bare", "ours"), zip(*pairs, strict=True), strict=True):
        rate, gateway, of_engine = (
            median(getattr(each, what) for each in side) for what in ("rate", "gateway", "engine")
        )
        print(f"  {name} {Measured(rate, gateway, of_engine)}")


def routing(bench: Bench, kind: str, number: int) -> float:
    """Accept and route messages as fast as possible; how many a second were accepted. Raises SystemExit."""
    before, deadline = offered(bench.url), time.monotonic() + 60 + number / 50
    accepted = load(kind, bench.ports[kind], number)
    while (done := offered(bench.url) - before) < number:
        if time.monotonic() > deadline:
            raise SystemExit(f"{done} of {number} messages were offered, then nothing more came")
        time.sleep(0.02)
    return accepted


def paced(bench: Bench, port: int, rate: int, seconds: int) -> list[int]:
    """Latencies from acceptance to offer at a steady rate."""
    after = asyncio.run(last(bench.url))
    for _ in range(seconds * 10):
        begun = time.monotonic()
        load("http", port, max(1, rate // 10), 4)
        time.sleep(max(0.0, 0.1 - (time.monotonic() - begun)))
    return asyncio.run(offers(bench.url, after, max(1, rate // 10) * seconds * 10))


def run(options: Any) -> None:
    """The whole run. Raises SystemExit when the agents would be full before its end."""
    numbers = {"http": options.messages, "smtp": options.mails}
    if WARM + sum(numbers.values()) + options.paced * PACED_SECONDS > AGENTS * CAPACITY:
        raise SystemExit(f"the agents have room for {AGENTS * CAPACITY} messages in all")
    print(machine())
    for kind in options.only or (*numbers, *ROWS):
        number = numbers.get(kind, options.messages)
        with workspace(kind if kind in ROWS else "") as (bench, engine):
            compare(kind, [pair(bench, engine, kind, number) for _ in range(options.pairs)])
    if not options.only:
        together(options, numbers)


def together(options: Any, numbers: Mapping[str, int]) -> None:
    """Accepting and routing at once, and how long an offer takes."""
    roles = ("web", "smtp", "worker") if options.split else ("serve",)
    with workspace() as (bench, engine), bench.gateway(*roles) as processes:
        until_open(bench.ports["smtp"])
        routing(bench, "http", WARM)
        for kind, number in numbers.items():
            meter = Meter(engine, processes)
            accepted = routing(bench, kind, number)
            print(f"{kind}, {' '.join(roles)}: accepted {accepted:.0f}/s, routed {meter.read(number)}")
        cuts = quantiles(paced(bench, bench.ports["http"], options.paced, PACED_SECONDS), n=100)
    print(f"accept to offer at {options.paced}/s: p50 {cuts[49]:.0f} ms, p99 {cuts[98]:.0f} ms")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--messages", type=int, default=6000)
    parser.add_argument("--mails", type=int, default=1500)
    parser.add_argument("--paced", type=int, default=300)
    parser.add_argument("--split", action="store_true", help="web, smtp and worker as processes of their own")
    parser.add_argument("--only", nargs="+", choices=["http", "smtp", *ROWS], help="compare these, and nothing else")
    run(parser.parse_args())
