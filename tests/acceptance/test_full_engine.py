"""A full gateway refuses honestly what it has no room for, and finishes all that it has accepted."""

import asyncio
import json
import smtplib

import pytest

from trunkline.queue.server_binary import ServerBinary

from .api import Api
from .gateway import SIGNING_KEY, gateway
from .mails import deliver, written


async def _post_until_refused(api: Api, size: int) -> list[str]:
    """Posts side by side until one is refused for want of room; the ids of those that were accepted."""
    accepted: list[str] = []
    refused = asyncio.Event()

    async def post_on(lane: int) -> None:
        number = 0
        while not refused.is_set():
            number += 1
            body = {"email": f"p{lane}x{number}@example.org", "message": "word " * (size // 5), "subject": "fill"}
            content, name = json.dumps(body).encode(), f"msg_{lane}_{number}"
            status, found = await api.signed_post(content, key=SIGNING_KEY, webhook_id=name)
            if status == 202:
                accepted.append(found["id"])
            else:
                assert (status, found["code"]) == (503, "engine_full")
                refused.set()

    async with asyncio.timeout(90):
        await asyncio.gather(*(post_on(lane) for lane in range(16)))
    return accepted


async def test_without_room_every_channel_refuses_for_now_and_says_so(server_binary: ServerBinary) -> None:
    settings = {"engine__maxmemory": "32MiB", "engine__memory_mark": "10"}
    async with gateway(**settings) as small, small.api() as api:
        process = await small.start()
        await _post_until_refused(api, 500)
        await process.until('"action": "intake_stuck"')
        assert process.log("intake_closed")
        with pytest.raises(smtplib.SMTPDataError) as refused:
            await deliver(small, written("Is there room?"))
        assert refused.value.smtp_code == 452
        async with api.session.get("/forms/form") as page:
            assert page.status == 200, "the page itself needs no room"
        status, found = await api.ask("GET", "/readyz")
        assert (status, found["checks"]) == (503, {"started": True, "engine": True, "intake": False, "clock": True})
        assert await api.metric("trunkline_intake_open") == 0
        assert await api.metric('trunkline_intake_total{channel="mail",outcome="refused"}') == 1
        await api.presence("ada")
        (ticket, *_) = await api.tickets(limit="1")
        await api.do("POST", f"/v1/tickets/{ticket['id']}/assign", {"agent": "ada"})
        await api.do("POST", f"/v1/tickets/{ticket['id']}/messages", {"kind": "reply", "text": "Work goes on."})


async def test_a_flood_that_fills_it_drains_by_itself_and_nothing_accepted_is_missing(
    server_binary: ServerBinary,
) -> None:
    async with gateway(engine__maxmemory="48MiB") as small, small.api() as api:
        await small.start()
        accepted = await _post_until_refused(api, 50_000)
        while await api.metric("trunkline_backlog"):
            pass
        assert await api.metric("trunkline_filed_total") == len(accepted)
        assert await api.metric('trunkline_dead{queue="intake"}') == 0
        status = 0
        while status != 202:
            status, _ = await api.signed_post(
                b'{"email": "z@example.org", "message": "room again"}', key=SIGNING_KEY, webhook_id="msg_again"
            )
            assert status in (202, 503)


async def test_a_gateway_that_starts_on_a_full_engine_works_its_backlog_off(server_binary: ServerBinary) -> None:
    async with gateway() as small, small.api() as api:
        engine, web = await small.start("engine"), await small.start("web")
        for number in range(40):
            body = json.dumps({"email": f"p{number}@example.org", "message": "word " * 400}).encode()
            assert (await api.signed_post(body, key=SIGNING_KEY, webhook_id=f"msg_{number}"))[0] == 202
        assert await api.metric("trunkline_backlog") == 40, "nobody files yet"
        await web.stop()
        await engine.stop()
        small.environ["TRUNKLINE_ENGINE__MAXMEMORY"] = "1MiB"
        process = await small.start()
        assert process.log("intake_closed")
        while await api.metric("trunkline_backlog"):
            pass
        assert await api.metric("trunkline_filed_total") == 40
        assert await api.metric('trunkline_dead{queue="intake"}') == 0
