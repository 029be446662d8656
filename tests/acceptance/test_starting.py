"""What it says when it starts, and what it says while its engine stands still."""

import os
import signal

from .gateway import SIGNING_KEY, Gateway


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
