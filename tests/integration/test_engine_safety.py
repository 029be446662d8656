"""An engine that could lose what it acknowledged is refused, with the remedy, at start and while it runs."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from redis.asyncio import Redis

from trunkline.config.errors import EngineUnavailable, Misconfigured
from trunkline.queue.connection import Engine
from trunkline.queue.engine_server import client
from trunkline.queue.keys import Keys
from trunkline.queue.safety import Safety, judge

from ..ports import free_port

StartServer = Callable[..., AbstractContextManager[Any]]

SAFE = {
    "appendonly": "yes",
    "appendfsync": "always",
    "no-appendfsync-on-rewrite": "no",
    "maxmemory-policy": "noeviction",
    "maxmemory": "1000000000",
}


async def command(server: Redis, *words: str | int) -> None:
    await server.execute_command(*words)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    ("words", "danger", "remedy"),
    [
        (["--appendonly", "no"], "appendonly is no", "CONFIG SET appendonly yes"),
        (["--appendfsync", "everysec"], "appendfsync is everysec", "CONFIG SET appendfsync always"),
        (["--no-appendfsync-on-rewrite", "yes"], "no-appendfsync-on-rewrite is yes", "CONFIG SET no-appendfsync"),
        (["--maxmemory-policy", "allkeys-lru"], "maxmemory-policy is allkeys-lru", "CONFIG SET maxmemory-policy"),
        (["--rename-command", "CONFIG", ""], "settings cannot be read", "allow CONFIG GET"),
    ],
)
async def test_an_unsafe_engine_is_refused_with_the_remedy_unless_relaxed(
    start_server: StartServer, keys: Keys, words: list[str], danger: str, remedy: str
) -> None:
    with start_server(*words) as server:
        engine = Engine(server.url, keys)

        with pytest.raises(Misconfigured) as refused:
            await Safety(engine).start()
        relaxed = Safety(engine, relaxed=True)
        await relaxed.start()
        await relaxed.stop()
        await engine.close()

    assert danger in refused.value.detail
    assert remedy in refused.value.detail
    assert "durability: relaxed" in refused.value.detail


async def test_a_safe_engine_is_accepted(engine: Engine) -> None:
    reports: list[Any] = []
    safety = Safety(engine, report=reports.append)

    await safety.start()
    await safety.stop()

    assert reports[0] == []


async def test_an_engine_that_becomes_unsafe_is_reported_and_so_is_its_repair(
    start_server: StartServer, keys: Keys
) -> None:
    reports: list[Any] = []
    with start_server() as server:
        engine = Engine(server.url, keys)
        safety = Safety(engine, report=reports.append)

        await engine.call("CONFIG", "SET", "appendfsync", "everysec")
        await safety.run_once()
        await engine.call("CONFIG", "SET", "appendfsync", "always")
        await safety.run_once()
        await engine.close()

    assert [[danger.what for danger in report] for report in reports] == [["appendfsync is everysec"], []]


async def test_the_last_verdict_stands_while_the_engine_is_away(start_server: StartServer, keys: Keys) -> None:
    reports: list[Any] = []
    with start_server() as server:
        engine = Engine(server.url, keys)
        safety = Safety(engine, report=reports.append)
        await safety.run_once()
        server.kill()

        with pytest.raises(EngineUnavailable):
            await safety.run_once()
        await engine.close()

    assert reports == [[]]


async def test_replication_needs_confirmation_and_a_replica_is_no_engine(start_server: StartServer, keys: Keys) -> None:
    port = str(free_port())
    with (
        start_server("--bind", "127.0.0.1", "--port", port, "--repl-diskless-sync-delay", "0") as primary,
        start_server("--replicaof", "127.0.0.1", port) as replica,
    ):
        await asyncio.to_thread(primary.until, "Synchronization with replica")
        engines = [
            Engine(primary.url, keys),
            Engine(primary.url, keys, replicas=1),
            Engine(replica.url, keys, replicas=1),
        ]
        unconfirmed, confirmed, not_primary = [await Safety(engine).run_once() for engine in engines]
        for engine in engines:
            await engine.close()

    assert [danger.remedy for danger in unconfirmed] == [
        "a failover would lose acknowledged writes; set `durability.replicas: 1`, or more"
    ]
    assert confirmed == []
    assert [danger.what for danger in not_primary] == ["this engine is a replica"]


async def test_a_safe_cluster_is_accepted(cluster_engine: Engine) -> None:
    assert await Safety(cluster_engine).run_once() == []


async def test_every_primary_of_a_cluster_is_looked_at(start_server: StartServer, keys: Keys) -> None:
    ports = [str(free_port()) for _ in range(4)]
    words = [("--bind", "127.0.0.1", "--cluster-enabled", "yes"), ("--bind", "127.0.0.1", "--cluster-enabled", "yes")]
    with (
        start_server(*words[0], "--port", ports[0], "--cluster-port", ports[1]) as first,
        start_server(*words[1], "--port", ports[2], "--cluster-port", ports[3]) as second,
    ):
        async with client(first.socket) as one, client(second.socket) as two:
            await command(one, "CLUSTER", "ADDSLOTSRANGE", 0, 8191)
            await command(two, "CLUSTER", "ADDSLOTSRANGE", 8192, 16383)
            await two.config_set("appendfsync", "everysec")
            await command(one, "CLUSTER", "MEET", "127.0.0.1", ports[2], ports[3])
            await asyncio.to_thread(first.until, "Cluster state changed: ok")
            engine = Engine(f"redis://127.0.0.1:{ports[0]}", keys)
            unsafe = [danger.what for danger in await Safety(engine).run_once()]
            await two.config_set("appendfsync", "always")
            await one.config_set("no-appendfsync-on-rewrite", "yes")
            unsafe += [danger.what for danger in await Safety(engine).run_once()]
            await engine.close()

    assert unsafe == ["appendfsync is everysec", "no-appendfsync-on-rewrite is yes"]


@pytest.mark.parametrize(
    ("facts", "accepted"),
    [
        ({"redis_version": "6.2.14"}, False),
        ({"redis_version": "7.0.0"}, True),
        ({"redis_version": "10.1.0"}, True),
        ({"redis_version": "7.2.4", "valkey_version": "7.2.5"}, True),
        ({"redis_version": "7.2.4", "valkey_version": "9.1.2"}, True),
        ({}, False),
    ],
)
def test_versions_that_cannot_run_our_scripts_are_refused_even_when_relaxed(
    facts: dict[str, str], *, accepted: bool
) -> None:
    dangers = judge(SAFE, facts, replicas=0)

    assert [danger.waivable for danger in dangers] == ([] if accepted else [False])


def test_a_missing_memory_limit_is_advised_against_and_not_refused() -> None:
    (advice,) = judge(SAFE | {"maxmemory": "0"}, {"redis_version": "7.0.15"}, replicas=0)

    assert not advice.grave
    assert "maxmemory" in advice.remedy


def test_a_replica_that_only_fetches_a_snapshot_is_no_danger() -> None:
    fetching = {"redis_version": "7.0.15", "connected_slaves": 1, "slave0": {"state": "send_bulk"}}

    assert judge(SAFE, fetching, replicas=0) == []
    assert judge(SAFE, fetching | {"slave0": {"state": "online"}}, replicas=0) != []
