"""Slack in both directions, against a stand-in as strict as Slack: answers and their fate, files, people, events."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import ClientSession
from structlog.testing import capture_logs

from tests.conformance import opening
from tests.conformance.opening import opened
from tests.conformance.slack_subject import NOW, TOKEN, SlackSubject
from tests.conformance.test_adapters import outgoing
from tests.fakes.slack import APP_USER, DIRECT, MARIA, SUPPORT, THEIRS, FakeSlack
from tests.memory_sink import MemorySink
from trunkline.adapters.slack.card import CARD
from trunkline.adapters.slack.people import KEPT_SECONDS, People
from trunkline.adapters.slack.socket_mode import SocketMode
from trunkline.config.errors import (
    CredentialsRefused,
    DeliveryDeferred,
    DeliveryFailed,
    DeliveryUnknown,
    EngineUnavailable,
    TrunklineError,
)
from trunkline.normalizer.envelope import Attachment
from trunkline.normalizer.outgoing import Sent
from trunkline.web.slack_api import SlackApi

THREAD = "1796000001.000100"
IN_THREAD = {"conversation": f"{SUPPORT}:{THREAD}"}
WRITTEN = {**IN_THREAD, "created_at": 1_796_099_999_000}
ARTICLE = "0193512e-aaaa-7000-8000-000000000002"


@pytest.fixture
async def subject() -> AsyncIterator[SlackSubject]:
    async with opened(SlackSubject(), CARD) as made:
        yield made


@pytest.fixture
def slack(subject: SlackSubject) -> FakeSlack:
    return subject.slack


async def sent(subject: SlackSubject, **changes: Any) -> Sent:
    return await opening.sent(subject, **(WRITTEN | changes))


async def told(subject: SlackSubject, **changes: Any) -> TrunklineError:
    return await opening.told(subject, **(WRITTEN | changes))


def file(subject: SlackSubject, name: str = "a.pdf", content: bytes = b"%PDF-") -> Attachment:
    sha256 = hashlib.sha256(content).hexdigest()
    subject.blobs[sha256] = content
    return Attachment(name=name, media_type="application/pdf", size=len(content), sha256=sha256)


# Out


async def test_an_answer_is_one_message_in_the_thread(subject: SlackSubject, slack: FakeSlack) -> None:
    answer = await sent(subject, text="a < b & see <!channel>", author="Ada")
    (message,) = slack.channels[SUPPORT]
    assert (message["text"], message["thread_ts"]) == ("a &lt; b &amp; see &lt;!channel&gt;", THREAD)
    assert message["metadata"]["event_payload"] == {"article": ARTICLE, "part": 0}
    assert "username" not in message
    assert answer == Sent(reference=f"{SUPPORT}:{message['ts']}", detail="Slack took it")
    assert [method for method, _ in slack.calls] == ["chat.postMessage"]


async def test_what_the_agent_marked_is_shown_and_signs_of_others_are_no_marks(
    subject: SlackSubject, slack: FakeSlack
) -> None:
    await sent(subject, text="**now** & [here](https://a.example/?b=1&c=2) <!here>", formatted=True)
    await sent(subject, text="2 *3* 4")
    await sent(subject, text="nothing is marked_", formatted=True)
    assert [message["text"] for message in slack.posted] == [
        "*now* &amp; <https://a.example/?b=1&amp;c=2|here> &lt;!here&gt;",
        "2 *3* 4",
        "nothing is marked_",
    ]
    assert [form["mrkdwn"] for _, form in slack.calls] == ["true", "false", "false"]


async def test_who_has_written_in_no_known_conversation_is_answered_in_a_direct_message(
    subject: SlackSubject, slack: FakeSlack
) -> None:
    await sent(subject, conversation="")
    assert [message["text"] for message in slack.channels[DIRECT]] == ["It works again."]


async def test_a_long_answer_is_several_messages_and_none_of_them_is_there_twice(
    subject: SlackSubject, slack: FakeSlack
) -> None:
    paragraphs = [letter * 3990 for letter in "abc"]
    slack.refusals["chat.postMessage"] = ["", "ratelimited"]
    assert isinstance(await told(subject, text="\n\n".join(paragraphs)), DeliveryDeferred)
    await sent(subject, text="\n\n".join(paragraphs))
    assert [message["text"] for message in slack.posted] == paragraphs
    assert isinstance(await told(subject, text="\n\n".join(["x" * 3990] * 11)), DeliveryFailed)


async def test_the_name_of_the_agent_is_shown_where_it_is_set(slack: FakeSlack, subject: SlackSubject) -> None:
    subject.settings = {"agent_names": True}
    subject.adapter = subject._made(slack.base)
    await sent(subject, author="Ada")
    assert slack.posted[0]["username"] == "Ada"


async def test_an_answer_of_which_nobody_knows_is_looked_up_and_not_repeated(
    subject: SlackSubject, slack: FakeSlack
) -> None:
    slack.loses_answers, slack.page = True, 1
    slack.channels[SUPPORT] = [{"type": "message", "ts": "1796099999.000000", "thread_ts": THREAD, "text": "before"}]
    answer = await sent(subject)
    assert [message["text"] for message in slack.posted] == ["It works again."]
    assert answer.reference == f"{SUPPORT}:{slack.posted[0]['ts']}"


async def test_what_broke_off_is_asked_for_later_and_is_there_only_as_a_whole(
    subject: SlackSubject, slack: FakeSlack
) -> None:
    answer = outgoing(
        subject, **IN_THREAD, text="It works.", attachments=(file(subject),), created_at=1_796_099_999_000
    )
    assert await subject.adapter.look_up(answer) is None
    slack.refusals["files.completeUploadExternal"] = ["fatal_error"]
    with pytest.raises(DeliveryUnknown):
        await subject.adapter.send(answer)
    assert await subject.adapter.look_up(answer) is None
    first = await subject.adapter.send(answer)
    assert await subject.adapter.look_up(answer) == first
    assert await subject.adapter.send(answer) == first
    assert [message["text"] for message in slack.posted] == ["It works.", ""]
    slack.refusals["conversations.replies"] = ["internal_error"]
    with pytest.raises(DeliveryDeferred):
        await subject.adapter.look_up(answer)


@pytest.mark.parametrize("found", [True, False])
async def test_an_answer_that_is_not_found_or_cannot_be_looked_for_is_flagged(
    subject: SlackSubject, slack: FakeSlack, *, found: bool
) -> None:
    slack.breaks_off = True
    slack.refusals["conversations.replies"] = [] if found else ["internal_error"]
    assert isinstance(await told(subject), DeliveryUnknown)
    assert [method for method, _ in slack.calls] == ["chat.postMessage", "conversations.replies"]


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        ("channel_not_found", DeliveryFailed, "invite the app"),
        ("not_in_channel", DeliveryFailed, "/invite"),
        ("is_archived", DeliveryFailed, "archived"),
        ("msg_too_long", DeliveryFailed, "longer than Slack takes"),
        ("something_else", DeliveryFailed, "something_else"),
        ("ratelimited", DeliveryDeferred, "puts it off"),
        ("token_revoked", CredentialsRefused, "token_revoked"),
        ("missing_scope", CredentialsRefused, "needs the scope users:read"),
        ("fatal_error", DeliveryUnknown, "fatal_error"),
    ],
)
async def test_what_slack_refuses_says_what_becomes_of_the_answer(
    subject: SlackSubject, slack: FakeSlack, error: str, kind: type[TrunklineError], words: str
) -> None:
    slack.refusals["chat.postMessage"] = [error]
    caught = await told(subject)
    assert type(caught) is kind
    assert words in caught.detail
    assert slack.posted == []


async def test_the_pause_that_slack_asks_for_is_kept(subject: SlackSubject, slack: FakeSlack) -> None:
    slack.pauses["chat.postMessage"] = [7]
    caught = await told(subject)
    assert isinstance(caught, DeliveryDeferred)
    assert caught.retry_after == 7


async def test_files_stand_below_the_text_and_are_shared_once(subject: SlackSubject, slack: FakeSlack) -> None:
    files = (file(subject), file(subject, "b.pdf", b"%PDF-2"))
    slack.pauses["files.completeUploadExternal"] = [7]
    assert isinstance(await told(subject, attachments=files), DeliveryDeferred)
    slack.loses_answers = True
    await sent(subject, attachments=files)
    text, shared = slack.posted
    assert (text["text"], [each["name"] for each in shared["files"]]) == ("It works again.", ["a.pdf", "b.pdf"])
    assert shared["thread_ts"] == THREAD
    assert [each["content"] for each in slack.uploads.values()][-2:] == [b"%PDF-", b"%PDF-2"]


async def test_an_empty_file_and_a_message_without_anything_are_refused(subject: SlackSubject) -> None:
    assert isinstance(await told(subject, attachments=(file(subject, content=b""),)), DeliveryFailed)
    assert isinstance(await told(subject, text=" "), DeliveryFailed)


async def test_a_workspace_that_is_gone_keeps_its_answers_until_it_is_back(subject: SlackSubject) -> None:
    assert isinstance(await told(subject, account="gone"), DeliveryDeferred)


# Files


@pytest.mark.parametrize(
    ("facts", "kind"),
    [({"mode": "tombstone"}, DeliveryFailed), ({"is_external": True}, DeliveryFailed), (None, DeliveryFailed)],
)
async def test_a_file_that_slack_does_not_give_out_is_missing(
    subject: SlackSubject, slack: FakeSlack, facts: dict[str, Any] | None, kind: type[TrunklineError]
) -> None:
    if facts is not None:
        slack.files["F0A"] = facts
    with pytest.raises(kind):
        await subject.adapter.fetch("acme", "F0A", MemorySink())


async def test_a_scope_that_is_missing_holds_a_file_up_and_does_not_lose_it(
    subject: SlackSubject, slack: FakeSlack
) -> None:
    slack.refusals["files.info"] = ["missing_scope"]
    with pytest.raises(CredentialsRefused):
        await subject.adapter.fetch("acme", "F0A", MemorySink())


async def test_a_token_is_never_shown_to_another_server(subject: SlackSubject, slack: FakeSlack) -> None:
    slack.files["F0A"] = {"url_private_download": "https://evil.example/a"}
    with pytest.raises(DeliveryFailed, match=r"evil\.example"):
        await subject.adapter.fetch("acme", "F0A", MemorySink())


# People


async def test_who_wrote_has_the_name_that_slack_tells_and_is_asked_about_once(
    subject: SlackSubject, slack: FakeSlack
) -> None:
    slack.people[MARIA]["profile"]["email"] = "maria@example.org"
    slack.people["U0KOFI"] = {"team_id": THEIRS, "real_name": "Kofi"}
    await subject.post(slack.message("Hello <@U0KOFI>"))
    await subject.post(slack.message("Hello again"))
    first = (await subject.adapter.parse(subject.intake.raws[0])).envelopes[0]
    assert (first.sender.name, first.text) == ("Maria", "Hello @Kofi")
    assert [each.key for each in first.sender.identities] == [subject.sender_key, "email:maria@example.org"]
    assert sorted(form["user"] for method, form in slack.calls if method == "users.info") == ["U0KOFI", MARIA]


@pytest.mark.parametrize("trouble", ["away", "refused", "slow down"])
async def test_a_message_does_not_wait_for_a_name(subject: SlackSubject, slack: FakeSlack, trouble: str) -> None:
    slack.breaks_off_all = trouble == "away"
    slack.refusals["users.info"] = ["missing_scope"] if trouble == "refused" else []
    slack.pauses["users.info"] = [60] if trouble == "slow down" else []
    for text in ("Hello", "Are you there?"):
        assert await subject.post(slack.message(text)) == "taken"
    for raw in subject.intake.raws:
        assert (await subject.adapter.parse(raw)).envelopes[0].sender.name == ""
    assert [method for method, _ in slack.calls] == ["users.info"]


async def test_somebody_who_is_slow_to_be_found_is_known_the_next_time(slack: FakeSlack) -> None:
    now = [0.0]
    api = SlackApi(slack.api, TOKEN)
    people = People(api, patience=0, clock=lambda: now[0])
    assert await people.of([MARIA]) == {}
    await asyncio.gather(*people._asked.values())
    assert (await people.of([MARIA]))[MARIA]["name"] == "Maria"
    now[0] = KEPT_SECONDS + 1
    assert (await people.of([MARIA]))[MARIA]["name"] == "Maria"
    await asyncio.gather(*people._asked.values())
    assert len(slack.calls) == 2
    await people.close()
    await api.close()


# In


async def test_slack_is_told_that_the_address_is_ours(subject: SlackSubject, slack: FakeSlack) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB", "token": "x"}).encode()
    headers = slack.signed(body, str(NOW // 1000))
    async with ClientSession() as session, session.post(subject.address_of(), data=body, headers=headers) as response:
        assert (response.status, await response.json()) == (200, {"challenge": "3eZbrw1aB"})
    async with ClientSession() as session, session.post(subject.address_of(), data=body) as response:
        assert response.status == 401
    assert subject.intake.raws == []


async def test_a_body_that_is_signed_and_cannot_be_read_is_kept_whole(subject: SlackSubject, slack: FakeSlack) -> None:
    assert await subject.post({"type": "event_callback"}) == "taken"
    assert len(subject.intake.raws) == 1


async def test_a_removed_app_is_told_to_whoever_runs_the_desk(subject: SlackSubject, slack: FakeSlack) -> None:
    with capture_logs() as lines:
        assert await subject.post(slack.event({"type": "tokens_revoked", "tokens": {"bot": [APP_USER]}})) == "taken"
    assert subject.intake.raws == []
    assert [line["action"] for line in lines] == ["slack_revoked"]


# Socket Mode


class Sockets(SlackSubject):
    """The same workspace over a connection that we open."""

    settings = {"receive": "socket"}  # noqa: RUF012


@pytest.fixture
async def sockets() -> AsyncIterator[Sockets]:
    async with opened(Sockets(), CARD) as made:
        yield made


def socket_mode(sockets: Sockets) -> SocketMode:
    (service,) = sockets.adapter.workers()
    assert isinstance(service, SocketMode)
    return service


async def until(sockets: Sockets, holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():
            sockets.slack.stirred.clear()
            await sockets.slack.stirred.wait()


async def connected(sockets: Sockets, count: int = 1) -> Any:
    await until(sockets, lambda: len(sockets.slack.sockets) >= count)
    return sockets.slack.sockets[-1]


async def hand(sockets: Sockets, socket: Any, envelope: str, payload: dict[str, Any], kind: str = "events_api") -> None:
    await socket.send_json({"envelope_id": envelope, "type": kind, "payload": payload, "retry_attempt": 0})


async def acknowledged(sockets: Sockets, count: int) -> list[str]:
    await until(sockets, lambda: len(sockets.slack.acknowledged) >= count)
    return sockets.slack.acknowledged


async def test_an_event_over_a_connection_is_acknowledged_when_it_is_stored(sockets: Sockets) -> None:
    turn = asyncio.create_task(socket_mode(sockets).run_once())
    socket = await connected(sockets)
    message = sockets.slack.message("Hello")
    assert [family.name for family in sockets.adapter.metrics()][1:] == ["trunkline_slack_connected"]
    sockets.intake.gate.clear()
    await hand(sockets, socket, "one", message)
    await sockets.intake.entered.wait()
    assert sockets.slack.acknowledged == []
    sockets.intake.gate.set()
    assert await acknowledged(sockets, 1) == ["one"]
    await hand(sockets, socket, "two", message)
    await hand(sockets, socket, "three", {"command": "/help"}, "slash_commands")
    assert await acknowledged(sockets, 3) == ["one", "two", "three"]
    assert [raw.external_id for raw in sockets.intake.raws] == [f"{SUPPORT}:1796000001.000100"]
    await socket.send_json({"type": "disconnect", "reason": "refresh_requested"})
    assert await turn == 3


async def test_what_cannot_be_stored_is_not_acknowledged_and_comes_again(sockets: Sockets) -> None:
    turn = asyncio.create_task(socket_mode(sockets).run_once())
    socket = await connected(sockets)
    sockets.intake.failure = EngineUnavailable("away")
    await hand(sockets, socket, "one", sockets.slack.message("Hello", ts="1796000001.000100"))
    await hand(sockets, socket, "help", {"command": "/help"}, "slash_commands")
    assert await acknowledged(sockets, 1) == ["help"]
    sockets.intake.failure = None
    await hand(sockets, socket, "again", sockets.slack.message("Hello", ts="1796000001.000100"))
    assert (await acknowledged(sockets, 2))[-1] == "again"
    assert len(sockets.intake.raws) == 1
    await socket.close()
    await turn


async def test_garbage_over_a_connection_ends_nothing(sockets: Sockets) -> None:
    turn = asyncio.create_task(socket_mode(sockets).run_once())
    socket = await connected(sockets)
    for garbage in ("", "{", "[]", '{"type": 7}', "[" * 5000):
        await socket.send_str(garbage)
    await hand(sockets, socket, "one", {"event": [1]})
    assert await acknowledged(sockets, 1) == ["one"]
    assert len(sockets.intake.raws) == 1
    await socket.close()
    await turn


async def test_a_connection_that_ends_or_is_refused_is_opened_again_after_pauses_that_grow(sockets: Sockets) -> None:
    pauses: list[float] = []
    enough = asyncio.Event()

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 5:
            enough.set()
            await asyncio.Event().wait()

    sockets.slack.refusals["apps.connections.open"] = ["internal_error", "internal_error", "invalid_auth"]
    service = socket_mode(sockets)
    service._pause = pause
    await service.start()
    await service.start()
    for count in (1, 2):
        await (await connected(sockets, count)).close()
    async with asyncio.timeout(5):
        await enough.wait()
    await service.stop()
    await service.stop()
    assert pauses[:3] == [5, 10, 60]
    assert all(pause == 60 for pause in pauses[3:])


# The stand-in refuses what Slack refuses


@pytest.mark.parametrize(
    ("method", "form", "token", "error"),
    [
        ("chat.postMessage", {"channel": SUPPORT, "text": "a"}, None, "not_authed"),
        ("chat.postMessage", {"channel": SUPPORT, "text": "a"}, "other", "invalid_auth"),
        ("chat.postMessage", {"text": "a"}, TOKEN, "invalid_arguments"),
        ("chat.postMessage", {"channel": SUPPORT, "text": "a", "txt": "b"}, TOKEN, "invalid_arguments"),
        ("chat.postMessage", {"channel": "C0NONE", "text": "a"}, TOKEN, "channel_not_found"),
        ("chat.postMessage", {"channel": SUPPORT, "text": ""}, TOKEN, "no_text"),
        ("chat.postMessage", {"channel": SUPPORT, "text": "a" * 40_001}, TOKEN, "msg_too_long"),
        ("chat.post", {}, TOKEN, "unknown_method"),
        ("files.getUploadURLExternal", {"filename": "a", "length": "0"}, TOKEN, "invalid_arguments"),
        ("files.completeUploadExternal", {"files": '[{"id": "F"}]', "channel_id": SUPPORT}, TOKEN, "file_not_found"),
        ("apps.connections.open", {}, TOKEN, "invalid_auth"),
    ],
)
async def test_the_stand_in_refuses_what_is_not_right(
    slack: FakeSlack, method: str, form: dict[str, str], token: str | None, error: str
) -> None:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    data: Any = form or b""
    headers |= {"Content-Type": "application/x-www-form-urlencoded"}
    async with (
        ClientSession() as session,
        session.post(f"{slack.api}/{method}", data=data, headers=headers) as response,
    ):
        assert await response.json() == {"ok": False, "error": error}
    assert slack.posted == []
