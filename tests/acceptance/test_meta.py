"""Messenger and WhatsApp from end to end: customers write, the desk answers, Meta hears exactly one right request."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.meta import FakeMeta
from trunkline.queue.server_binary import ServerBinary

from .api import Api
from .gateway import Gateway, gateway

MARIA, KOFI = "7001002003004005", "553188881234"
TOKEN, SECRET, VERIFY = "an-access-token-of-the-tests", "an app secret of the tests", "a-verify-token"
RECORDED = Path(__file__).parents[1] / "fixtures" / "meta"


@pytest.fixture
async def messenger() -> AsyncIterator[FakeMeta]:
    async with FakeMeta(TOKEN, SECRET) as listening:
        yield listening


@pytest.fixture
async def whatsapp() -> AsyncIterator[FakeMeta]:
    async with FakeMeta(TOKEN, SECRET, "whatsapp") as listening:
        yield listening


@pytest.fixture
async def desk(server_binary: ServerBinary, messenger: FakeMeta, whatsapp: FakeMeta) -> AsyncIterator[Gateway]:
    settings = {
        "channels__meta__shop__product": "messenger",
        "channels__meta__shop__id": messenger.owner,
        "channels__meta__shop__api": messenger.base,
        "channels__meta__number__product": "whatsapp",
        "channels__meta__number__id": whatsapp.owner,
        "channels__meta__number__app": "shop",
        "channels__meta__number__api": whatsapp.base,
        "secret_meta_shop": SECRET,
        "secret_meta_shop_verify": VERIFY,
        "secret_meta_shop_token": TOKEN,
        "secret_meta_number_token": TOKEN,
        "undo__meta": "0s",
        "acknowledgement__enabled": "false",
    }
    async with gateway(**settings) as made:
        yield made


async def _ticket(desk: Gateway, meta: FakeMeta, api: Api, who: str, text: str) -> dict[str, Any]:
    """Somebody writes, Meta posts it twice; the ticket that it is in, which Ada has."""
    entry = meta.text(who, text)
    for _ in range(2):
        assert await meta.post(f"{desk.url}/v1/meta/shop", entry) == 200
    received = await api.until("message.received", lambda each: each["data"]["article"]["text"] == text)
    ticket = dict(received["data"]["ticket"])
    await api.presence("ada")
    await api.do("POST", f"/v1/tickets/{ticket['id']}/accept", {"agent": "ada"})
    return ticket


async def _reply(api: Api, ticket: dict[str, Any], text: str) -> None:
    body = {"kind": "reply", "text": text, "agent": "ada"}
    await api.do("POST", f"/v1/tickets/{ticket['id']}/messages", body)
    await api.until("message.sent", lambda each: each["data"]["article"]["text"] == text)


async def _delivery(api: Api, ticket: dict[str, Any]) -> tuple[str, str]:
    detail = await api.get(f"/v1/tickets/{ticket['id']}")
    delivery = detail["articles"][-1]["delivery"]
    return delivery["state"], delivery["detail"]


async def test_customers_write_and_are_answered_exactly_once_with_receipts(
    desk: Gateway, messenger: FakeMeta, whatsapp: FakeMeta
) -> None:
    process = await desk.start()
    webhook = f"{desk.url}/v1/meta/shop"
    async with desk.api() as api:
        ticket = await _ticket(desk, messenger, api, MARIA, "Where is my parcel? It has been a week.")
        assert (ticket["channel"], ticket["account"], ticket["language"]) == ("meta", "shop", "en")
        await _reply(api, ticket, "It is on its way.")
        (message,) = messenger.sent
        assert (message["recipient"], message["message"]["text"]) == ({"id": MARIA}, "It is on its way.")
        read = messenger.event(MARIA, read={"watermark": 4_000_000_000_000})
        assert await messenger.post(webhook, read) == 200
        await api.until("message.read")
        assert (await _delivery(api, ticket))[0] == "read"

        inbox = {"mid": "m_inbox_1", "text": "And it arrives on Monday.", "is_echo": True, "app_id": 263902037430900}
        elsewhere = messenger.event(messenger.owner, recipient={"id": MARIA}, message=inbox)
        assert await messenger.post(webhook, elsewhere) == 200
        written = await api.until("message.queued", lambda each: each["data"]["article"]["external_id"] == "m_inbox_1")
        assert written["data"]["article"]["author"]["name"] == "outside of the desk"
        assert (await _delivery(api, ticket))[0] == "sent"
        assert len(messenger.sent) == 1

        other = await _ticket(desk, whatsapp, api, KOFI, "Cadê meu pedido?")
        assert (other["channel"], other["account"]) == ("meta", "number")
        whatsapp.loses_answers = True
        body = {"kind": "reply", "text": "Está a caminho.", "agent": "ada"}
        await api.do("POST", f"/v1/tickets/{other['id']}/messages", body)
        await api.until("message.delivery_unknown")
        (sent,) = whatsapp.sent
        assert (sent["to"], sent["text"]["body"]) == (KOFI, "Está a caminho.")
        status = {"id": sent["mid"], "status": "delivered", "timestamp": "1796000900", "recipient_id": KOFI}
        mark = {"biz_opaque_callback_data": sent["biz_opaque_callback_data"]}
        assert await whatsapp.post(webhook, whatsapp.change("messages", statuses=[status | mark])) == 200
        assert await whatsapp.post(webhook, whatsapp.change("messages", statuses=[status | {"id": "wamid.x"}])) == 200
        await api.until("message.delivered")
        assert (await _delivery(api, other))[0] == "delivered"
        assert await api.metric('trunkline_meta_posts_total{outcome="taken"}') == 8
        assert (await api.get("/v1/suspended"))["items"] == []
    assert await process.stop() == 0
    assert not any(TOKEN in told or SECRET in told for told in (*process.said, *process.told))


async def test_recorded_posts_are_printed_as_envelopes(desk: Gateway) -> None:
    told = ("messenger_batch", "instagram_comment", "whatsapp_edit", "messenger_handover", "unknown_event_of_messenger")
    names = [str(RECORDED / f"{name}.json") for name in told]
    process = await desk.run("parse", "meta", *names)
    assert await process.ended() == 1
    *envelopes, nothing, unknown = (json.loads(each) for each in process.said)
    assert [each["kind"] for each in envelopes] == ["message", "delivery", "message", "message", "edit"]
    assert nothing == {"file": names[3], "nothing": "messenger: pass_thread_control"}
    assert unknown["error"].startswith("not an event of Meta that is known here")
