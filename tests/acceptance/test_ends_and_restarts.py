"""However it ends, everything that was accepted is there when it runs again."""

import asyncio
import json
import os
import signal
from contextlib import suppress

import pytest

from trunkline.queue.process_watch import WatchedProcess, runs

from ..ports import free_port
from .api import Event
from .gateway import SIGNING_KEY, Gateway, gateway
from .mails import deliver, listening_sink, plain, written


async def test_a_restart_keeps_tickets_presence_tokens_and_what_was_seen(fresh: Gateway) -> None:
    first = await fresh.start()
    mail = written("It is kept.", subject="Kept")
    async with fresh.api() as api:
        await api.presence("ada")
        await deliver(fresh, mail)
        offered = await api.until("ticket.offered")
        await api.do("POST", f"/v1/tickets/{offered['subject']}/accept", {"agent": "ada"})
        before = await api.get(f"/v1/tickets/{offered['subject']}")
    made = await fresh.run("token", "create", "crm", "--scope", "tickets:read")
    assert await first.stop() == 0
    assert not (fresh.data / "engine.json").exists(), "the engine was stopped too"

    await fresh.start()
    async with fresh.api() as api:
        await deliver(fresh, mail)
        await deliver(fresh, written("A second one.", subject="Second"))
        await api.until("ticket.created", lambda event: event["data"]["ticket"]["subject"] == "Second")
        after = await api.get(f"/v1/tickets/{before['id']}")
        delivery = [article.pop("delivery") for article in (*before["articles"], *after["articles"])]
        assert delivery
        assert after | {"revision": 0, "updated_at": 0} == before | {"revision": 0, "updated_at": 0}
        assert len(await api.tickets()) == 2, "the repeated mail was recognised"
    async with fresh.api(made.said[-1]) as crm:
        assert len(await crm.tickets()) == 2


async def test_after_a_kill_the_engine_is_adopted_and_nothing_is_lost(fresh: Gateway) -> None:
    first = await fresh.start()
    async with fresh.api() as api:
        ids = {(await api.signed_post(_post(n), key=SIGNING_KEY, webhook_id=f"msg_{n}"))[1]["id"] for n in range(50)}
    engine = fresh.engine_pid()
    await first.kill()
    assert runs(engine), "the engine outlives its owner"
    second = await fresh.start()
    assert fresh.engine_pid() == engine
    assert second.log("engine_adopted")
    async with fresh.api() as api:
        await api.until("ticket.created", lambda event: event["data"]["ticket"]["subject"] == "number 49")
        seen: set[str] = set()
        while len(seen) < len(ids):
            page = await api.get("/v1/tickets?limit=200")
            seen = {ticket["subject"] for ticket in page["items"]}
        assert seen == {f"number {n}" for n in range(50)}


async def test_an_engine_that_is_killed_is_started_again_and_intake_resumes(fresh: Gateway) -> None:
    process = await fresh.start()
    async with fresh.api() as api:
        assert (await api.signed_post(_post(1), key=SIGNING_KEY, webhook_id="msg_1"))[0] == 202
        os.kill(fresh.engine_pid(), signal.SIGKILL)
        await process.until("engine_restarted")
        status = 0
        while status != 202:
            status, _ = await api.signed_post(_post(2), key=SIGNING_KEY, webhook_id="msg_2")
            assert status in (202, 503)
        for subject in ("number 1", "number 2"):
            await api.until("ticket.created", lambda event, subject=subject: _subject(event) == subject, limit=90)
        assert len(await api.tickets()) == 2


async def test_a_second_gateway_on_the_same_folder_is_refused_naming_the_first(fresh: Gateway) -> None:
    first = await fresh.start()
    second = await fresh.run("serve")
    assert await second.ended() == 1
    assert len(second.told) == 1
    assert f"pid {first.pid}" in second.told[0]
    assert first.alive


async def test_while_the_smarthost_is_away_replies_stay_queued_with_the_cause_and_leave_later() -> None:
    port = free_port()
    async with gateway(channels__mail__smarthost=f"127.0.0.1:{port}") as away, away.api() as api:
        await away.start()
        await deliver(away, written("Is anybody there?", subject="Anybody"))
        created = await api.until("ticket.created")
        detail = await api.get(f"/v1/tickets/{created['subject']}")
        while not (delivery := detail["articles"][1]["delivery"])["detail"]:
            detail = await api.get(f"/v1/tickets/{created['subject']}")
        assert delivery["state"] == "queued"
        assert f"127.0.0.1:{port}" in delivery["detail"]
        assert (await api.ask("GET", "/readyz"))[0] == 200
        async with listening_sink(port) as sink:
            assert "case number" in plain(await sink.mail())
            sent = await api.until("message.sent")
            assert sent["data"]["article"]["delivery"]["state"] == "sent"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_in_order(fresh: Gateway, number: signal.Signals) -> None:
    process = await fresh.start()
    engine = fresh.engine_pid()
    process.send(number)
    assert await process.ended() == 0
    assert process.log("stopped")
    assert not runs(engine)


async def test_a_mail_under_way_gets_its_answer_while_it_stops(fresh: Gateway) -> None:
    process = await fresh.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", fresh.smtp_port)
    for line in ("EHLO there", "MAIL FROM:<maria@example.org>", "RCPT TO:<support@example.test>", "DATA"):
        writer.write(f"{line}\r\n".encode())
    while not (await reader.readline()).startswith(b"354"):
        pass
    process.send(signal.SIGTERM)
    await process.until('"action": "stopping"')
    writer.write(b"From: maria@example.org\r\nSubject: late\r\n\r\nStill in time.\r\n.\r\n")
    assert (await reader.readline()).startswith(b"250")
    writer.close()
    assert await process.ended() == 0

    await fresh.start()
    async with fresh.api() as api:
        await api.until("ticket.created", lambda event: _subject(event) == "late", limit=60)


async def test_a_second_signal_ends_it_at_once_and_takes_the_engine_along(fresh: Gateway) -> None:
    process = await fresh.start()
    engine = fresh.engine_pid()
    _, writer = await asyncio.open_connection("127.0.0.1", fresh.smtp_port)
    writer.write(b"EHLO there\r\nMAIL FROM:<maria@example.org>\r\n")
    async with fresh.api() as api:
        stream = api.events()
        process.send(signal.SIGTERM)
        await process.until('"action": "stopping"')
        process.send(signal.SIGTERM)
        assert await process.ended() == 130
        await stream.aclose()  # type: ignore[attr-defined]
    writer.close()
    await _gone(engine)


def _subject(event: Event) -> str:
    return str(event["data"]["ticket"]["subject"])


def _post(number: int) -> bytes:
    return json.dumps({"email": f"p{number}@example.org", "message": "hello", "subject": f"number {number}"}).encode()


async def _gone(pid: int) -> None:
    with suppress(ProcessLookupError):
        watched = WatchedProcess(pid)
        async with asyncio.timeout(30):
            await watched.gone()
        watched.close()
