"""LINE from end to end: a customer writes, the desk answers, and LINE hears exactly one right request."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.line import FakeLine
from trunkline.queue.server_binary import ServerBinary

from .api import Api
from .gateway import Gateway, gateway

MARIA, KOFI = "U" + "a1" * 16, "U" + "c2" * 16
TOKEN, SECRET = "an access token of the tests", "a channel secret of the tests"
ADDRESS = "https://desk.example"
PHOTO = b"\x89PNG\r\n\x1a\n" + b"x" * 100
RECORDED = Path(__file__).parents[1] / "fixtures" / "line"


@pytest.fixture
async def line() -> AsyncIterator[FakeLine]:
    async with FakeLine(TOKEN, SECRET) as listening:
        yield listening


@pytest.fixture
async def desk(server_binary: ServerBinary, line: FakeLine) -> AsyncIterator[Gateway]:
    settings = {
        "channels__line__shop__api": line.base,
        "channels__line__shop__data_api": line.base,
        "channels__line__shop__address": ADDRESS,
        "secret_line_shop": SECRET,
        "secret_line_shop_token": TOKEN,
        "undo__line": "0s",
        "acknowledgement__enabled": "false",
    }
    async with gateway(**settings) as made:
        yield made


async def _write(desk: Gateway, line: FakeLine, api: Api, who: str, text: str, id_: str) -> dict[str, str]:
    """Somebody writes, LINE posts it twice; the ticket that it is in."""
    event = line.text(who, text, id_=id_)
    assert await line.post(f"{desk.url}/v1/line/shop", event) == 200
    again = event | {"deliveryContext": {"isRedelivery": True}}
    assert await line.post(f"{desk.url}/v1/line/shop", again) == 200
    received = await api.until("message.received", lambda each: each["data"]["article"]["text"] == text)
    return dict(received["data"]["ticket"])


async def test_a_customer_writes_and_is_answered_exactly_once(desk: Gateway, line: FakeLine) -> None:
    process = await desk.start()
    async with desk.api() as api:
        ticket = await _write(desk, line, api, MARIA, "Where is my parcel? It has been a week.", "593000000000000001")
        assert (ticket["channel"], ticket["queue"], ticket["language"]) == ("line", "support", "en")
        await api.presence("ada")
        await api.do("POST", f"/v1/tickets/{ticket['id']}/accept", {"agent": "ada"})
        line.loses_answers = True
        body = {"kind": "reply", "text": "It is on its way.", "agent": "ada"}
        await api.do("POST", f"/v1/tickets/{ticket['id']}/messages", body)
        sent = await api.until("message.sent")
        assert sent["data"]["article"]["delivery"]["detail"] == "LINE took it (it had been taken before)"
        (push,) = line.pushes
        assert (push.key, push.to, push.texts) == (sent["data"]["article"]["id"], MARIA, ["It is on its way."])

        line.loses_answers, line.reach = False, {ADDRESS: desk.url}
        file = await api.upload(PHOTO, "parcel.png", "image/png")
        await api.do("POST", f"/v1/tickets/{ticket['id']}/messages", {**body, "text": "Here.", "attachments": [file]})
        await api.until("message.sent", lambda each: each["data"]["article"]["text"] == "Here.")
        assert list(line.fetched.values()) == [(200, "image/png", PHOTO)]
        assert list(line.fetched) == [line.pushes[1].messages[1]["originalContentUrl"]]

        later = await _write(desk, line, api, MARIA, "Thank you!", "593000000000000002")
        other = await _write(desk, line, api, KOFI, "Do you ship to Ghana?", "593000000000000003")
        assert later["id"] == ticket["id"] != other["id"]
        detail = await api.get(f"/v1/tickets/{ticket['id']}")
        assert [article["kind"] for article in detail["articles"]] == ["message", "reply", "reply", "message"]
        assert await api.metric('trunkline_line_posts_total{outcome="taken"}') == 6
    assert await process.stop() == 0
    assert not any(TOKEN in told or SECRET in told for told in (*process.said, *process.told))


async def test_recorded_posts_are_printed_as_envelopes(desk: Gateway) -> None:
    names = [str(RECORDED / f"{name}.json") for name in ("several_people", "unsend", "file", "follow", "unknown_event")]
    process = await desk.run("parse", "line", *names)
    assert await process.ended() == 1
    *envelopes, nothing, unknown = (json.loads(each) for each in process.said)
    assert [each["kind"] for each in envelopes] == ["message", "message", "message", "delete", "message"]
    assert nothing == {"file": names[3], "nothing": "follow"}
    assert unknown["error"].startswith("not an event of LINE that is known here")


async def test_a_secret_that_is_missing_is_named_with_where_to_get_it(desk: Gateway) -> None:
    del desk.environ["TRUNKLINE_SECRET_LINE_SHOP_TOKEN"]
    checked = await desk.run("check")
    assert await checked.ended() == 1
    (told,) = [line for line in (*checked.said, *checked.told) if "TRUNKLINE_SECRET_LINE_SHOP_TOKEN" in line]
    assert "LINE Developers Console" in told
