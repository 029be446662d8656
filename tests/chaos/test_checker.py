"""The checker notices when a guarantee is taken away from the real gateway, and is silent otherwise."""

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from trunkline.queue.server_binary import ServerBinary

from ..programs import program
from .checker import check
from .dropping_proxy import DroppingProxy, every
from .evidence import Violation
from .run import Break, Scale, short_life
from .station import Station, until

pytestmark = [pytest.mark.long, pytest.mark.timeout(300), pytest.mark.usefixtures("server_binary")]

SCALE = Scale(seed=7, messages=240, seconds=6.0)


async def kill_gateway(station: Station) -> None:
    """It comes back at once."""
    await station.gateway.kill()
    await station.gateway.start()


async def kill_engine(station: Station) -> None:
    """Its supervisor starts it again."""
    before = await until(station.engine_pid, 20.0)
    assert before is not None
    os.kill(before, signal.SIGKILL)
    await until(lambda: pid if (pid := station.engine_pid()) != before else None, 20.0)


async def nothing(_: Station) -> None:
    """Nothing is broken."""


def losses(violations: list[Violation]) -> list[Violation]:
    return [each for each in violations if each.rule == "G1" and "is nowhere" in each.words]


@pytest.mark.parametrize("break_", [kill_gateway, kill_engine])
async def test_without_a_mutation_kills_are_survived(tmp_path: Path, break_: Break) -> None:
    evidence = await short_life(tmp_path, break_, mutation="none", scale=SCALE)
    assert check(evidence) == []
    assert len(evidence.history.attempts()) > SCALE.messages


async def test_acknowledging_before_the_store_is_noticed(tmp_path: Path) -> None:
    evidence = await short_life(tmp_path, kill_gateway, mutation="acknowledge_before_storing", scale=SCALE)
    assert losses(check(evidence))  # of which channels is the hour's luck; chats have mutations of their own


async def test_finishing_before_filing_is_noticed(tmp_path: Path) -> None:
    evidence = await short_life(tmp_path, kill_gateway, mutation="finish_before_filing", scale=SCALE)
    assert losses(check(evidence))


@pytest.fixture
def slow_server(server_binary: ServerBinary, tmp_path: Path) -> Path:
    """A server program whose fsync is slow and that forces nothing to the disk before it answers."""
    wrapper, shim, gcc, strace = tmp_path / "slow", tmp_path / "slow.so", shutil.which("gcc"), program("gcc", "strace")
    if gcc is not None:
        source = str(Path(__file__).with_name("slow_fsync.c"))
        subprocess.run([gcc, "-shared", "-fPIC", "-o", str(shim), source, "-ldl"], check=True)
        before = f"env LD_PRELOAD={shim}"
    else:
        before = f"{strace} -D -f -qq -o /dev/null -e trace=fdatasync -e inject=fdatasync:delay_enter=1500000"
    wrapper.write_text(f'#!/bin/sh\nexec {before} {server_binary.path} "$@" --appendfsync everysec\n')
    wrapper.chmod(0o700)
    return wrapper


async def test_everysec_with_a_slow_disk_is_noticed(tmp_path: Path, slow_server: Path) -> None:
    settings = {"engine": {"binary": str(slow_server)}, "durability": "relaxed"}
    evidence = await short_life(tmp_path, kill_engine, mutation="none", scale=SCALE, settings=settings)
    assert losses(check(evidence))


async def _behind_a_proxy(folder: Path, mutation: str) -> list[Violation]:
    """What the checker finds when intake reaches the engine through a proxy that loses every ninth answer."""
    record = folder / "data" / "engine.json"
    proxy = DroppingProxy(
        folder / "proxy", lambda: str(json.loads(record.read_bytes())["socket"]), every(9, b"\nNEW\r")
    )
    await proxy.start()
    try:
        environment = {"CHAOS_PROXY": str(proxy.socket)}
        evidence = await short_life(folder, nothing, mutation=mutation, scale=SCALE, environment=environment)
    finally:
        await proxy.stop()
    assert proxy.dropped
    return check(evidence)


async def test_default_retries_are_noticed_when_ids_are_chosen_late(tmp_path: Path) -> None:
    found = await _behind_a_proxy(tmp_path, "default_retries_without_ids")
    assert [each for each in found if each.rule == "G2" and "articles" in each.words]


async def test_default_retries_do_no_harm_with_our_ids(tmp_path: Path) -> None:
    assert await _behind_a_proxy(tmp_path, "default_retries") == []
