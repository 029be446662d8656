"""Counts belong to the workspace: each thing is counted once, whoever counts, and a restart keeps them."""

import asyncio
from typing import TYPE_CHECKING

import pytest

from trunkline.config.errors import EngineUnavailable
from trunkline.gateway.intake_gate import IntakeGate
from trunkline.gateway.readiness import Readiness
from trunkline.gateway.workspace_counters import LINES, WorkspaceCounters
from trunkline.queue.clock import TOLERANCE_MS, ManualClock
from trunkline.queue.connection import Engine
from trunkline.queue.fullness import Fullness
from trunkline.queue.keys import Keys
from trunkline.queue.safety import Danger
from trunkline.router.bytes_per_message import BytesPerMessage

from ..conftest import StartServer

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Desk


async def test_each_line_of_the_feed_is_counted_once_whoever_counts(desk: "Desk") -> None:
    for number in range(20):
        await desk.write(f"line {number}")
    await desk.settle()
    counting = [WorkspaceCounters(desk.engine, desk.clock) for _ in range(5)]
    await asyncio.gather(*(each.run_once() for each in counting))
    totals = await counting[0].totals()
    lines = await desk.lines()
    for kind in {line.kind for line in lines}:
        assert totals[f"feed:{kind}"] == sum(line.kind == kind for line in lines), kind
    assert totals["feed:message.received"] == 20


async def test_a_feed_of_many_lines_is_counted_in_steps(engine: Engine) -> None:
    counters = WorkspaceCounters(engine, ManualClock())
    entries = 2 * LINES + 7
    for position in range(1, entries + 1):
        await engine.call("XADD", engine.keys("feed"), f"{position}-0", "type", "ticket.created", "subject", "s")
    assert (await counters.totals())["feed:ticket.created"] == entries


async def test_counts_of_several_processes_add_up(engine: Engine) -> None:
    one, other = WorkspaceCounters(engine, ManualClock()), WorkspaceCounters(engine, ManualClock())
    one.add("intake:mail:accepted")
    other.add("intake:mail:accepted", 4)
    await other.run_once()
    assert (await one.totals())["intake:mail:accepted"] == 5


async def test_counts_are_kept_while_the_engine_is_away(start_server: StartServer, keys: Keys, engine: Engine) -> None:
    with start_server() as server:
        away = Engine(server.url, keys)
        counters = WorkspaceCounters(away, ManualClock())
        server.kill()
        counters.add("intake:mail:refused", 3)
        with pytest.raises(EngineUnavailable):
            await counters.run_once()
        counters._engine = engine
        counters.add("intake:mail:refused")
        assert (await counters.totals())["intake:mail:refused"] == 4
        await away.close()


async def _memory(engine: Engine) -> int:
    facts = (await engine.call("INFO", "memory")).decode()
    return int(next(line for line in facts.splitlines() if line.startswith("used_memory:")).partition(":")[2])


async def test_what_a_message_leaves_behind_is_estimated_not_far_from_what_it_does(desk: "Desk") -> None:
    estimate = BytesPerMessage(desk.engine)
    assert await estimate() is None
    for number in range(40):
        await desk.write(f"warm up {number}", sender=f"w{number}@example.org")
    await desk.settle()
    before = await _memory(desk.engine)
    for number in range(300):
        await desk.write("My lamp is broken. " * 8, sender=f"c{number}@example.org", subject="Lamp")
        if number % 50 == 0:
            await desk.settle()
    await desk.settle()
    real = (await _memory(desk.engine) - before) / 300
    found = await estimate()
    assert found is not None
    assert real / 2 < found < real * 2.5


async def test_ready_means_started_reachable_safe_and_open(
    start_server: StartServer, keys: Keys, tmp_path: "Path"
) -> None:
    with start_server() as server:
        engine = Engine(server.url, keys)
        fullness = Fullness(engine, tmp_path, memory_mark=75, disk_mark=99, bytes_per_message=BytesPerMessage(engine))
        gate = IntakeGate(engine, fullness)
        readiness = Readiness(engine, gate, clock := ManualClock())
        assert not (await readiness.look()).ready
        await readiness.start()
        assert (await readiness.look()).ready
        gate.report([Danger("appendfsync is everysec", "CONFIG SET appendfsync always")])
        verdict = await readiness.look()
        assert (verdict.ready, verdict.engine, verdict.intake) == (False, True, False)
        with pytest.raises(EngineUnavailable, match="appendfsync is everysec"):
            gate.check()
        gate.report([])
        gate.check()
        clock.lead(TOLERANCE_MS + 1)
        verdict = await readiness.look()
        assert (verdict.ready, verdict.intake, verdict.clock) == (False, True, False)
        assert "trunkline clock reset" in verdict.reasons[0]
        clock.lead(0)
        server.kill()
        verdict = await readiness.look()
        assert (verdict.ready, verdict.engine, verdict.intake) == (False, False, True)
        await readiness.stop()
        assert not (await readiness.look()).started
        await engine.close()
