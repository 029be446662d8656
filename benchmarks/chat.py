"""How many visitors one gateway holds, how soon lines reach them, and how fast what they write is durable.

    python benchmarks/chat.py [--sockets 5000] [--seconds 20] [--messages 6000] [--lines 200] [--split]

Starts an engine with fsync always; a bare aiohttp WebSocket that does one durable XADD a message; and the gateway (one
`serve`, or with --split a web and a worker process), each alone while it is measured. Gateway, engine and load share
this machine, so ratios within a run say more than figures. `stored` is how fast visitors hear that what they wrote is
durable, each writing the next message then; `filed` counts until the last of it is in a ticket. Lines are appended by
this process, as another gateway would, while all sockets are open; their time counts from before the append, which
waits for the disk, until the frame is there.
"""

import argparse
import asyncio
import contextlib
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import quantiles
from typing import Any

from processes import HERE, WORKSPACE, Bench, Process, machine, processor_seconds, resident
from redis import Redis

from trunkline.queue.clock import Clock
from trunkline.queue.connection import Engine
from trunkline.queue.conversation_log import ConversationLogs, conversation_name
from trunkline.queue.keys import Keys

CONFIG = """
listen: {connections: 60000, connections_per_peer: 60000}
channels:
  chat:
    web:
      caps:
        messages_per_minute: 6000
        burst: 10000
        sockets_per_address: 100000
        visitors_per_minute: 1000000
acknowledgement: {enabled: false}
"""
WRITERS = (64, 256)
SETTLE_SECONDS = 5.0


class Load:
    """A process with visitors."""

    def __init__(self, process: Process) -> None:
        self._process = process

    def ask(self, do: str, **facts: Any) -> dict[str, Any]:
        """Have it do something; its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **facts}).encode() + b"\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline() or b"{}")
        if not answer:
            raise SystemExit("the load process has failed; its log is above")
        return answer


@contextlib.contextmanager
def visitors(bench: Bench, port: int) -> Iterator[Load]:
    """A load process."""
    words = (sys.executable, str(HERE / "chat_load.py"), "127.0.0.1", str(port), "/chat/web/socket")
    with bench.process(*words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=None) as process:
        yield Load(process)


def in_ms(seconds: Sequence[float]) -> str:
    """The middle and the slow end."""
    cuts = quantiles(seconds, n=100)
    return f"p50 {cuts[49] * 1000:.1f} ms, p99 {cuts[98] * 1000:.1f} ms"


def stored(load: Load, messages: int) -> dict[int, dict[str, Any]]:
    """Messages a second that were stored, with so many in flight."""
    load.ask("open", sockets=max(WRITERS))
    load.ask("write", visitors=64, messages=3)
    found = {}
    for writers in WRITERS:
        answer = load.ask("write", visitors=writers, messages=messages // writers)
        found[writers] = answer | {"rate": len(answer["took"]) / answer["seconds"]}
    return found


def backlog(url: str) -> int:
    """What is not filed yet."""
    with Redis.from_url(url) as engine:
        return int(engine.hlen(f"tl:{{{WORKSPACE}}}:work:intake:entries"))


def filed(bench: Bench, load: Load, messages: int) -> float:
    """Messages a second from the first until the last is in a ticket."""
    begun = time.perf_counter()
    load.ask("write", visitors=WRITERS[-1], messages=messages // WRITERS[-1])
    while backlog(bench.url):
        time.sleep(0.02)
    return messages / (time.perf_counter() - begun)


def writing(bench: Bench, roles: Sequence[str], messages: int) -> None:
    """Bare and ours, one after the other."""
    with bench.bare("bare_chat.py") as (_, port), visitors(bench, port) as load:
        bare = stored(load, messages)
    with bench.gateway(*roles), visitors(bench, bench.ports["http"]) as load:
        ours = stored(load, messages)
        while backlog(bench.url):
            time.sleep(0.02)
        rate = filed(bench, load, messages)
    for writers in WRITERS:
        ratio = ours[writers]["rate"] / bare[writers]["rate"]
        print(f"{writers:4} in flight: bare   {bare[writers]['rate']:6.0f}/s, {in_ms(bare[writers]['took'])}")
        print(f"{'':15} stored {ours[writers]['rate']:6.0f}/s, {in_ms(ours[writers]['took'])} ({ratio:.0%} of bare)")
    print(f"filed {rate:.0f}/s")


async def appended(url: str, ids: Sequence[str], rate: int, seconds: float) -> list[float]:
    """Lines of agents at a steady rate, to one visitor and another; how long each append took."""
    engine, chance, took = Engine(url, Keys(WORKSPACE)), random.Random(1), list[float]()
    logs = ConversationLogs(engine, Clock(engine))

    async def append(number: int) -> None:
        begun = time.perf_counter()
        line = {"id": f"line{number}", "from": "agent", "name": "Ada", "text": str(time.time_ns()), "at": 0}
        await logs.append(conversation_name("web", chance.choice(ids)), line, key=f"line{number}")
        took.append(time.perf_counter() - begun)

    begun, tasks = time.perf_counter(), list[asyncio.Task[None]]()
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, begun + number / rate - time.perf_counter()))
        tasks.append(asyncio.create_task(append(number)))
    await asyncio.gather(*tasks)
    await engine.close()
    return took


def holding(bench: Bench, engine: Process, options: Any, roles: Sequence[str]) -> None:
    """Many sockets: what they cost, and how soon lines reach them."""
    with bench.gateway(*roles) as (gateway, *_), visitors(bench, bench.ports["http"]) as load:
        load.ask("open", sockets=100)
        before = resident(gateway)
        opened = load.ask("open", sockets=options.sockets)
        each = (resident(gateway) - before) * 1024 / options.sockets
        print(
            f"{options.sockets} sockets opened in {opened['seconds']:.1f} s, "
            f"{options.sockets / opened['seconds']:.0f}/s, {in_ms(opened['took'])}; {each:.1f} KiB each"
        )
        time.sleep(SETTLE_SECONDS)
        print(f"idle with them: {at_work(options.seconds, gateway=gateway, engine=engine)}")
        took = asyncio.run(appended(bench.url, opened["ids"], options.lines, options.seconds))
        time.sleep(1)
        heard = load.ask("heard")["took"]
        print(f"{options.lines} lines/s: {len(heard)} of {len(took)} came, {in_ms(heard)}; append {in_ms(took)}")


def at_work(seconds: float, **processes: Process) -> str:
    """How much of one processor each takes now."""
    before = {name: processor_seconds(process) for name, process in processes.items()}
    time.sleep(seconds)
    shares = {name: (processor_seconds(process) - before[name]) / seconds for name, process in processes.items()}
    return ", ".join(f"{name} {share:.1%} of a processor" for name, share in shares.items())


def run(options: Any) -> None:
    """The whole run."""
    folder = Path(tempfile.mkdtemp(prefix="tl-bench-"))
    bench = Bench(folder, CONFIG, {"TRUNKLINE_SECRET_CHAT_WEB": "bench"})
    roles = ("web", "worker") if options.split else ("serve",)
    print(machine())
    try:
        with bench.engine() as engine:
            writing(bench, roles, options.messages)
            holding(bench, engine, options, roles)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sockets", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=20.0, help="idle, and as long with lines")
    parser.add_argument("--messages", type=int, default=6000)
    parser.add_argument("--lines", type=int, default=200, help="lines of agents a second")
    parser.add_argument("--split", action="store_true", help="web and worker as processes of their own")
    run(parser.parse_args())
