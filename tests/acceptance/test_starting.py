"""What it says when it starts, and what it says while its engine stands still."""

import asyncio
import os
import signal
from contextlib import suppress

import aiohttp

from .gateway import PROGRAM, SIGNING_KEY, Gateway

COLD = True


async def test_readiness_follows_the_engine_and_liveness_does_not(fresh: Gateway) -> None:
    process = await fresh.start()
    async with fresh.api() as api:
        os.kill(fresh.engine_pid(), signal.SIGSTOP)
        assert (await api.ask("GET", "/livez"))[0] == 200
        status, found = await api.ask("GET", "/readyz")
        assert (status, found["checks"]["engine"]) == (503, False)
        assert await api.metric("trunkline_engine_up") == 0
        status, problem = await api.signed_post(b'{"email": "a@example.org", "message": "hi"}', key=SIGNING_KEY)
        assert (status, problem["code"]) == (503, "engine_unavailable")
        os.kill(fresh.engine_pid(), signal.SIGCONT)
        while (await api.ask("GET", "/readyz"))[0] != 200:
            pass
    assert process.alive


async def test_a_person_is_told_where_it_listens_and_where_the_token_is(fresh: Gateway) -> None:
    del fresh.environ["TRUNKLINE_ADMIN_TOKEN"]
    process = await fresh.start()
    await process.until("Ctrl-C stops it")
    told = "\n".join(process.told)
    assert fresh.url in told
    assert f"127.0.0.1:{fresh.smtp_port}" in told
    assert "data/secrets/admin_token" in told
    assert "/forms/form" in told
    token = (fresh.data / "secrets" / "admin_token").read_text().strip()
    assert token not in told
    async with fresh.api(token) as api:
        assert await api.tickets() == []


async def test_the_engine_has_nothing_to_reload_and_goes_on(fresh: Gateway) -> None:
    process = await fresh.start("engine")
    process.send(signal.SIGHUP)
    await process.until('"action": "reload_ignored"')
    assert await process.stop() == 0


async def test_when_nobody_takes_its_words_it_works_all_the_same(fresh: Gateway) -> None:
    reading, writing = os.pipe()
    command = [str(PROGRAM), "serve"]
    process = await asyncio.create_subprocess_exec(*command, env=fresh.environ, stdout=writing, stderr=writing)
    os.close(writing)
    os.close(reading)
    async with fresh.api() as api:
        ready = False
        while not ready:
            with suppress(aiohttp.ClientError):
                ready = (await api.ask("GET", "/readyz"))[0] == 200
    process.terminate()
    assert await process.wait() == 0


async def test_connections_are_fitted_to_the_open_files_and_the_log_says_so(fresh: Gateway) -> None:
    words = ["-c", f"ulimit -n 400; exec {PROGRAM} serve"]
    process = await asyncio.create_subprocess_exec("/bin/sh", *words, env=fresh.environ, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    said = b""
    while b'"action": "ready"' not in said:
        said += await process.stdout.readline()
    assert said.count(b'"action": "connections_fitted"') == 2
    assert b"LimitNOFILE=" in said
    following = asyncio.create_task(process.stdout.read())
    silent = [await asyncio.open_connection("127.0.0.1", fresh.http_port) for _ in range(420)]
    assert (await silent[-1][0].read()).startswith(b"HTTP/1.1 503 "), "the last one is told so"
    silent.pop(0)[1].close()
    async with fresh.api() as api:
        while (await api.ask("GET", "/readyz"))[0] != 200:
            pass
    for _, writer in silent:
        writer.close()
    process.terminate()
    assert b"out of system resource" not in await following
    assert await process.wait() == 0
