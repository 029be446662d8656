"""An engine that is lost is never taken for a new one: nothing is accepted, all say so, and a person decides."""

import re
import smtplib

import aiohttp
import pytest
from redis.asyncio import Redis

from ..conftest import StartServer
from ..ports import free_port
from .api import Api
from .gateway import SIGNING_KEY, Gateway, gateway
from .mails import deliver, written

POST = b'{"email": "li@example.org", "message": "Where is my parcel?"}'


async def _closed_doors(made: Gateway, api: Api) -> None:
    """Everything that could be told yes is told to come again."""
    with pytest.raises(smtplib.SMTPDataError) as refused:
        await deliver(made, written("Is anybody there?"))
    assert refused.value.smtp_code == 451
    assert (await api.signed_post(POST, key=SIGNING_KEY, webhook_id="msg_lost"))[0] == 503
    async with api.session.get("/forms/form") as page:
        form_id = re.findall(r'name="form_id"[^>]*value="([^"]+)"', await page.text())
    fields = {"form_id": form_id[0], "name": "Li", "email": "li@example.org", "subject": "x", "message": "y"}
    async with api.session.post("/forms/form", data=fields) as answer:
        assert answer.status == 503
    async with api.session.ws_connect("/chat/web/socket") as socket:
        await socket.send_json({"type": "hello"})
        assert (await socket.receive()).type == aiohttp.WSMsgType.CLOSE
    async with api.session.post(
        "/v1/attachments?name=a.txt", data=b"file", headers={"content-type": "text/plain"}
    ) as answer:
        assert answer.status == 503
    for method, path, body in (
        ("PUT", "/v1/agents/ada/presence", {"presence": "available"}),
        ("GET", "/v1/tickets", None),
        ("GET", "/readyz", None),
    ):
        assert (await api.ask(method, path, body))[0] == 503, path


async def _adopted(made: Gateway) -> None:
    asked = await made.run("engine", "adopt")
    assert asked.transcript.count("If you go on:") == 1
    assert await asked.ended() == 1, "nobody said yes"
    adopted = await made.run("engine", "adopt", "--yes")
    assert await adopted.ended() == 0, adopted.transcript


async def _next_ticket(api: Api, made: Gateway) -> str:
    await deliver(made, written("Hello again.", subject="Again"))
    event = await api.until("ticket.created", lambda event: event["data"]["ticket"]["subject"] == "Again")
    return str(event["data"]["ticket"]["number"])


async def test_an_engine_that_was_emptied_gets_nothing_until_a_person_adopts_it(start_server: StartServer) -> None:
    redis = free_port()
    with start_server("--bind", "127.0.0.1", "--port", str(redis)):
        url = f"redis://127.0.0.1:{redis}"
        async with gateway(redis__url=url) as made, made.api() as api, Redis.from_url(url) as server:
            process = await made.start()
            await deliver(made, written("The first one.", subject="First"))
            await api.until("ticket.created")
            await server.flushall()

            await _closed_doors(made, api)
            assert await server.dbsize() == 0
            await process.until('"action": "engine_strange"')
            verdict = (await api.get("/v1/board"))["verdict"]
            assert verdict["sentence"] == "The engine is not the one of the data folder"
            assert "trunkline engine adopt" in verdict["advice"]
            assert process.alive
            await process.stop()

            refused = await made.run("serve")
            assert await refused.ended() == 1
            assert "trunkline engine adopt" in refused.told[-1]
            await _adopted(made)
            await made.start()
            assert int((await _next_ticket(api, made)).removeprefix("T-")) > 1_000
            again = await made.run("engine", "adopt")
            assert "nothing to adopt" in again.said[0]


async def test_an_embedded_engine_without_its_files_is_not_started_until_a_person_gives_them_up(fresh: Gateway) -> None:
    process = await fresh.start()
    async with fresh.api() as api:
        await deliver(fresh, written("The first one.", subject="First"))
        await api.until("ticket.created")
        await process.stop()
        (manifest,) = fresh.data.glob("engine/appendonlydir/*.manifest")
        manifest.unlink()

        for _ in range(2):
            refused = await fresh.run("serve")
            assert await refused.ended() == 1
            assert "no manifest" in refused.told[-1]
        await _adopted(fresh)
        assert len(list(fresh.data.glob("engine/appendonlydir.*/*"))) == 2, (
            "what was given up is put aside, not removed"
        )
        await fresh.start()
        assert int((await _next_ticket(api, fresh)).removeprefix("T-")) > 1_000
