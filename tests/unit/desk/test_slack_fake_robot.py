"""The robot agent acts by the words on its screen, and the app hears of it over HTTP as Slack tells it.

The app here is Slack's own framework, which verifies the signatures and reads the payloads.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession, web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack_desk.app_events import AppEvents
from tests.fakes.slack_desk.fake import BOT_USER, FakeSlackDesk
from tests.fakes.slack_desk.http_transport import HttpTransport
from tests.fakes.slack_desk.refusal import Json
from tests.fakes.slack_desk.robot import Robot
from tests.fakes.slack_desk.transports import NotAnswered
from tests.fakes.slack_desk.workspace import Channel
from tests.fakes.vendor_service import VendorService, broken_off

SECRET = "a signing secret of the tests"


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


TAKE = {"type": "button", "text": plain("Take"), "action_id": "take", "value": "T-1 1"}
STATUS = {
    "type": "static_select",
    "action_id": "status",
    "placeholder": plain("Status"),
    "options": [{"text": plain(each), "value": each.lower()} for each in ("Open", "Solved")],
}
CARD: list[Json] = [{"type": "section", "text": plain("T-1 Lamp")}, {"type": "actions", "elements": [TAKE, STATUS]}]
FIELD = {"type": "plain_text_input", "action_id": "text", "max_length": 20}
CANNED = {"type": "external_select", "action_id": "canned", "placeholder": plain("Canned…"), "min_query_length": 2}
COMPOSER = {
    "type": "modal",
    "callback_id": "composer",
    "title": plain("Answer T-1"),
    "submit": plain("Send"),
    "notify_on_close": True,
    "blocks": [
        {"type": "input", "block_id": "text-0", "label": plain("Answer"), "element": FIELD},
        {"type": "input", "block_id": "canned", "label": plain("Canned reply"), "element": CANNED, "optional": True},
    ],
}


class App(VendorService):
    """An app of Slack's framework; `heard` is what came.

    `statuses` is what the next posts get instead of its answer, 0 for none, and `hangs` until when the next ones wait.
    """

    def __init__(self, slack: FakeSlackDesk) -> None:
        client = AsyncWebClient(slack.token, base_url=f"{slack.api}/")
        self.bolt = AsyncApp(signing_secret=SECRET, client=client, process_before_response=True)
        self.heard: list[Json] = []
        self.retries: list[tuple[str | None, str | None]] = []
        self.statuses: list[int] = []
        self.headers: dict[str, str] = {}
        self.hangs: list[asyncio.Event] = []
        application = web.Application()
        application.router.add_post("/slack", self._take)
        self.serve(application)

    async def _take(self, request: web.Request) -> web.StreamResponse:
        headers, _ = request.headers, await request.read()
        self.retries.append((headers.get("X-Slack-Retry-Num"), headers.get("X-Slack-Retry-Reason")))
        if self.hangs:
            await self.hangs.pop(0).wait()
        if self.statuses:
            status = self.statuses.pop(0)
            return web.Response(status=status, headers=self.headers) if status else broken_off(request)
        return await to_aiohttp_response(await self.bolt.async_dispatch(await to_bolt_request(request)))


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlackDesk]:
    async with FakeSlackDesk() as fake:
        fake.web_api.rates = None
        yield fake


@pytest.fixture
async def app(slack: FakeSlackDesk) -> AsyncIterator[App]:
    async with App(slack) as made:
        yield made


@pytest.fixture
def transport(slack: FakeSlackDesk, app: App) -> HttpTransport:
    url = f"{app.base}/slack"
    return HttpTransport(url, url, url, SECRET, slack.now, patience=0.5)


@pytest.fixture
async def events(slack: FakeSlackDesk, transport: HttpTransport) -> AsyncIterator[AppEvents]:
    async def at_once(seconds: float) -> None:
        pauses.append(seconds)

    pauses = list[float]()
    made = AppEvents(slack.workspace, transport, at_once)
    yield made
    await made.stop()
    assert pauses in ([], [0.0], [0.0, 60.0, 300.0])


@pytest.fixture
def ann(slack: FakeSlackDesk, transport: HttpTransport) -> Robot:
    return Robot(slack, transport, slack.workspace.add_person("Ann"))


@pytest.fixture
def support(slack: FakeSlackDesk, ann: Robot) -> Channel:
    return slack.workspace.add_channel("support", [BOT_USER, ann.person.id])


@pytest.fixture
async def card(app: App, support: Channel) -> Json:
    await app.bolt.client.chat_postMessage(channel=support.id, text="T-1", blocks=CARD)
    return support.messages[0]


# Clicks


async def test_a_click_reaches_the_app_and_its_answer_replaces_the_card(app: App, ann: Robot, card: Json) -> None:
    @app.bolt.action("take")
    async def take(ack: Any, body: Json, respond: Any) -> None:
        app.heard.append(body)
        await respond(text="T-1", blocks=CARD[:1], replace_original=True)
        await ack()

    assert ann.reads(card) == "T-1 Lamp\n[Take] [Status]"
    await ann.click("Take")
    (body,) = app.heard
    assert (body["user"]["id"], body["actions"][0]["value"]) == (ann.person.id, "T-1 1")
    assert (body["container"]["message_ts"], body["message"]["ts"]) == (card["ts"], card["ts"])
    assert ann.reads(card) == "T-1 Lamp"
    with pytest.raises(AssertionError, match="nothing on the screen says 'Take'"):
        await ann.click("Take")


async def test_a_menu_is_chosen_from_by_its_words(app: App, ann: Robot, card: Json) -> None:
    @app.bolt.action("status")
    async def status(ack: Any, body: Json) -> None:
        app.heard.append(body)
        await ack()

    await ann.choose("Status", "Solved")
    assert app.heard[0]["actions"][0]["selected_option"]["value"] == "solved"
    with pytest.raises(AssertionError, match="'Status' has"):
        await ann.choose("Status", "Lost")


async def test_who_is_answered_in_passing_sees_it_and_nobody_else(
    slack: FakeSlackDesk, app: App, ann: Robot, support: Channel, card: Json, transport: HttpTransport
) -> None:
    ben = Robot(slack, transport, slack.workspace.add_person("Ben"))
    slack.workspace.join(support, ben.person.id)

    @app.bolt.action("take")
    async def take(ack: Any, respond: Any) -> None:
        await respond("Bob took it")
        await ack()

    await ann.click("Take")
    ann.sees("Bob took it")
    with pytest.raises(AssertionError, match="no message says"):
        ben.sees("Bob took it")


async def test_an_address_for_answers_is_good_five_times(slack: FakeSlackDesk, support: Channel, ann: Robot) -> None:
    url = slack.response_urls.give(support.id, ann.person.id)
    async with ClientSession() as session:
        wrong = await session.post(url, json={"text": "x", "colour": "red"})
        statuses = [(await session.post(url, json={"text": "Hello"})).status for _ in range(6)]
        unknown = await session.post(f"{slack.base}/actions/{slack.workspace.team}/R0", json={"text": "Hello"})
    assert (wrong.status, statuses, unknown.status) == (400, [200] * 5 + [404], 404)


async def test_what_the_app_does_not_take_somebody_sees(app: App, ann: Robot, card: Json) -> None:
    app.statuses = [500, 0]
    for words in ("500", "ServerDisconnectedError|ClientOSError"):
        with pytest.raises(NotAnswered, match=words):
            await ann.click("Take")
    assert app.retries == [(None, None)] * 2


# Views


async def test_a_view_is_filled_in_by_its_labels_and_submitted(app: App, ann: Robot, card: Json) -> None:
    @app.bolt.action("take")
    async def take(ack: Any, body: Json, client: AsyncWebClient) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=COMPOSER)
        await ack()

    @app.bolt.options("canned")
    async def canned(ack: Any, payload: Json) -> None:
        await ack(options=[{"text": plain(f"{payload['value']}…"), "value": "1"}])

    @app.bolt.view("composer")
    async def composer(ack: Any, body: Json) -> None:
        app.heard.append(body["view"]["state"]["values"])
        text = app.heard[-1]["text-0"]["text"]["value"]
        await ack() if text == "Dear Maria" else await ack(response_action="errors", errors={"text-0": "too short"})

    await ann.click("Take")
    with pytest.raises(AssertionError, match="'Answer' has to be filled in"):
        await ann.submit()
    ann.fill("Answer", "x" * 21)
    with pytest.raises(AssertionError, match="0 to 20 characters"):
        await ann.submit()
    with pytest.raises(AssertionError, match="waits for more letters"):
        await ann.choose("Canned reply", "g…", typed="g")
    await ann.choose("Canned reply", "green…", typed="green")
    ann.fill("Answer", "Dear")
    await ann.submit()
    assert (ann.errors, ann.reads(ann.view)) == ({"Answer": "too short"}, "Answer\n[Dear]\nCanned reply\n[green…]")
    ann.fill("Answer", "Dear Maria")
    await ann.submit()
    assert app.heard[-1]["canned"]["canned"]["selected_option"]["value"] == "1"
    with pytest.raises(AssertionError, match="no view is open"):
        ann.fill("Answer", "more")


async def test_a_view_that_is_closed_is_told_when_the_app_asked_for_it(
    slack: FakeSlackDesk, app: App, ann: Robot
) -> None:
    @app.bolt.view_closed("composer")
    async def closed(ack: Any, body: Json) -> None:
        app.heard.append(body)
        await ack()

    slack.views.open(ann.person.id, COMPOSER)
    await ann.close()
    assert [each["type"] for each in app.heard] == ["view_closed"]


async def test_commands_shortcuts_and_the_home_are_told(
    app: App, events: AppEvents, ann: Robot, support: Channel, card: Json
) -> None:
    @app.bolt.command("/desk")
    async def desk(ack: Any, body: Json) -> None:
        app.heard.append(body)
        await ack("Try /desk help")

    @app.bolt.shortcut("make_ticket")
    async def make(ack: Any, body: Json) -> None:
        app.heard.append(body)
        await ack()

    @app.bolt.event("app_home_opened")
    async def home(body: Json, client: AsyncWebClient) -> None:
        app.heard.append(body["event"])
        await client.views_publish(user_id=body["event"]["user"], view={"type": "home", "blocks": CARD})

    await ann.command("/desk find <lamp>", support)
    await ann.shortcut("make_ticket", card)
    await ann.shortcut("make_ticket")
    ann.open_home()
    await events.settled()
    assert app.heard[0]["text"] == "find &lt;lamp&gt;"
    assert [each["type"] for each in app.heard[1:]] == ["message_action", "shortcut", "app_home_opened"]
    ann.sees("Try /desk help")
    assert ann.reads(ann.home) == "T-1 Lamp\n[Take] [Status]"


# Events


async def test_the_app_hears_what_is_written_edited_and_deleted_where_it_is(
    slack: FakeSlackDesk, app: App, events: AppEvents, ann: Robot, support: Channel, card: Json
) -> None:
    @app.bolt.event("message")
    async def message(body: Json) -> None:
        app.heard.append(body["event"])

    await events.settled()
    closed = slack.workspace.add_channel("closed", [ann.person.id])
    ann.writes(closed, "not heard")
    answer = ann.types_in_thread(card, "a < b")
    await events.settled()
    ann.edits(answer, "b > a")
    await events.settled()
    ann.deletes(answer)
    ann.reacts(card, "eyes")
    await events.settled()
    told = [(each.get("subtype"), each.get("text") or each.get("message", {}).get("text")) for each in app.heard]
    assert told[-3:] == [(None, "a &lt; b"), ("message_changed", "b &gt; a"), ("message_deleted", None)]
    assert app.heard[-1]["previous_message"]["thread_ts"] == card["ts"]


async def test_an_event_that_is_not_taken_is_told_three_times_more_with_the_reason(
    app: App, events: AppEvents, ann: Robot, support: Channel
) -> None:
    app.statuses = [500, 0, 503, 500]
    ann.writes(support, "Hello")
    await events.settled()
    assert app.retries == [(None, None), ("1", "http_error"), ("2", "connection_failed"), ("3", "http_error")]
    (told,) = events.told
    assert (told.taken, told.ends[-1]) == (False, "http_error")


async def test_an_event_that_hangs_is_told_again_and_none_again_that_the_app_declines(
    app: App, events: AppEvents, ann: Robot, support: Channel
) -> None:
    hanging = asyncio.Event()
    app.hangs, app.statuses, app.headers = [hanging], [404], {"X-Slack-No-Retry": "1"}
    ann.writes(support, "Hello")
    await events.settled()
    hanging.set()
    assert app.retries == [(None, None), ("1", "http_timeout")]


async def test_events_come_in_another_order_and_twice_when_a_test_wants_it(
    app: App, events: AppEvents, ann: Robot, support: Channel
) -> None:
    @app.bolt.event("message")
    async def message(body: Json) -> None:
        app.heard.append(body)

    events.hold()
    for text in "ab":
        ann.writes(support, text)
    events.doubles = True
    events.release(reversed)
    await events.settled()
    assert sorted(each["event"]["text"] for each in app.heard) == ["a", "a", "b", "b"]
    assert len({each["event_id"] for each in app.heard}) == 2
    assert events.told[0].envelope["event"]["text"] == "b"


async def test_a_post_that_another_secret_signed_is_refused_by_the_app(
    slack: FakeSlackDesk, app: App, ann: Robot, card: Json
) -> None:
    url = f"{app.base}/slack"
    forged = Robot(slack, HttpTransport(url, url, url, "guessed", slack.now), ann.person)
    with pytest.raises(NotAnswered, match="401"):
        await forged.click("Take")
