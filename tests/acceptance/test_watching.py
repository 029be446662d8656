"""What those see who watch it: health, metrics, the log."""

import json
import re
from email.policy import SMTP

import aiohttp
import pytest

from .conftest import Running
from .gateway import ADMIN, SIGNING_KEY
from .mails import deliver, written

pytestmark = pytest.mark.asyncio(loop_scope="session")

PERSONAL = ("wilhelmina", "example.org", "secretly pregnant", "private matter", "+49 170")


async def test_it_is_alive_and_ready(running: Running) -> None:
    async with aiohttp.ClientSession(running.gateway.url) as anybody:
        async with anybody.get("/livez") as alive:
            assert (alive.status, await alive.json()) == (200, {"status": "alive"})
        async with anybody.get("/readyz") as ready:
            checks = {"started": True, "engine": True, "intake": True, "clock": True}
            assert (ready.status, await ready.json()) == (200, {"status": "ready", "checks": checks, "warnings": []})


async def test_metrics_count_what_happens_and_the_sweep_finds_nothing(running: Running) -> None:
    api = running.api
    before = await api.metric('trunkline_intake_total{channel="mail",outcome="accepted"}')
    filed = await api.metric("trunkline_filed_total")
    await api.presence("boris")
    await deliver(running.gateway, written("Count me, please.", sender="otto@example.org", subject="Counted"))
    await api.until("ticket.offered", lambda event: event["data"]["ticket"]["subject"] == "Counted")
    assert await api.metric('trunkline_intake_total{channel="mail",outcome="accepted"}') == before + 1
    assert await api.metric("trunkline_filed_total") == filed + 1
    assert await api.metric('trunkline_offers_total{outcome="offered"}') >= 1
    assert await api.metric('trunkline_agent_load{agent="boris"}') >= 1
    assert await api.metric('trunkline_agent_capacity{agent="boris"}') == 5
    assert await api.metric('trunkline_mail_received_total{answer="250"}') >= 1
    assert await api.metric("trunkline_sweep_found_total") == 0
    assert await api.metric("trunkline_engine_up") == 1
    assert await api.metric("trunkline_engine_seconds_count") >= 1
    await api.signed_post(b"{}", key=b"x" * 32)
    assert await api.metric('trunkline_http_posts_total{outcome="forged"}') >= 1


async def test_metrics_are_not_for_strangers_behind_a_proxy(running: Running) -> None:
    async with aiohttp.ClientSession(running.gateway.url, headers={"X-Forwarded-For": "198.51.100.7"}) as stranger:
        async with stranger.get("/metrics") as refused:
            assert refused.status == 401
        async with stranger.get("/metrics", headers={"Authorization": f"Bearer {ADMIN}"}) as known:
            assert known.status == 200


async def test_every_name_that_is_exported_is_documented_in_the_page_itself(running: Running) -> None:
    async with running.api.session.get("/metrics") as response:
        page = await response.text()
    helped = set(re.findall(r"^# HELP (\S+)", page, re.MULTILINE))
    names = set(re.findall(r"^(trunkline_[a-z_]+?)(?:_bucket|_sum|_count)?[ {]", page, re.MULTILINE))
    assert {name for name in names if name not in helped} == set()


async def test_the_log_is_json_with_ids_and_without_personal_text(running: Running) -> None:
    mail = written(
        "I am secretly pregnant, call me: +49 170 1234567.",
        sender='"Wilhelmina Quark" <wilhelmina@example.org>',
        subject="private matter",
    )
    await deliver(running.gateway, mail)
    broken = mail.as_bytes(policy=SMTP).replace(b"Content-Type: text/plain", b"Content-Type: multipart/" + b"x" * 2000)
    await deliver(running.gateway, broken, sender="wilhelmina@example.org", to="support@example.test")
    body = json.dumps({"email": "wilhelmina@example.org", "message": "secretly pregnant", "name": "Wilhelmina"})
    await running.api.signed_post(body.encode(), key=SIGNING_KEY, webhook_id="msg_private")
    await running.api.ask("POST", "/v1/tickets", {"text": "secretly pregnant", "email": "wilhelmina@example.org"})
    await running.api.ask("POST", "/v1/tickets", {"text": 5, "subject": "private matter"})
    await running.api.until("ticket.created", lambda event: event["data"]["ticket"]["channel"] == "api")
    for line in running.process.said:
        found = json.loads(line)
        assert {"event", "level", "time"} <= set(found)
    transcript = "\n".join([*running.process.said, *running.process.told]).casefold()
    for words in PERSONAL:
        assert words not in transcript
