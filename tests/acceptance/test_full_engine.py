"""A full gateway refuses honestly what it has no room for, and finishes all that it has accepted."""

import asyncio
import json
import smtplib
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count

import pytest

from trunkline.queue.server_binary import ServerBinary

from .api import Api
from .gateway import SIGNING_KEY, gateway
from .mails import deliver, written

LIMIT = 300.0  # seconds; a machine under load fills it slowly


@dataclass
class Flood:
    """What became of many posts: ids of the accepted ones, and names of those of which only the gateway knows."""

    accepted: list[str] = field(default_factory=list)
    unsure: set[str] = field(default_factory=set)

    async def post_until_refused(self, api: Api, size: int) -> None:
        """Posts side by side until one is refused for want of room."""
        refused = asyncio.Event()

        async def post_on(lane: int) -> None:
            for number in count(1):
                body = {"email": f"p{lane}x{number}@example.org", "message": "word " * (size // 5), "subject": "fill"}
                while not refused.is_set() and not await self._is_settled(api, body, f"msg_{lane}_{number}", refused):
                    pass
                if refused.is_set():
                    return

        async with asyncio.timeout(LIMIT):
            await asyncio.gather(*(post_on(lane) for lane in range(16)))

    async def _is_settled(self, api: Api, body: Mapping[str, str], name: str, refused: asyncio.Event) -> bool:
        """One post; without a word, or when the engine is too busy to answer, it comes again as senders do."""
        try:
            status, found = await api.signed_post(json.dumps(body).encode(), key=SIGNING_KEY, webhook_id=name)
        except TimeoutError:
            self.unsure.add(name)
            return False
        if status == 202:
            self.accepted.append(found["id"])
            self.unsure.discard(name)
        elif found["code"] == "engine_full":
            refused.set()
        else:
            assert (status, found["code"]) == (503, "engine_unavailable")
            self.unsure.add(name)
            return False
        return True


async def test_without_room_every_channel_refuses_for_now_and_says_so(server_binary: ServerBinary) -> None:
    settings = {"engine__maxmemory": "32MiB", "engine__memory_mark": "10"}
    async with gateway(**settings) as small, small.api() as api:
        process = await small.start()
        await Flood().post_until_refused(api, 500)
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
        await api.do("POST", f"/v1/tickets/{ticket['id']}/assign", {"agent": "ada", "force": True})
        await api.do("POST", f"/v1/tickets/{ticket['id']}/messages", {"kind": "reply", "text": "Work goes on."})


async def test_a_flood_that_fills_it_drains_by_itself_and_nothing_accepted_is_missing(
    server_binary: ServerBinary,
) -> None:
    async with gateway(engine__maxmemory="48MiB") as small, small.api() as api:
        await small.start()
        flood = Flood()
        await flood.post_until_refused(api, 50_000)
        while await api.metric("trunkline_filed_total") < len(flood.accepted) or await api.metric("trunkline_backlog"):
            pass
        filed = await api.metric("trunkline_filed_total")
        assert len(flood.accepted) <= filed <= len(flood.accepted) + len(flood.unsure)
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
        while await api.metric("trunkline_filed_total") < 40 or await api.metric("trunkline_backlog"):
            pass
        assert await api.metric("trunkline_filed_total") == 40
        assert await api.metric('trunkline_dead{queue="intake"}') == 0
