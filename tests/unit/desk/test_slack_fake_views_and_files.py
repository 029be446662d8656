"""The fake of Slack refuses wrong views and files by Slack's names of the errors."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import ClientSession
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack_desk.calling import Answer, ask
from tests.fakes.slack_desk.fake import BOT_USER, FakeSlackDesk
from tests.fakes.slack_desk.view_methods import view_faults
from tests.fakes.slack_desk.workspace import Channel, Person
from trunkline.queue.clock import ManualClock

from . import slack_surfaces

Json = dict[str, Any]
Call = Callable[..., Awaitable[Answer]]
PLACE, COMPLETE = "files.getUploadURLExternal", "files.completeUploadExternal"


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


SECTION = {"type": "section", "text": plain("Hello")}
FIELD = {
    "type": "input",
    "block_id": "words",
    "label": plain("Text"),
    "element": {"type": "plain_text_input", "action_id": "text", "initial_value": "Dear"},
}
MODAL = {"type": "modal", "title": plain("Answer"), "blocks": [SECTION]}
HOME = {"type": "home", "blocks": [SECTION]}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def slack(clock: ManualClock) -> AsyncIterator[FakeSlackDesk]:
    async with FakeSlackDesk(clock.now) as fake:
        yield fake


@pytest.fixture
def ann(slack: FakeSlackDesk) -> Person:
    return slack.workspace.add_person("Ann")


@pytest.fixture
def support(slack: FakeSlackDesk, ann: Person) -> Channel:
    return slack.workspace.add_channel("support", [BOT_USER, ann.id])


@pytest.fixture
def call(slack: FakeSlackDesk) -> Call:
    async def called(method: str, **arguments: Any) -> Answer:
        return await ask(slack.api, slack.token, method, **arguments)

    return called


# Views


@pytest.mark.parametrize(
    ("view", "words", "where"),
    [
        ("no view", "is no JSON", "/view"),
        ([], "must be an object", "/view"),
        (HOME, "must be a modal", "/view/type"),
        ({"type": "modal"}, "missing required field: title", "/view"),
        ({**MODAL, "title": plain("x" * 25)}, "must be less than 25 characters", "/view/title/text"),
        ({**MODAL, "submit": plain("x" * 25)}, "must be less than 25 characters", "/view/submit/text"),
        ({**MODAL, "private_metadata": "x" * 3_001}, "must be less than 3001", "/view/private_metadata"),
        ({**MODAL, "callback_id": "x" * 256}, "must be less than 256 characters", "/view/callback_id"),
        ({**MODAL, "blocks": [SECTION] * 101}, "no more than 100 items allowed", "/view/blocks"),
        ({**MODAL, "blocks": [{"type": "secret"}]}, "unsupported type: secret", "/view/blocks/0/type"),
        ({**MODAL, "colour": "red"}, "invalid additional property: colour", "/view"),
        ({**MODAL, "blocks": [FIELD]}, "missing required field: submit", "/view"),
    ],
)
async def test_a_view_that_is_wrong_is_refused_with_its_place(
    slack: FakeSlackDesk, call: Call, ann: Person, view: Any, words: str, where: str
) -> None:
    answer = await call("views.open", trigger_id=slack.views.trigger(ann.id), view=view)
    assert answer.error == "invalid_arguments"
    assert words in answer.complaints
    assert f"[json-pointer:{where}]" in answer.complaints
    assert slack.views.stacks == {}


async def test_a_trigger_is_good_for_three_seconds_and_one_view(
    slack: FakeSlackDesk, call: Call, clock: ManualClock, ann: Person
) -> None:
    late, fresh = slack.views.trigger(ann.id), ""
    clock.advance(3_000)
    fresh = slack.views.trigger(ann.id)
    clock.advance(2_999)
    assert (await call("views.open", trigger_id=late, view=MODAL)).error == "expired_trigger_id"
    assert (await call("views.open", trigger_id="1.2.guessed", view=MODAL)).error == "invalid_trigger_id"
    assert (await call("views.open", trigger_id=fresh, view=MODAL)).content["ok"]
    assert (await call("views.open", trigger_id=fresh, view=MODAL)).error == "exchanged_trigger_id"


async def test_three_views_lie_on_each_other_and_no_more(slack: FakeSlackDesk, call: Call, ann: Person) -> None:
    outside = slack.views.trigger(ann.id)
    first = (await call("views.open", trigger_id=slack.views.trigger(ann.id), view=MODAL)).content["view"]
    assert (await call("views.push", trigger_id=outside, view=MODAL)).error == "invalid_trigger_id"
    pushed = [
        await call("views.push", trigger_id=slack.views.trigger(ann.id, first["id"]), view=MODAL) for _ in range(3)
    ]
    assert [each.error for each in pushed] == ["", "", "push_limit_reached"]
    assert pushed[1].content["view"]["root_view_id"] == first["id"]
    assert pushed[1].content["view"]["previous_view_id"] == pushed[0].content["view"]["id"]


async def test_an_update_of_an_old_version_is_refused_and_what_was_filled_in_stays(
    slack: FakeSlackDesk, call: Call, ann: Person
) -> None:
    written = {**MODAL, "submit": plain("Send"), "blocks": [FIELD]}
    view = (await call("views.open", trigger_id=slack.views.trigger(ann.id), view=written)).content["view"]
    assert view["state"]["values"] == {"words": {"text": {"type": "plain_text_input", "value": "Dear"}}}
    slack.views.front(ann.id).filled["words", "text"] = {"value": "Dear Maria"}
    changed = await call("views.update", view_id=view["id"], hash=view["hash"], view=written)
    assert changed.content["view"]["state"]["values"]["words"]["text"]["value"] == "Dear Maria"
    assert changed.content["view"]["hash"] != view["hash"]
    again = await call("views.update", view_id=view["id"], hash=view["hash"], view=written)
    assert again.error == "hash_conflict"
    assert (await call("views.update", view_id="V0NONE", view=written)).error == "not_found"
    assert (await call("views.update", view=written)).error == "invalid_arguments"
    slack.views.shut(ann.id)
    assert (await call("views.update", view_id=view["id"], view=written)).error == "not_found"


async def test_a_home_is_published_for_somebody_and_only_over_the_version_that_is_meant(
    slack: FakeSlackDesk, call: Call, ann: Person
) -> None:
    first = (await call("views.publish", user_id=ann.id, view=HOME)).content["view"]
    assert (await call("views.publish", user_id=ann.id, view=HOME, hash=first["hash"])).content["ok"]
    assert (await call("views.publish", user_id=ann.id, view=HOME, hash=first["hash"])).error == "hash_conflict"
    assert (await call("views.publish", user_id="U0NOBODY", view=HOME)).error == "user_not_found"
    assert (await call("views.publish", user_id=ann.id, view=MODAL)).error == "invalid_arguments"


async def test_an_id_of_ones_own_for_a_view_is_given_once(slack: FakeSlackDesk, call: Call, ann: Person) -> None:
    ben, view = slack.workspace.add_person("Ben"), {**HOME, "external_id": "home"}
    assert (await call("views.publish", user_id=ann.id, view=view)).content["ok"]
    assert (await call("views.publish", user_id=ann.id, view=view)).content["ok"]
    assert (await call("views.publish", user_id=ben.id, view=view)).error == "duplicate_external_id"


@pytest.mark.parametrize("text", ["It is green", "<!channel> & <https://evil.example|Click> " * 300, "&" * 14_000, ""])
def test_the_views_that_our_renderers_make_are_taken(text: str) -> None:
    for name, view in (*slack_surfaces.views(text), *slack_surfaces.homes(text)):
        assert view_faults(view, view["type"]) == [], name


# Files


async def test_a_file_is_uploaded_and_completed_into_a_thread(
    slack: FakeSlackDesk, call: Call, clock: ManualClock, support: Channel
) -> None:
    thread = (await call("chat.postMessage", channel=support.id, text="A card")).content["ts"]
    client = AsyncWebClient(slack.token, base_url=f"{slack.api}/")
    clock.advance(1_000)
    await client.files_upload_v2(content="the text", filename="a.txt", channel=support.id, thread_ts=thread)
    (message,) = [each for each in support.messages if each["ts"] != thread]
    assert (message["thread_ts"], message["files"][0]["name"]) == (thread, "a.txt")
    assert slack.workspace.told[-1]["subtype"] == "file_share"


async def test_a_file_that_was_not_uploaded_or_is_completed_twice_is_not_found(
    slack: FakeSlackDesk, call: Call, support: Channel
) -> None:
    placed = (await call(PLACE, filename="a.txt", length="3")).content
    files = [{"id": placed["file_id"], "title": "A"}]
    assert (await call(COMPLETE, files=files, channel_id=support.id)).error == "file_not_found"
    async with ClientSession() as session:
        statuses = [(await session.post(placed["upload_url"], data=content)).status for content in (b"four", b"yes")]
    assert statuses == [400, 200]
    assert (await call(COMPLETE, files=files, channel_id="C0NOWHERE")).error == "channel_not_found"
    assert (await call(COMPLETE, files=files, channel_id=support.id, thread_ts="1.000001")).error == "thread_not_found"
    assert (await call(COMPLETE, files=files, channel_id=support.id)).content["ok"]
    assert (await call(COMPLETE, files=files, channel_id=support.id)).error == "file_not_found"


@pytest.mark.parametrize("arguments", [{"filename": "a", "length": "0"}, {"filename": "", "length": "1"}])
async def test_a_file_without_a_name_or_a_length_has_no_place(call: Call, arguments: dict[str, str]) -> None:
    assert (await call(PLACE, **arguments)).error == "invalid_arguments"


async def test_private_bytes_are_given_to_a_token_that_sees_the_file(
    slack: FakeSlackDesk, call: Call, support: Channel, ann: Person
) -> None:
    closed = slack.workspace.add_channel("closed", [ann.id])
    message = slack.files.share(support, ann.id, "a.png", b"bytes", kind="image/png")
    hidden = slack.files.share(closed, ann.id, "b.png", b"bytes", kind="image/png")["files"][0]
    shown = message["files"][0]
    url = (await call("files.info", file=shown["id"])).content["file"]["url_private_download"]
    assert (await call("files.info", file=hidden["id"])).error == "file_not_found"

    async def get(url: str, token: str = "") -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with ClientSession() as session, session.get(url, headers=headers, allow_redirects=False) as response:
            return response.status, await response.read()

    assert await get(url, slack.token) == (200, b"bytes")
    for wrong, token in ((url, ""), (url, "xoxb-of-somebody"), (hidden["url_private_download"], slack.token)):
        assert (await get(wrong, token))[0] == 302
    slack.files.files[shown["id"]].is_deleted = True
    assert (await call("files.info", file=shown["id"])).error == "file_deleted"
