"""What it says when it starts, and what it says while its engine stands still."""

import asyncio
import os
import signal
from contextlib import suppress

import aiohttp

from .gateway import PROGRAM, SIGNING_KEY, Gateway


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
