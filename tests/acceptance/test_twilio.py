"""Twilio from end to end: a customer writes, the desk answers, Twilio hears one right request, its receipt shows."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from aiohttp import ClientSession, CookieJar

from tests.fakes.twilio import MARIA, OURS, SID, FakeTwilio
from trunkline.queue.server_binary import ServerBinary

from .api import Api
from .gateway import ADMIN, Gateway, gateway

TOKEN = "an auth token of the tests"
ADDRESS, PATH = "https://desk.example", "/v1/twilio/support"
RECORDED = Path(__file__).parents[1] / "fixtures" / "twilio"
VOICE = b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"\xff\xfb\x90\x00" * 50
ADDRESSES = ("recordingStatusCallback", "transcribeCallback")
KOFI = "whatsapp:+233201234567"


@pytest.fixture
async def twilio() -> AsyncIterator[FakeTwilio]:
    async with FakeTwilio(TOKEN) as listening:
        yield listening


@pytest.fixture
async def desk(server_binary: ServerBinary, twilio: FakeTwilio) -> AsyncIterator[Gateway]:
    settings = {
        "channels__twilio__support__sid": SID,
        "channels__twilio__support__address": ADDRESS,
        "channels__twilio__support__api": twilio.base,
        "channels__twilio__support__voice__greeting": "Your call is recorded. Please speak after the tone.",
        "channels__twilio__support__voice__transcribe": "true",
        "secret_twilio_support": TOKEN,
        "undo__twilio": "0s",
        "acknowledgement__enabled": "false",
    }
    async with gateway(**settings) as made:
        yield made


async def _post(desk: Gateway, twilio: FakeTwilio, fields: dict[str, str], query: str = "") -> str:
    status, body = await twilio.post(f"{desk.url}{PATH}{query}", fields, public=f"{ADDRESS}{PATH}{query}")
    assert status == 200, body
    return body


async def _write(desk: Gateway, twilio: FakeTwilio, api: Api, fields: dict[str, str]) -> dict[str, str]:
    """Somebody writes, Twilio posts it to both addresses; the ticket that it is in."""
    await _post(desk, twilio, fields)
    await _post(desk, twilio, {**fields, "ErrorCode": "11200", "ErrorUrl": f"{ADDRESS}{PATH}"})
    received = await api.until("message.received", lambda each: each["data"]["article"]["text"] == fields["Body"])
    return dict(received["data"]["ticket"])


async def test_a_customer_writes_and_is_answered_and_sees_what_became_of_it(desk: Gateway, twilio: FakeTwilio) -> None:
    process = await desk.start()
    async with desk.api() as api:
        ticket = await _write(desk, twilio, api, twilio.message("Where is my parcel? It has been a week."))
        assert (ticket["channel"], ticket["queue"], ticket["language"]) == ("twilio", "support", "en")
        await api.presence("ada")
        await api.do("POST", f"/v1/tickets/{ticket['id']}/accept", {"agent": "ada"})
        twilio.loses_answers = True
        body = {"kind": "reply", "text": "It is on its way.", "agent": "ada"}
        await api.do("POST", f"/v1/tickets/{ticket['id']}/messages", body)
        await twilio.arrival.wait()
        (message,) = twilio.sent
        assert (message["To"], message["From"], message["Body"]) == (MARIA, OURS, "It is on its way.")

        query = "?" + urlsplit(message["StatusCallback"]).query
        await _post(desk, twilio, twilio.receipt(0, "delivered"), query)
        delivered = await api.until("message.delivered")
        assert delivered["data"]["article"]["delivery"]["detail"] == "Twilio: delivered"

        later = await _write(desk, twilio, api, twilio.message("Thank you!"))
        other = await _write(
            desk, twilio, api, twilio.message("Do you ship to Ghana?", From=KOFI, To="whatsapp:" + OURS)
        )
        assert later["id"] == ticket["id"] != other["id"]
        detail = await api.get(f"/v1/tickets/{ticket['id']}")
        assert [article["kind"] for article in detail["articles"]] == ["message", "reply", "message"]
        assert await api.metric('trunkline_twilio_posts_total{outcome="taken"}') == 7
    assert await process.stop() == 0
    assert not any(TOKEN in told for told in (*process.said, *process.told))


async def _page(desk: Gateway, ticket: str) -> str:
    """The ticket as the desk page shows it to the administrator."""
    async with ClientSession(desk.url, cookie_jar=CookieJar(unsafe=True)) as browser:
        await browser.post("/desk/sign-in", data={"token": ADMIN, "next": ""}, headers={"Origin": desk.url})
        async with browser.get(f"/desk/tickets/{ticket}") as page:
            return await page.text()


async def test_an_agent_sees_before_they_write_that_the_customer_has_opted_out(
    desk: Gateway, twilio: FakeTwilio
) -> None:
    told = "They have opted out (STOP): nothing reaches them until they write START."
    process = await desk.start()
    async with desk.api() as api:
        ticket = await _write(desk, twilio, api, twilio.message("Where is my parcel?"))
        assert told not in await _page(desk, ticket["id"])
        await _post(desk, twilio, twilio.message("STOP"))
        await api.until("message.received", lambda each: each["data"]["article"]["text"].startswith("STOP"))
        assert told in await _page(desk, ticket["id"])
        await _write(desk, twilio, api, twilio.message("START"))
        assert told not in await _page(desk, ticket["id"])
    assert await process.stop() == 0


async def test_a_file_of_an_answer_is_fetched_by_twilio_from_the_gateway(desk: Gateway, twilio: FakeTwilio) -> None:
    process = await desk.start()
    twilio.reach = {ADDRESS: desk.url}
    async with desk.api() as api:
        ticket = await _write(desk, twilio, api, twilio.message("Which lamp is it?"))
        await api.presence("ada")
        await api.do("POST", f"/v1/tickets/{ticket['id']}/accept", {"agent": "ada"})
        picture = b"\x89PNG\r\n\x1a\n a lamp"
        file = await api.upload(picture, "lamp.png", "image/png")
        body = {"kind": "reply", "text": "This one.", "agent": "ada", "attachments": [file]}
        await api.do("POST", f"/v1/tickets/{ticket['id']}/messages", body)
        await twilio.arrival.wait()
        (message,) = twilio.sent
        (fetched,) = twilio.fetched
        assert (message["Body"], message["NumMedia"]) == ("This one.", "1")
        assert (fetched.statuses, fetched.content, fetched.media_type) == ((200, 200), picture, "image/png")
        assert fetched.disposition.startswith('attachment; filename="lamp.png"')
    assert await process.stop() == 0


async def test_a_call_is_a_ticket_at_once_to_which_the_message_and_what_it_says_are_added(
    desk: Gateway, twilio: FakeTwilio
) -> None:
    process = await desk.start()
    async with desk.api() as api:
        call = twilio.call(StirVerstat="TN-Validation-Passed-A")
        record = ElementTree.fromstring(await _post(desk, twilio, call)).find("Record")
        assert record is not None
        received = await api.until("message.received")
        ticket = received["data"]["ticket"]
        assert (received["data"]["article"]["text"], ticket["channel"]) == ("They called.", "twilio")

        ready, written = ("?" + urlsplit(record.attrib[name]).query for name in ADDRESSES)
        recording = twilio.recording(call, VOICE)
        for _ in range(2):
            await _post(desk, twilio, recording, ready)
        await _post(desk, twilio, twilio.transcript(recording, "Please call me back."), written)
        await api.until("message.extended", lambda each: "call me back" in each["data"]["article"]["text"])
        await api.until("message.file_fetched")

        detail = await api.get(f"/v1/tickets/{ticket['id']}")
        (article,) = detail["articles"]
        (file,) = article["attachments"]
        assert (file["name"], file["state"], file["size"]) == ("voicemail.mp3", "stored", len(VOICE))
        assert article["text"].split("\n\n") == [
            "They called.",
            "They left a message of 23 seconds.",
            "As Twilio understood it: Please call me back.",
        ]
    assert await process.stop() == 0


async def test_recorded_posts_are_printed_as_envelopes(desk: Gateway) -> None:
    recorded = ("sms", "mms_photo", "receipt_read", "receipt_queued", "unknown_event")
    process = await desk.run("parse", "twilio", *(str(RECORDED / f"{name}.txt") for name in recorded))
    assert await process.ended() == 1
    *envelopes, nothing, unknown = (json.loads(each) for each in process.said)
    assert [each["kind"] for each in envelopes] == ["message", "message", "delivery"]
    assert nothing["nothing"] == "a message of ours is queued"
    assert unknown["error"].startswith("not a post of Twilio that is known here")


async def test_what_is_missing_or_wrong_is_named_with_where_to_get_it(desk: Gateway) -> None:
    del desk.environ["TRUNKLINE_SECRET_TWILIO_SUPPORT"]
    checked = await desk.run("check")
    assert await checked.ended() == 1
    (told,) = [line for line in (*checked.said, *checked.told) if "TRUNKLINE_SECRET_TWILIO_SUPPORT" in line]
    assert "Twilio Console" in told
