"""Slack from end to end: a customer writes, the desk answers in the thread, and Slack hears one right request."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.slack import MARIA, OURS, SUPPORT, THEIRS, FakeSlack
from trunkline.queue.server_binary import ServerBinary

from .api import Api
from .gateway import Gateway, gateway

TOKEN, SECRET, APP = "xoxb-a-token-of-the-tests", "a signing secret of the tests", "xapp-of-the-tests"
RECORDED = Path(__file__).parents[1] / "fixtures" / "slack"
FIRST, SECOND, THIRD, FOURTH = (f"179600000{number}.000100" for number in range(1, 5))
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 100


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack(TOKEN, SECRET, APP) as listening:
        listening.people[MARIA] = {"team_id": THEIRS, "profile": {"display_name": "Maria"}}
        listening.people["U0BORIS"] = {"team_id": OURS, "profile": {"display_name": "Boris"}}
        yield listening


@pytest.fixture
async def desk(server_binary: ServerBinary, slack: FakeSlack) -> AsyncIterator[Gateway]:
    settings = {
        "channels__slack__acme__api": slack.api,
        "channels__slack__acme__files": slack.base,
        "channels__slack__far__api": slack.api,
        "channels__slack__far__receive": "socket",
        "secret_slack_acme": SECRET,
        "secret_slack_acme_token": TOKEN,
        "secret_slack_far_token": TOKEN,
        "secret_slack_far_app": APP,
        "undo__slack": "0s",
        "acknowledgement__enabled": "false",
    }
    async with gateway(**settings) as made:
        yield made


async def _post(slack: FakeSlack, address: str, body: dict[str, Any]) -> int:
    """Post as Slack does: what is not taken now is posted again, three times."""
    for _ in range(3):
        if (status := await slack.post(address, body)) != 503:
            return status
    return await slack.post(address, body)


async def _received(api: Api, text: str) -> dict[str, str]:
    received = await api.until("message.received", lambda each: each["data"]["article"]["text"] == text)
    return dict(received["data"]["ticket"])


async def test_a_customer_writes_and_is_answered_exactly_once_in_the_thread(desk: Gateway, slack: FakeSlack) -> None:
    process = await desk.start()
    address = f"{desk.url}/v1/slack/acme"
    async with desk.api() as api:
        slack.contents["F0"], slack.files["F0"] = PNG, {"name": "lamp.png", "mimetype": "image/png"}
        files = [{"id": "F0", "name": "lamp.png", "mimetype": "image/png", "size": len(PNG)}]
        message = slack.message("My lamp is broken, can you help?", ts=FIRST, subtype="file_share", files=files)
        assert await _post(slack, address, message) == 200
        assert await _post(slack, address, message | {"event_id": "Ev0AGAIN"}) == 200
        ticket = await _received(api, "My lamp is broken, can you help?")
        assert (ticket["channel"], ticket["queue"], ticket["language"]) == ("slack", "support", "en")
        fetched = await api.until("message.file_fetched")
        assert fetched["data"]["article"]["attachments"][0]["media_type"] == "image/png"

        await api.presence("ada")
        await api.do("POST", f"/v1/tickets/{ticket['id']}/accept", {"agent": "ada"})
        slack.loses_answers = True
        body = {"kind": "reply", "text": "Try another bulb.", "agent": "ada"}
        await api.do("POST", f"/v1/tickets/{ticket['id']}/messages", body)
        sent = await api.until("message.sent")
        (answer,) = slack.channels[SUPPORT]
        assert (answer["text"], answer["thread_ts"]) == ("Try another bulb.", FIRST)
        assert answer["metadata"]["event_payload"]["article"] == sent["data"]["article"]["id"]

        item = {"type": "message", "channel": SUPPORT, "ts": answer["ts"]}
        reaction = {"type": "reaction_added", "user": MARIA, "reaction": "tada", "item": item, "event_ts": SECOND}
        assert await _post(slack, address, slack.event(reaction)) == 200
        reacted = await api.until("message.reacted")
        assert reacted["data"]["article"]["id"] == sent["data"]["article"]["id"]
        assert await _post(slack, address, slack.message("It works!", ts=SECOND, thread_ts=FIRST)) == 200
        assert (await _received(api, "It works!"))["id"] == ticket["id"]

        ours = {"user": "U0BORIS", "team": OURS, "user_team": OURS}
        assert await _post(slack, address, slack.message("Good morning, all.", ts=THIRD, **ours)) == 200
        assert await _post(slack, address, slack.message("Good to hear.", ts=FOURTH, thread_ts=FIRST, **ours)) == 200
        elsewhere = await api.until("message.queued", lambda each: each["data"]["article"]["text"] == "Good to hear.")
        assert elsewhere["data"]["ticket"]["id"] == ticket["id"]
        assert (elsewhere["data"]["article"]["author"]["name"], len(slack.posted)) == ("Boris", 1)
        tickets = await api.get("/v1/tickets")
        assert [each["id"] for each in tickets["items"]] == [ticket["id"]]
    assert await process.stop() == 0
    assert not any(secret in told for told in (*process.said, *process.told) for secret in (TOKEN, SECRET, APP))


async def test_a_gateway_that_cannot_be_reached_is_connected_and_acknowledges_what_it_stored(
    desk: Gateway, slack: FakeSlack
) -> None:
    process = await desk.start()
    async with desk.api() as api:
        while not slack.sockets:
            slack.stirred.clear()
            await slack.stirred.wait()
        message = slack.message("Hello from afar", channel="C0FAR")
        await slack.sockets[0].send_json({"envelope_id": "one", "type": "events_api", "payload": message})
        assert (await _received(api, "Hello from afar"))["channel"] == "slack"
        while not slack.acknowledged:
            slack.stirred.clear()
            await slack.stirred.wait()
        assert await api.metric('trunkline_slack_connected{account="far"}') == 1
    assert slack.acknowledged == ["one"]
    assert await process.stop() == 0


async def test_recorded_events_are_printed_as_envelopes(desk: Gateway) -> None:
    names = [str(RECORDED / f"{name}.json") for name in ("text", "edit", "reaction", "nothing_ours", "unknown_event")]
    process = await desk.run("parse", "slack", *names)
    assert await process.ended() == 1
    *envelopes, nothing, unknown = (json.loads(each) for each in process.said)
    assert [each["kind"] for each in envelopes] == ["message", "edit", "reaction"]
    assert nothing == {"file": names[3], "nothing": "one of ours, who begins a thread"}
    assert unknown["error"].startswith("not an event of Slack that is known here")


async def test_a_secret_that_is_missing_is_named_with_where_to_get_it(desk: Gateway) -> None:
    del desk.environ["TRUNKLINE_SECRET_SLACK_ACME_TOKEN"]
    checked = await desk.run("check")
    assert await checked.ended() == 1
    (told,) = [line for line in (*checked.said, *checked.told) if "TRUNKLINE_SECRET_SLACK_ACME_TOKEN" in line]
    assert "Bot User OAuth Token" in told
    desk.environ["TRUNKLINE_SECRET_SLACK_ACME_TOKEN"] = "xapp-another"
    checked = await desk.run("check")
    await checked.ended()
    assert any("a bot token, which begins with xoxb-" in line for line in (*checked.said, *checked.told))
