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
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import quantiles
from typing import Any

from processes import HERE, WORKSPACE, Bench, machine, until_open
from redis import Redis

from trunkline.queue.connection import Engine
from trunkline.queue.feed import Feed
from trunkline.queue.keys import Keys

SECRET = "whsec_" + "QkVOQ0hNQVJLLUtFWS1PRi1UUlVOS0xJTkUtMzItQllURVM="

CONFIG = """
channels:
  mail: {addresses: [support@example.test], trusted_peers: [127.0.0.0/8], smarthost: "127.0.0.1:1"}
  http:
    form: {fields: {name: name, email: email, subject: subject, message: message, conversation: conversation}}
acknowledgement: {enabled: false}
"""


def load(kind: str, port: int, number: int, connections: int) -> float:
    """Messages a second that were accepted."""
    address = f"127.0.0.1:{port}"
    words = [sys.executable, str(HERE / "load.py"), kind, address, str(number), str(connections), SECRET]
    result = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)
    if result["accepted"] != number:
        raise SystemExit(f"only {result['accepted']} of {number} messages were accepted")
    return number / float(result["seconds"])


async def offers(url: str, after: int, number: int) -> tuple[int, list[int]]:
    """Wait until so many tickets were offered behind a position; the new position and the latencies in ms."""
    engine = Engine(url, Keys(WORKSPACE))
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
    engine = Engine(url, Keys(WORKSPACE))
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
    accepted = load(kind, port, number, connections)
    while offered(bench.url) < before + number:
        time.sleep(0.02)
    return {"accept": accepted, "routed": number / (time.perf_counter() - begun)}


def paced(bench: Bench, port: int, rate: int, seconds: int) -> list[int]:
    """Latencies from acceptance to offer at a steady rate."""
    after = asyncio.run(last(bench.url))
    for _ in range(seconds * 10):
        begun = time.monotonic()
        load("http", port, max(1, rate // 10), 4)
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
    bench = Bench(folder, CONFIG, {"TRUNKLINE_SECRET_HTTP_FORM": SECRET})
    print(machine())
    try:
        with bench.engine():
            with bench.bare("bare_http.py") as port:
                bare_http = load("http", port, options.messages, 64)
            with bench.bare("bare_smtp.py") as port:
                bare_smtp = load("smtp", port, options.mails, 16)
            with bench.gateway(*(("web", "smtp", "worker") if options.split else ("serve",))):
                until_open(bench.smtp)
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
