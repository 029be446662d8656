"""The fake of Slack refuses each wrong call by Slack's name of the error: what it lets pass is right."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import ClientError
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack_desk.calling import Answer, ask
from tests.fakes.slack_desk.fake import BOT_USER, FakeSlackDesk
from tests.fakes.slack_desk.messages import write
from tests.fakes.slack_desk.tokens import CLIENT, CLIENT_SECRET, TWELVE_HOURS_MS
from tests.fakes.slack_desk.workspace import Channel, Person
from trunkline.queue.clock import ManualClock
from trunkline.web.slack_api import SlackApi

from . import slack_surfaces

Call = Callable[..., Awaitable[Answer]]
POST, UPDATE, EPHEMERAL = "chat.postMessage", "chat.update", "chat.postEphemeral"
SECTION = {"type": "section", "block_id": "words", "text": {"type": "plain_text", "text": "Hello"}}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def slack(clock: ManualClock) -> AsyncIterator[FakeSlackDesk]:
    async with FakeSlackDesk(clock.now) as fake:
        yield fake


@pytest.fixture
def ann(slack: FakeSlackDesk) -> Person:
    return slack.workspace.add_person("Ann", email="Ann@example.com")


@pytest.fixture
def support(slack: FakeSlackDesk, ann: Person) -> Channel:
    return slack.workspace.add_channel("support", [BOT_USER, ann.id])


@pytest.fixture
def call(slack: FakeSlackDesk, clock: ManualClock) -> Call:
    async def called(method: str, **arguments: Any) -> Answer:
        clock.advance(2_000)
        return await ask(slack.api, slack.token, method, **arguments)

    return called


# Who may call


@pytest.mark.parametrize(
    ("token", "method", "error"),
    [
        ("", "auth.test", "not_authed"),
        ("xoxb-of-somebody", "auth.test", "invalid_auth"),
        ("xapp-of-the-desk", "auth.test", "not_allowed_token_type"),
        ("xoxb-of-the-desk", "apps.nothing", "unknown_method"),
    ],
)
async def test_a_call_is_let_in_only_with_its_token(slack: FakeSlackDesk, token: str, method: str, error: str) -> None:
    assert (await ask(slack.api, token, method)).error == error


@pytest.mark.parametrize("fault", ["token_revoked", "account_inactive"])
async def test_a_token_that_was_taken_back_is_good_for_nothing(slack: FakeSlackDesk, call: Call, fault: str) -> None:
    assert (await call("auth.test")).content["user_id"] == BOT_USER
    slack.tokens.revoke(slack.token, fault)
    assert (await call("auth.test")).error == fault


async def test_a_missing_scope_is_named_with_those_that_there_are(
    slack: FakeSlackDesk, call: Call, support: Channel
) -> None:
    slack.tokens.give(slack.token, "bot", {"users:read"})
    answer = await call(POST, channel=support.id, text="Hello")
    assert (answer.error, answer.content["needed"], answer.content["provided"]) == (
        "missing_scope", "chat:write", "users:read"
    )  # fmt: skip
    assert answer.headers["X-OAuth-Scopes"] == "users:read"
    assert (await call("conversations.info", channel=support.id)).error == "missing_scope"
    assert (await call("users.lookupByEmail", email="ann@example.com")).content["needed"] == "users:read.email"


async def test_tokens_are_rotated_and_a_refresh_token_is_good_once(slack: FakeSlackDesk, clock: ManualClock) -> None:
    slack.tokens.refresh = "xoxe-1-first"
    client: dict[str, Any] = {"client_id": CLIENT, "client_secret": CLIENT_SECRET, "grant_type": "refresh_token"}

    async def rotate(**changed: Any) -> Answer:
        return await ask(slack.api, "", "oauth.v2.access", **{**client, "refresh_token": "xoxe-1-first", **changed})

    assert (await rotate(client_id="1.2")).error == "invalid_client_id"
    assert (await rotate(client_secret="guessed")).error == "bad_client_secret"
    assert (await rotate(grant_type="password")).error == "invalid_grant_type"
    assert (await rotate(refresh_token="guessed")).error == "invalid_refresh_token"
    made = (await rotate()).content
    assert (await rotate()).error == "invalid_refresh_token"
    assert (await ask(slack.api, made["access_token"], "auth.test")).content["ok"]
    clock.advance(TWELVE_HOURS_MS)
    assert (await ask(slack.api, made["access_token"], "auth.test")).error == "token_expired"
    assert (await rotate(refresh_token=made["refresh_token"])).content["ok"]


# Arguments


@pytest.mark.parametrize(
    ("method", "arguments", "complaint"),
    [
        (POST, {}, "missing required field: channel"),
        (POST, {"channel": "C1", "text": "Hello", "colour": "red"}, "invalid additional property: colour"),
        ("conversations.members", {"channel": "C1", "limit": "many"}, "must be a number [json-pointer:/limit]"),
        ("conversations.list", {"types": "im", "exclude_archived": "perhaps"}, "must be a boolean"),
    ],
)
async def test_arguments_that_are_wrong_are_named(
    call: Call, support: Channel, method: str, arguments: dict[str, Any], complaint: str
) -> None:
    given = {**arguments, **({"channel": support.id} if "channel" in arguments else {})}
    answer = await call(method, **given)
    assert (answer.error, complaint in answer.complaints) == ("invalid_arguments", True)


async def test_a_body_is_a_form_or_json_where_the_method_reads_it(call: Call, support: Channel) -> None:
    posted = await call(POST, as_json=True, channel=support.id, text="Hello", blocks=[SECTION], unfurl_links=False)
    assert posted.content["message"]["blocks"] == [SECTION]
    assert (await call("conversations.info", as_json=True, channel=support.id)).error == "invalid_arguments"


# Messages


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"blocks": "[{"}, "invalid_blocks_format"),
        ({"blocks": [{"type": "secret"}]}, "invalid_blocks"),
        ({"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2_900}}] * 5}, "msg_blocks_too_long"),
        ({"text": "Hello", "metadata": "{"}, "invalid_metadata_format"),
        ({"text": "Hello", "metadata": {"event_type": "a b", "event_payload": {}}}, "invalid_metadata_schema"),
        ({"text": "Hello", "metadata": {"event_type": "a"}}, "invalid_metadata_schema"),
        (
            {"text": "Hello", "metadata": {"event_type": "a", "event_payload": {"b": "x" * 9_000}}},
            "metadata_too_large",
        ),
        ({"text": "Hello", "attachments": []}, "invalid_attachments"),
        ({"text": "Hello", "thread_ts": "1700000000.000100"}, "thread_not_found"),
        ({"text": "Hello", "username": "Maria"}, "missing_scope"),
        ({"text": "Hello", "channel": "C0NOWHERE"}, "channel_not_found"),
    ],
)
async def test_a_message_that_is_wrong_is_refused(
    call: Call, support: Channel, arguments: dict[str, Any], error: str
) -> None:
    assert (await call(POST, **{"channel": support.id, **arguments})).error == error
    assert support.messages == []


async def test_the_app_writes_only_where_it_is(slack: FakeSlackDesk, call: Call, ann: Person) -> None:
    closed = slack.workspace.add_channel("closed", [ann.id])
    public = slack.workspace.add_channel("public", [ann.id], kind="public")
    former = slack.workspace.add_channel("former", [BOT_USER])
    slack.workspace.archive(former, ann.id)
    for channel, error in ((closed, "channel_not_found"), (public, "not_in_channel"), (former, "is_archived")):
        assert (await call(POST, channel=channel.id, text="Hello")).error == error
    assert (await call(POST, channel=ann.id, text="Hello")).error == "channel_not_found"


async def test_an_answer_belongs_to_the_first_message_of_a_thread(call: Call, support: Channel) -> None:
    first = (await call(POST, channel=support.id, text="A card")).content["ts"]
    answer = (await call(POST, channel=support.id, text="An answer", thread_ts=first)).content["ts"]
    assert (await call(POST, channel=support.id, text="!", thread_ts=answer)).error == "cannot_reply_to_message"
    assert [each["ts"] for each in support.thread(first)] == [first, answer]
    assert support.messages[0]["reply_count"] == 1


async def test_an_edit_leaves_what_it_does_not_name_and_only_ones_own_can_be_edited(
    slack: FakeSlackDesk, call: Call, support: Channel, ann: Person
) -> None:
    metadata = {"event_type": "card", "event_payload": {"ticket": "T-1"}}
    ts = (await call(POST, channel=support.id, text="A card", blocks=[SECTION], metadata=metadata)).content["ts"]
    changed = await call(UPDATE, channel=support.id, ts=ts, text="Another")
    assert [changed.content["message"][each] for each in ("text", "blocks", "metadata")] == [
        "Another", [SECTION], metadata
    ]  # fmt: skip
    assert (await call(UPDATE, channel=support.id, ts=ts, text="x" * 4_001)).error == "msg_too_long"
    assert (await call(UPDATE, channel=support.id, ts="1700000000.000100", text="!")).error == "message_not_found"
    theirs = write(slack.workspace, support, ann.id, "Hello")["ts"]
    assert (await call(UPDATE, channel=support.id, ts=theirs, text="!")).error == "cant_update_message"
    assert (await call("chat.delete", channel=support.id, ts=theirs)).error == "cant_delete_message"


async def test_what_is_deleted_is_gone_and_a_thread_keeps_its_tombstone(call: Call, support: Channel) -> None:
    first = (await call(POST, channel=support.id, text="A card")).content["ts"]
    answer = (await call(POST, channel=support.id, text="An answer", thread_ts=first)).content["ts"]
    await call("chat.delete", channel=support.id, ts=first)
    assert [each.get("subtype") for each in support.messages] == ["tombstone", None]
    await call("chat.delete", channel=support.id, ts=answer)
    assert [each["ts"] for each in support.messages] == [first]
    assert (await call("chat.delete", channel=support.id, ts=answer)).error == "message_not_found"


async def test_only_members_are_shown_something_in_passing(slack: FakeSlackDesk, call: Call, support: Channel) -> None:
    ben = slack.workspace.add_person("Ben")
    assert (await call(EPHEMERAL, channel=support.id, user=ben.id, text="!")).error == "user_not_in_channel"
    shown = await call(EPHEMERAL, channel=support.id, user=support.members[1], text="Undo?")
    assert [each["ts"] for each in slack.workspace.ephemerals] == [shown.content["message_ts"]]
    assert support.messages == []


async def test_a_link_leads_to_a_message_that_there_is(call: Call, support: Channel) -> None:
    ts = (await call(POST, channel=support.id, text="A card")).content["ts"]
    link = await call("chat.getPermalink", channel=support.id, message_ts=ts)
    assert link.content["permalink"].endswith(f"/archives/{support.id}/p{ts.replace('.', '')}")
    gone = await call("chat.getPermalink", channel=support.id, message_ts="1700000000.000100")
    assert gone.error == "message_not_found"


async def test_a_reaction_is_given_and_taken_back_once(call: Call, support: Channel) -> None:
    ts = (await call(POST, channel=support.id, text="A card")).content["ts"]
    about = {"channel": support.id, "timestamp": ts}
    assert (await call("reactions.add", **about, name=":eyes:")).error == "invalid_name"
    assert (await call("reactions.add", **about, name="eyes")).content["ok"]
    assert (await call("reactions.add", **about, name="eyes")).error == "already_reacted"
    assert (await call("reactions.get", **about)).content["message"]["reactions"][0]["users"] == [BOT_USER]
    assert (await call("reactions.remove", **about, name="eyes")).content["ok"]
    assert (await call("reactions.remove", **about, name="eyes")).error == "no_reaction"


# Channels and people


async def test_history_and_threads_are_told_between_their_times_and_metadata_only_when_asked(
    call: Call, support: Channel
) -> None:
    metadata = {"event_type": "card", "event_payload": {"outbox": "1"}}
    first, second, _ = [
        (await call(POST, channel=support.id, text=text, metadata=metadata)).content["ts"] for text in "abc"
    ]
    for text in "de":
        await call(POST, channel=support.id, text=text, thread_ts=first)

    async def told(method: str, **more: Any) -> list[dict[str, Any]]:
        answer = await call(method, channel=support.id, **more)
        return list(answer.content["messages"])

    assert [each["text"] for each in await told("conversations.history")] == ["c", "b", "a"]
    assert [each["text"] for each in await told("conversations.history", oldest=second)] == ["c"]
    assert [each["text"] for each in await told("conversations.history", latest=second, inclusive=True)] == ["b", "a"]
    assert [each["text"] for each in await told("conversations.replies", ts=first, limit=2)] == ["a", "d"]
    assert "metadata" not in (await told("conversations.history"))[0]
    assert (await told("conversations.history", include_all_metadata=True))[0]["metadata"] == metadata
    for wrong, error in (({"oldest": "now"}, "invalid_ts_oldest"), ({"latest": "x"}, "invalid_ts_latest")):
        assert (await call("conversations.history", channel=support.id, **wrong)).error == error
    for paging, error in (({"cursor": "x"}, "invalid_cursor"), ({"limit": 2_000}, "invalid_limit")):
        assert (await call("conversations.members", channel=support.id, **paging)).error == error
    assert (await call("conversations.replies", channel=support.id, ts="1700000000.000100")).error == "thread_not_found"


async def test_lists_come_in_pages(slack: FakeSlackDesk, call: Call, support: Channel) -> None:
    first = await call("conversations.members", channel=support.id, limit=1)
    cursor = first.content["response_metadata"]["next_cursor"]
    rest = await call("conversations.members", channel=support.id, limit=1, cursor=cursor)
    assert [*first.content["members"], *rest.content["members"]] == support.members
    assert rest.content["response_metadata"]["next_cursor"] == ""


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("", "invalid_name_required"),
        ("x" * 81, "invalid_name_maxlength"),
        ("Not so", "invalid_name_specials"),
        ("support", "name_taken"),
    ],
)
async def test_a_channel_is_made_by_a_name_of_its_own(call: Call, support: Channel, name: str, error: str) -> None:
    assert (await call("conversations.create", name=name, is_private=True)).error == error
    assert (await call("conversations.create", name="billing", is_private=True)).content["channel"]["is_private"]


async def test_people_are_invited_once_and_not_into_a_direct_message(
    slack: FakeSlackDesk, call: Call, support: Channel, ann: Person
) -> None:
    ben = slack.workspace.add_person("Ben")
    invite = "conversations.invite"
    assert (await call(invite, channel=support.id, users=f"{ann.id},{ben.id}")).error == "already_in_channel"
    assert (await call(invite, channel=support.id, users=BOT_USER)).error == "cant_invite_self"
    assert (await call(invite, channel=support.id, users="U0NOBODY")).error == "user_not_found"
    assert (await call(invite, channel=support.id, users=" ")).error == "no_user"
    direct = (await call("conversations.open", users=ann.id)).content["channel"]["id"]
    assert (await call(invite, channel=direct, users=ben.id)).error == "method_not_supported_for_channel_type"
    assert (await call(invite, channel=support.id, users=ben.id)).content["ok"]
    assert slack.workspace.told[-1]["type"] == "member_joined_channel"


async def test_a_direct_message_is_opened_once_with_a_person_who_is_there(
    slack: FakeSlackDesk, call: Call, ann: Person
) -> None:
    opened = [(await call("conversations.open", users=ann.id)).content["channel"]["id"] for _ in range(2)]
    assert opened[0] == opened[1]
    ben = slack.workspace.add_person("Ben")
    slack.workspace.deactivate(ben.id)
    for users, error in (
        ("", "users_list_not_supplied"),
        ("U0NOBODY", "user_not_found"),
        (BOT_USER, "cannot_dm_bot"),
        (ben.id, "user_disabled"),
    ):
        assert (await call("conversations.open", users=users)).error == error


async def test_channels_are_listed_by_kind_and_only_those_that_the_app_sees(
    slack: FakeSlackDesk, call: Call, support: Channel, ann: Person
) -> None:
    slack.workspace.add_channel("closed", [ann.id])
    listed = await call("conversations.list", types="private_channel")
    assert [each["id"] for each in listed.content["channels"]] == [support.id]
    assert (await call("conversations.list", types="secret")).error == "invalid_types"
    assert (await call("conversations.list")).content["needed"] == "channels:read"


async def test_people_are_found_by_id_and_address(slack: FakeSlackDesk, call: Call, ann: Person) -> None:
    assert (await call("users.lookupByEmail", email="ann@EXAMPLE.com")).content["user"]["id"] == ann.id
    assert (await call("users.info", user="U0NOBODY")).error == "user_not_found"
    assert (await call("users.getPresence", user=ann.id)).content["presence"] == "active"
    ann.quiet_until = slack.now() // 1_000 + 3_600
    quiet = (await call("dnd.teamInfo", users=ann.id)).content["users"][ann.id]
    assert (quiet["dnd_enabled"], quiet["next_dnd_end_ts"]) == (True, ann.quiet_until)
    slack.workspace.deactivate(ann.id)
    assert (await call("users.lookupByEmail", email="ann@example.com")).error == "users_not_found"
    assert (await call("users.info", user=ann.id)).content["user"]["deleted"]


# Rates and what goes wrong


async def test_a_channel_takes_one_message_in_a_second(
    slack: FakeSlackDesk, clock: ManualClock, support: Channel
) -> None:
    async def post() -> Answer:
        return await ask(slack.api, slack.token, POST, channel=support.id, text="Hello")

    assert (await post()).status == 200
    refused = await post()
    assert (refused.status, refused.error, refused.headers["Retry-After"]) == (429, "ratelimited", "1")
    clock.advance(999)
    assert (await post()).status == 429
    clock.advance(1)
    assert (await post()).status == 200
    assert len(support.messages) == 2


async def test_a_method_takes_as_many_calls_in_a_minute_as_its_tier_has(
    slack: FakeSlackDesk, clock: ManualClock, support: Channel
) -> None:
    async def look() -> Answer:
        return await ask(slack.api, slack.token, "conversations.info", channel=support.id)

    assert {(await look()).status for _ in range(50)} == {200}
    assert (await look()).headers["Retry-After"] == "60"
    assert (await ask(slack.api, slack.token, "auth.test")).status == 200
    clock.advance(60_000)
    assert (await look()).status == 200


async def test_what_a_test_makes_go_wrong_goes_wrong_once(slack: FakeSlackDesk, call: Call, support: Channel) -> None:
    switches = slack.switches
    switches.pauses[POST], switches.failures["*"], switches.refusals[POST] = [30], [503], ["fatal_error"]
    answers = [await call(POST, channel=support.id, text="Hello") for _ in range(4)]
    assert [(each.status, each.error) for each in answers] == [
        (503, ""), (429, "ratelimited"), (200, "fatal_error"), (200, "")
    ]  # fmt: skip
    assert answers[1].headers["Retry-After"] == "30"


async def test_an_answer_is_lost_after_the_message_was_taken_or_before(
    slack: FakeSlackDesk, call: Call, support: Channel
) -> None:
    slack.switches.breaks.add(POST)
    with pytest.raises(ClientError):
        await call(POST, channel=support.id, text="not taken")
    slack.switches.breaks.clear()
    slack.switches.loses.add(POST)
    with pytest.raises(ClientError):
        await call(POST, channel=support.id, text="taken")
    assert [each["text"] for each in support.messages] == ["taken"]


async def test_an_answer_is_held_back_until_the_test_lets_it_go(
    slack: FakeSlackDesk, call: Call, support: Channel
) -> None:
    slack.switches.holds[POST] = asyncio.Event()
    taken = asyncio.Event()
    slack.workspace.listeners.append(lambda _: taken.set())
    waiting = asyncio.ensure_future(call(POST, channel=support.id, text="slow"))
    await taken.wait()
    assert not waiting.done()
    slack.switches.holds[POST].set()
    assert (await waiting).content["ok"]


async def test_slacks_own_client_is_understood(slack: FakeSlackDesk, support: Channel, ann: Person) -> None:
    client = AsyncWebClient(slack.token, base_url=f"{slack.api}/")
    posted = await client.chat_postMessage(channel=support.id, text="A card", blocks=[SECTION], unfurl_links=False)
    await client.chat_update(channel=support.id, ts=posted["ts"], text="A card", blocks=[SECTION])
    await client.reactions_add(channel=support.id, timestamp=posted["ts"], name="eyes")
    assert (await client.conversations_members(channel=support.id, limit=10))["members"] == support.members
    assert (await client.users_info(user=ann.id))["user"]["profile"]["email"] == ann.email
    assert (await client.conversations_replies(channel=support.id, ts=posted["ts"]))["messages"][0]["text"] == "A card"


async def test_our_own_client_posts_every_message_of_the_desk(slack: FakeSlackDesk, support: Channel) -> None:
    slack.web_api.rates = None
    api = SlackApi(slack.api, slack.token)
    for text in ("It is green", "<!channel> & <https://evil.example|Click> " * 300, "&" * 14_000, ""):
        for name, message in slack_surfaces.messages(text):
            posted = await api.call(POST, {"channel": support.id, **message.arguments()})
            assert posted["message"].get("metadata") == message.arguments().get("metadata"), name
    await api.close()


async def test_who_writes_from_another_workspace_is_told_with_it(slack: FakeSlackDesk, support: Channel) -> None:
    guest = slack.workspace.add_person("Guest", team="T0THEIRS")
    slack.workspace.join(support, guest.id)
    write(slack.workspace, support, guest.id, "Hello")
    assert (slack.workspace.told[-1]["team"], slack.workspace.told[-1]["channel_type"]) == ("T0THEIRS", "group")
