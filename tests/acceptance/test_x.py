"""X from end to end: customers write directly and in public, the desk answers as the agent says, X hears it once."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.x import KEY, KEY_SECRET, OWNER, TOKEN, TOKEN_SECRET, FakeX
from trunkline.queue.server_binary import ServerBinary

from .api import Api
from .gateway import Gateway, gateway

MARIA, KOFI = "1590231456789012345", "1480231456789054321"
RECORDED = Path(__file__).parents[1] / "fixtures" / "x"


@pytest.fixture
async def x() -> AsyncIterator[FakeX]:
    async with FakeX() as listening:
        yield listening


@pytest.fixture
async def desk(server_binary: ServerBinary, x: FakeX) -> AsyncIterator[Gateway]:
    settings = {
        "channels__x__shop__id": OWNER,
        "channels__x__shop__api": x.base,
        "secret_x_shop": KEY_SECRET,
        "secret_x_shop_key": KEY,
        "secret_x_shop_token": TOKEN,
        "secret_x_shop_token_secret": TOKEN_SECRET,
        "undo__x": "0s",
        "acknowledgement__enabled": "false",
    }
    async with gateway(**settings) as made:
        yield made


async def _received(desk: Gateway, x: FakeX, api: Api, body: dict[str, Any], text: str) -> dict[str, Any]:
    """X posts it twice; the ticket that it is in, which Ada has."""
    for _ in range(2):
        assert await x.post(f"{desk.url}/v1/x/shop", body) == 200
    received = await api.until("message.received", lambda each: each["data"]["article"]["text"].startswith(text))
    ticket = dict(received["data"]["ticket"])
    if ticket["assignee"] != "ada":
        await api.presence("ada")
        await api.do("POST", f"/v1/tickets/{ticket['id']}/accept", {"agent": "ada"})
    return ticket


async def _reply(api: Api, ticket: dict[str, Any], text: str, **more: str) -> dict[str, Any]:
    body = {"kind": "reply", "text": text, "agent": "ada", **more}
    await api.do("POST", f"/v1/tickets/{ticket['id']}/messages", body)
    sent = await api.until("message.sent", lambda each: each["data"]["article"]["text"] == text)
    return dict(sent["data"]["article"])


async def test_customers_write_directly_and_in_public_and_are_answered_as_the_agent_says(
    desk: Gateway, x: FakeX
) -> None:
    process = await desk.start()
    webhook = f"{desk.url}/v1/x/shop"
    assert await x.challenge(webhook)
    async with desk.api() as api:
        asked = "Where is my parcel? It has been a week."
        ticket = await _received(desk, x, api, x.direct(MARIA, asked), asked)
        assert (ticket["channel"], ticket["account"], ticket["language"]) == ("x", "shop", "en")
        await _reply(api, ticket, "It is on its way.")
        (message,) = x.messages
        assert (message["to"], message["text"]) == (MARIA, "It is on its way.")
        assert await x.post(webhook, x.direct(MARIA, "It is on its way.", id_=message["id"], mine=True)) == 200
        read = {"created_timestamp": "4000000000000", "sender_id": MARIA, "last_read_event_id": message["id"]}
        assert await x.post(webhook, {"for_user_id": OWNER, "direct_message_mark_read_events": [read]}) == 200
        await api.until("message.read")
        elsewhere = x.direct(MARIA, "And it arrives on Monday.", id_="3099", mine=True)
        assert await x.post(webhook, elsewhere) == 200
        written = await api.until("message.queued", lambda each: each["data"]["article"]["text"].startswith("And it"))
        assert written["data"]["article"]["author"]["name"] == "outside of the desk"
        assert len(x.sent) == 1

        first = x.public(KOFI, "Hey @examplelamps my lamp hums", id_="2081")
        other = await _received(desk, x, api, first, "Hey @examplelamps my lamp hums\n(a post that mentions us")
        assert other["id"] != ticket["id"]
        await _reply(api, other, "Please tell us your order number.")
        assert (len(x.messages), x.posts) == (2, [])
        await _reply(api, other, "We have written to you.", mode="public")
        again = x.public(KOFI, "@examplelamps where?", id_="2085", in_reply_to_status_id_str=x.posts[0]["id"])
        again["tweet_create_events"][0] |= {"in_reply_to_user_id_str": OWNER}
        later = await _received(desk, x, api, again, "where?\n(an answer to a post of ours")
        assert later["id"] == other["id"]
        await _reply(api, other, "In your direct messages.", mode="public")
        assert [post["reply"]["in_reply_to_tweet_id"] for post in x.posts] == ["2081", "2085"]
        joined = await _received(desk, x, api, x.direct(KOFI, "It is 4711"), "It is 4711")
        assert joined["id"] == other["id"]
        assert (await api.get("/v1/suspended"))["items"] == []
        assert await api.metric('trunkline_x_posts_total{outcome="answered"}') == 1
    assert await process.stop() == 0
    secrets = (TOKEN, TOKEN_SECRET, KEY_SECRET)
    assert not any(secret in told for secret in secrets for told in (*process.said, *process.told))


async def test_what_is_too_long_in_public_is_refused_before_it_is_sent_and_directly_it_is_not(
    desk: Gateway, x: FakeX
) -> None:
    await desk.start()
    async with desk.api() as api:
        body = x.public(KOFI, "Hey @examplelamps help", id_="2081")
        ticket = await _received(desk, x, api, body, "Hey @examplelamps help")
        text = "".join(f"Sentence {number} of a long answer. " for number in range(100))
        long = {"kind": "reply", "text": text, "agent": "ada", "mode": "public"}
        status, refused = await api.ask("POST", f"/v1/tickets/{ticket['id']}/messages", long)
        assert (status, "10 messages of 280" in json.dumps(refused)) == (422, True)
        await _reply(api, ticket, text.strip())
    assert (len(x.messages), x.posts) == (1, [])


async def test_recorded_posts_are_printed_as_envelopes(desk: Gateway) -> None:
    told = ("activity_of_several", "post_edited", "read", "dm_of_ours", "follow", "unknown_activity")
    names = [str(RECORDED / f"{name}.json") for name in told]
    process = await desk.run("parse", "x", *names)
    assert await process.ended() == 1
    *envelopes, nothing, unknown = (json.loads(each) for each in process.said)
    assert [each["kind"] for each in envelopes] == ["message", "message", "edit", "delivery", "message"]
    assert nothing == {"file": names[4], "nothing": "follow_events"}
    assert unknown["error"].startswith("not an event of X that is known here")


async def test_a_secret_that_is_missing_is_named_with_where_to_get_it(desk: Gateway) -> None:
    del desk.environ["TRUNKLINE_SECRET_X_SHOP_TOKEN_SECRET"]
    checked = await desk.run("check")
    assert await checked.ended() == 1
    (told,) = [line for line in (*checked.said, *checked.told) if "TRUNKLINE_SECRET_X_SHOP_TOKEN_SECRET" in line]
    assert "developer console of X" in told
