"""The fake of Slack in Socket Mode: connections, envelopes, acknowledgements, and how connections end."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, WSServerHandshakeError
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack_desk.app_events import AppEvents
from tests.fakes.slack_desk.calling import ask
from tests.fakes.slack_desk.fake import BOT_USER, FakeSlackDesk
from tests.fakes.slack_desk.refusal import Json
from tests.fakes.slack_desk.robot import Robot
from tests.fakes.slack_desk.transports import NotAnswered
from tests.fakes.slack_desk.workspace import Channel

CARD: list[Json] = [
    {
        "type": "actions",
        "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Take"}, "action_id": "take"}],
    }
]


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlackDesk]:
    async with FakeSlackDesk() as fake:
        fake.web_api.rates = None
        fake.sockets.patience = 0.3
        yield fake


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as made:
        yield made


@pytest.fixture
async def events(slack: FakeSlackDesk) -> AsyncIterator[AppEvents]:
    async def at_once(_: float) -> None:
        pass

    made = AppEvents(slack.workspace, slack.sockets, at_once)
    yield made
    await made.stop()


@pytest.fixture
def ann(slack: FakeSlackDesk) -> Robot:
    return Robot(slack, slack.sockets, slack.workspace.add_person("Ann"))


@pytest.fixture
def support(slack: FakeSlackDesk, ann: Robot) -> Channel:
    return slack.workspace.add_channel("support", [BOT_USER, ann.person.id])


async def opened(slack: FakeSlackDesk, session: ClientSession) -> ClientWebSocketResponse:
    address = (await ask(slack.api, slack.app_token, "apps.connections.open")).content["url"]
    return await session.ws_connect(address)


async def taken(socket: ClientWebSocketResponse, payload: Json | None = None) -> Json:
    """The next envelope, acknowledged."""
    envelope: Json = await socket.receive_json()
    more = {"payload": payload} if payload else {}
    await socket.send_json({"envelope_id": envelope["envelope_id"], **more})
    return envelope


async def test_an_address_is_had_with_the_token_of_the_app_and_is_good_once(
    slack: FakeSlackDesk, session: ClientSession
) -> None:
    assert (await ask(slack.api, slack.token, "apps.connections.open")).error == "not_allowed_token_type"
    address = (await ask(slack.api, slack.app_token, "apps.connections.open")).content["url"]
    hello = await (await session.ws_connect(address)).receive_json()
    assert (hello["type"], hello["num_connections"]) == ("hello", 1)
    with pytest.raises(WSServerHandshakeError, match="403"):
        await session.ws_connect(address)


async def test_a_connection_above_ten_is_turned_away(slack: FakeSlackDesk, session: ClientSession) -> None:
    sockets = [await opened(slack, session) for _ in range(11)]
    assert [(await each.receive_json())["type"] for each in sockets] == ["hello"] * 10 + ["disconnect"]
    assert len(slack.sockets.open) == 10


async def test_an_event_that_is_not_acknowledged_goes_to_another_connection(
    slack: FakeSlackDesk, session: ClientSession, events: AppEvents, ann: Robot, support: Channel
) -> None:
    deaf, hearing = [await opened(slack, session) for _ in range(2)]
    for each in (deaf, hearing):
        await each.receive_json()
    ann.writes(support, "Hello")
    first, again = await deaf.receive_json(), await taken(hearing)
    await events.settled()
    assert first["payload"] == again["payload"]
    assert [(each["type"], each["retry_attempt"], each["retry_reason"]) for each in (first, again)] == [
        ("events_api", 0, ""), ("events_api", 1, "timeout")
    ]  # fmt: skip
    assert [(each.taken, each.ends) for each in events.told] == [(True, ["timeout", "taken"])]


async def test_an_event_that_nobody_takes_is_given_up_after_three_more_tries(
    events: AppEvents, ann: Robot, support: Channel
) -> None:
    ann.writes(support, "Hello")
    await events.settled()
    assert [(each.taken, each.ends) for each in events.told] == [(False, ["connection_failed"] * 4)]


async def test_a_click_is_answered_in_its_acknowledgement_and_told_once(
    slack: FakeSlackDesk, session: ClientSession, ann: Robot, support: Channel
) -> None:
    with pytest.raises(NotAnswered):
        await ann.command("/desk help", support)
    socket = await opened(slack, session)
    await socket.receive_json()
    clicked = asyncio.ensure_future(ann.command("/desk help", support))
    envelope = await taken(socket, {"text": "This is how"})
    await clicked
    assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
    ann.sees("This is how")
    with pytest.raises(NotAnswered, match="TimeoutError"):
        await ann.command("/desk help", support)
    assert slack.sockets.faults == []


async def test_an_answer_that_slack_does_not_take_is_a_fault(
    slack: FakeSlackDesk, session: ClientSession, events: AppEvents, ann: Robot, support: Channel
) -> None:
    socket = await opened(slack, session)
    await socket.receive_json()
    ann.writes(support, "Hello")
    await taken(socket, {"text": "not asked for"})
    await events.settled()
    await socket.send_str("no JSON")
    await socket.close()
    await slack.sockets.connected(0)
    assert [each[:9] for each in slack.sockets.faults] == ["an answer", "no acknow"]


async def test_slack_warns_asks_for_another_connection_or_is_gone(slack: FakeSlackDesk, session: ClientSession) -> None:
    first, second = [await opened(slack, session) for _ in range(2)]
    for each in (first, second):
        await each.receive_json()
    await slack.sockets.warn()
    assert [(await each.receive_json())["reason"] for each in (first, second)] == ["warning"] * 2
    ending = asyncio.ensure_future(slack.sockets.refresh(1))
    assert (await first.receive_json())["reason"] == "refresh_requested"
    assert (await first.receive()).type is WSMsgType.CLOSE
    await ending
    await slack.sockets.connected(1)
    slack.sockets.cut()
    assert (await second.receive()).type in (WSMsgType.CLOSED, WSMsgType.CLOSE, WSMsgType.ERROR)
    await slack.sockets.connected(0)


async def test_slacks_own_framework_is_understood_and_comes_back_after_a_refresh(
    slack: FakeSlackDesk, events: AppEvents, ann: Robot, support: Channel
) -> None:
    client = AsyncWebClient(slack.token, base_url=f"{slack.api}/")
    app, heard = AsyncApp(client=client, process_before_response=True), list[Json]()

    @app.action("take")
    async def take(ack: Any, body: Json) -> None:
        heard.append(body)
        await ack()

    @app.event("message")
    async def message(body: Json) -> None:
        heard.append(body["event"])

    handler = AsyncSocketModeHandler(app, slack.app_token, web_client=client)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    await slack.sockets.connected(1)
    await client.chat_postMessage(channel=support.id, text="A card", blocks=CARD)
    await events.settled()
    await ann.click("Take")
    assert [each["type"] for each in heard] == ["block_actions"]
    await slack.sockets.refresh()
    await slack.sockets.connected(1)
    ann.writes(support, "Hello")
    await events.settled()
    assert heard[-1]["text"] == "Hello"
    await handler.close_async()  # type: ignore[no-untyped-call]
