"""WeChat from end to end: a customer writes, the desk answers, and WeChat hears exactly one right request."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.wechat import FakeWechat
from trunkline.queue.server_binary import ServerBinary

from .api import Api
from .gateway import Gateway, gateway

APP_ID, MARIA, KOFI = "wxba5fad812f8e6fb9", "o" + "a1" * 13 + "a", "o" + "c2" * 13 + "c"
SECRET, TOKEN, KEY = "5ec2e7" * 5 + "00", "aTokenOfTheTests", "anEncodingKeyOfTheTests" + "A" * 20
PHOTO = b"\x89PNG\r\n\x1a\n" + b"x" * 100
RECORDED = Path(__file__).parents[1] / "fixtures" / "wechat"


@pytest.fixture
async def wechat() -> AsyncIterator[FakeWechat]:
    async with FakeWechat(APP_ID, SECRET, TOKEN, KEY) as listening:
        yield listening


@pytest.fixture
async def desk(server_binary: ServerBinary, wechat: FakeWechat) -> AsyncIterator[Gateway]:
    settings = {
        "channels__wechat__shop__app_id": APP_ID,
        "channels__wechat__shop__api": wechat.base,
        "secret_wechat_shop": SECRET,
        "secret_wechat_shop_token": TOKEN,
        "secret_wechat_shop_key": KEY,
        "undo__wechat": "0s",
        "acknowledgement__enabled": "false",
    }
    async with gateway(**settings) as made:
        yield made


async def _write(desk: Gateway, wechat: FakeWechat, api: Api, who: str, text: str) -> dict[str, str]:
    """Somebody writes, WeChat posts it twice; the ticket that it is in."""
    message = wechat.message(who, "text", Content=text)
    for _ in range(2):
        assert await wechat.post(f"{desk.url}/v1/wechat/shop", message) == 200
    received = await api.until("message.received", lambda each: each["data"]["article"]["text"] == text)
    return dict(received["data"]["ticket"])


async def test_a_customer_writes_and_is_answered_exactly_once(desk: Gateway, wechat: FakeWechat) -> None:
    process = await desk.start()
    async with desk.api() as api:
        assert await wechat.ask(f"{desk.url}/v1/wechat/shop", "4375120948345356249") == (200, "4375120948345356249")
        ticket = await _write(desk, wechat, api, MARIA, "我的包裹还没有收到，请问什么时候能到？")
        assert (ticket["channel"], ticket["queue"], ticket["language"]) == ("wechat", "support", "zh")
        await api.presence("ada")
        await api.do("POST", f"/v1/tickets/{ticket['id']}/accept", {"agent": "ada"})
        wechat.expire()
        body = {"kind": "reply", "text": "您好，今天送到。", "agent": "ada"}
        await api.do("POST", f"/v1/tickets/{ticket['id']}/messages", body)
        sent = await api.until("message.sent")
        assert sent["data"]["article"]["delivery"]["detail"] == "WeChat took it"
        assert wechat.sent == [{"touser": MARIA, "msgtype": "text", "text": {"content": "您好，今天送到。"}}]

        later = await _write(desk, wechat, api, MARIA, "谢谢！")
        other = await _write(desk, wechat, api, KOFI, "Do you ship to Ghana?")
        assert later["id"] == ticket["id"] != other["id"]
        detail = await api.get(f"/v1/tickets/{ticket['id']}")
        assert [article["kind"] for article in detail["articles"]] == ["message", "reply", "message"]
        assert await api.metric('trunkline_wechat_posts_total{outcome="taken"}') == 6
    assert await process.stop() == 0
    assert not any(
        each in told for told in (*process.said, *process.told) for each in (SECRET, TOKEN, KEY, "access-token")
    )


async def test_recorded_posts_are_printed_as_envelopes(desk: Gateway) -> None:
    names = [
        str(RECORDED / f"{name}.xml") for name in ("text", "voice_understood", "click", "subscribe", "broken_bomb")
    ]
    process = await desk.run("parse", "wechat", *names)
    assert await process.ended() == 1
    *envelopes, nothing, bomb = (json.loads(each) for each in process.said)
    assert [each["kind"] for each in envelopes] == ["message", "message", "message"]
    assert nothing == {"file": names[3], "nothing": "subscribe"}
    assert "document type" in bomb["error"]


async def test_a_secret_that_is_missing_or_wrong_is_named_with_where_to_get_it(desk: Gateway) -> None:
    del desk.environ["TRUNKLINE_SECRET_WECHAT_SHOP"]
    desk.environ["TRUNKLINE_SECRET_WECHAT_SHOP_KEY"] = "too short"
    checked = await desk.run("check")
    assert await checked.ended() == 1
    told = "\n".join((*checked.said, *checked.told))
    assert "WeChat developer platform" in told
    assert "43 letters and digits" in told
