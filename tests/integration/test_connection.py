"""The way to the engine: commands are never repeated by themselves, and every trouble is a temporary error."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from trunkline.config.errors import EngineFull, EngineUnavailable, ScriptFailed
from trunkline.queue.connection import Engine
from trunkline.queue.keys import Keys
from trunkline.queue.multiplexer import Confirm
from trunkline.queue.scripts import Script


async def test_1000_callers_at_once_each_get_their_own_answer(engine: Engine) -> None:
    replies = await asyncio.gather(*(engine.call("ECHO", str(n)) for n in range(1000)))
    assert replies == [str(n).encode() for n in range(1000)]


async def test_an_error_answer_hurts_only_its_own_caller(engine: Engine) -> None:
    await engine.call("SET", engine.keys("text"), "x")
    replies = await asyncio.gather(
        engine.call("ECHO", "a"),
        engine.call("INCR", engine.keys("text")),
        engine.call("ECHO", "b"),
        return_exceptions=True,
    )
    assert replies[0] == b"a"
    assert isinstance(replies[1], ScriptFailed)
    assert replies[2] == b"b"


async def test_a_script_that_the_engine_does_not_know_is_loaded(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "once.lua").write_text(
        f"#!lua\n--#keys n: STRING ({engine.keys.workspace})\nreturn redis.call('INCR', n)"
    )
    script = Script.beside(str(tmp_path / "module.py"), "once.lua")
    assert await engine.run(script, {"n": engine.keys("n")}, {}) == 1
    assert await engine.run(script, {"n": engine.keys("n")}, {}) == 2


async def test_an_answer_that_is_lost_is_an_error_and_the_command_ran_once(engine_url: str, keys: Keys) -> None:
    async def drop_the_answer_to_incr(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_unix_connection(engine_url.removeprefix("unix://"))
        while request := await reader.read(65536):
            up_writer.write(request)
            answer = await up_reader.read(65536)
            if b"INCR" in request:
                break
            writer.write(answer)
        for each in (writer, up_writer):
            each.close()
            await each.wait_closed()

    proxy = await asyncio.start_server(drop_the_answer_to_incr, "127.0.0.1", 0)
    through = Engine(f"redis://127.0.0.1:{proxy.sockets[0].getsockname()[1]}", keys)
    direct = Engine(engine_url, keys)
    await through.call("PING")
    with pytest.raises(EngineUnavailable):
        await through.call("INCR", keys("n"))
    assert await direct.call("GET", keys("n")) == b"1"
    await through.close()
    await direct.close()
    proxy.close()


async def test_an_engine_that_is_silent_is_unavailable_within_the_time(keys: Keys) -> None:
    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silence, "127.0.0.1", 0)
    engine = Engine(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}", keys, timeout=0.1)
    with pytest.raises(EngineUnavailable):
        await engine.call("PING")
    await engine.close()
    server.close()


async def test_a_full_engine_says_so(start_server: Callable[..., AbstractContextManager[Any]], keys: Keys) -> None:
    with start_server(maxmemory=3 << 20) as server:
        engine = Engine(server.url, keys)
        replies = await asyncio.gather(
            *(engine.call("SET", keys(str(n)), "x" * 10_000) for n in range(1_000)), return_exceptions=True
        )
        assert any(isinstance(reply, EngineFull) for reply in replies)
        await engine.close()


async def test_too_few_replicas_fail_the_write(engine_url: str, keys: Keys) -> None:
    engine = Engine(engine_url, keys, replicas=1)
    with pytest.raises(EngineUnavailable, match="0 of 1 replicas"):
        await engine.call("SET", keys("x"), "1")
    await engine.close()


@pytest.mark.parametrize(("reply", "enough"), [([1, 1], True), ([0, 1], False), ([1, 0], False), (2, True), (0, False)])
def test_confirmations_are_counted(reply: object, enough: bool) -> None:
    confirm = Confirm.by_replicas(1, fsynced=isinstance(reply, list))
    if enough:
        confirm.check(reply)
    else:
        with pytest.raises(ConnectionError):
            confirm.check(reply)
