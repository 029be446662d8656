"""Telegram from end to end: customers write, the desk answers, and the Bot API hears exactly one right request."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.conformance.telegram_subject import MARIA, SECRET, TOKEN, update
from tests.fakes.telegram import FakeTelegram
from trunkline.queue.server_binary import ServerBinary

from .api import Api
from .gateway import Gateway, gateway

OTHER = "4712:another-token-of-the-tests"
RECORDED = Path(__file__).parents[1] / "fixtures" / "telegram"
PHOTO = b"\x89PNG\r\n\x1a\n" + bytes(100)


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    made = FakeTelegram(TOKEN, OTHER)
    await made.start()
    for bot in made.bots.values():
        bot.chats.add(MARIA)
    yield made
    await made.stop()


@pytest.fixture
async def desk(server_binary: ServerBinary, telegram: FakeTelegram) -> AsyncIterator[Gateway]:
    settings = {
        "channels__telegram__support__api": telegram.url,
        "channels__telegram__support__address": "https://desk.example.com",
        "channels__telegram__sales__api": telegram.url,
        "channels__telegram__sales__receive": "poll",
        "secret_telegram_support": TOKEN,
        "secret_telegram_support_webhook": SECRET,
        "secret_telegram_sales": OTHER,
        "undo__telegram": "0s",
        "acknowledgement__enabled": "false",
    }
    async with gateway(**settings) as made:
        yield made


async def _posted(desk: Gateway, told: dict[str, Any]) -> None:
    """Telegram posts it twice."""
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
    async with aiohttp.ClientSession() as session:
        for _ in range(2):
            async with session.post(f"{desk.url}/v1/telegram/support", json=told, headers=headers) as response:
                assert response.status == 200


async def _received(api: Api, text: str) -> dict[str, Any]:
    """The ticket that a message is in."""
    received = await api.until("message.received", lambda each: each["data"]["article"]["text"] == text)
    return dict(received["data"]["ticket"])


async def test_customers_write_to_two_bots_and_are_answered_exactly_once(desk: Gateway, telegram: FakeTelegram) -> None:
    support, sales = telegram.bots[TOKEN], telegram.bots[OTHER]
    process = await desk.start()
    async with desk.api() as api:
        support.files["AgAC"] = PHOTO
        photo = [{"file_id": "AgAC", "file_unique_id": "u", "width": 9, "height": 9, "file_size": len(PHOTO)}]
        words = "Where is my parcel? It has been a week."
        await _posted(desk, update(1, text=None, caption=words, photo=photo))
        ticket = await _received(api, words)
        assert (ticket["channel"], ticket["queue"], ticket["language"]) == ("telegram", "support", "en")
        await api.until("message.file_fetched")
        await api.presence("ada")
        await api.do("POST", f"/v1/tickets/{ticket['id']}/accept", {"agent": "ada"})
        body = {"kind": "reply", "text": "It is on its way.", "agent": "ada"}
        await api.do("POST", f"/v1/tickets/{ticket['id']}/messages", body)
        sent = await api.until("message.sent")
        assert sent["data"]["article"]["delivery"]["detail"] == "Telegram took it"
        assert [(each["chat_id"], each["text"]) for each in support.sent] == [(str(MARIA), "It is on its way.")]

        for number in (11, 12, 13):
            words = {"caption": "Three lamps"} if number == 11 else {}
            photo = [{"file_id": f"A{number}", "file_unique_id": f"u{number}", "width": 9, "height": 9}]
            support.files[f"A{number}"] = PHOTO + bytes(number)
            await _posted(desk, update(number, text=None, photo=photo, media_group_id="77", **words))
        album = await api.until("message.file_fetched", lambda each: len(each["data"]["article"]["attachments"]) == 3)
        assert album["data"]["article"]["text"] == "Three lamps"

        sales.tell(update(1, "Do you ship to Ghana?"))
        other = await _received(api, "Do you ship to Ghana?")
        await _posted(desk, update(21, "Thank you, it is here!"))
        later = await _received(api, "Thank you, it is here!")
        assert later["id"] == ticket["id"] != other["id"]
        detail = await api.get(f"/v1/tickets/{ticket['id']}")
        assert [article["kind"] for article in detail["articles"]] == ["message", "reply", "message", "message"]
        assert detail["articles"][0]["attachments"][0]["state"] == "stored"
        assert await api.metric('trunkline_telegram_posts_total{outcome="taken"}') == 10
        assert await api.metric('trunkline_telegram_polled_updates_total{bot="sales"}') == 1
    assert support.webhook["url"] == "https://desk.example.com/v1/telegram/support"
    assert await process.stop() == 0
    assert not any(secret in line for secret in (TOKEN, OTHER, SECRET) for line in (*process.said, *process.told))


async def test_what_customers_change_and_mark_shows_at_the_messages(desk: Gateway, telegram: FakeTelegram) -> None:
    support = telegram.bots[TOKEN]
    process = await desk.start()
    async with desk.api() as api:
        first = update(1, "My lamp is borken, please help me with it")
        await _posted(desk, first)
        ticket = await _received(api, first["message"]["text"])
        body = {"kind": "reply", "text": "Try another bulb.", "agent": "ada"}
        await api.do("POST", f"/v1/tickets/{ticket['id']}/messages", body)
        await api.until("message.sent")
        mended = first["message"] | {"text": "My lamp is broken, please help me with it", "edit_date": 1_700_000_060}
        await _posted(desk, {"update_id": 500, "edited_message": mended})
        edited = await api.until("message.edited")
        assert edited["data"]["article"]["text"] == mended["text"]

        mark = {"chat": mended["chat"], "user": mended["from"], "message_id": support.numbers, "date": 1_700_000_070}
        thumb = {"old_reaction": [], "new_reaction": [{"type": "emoji", "emoji": "👍"}]}
        await _posted(desk, {"update_id": 501, "message_reaction": mark | thumb})
        marked = await api.until("message.reacted")
        assert [each["emoji"] for each in marked["data"]["article"]["reactions"]] == ["👍"]
        assert marked["data"]["article"]["text"] == "Try another bulb."

        theirs = update(30, "Do you have red lamps?", business_connection_id="bc_1")
        ours = update(31, "We do", business_connection_id="bc_1")
        ours["message"]["from"] = {"id": 9001, "is_bot": False, "first_name": "Lamp Shop"}
        for each in (theirs, ours):
            await _posted(desk, {"update_id": each["update_id"], "business_message": each["message"]})
        lamps = await _received(api, "Do you have red lamps?")
        answered = await api.until("message.queued", lambda each: each["data"]["article"]["text"] == "We do")
        assert answered["data"]["ticket"]["id"] == lamps["id"] != ticket["id"]

        contact = {"phone_number": "491701234567", "first_name": "Maria", "user_id": MARIA}
        await _posted(desk, update(9, text=None, contact=contact))
        shared = await api.until("message.received", lambda each: "491701234567" in each["data"]["article"]["text"])
        customer = await api.get(f"/v1/customers/{shared['data']['ticket']['customer']}")
        assert [link["identity"] for link in customer["links"]] == ["phone:+491701234567"]
    assert await process.stop() == 0


async def test_recorded_updates_are_printed_as_envelopes(desk: Gateway) -> None:
    names = [str(RECORDED / f"{name}.json") for name in ("text", "edited_message", "poll_answer", "broken_half")]
    process = await desk.run("parse", "telegram", *names)
    assert await process.ended() == 1
    message, edit, nothing, broken = (json.loads(each) for each in process.said)
    assert (message["kind"], edit["kind"]) == ("message", "edit")
    assert nothing == {"file": names[2], "nothing": "an update of the kind 'poll_answer'"}
    assert broken["file"] == names[3]
    assert "error" in broken


async def test_a_token_that_is_none_is_named_with_where_to_get_it(desk: Gateway) -> None:
    desk.environ["TRUNKLINE_SECRET_TELEGRAM_SALES"] = "my-bot"
    checked = await desk.run("check")
    assert await checked.ended() != 0
    (told,) = [line for line in (*checked.said, *checked.told) if "TRUNKLINE_SECRET_TELEGRAM_SALES" in line]
    assert "@BotFather" in told
    assert "my-bot" not in checked.transcript
