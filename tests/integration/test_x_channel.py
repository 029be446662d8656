"""X in both directions, against a stand-in as strict as X: answers and their fate, threads, pictures, files, posts."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession, FormData

from tests.conformance.opening import opened, sent, told
from tests.conformance.subject import url_of
from tests.conformance.test_adapters import outgoing
from tests.conformance.x_subject import MARIA, XSubject
from tests.fakes.x import KEY, KEY_SECRET, OWNER, TOKEN, TOKEN_SECRET, FakeX
from tests.memory_sink import MemorySink
from trunkline.adapters.x.api import XApi
from trunkline.adapters.x.card import CARD
from trunkline.adapters.x.oauth import Credentials
from trunkline.config.errors import (
    AccountUnavailable,
    CredentialsRefused,
    DeliveryDeferred,
    DeliveryFailed,
    DeliveryUnknown,
    EngineUnavailable,
    TrunklineError,
)
from trunkline.normalizer.outgoing import Sent
from trunkline.normalizer.sending_limits import Destination
from trunkline.normalizer.weighted_length import weighted_length

POST = "post:2081000000000000001"
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
async def subject() -> AsyncIterator[XSubject]:
    async with opened(XSubject(), CARD) as made:
        yield made


@pytest.fixture
def x(subject: XSubject) -> FakeX:
    return subject.x


def picture(subject: XSubject, number: int = 0, **changes: Any) -> dict[str, Any]:
    sha256 = f"{number:064d}"
    subject.blobs[sha256] = PNG + bytes([number])
    return {"name": f"{number}.png", "media_type": "image/png", "size": 9, "sha256": sha256, **changes}


# Out, directly


async def test_an_answer_is_one_direct_message(subject: XSubject, x: FakeX) -> None:
    answer = await sent(subject)
    (message,) = x.messages
    assert (message["to"], message["text"]) == (MARIA, "It works again.")
    assert answer == Sent(reference=f"{OWNER}:{message['id']}", detail="X took it")
    assert x.posts == []


async def test_a_post_is_answered_directly_unless_the_agent_says_otherwise(subject: XSubject, x: FakeX) -> None:
    await sent(subject, conversation=POST)
    await sent(subject, conversation=POST, mode="direct")
    assert (len(x.messages), x.posts) == (2, [])


async def test_a_long_answer_is_several_messages_and_goes_on_where_it_stopped(subject: XSubject, x: FakeX) -> None:
    paragraphs = [letter * 9000 for letter in "abc"]
    text = "\n\n".join(paragraphs)
    x.refusals = [(429, {"title": "Too Many Requests"}, {})]
    assert isinstance(await told(subject, text=text), AccountUnavailable)
    await sent(subject, text=text)
    assert [each["text"] for each in x.messages] == paragraphs
    assert subject.parts.known == {}


async def test_a_part_that_is_not_taken_says_that_the_first_have_arrived(subject: XSubject, x: FakeX) -> None:
    article = outgoing(subject).article_id
    await subject.parts.write(article, ["3080"])
    x.strangers.add(MARIA)
    error = await told(subject, text=f"{'a' * 9000}\n\n{'b' * 9000}")
    assert isinstance(error, DeliveryFailed)
    assert error.detail.startswith("the first 1 parts have arrived; then: they take no direct messages")
    assert subject.parts.known == {}


async def test_pictures_go_one_a_message_the_first_with_the_text(subject: XSubject, x: FakeX) -> None:
    await sent(subject, attachments=tuple(picture(subject, number) for number in range(3)))
    assert [("text" in each, len(each["attachments"])) for each in x.messages] == [(True, 1), (False, 1), (False, 1)]
    assert {each["media_category"] for each in x.uploads.values()} == {"dm_image"}
    assert [each["content"] for each in x.uploads.values()] == [PNG + bytes([number]) for number in range(3)]


@pytest.mark.parametrize(
    "changes",
    [
        {"media_type": "application/pdf", "name": "a.pdf"},
        {"media_type": "image/gif"},
        {"size": 5 * 1024 * 1024 + 1},
    ],
)
async def test_a_file_that_x_would_not_take_is_refused_before_it_is_asked(
    subject: XSubject, x: FakeX, changes: dict[str, Any]
) -> None:
    error = await told(subject, attachments=(picture(subject, **changes),))
    assert isinstance(error, DeliveryFailed)
    assert "link" in error.detail
    assert x.asked == 0


async def test_a_picture_that_x_does_not_take_keeps_back_the_whole_answer(subject: XSubject, x: FakeX) -> None:
    x.refusals = [(400, {"title": "Invalid Request", "detail": "the media is broken"}, {})]
    assert isinstance(await told(subject, attachments=(picture(subject),)), DeliveryFailed)
    assert (x.asked, x.sent) == (1, [])


async def test_nothing_and_too_much_are_refused_before_x_is_asked(subject: XSubject, x: FakeX) -> None:
    assert isinstance(await told(subject, text=" "), DeliveryFailed)
    assert isinstance(await told(subject, text="word " * 11_000), DeliveryFailed)
    assert isinstance(await told(subject, to="maria"), DeliveryFailed)
    assert isinstance(
        await told(subject, attachments=tuple(picture(subject, each) for each in range(5))), DeliveryFailed
    )
    assert x.asked == 0


# Out, in public


async def test_an_answer_in_public_stands_below_the_post_that_it_answers(subject: XSubject, x: FakeX) -> None:
    answer = await sent(subject, conversation=POST, mode="public", attachments=(picture(subject),))
    (post,) = x.posts
    assert (post["text"], post["reply"]) == ("It works again.", {"in_reply_to_tweet_id": POST.removeprefix("post:")})
    assert [x.uploads[each]["media_category"] for each in post["media"]["media_ids"]] == ["tweet_image"]
    assert answer == Sent(reference=f"{OWNER}:post:{post['id']}", detail="X took it, for everybody to see")
    assert x.messages == []


async def test_a_long_answer_in_public_is_a_thread_in_which_each_post_fits(subject: XSubject, x: FakeX) -> None:
    text = "".join(f"荷物{number}はまだ届いていません。" for number in range(30)) + " https://shop.example/" + "a" * 200
    answer = await sent(subject, text=text, conversation=POST, mode="public")
    assert len(x.posts) > 2
    assert all(weighted_length(post["text"]) <= 280 for post in x.posts)
    below = [post["reply"]["in_reply_to_tweet_id"] for post in x.posts]
    assert below == [POST.removeprefix("post:"), *(post["id"] for post in x.posts[:-1])]
    assert answer.detail == f"X took it in {len(x.posts)} posts, for everybody to see"
    assert [answer.reference, *answer.also] == [f"{OWNER}:post:{post['id']}" for post in x.posts]


@pytest.mark.parametrize("conversation", ["", MARIA, "post:", "post:../1"])
async def test_nothing_is_said_in_public_where_there_is_no_post(subject: XSubject, x: FakeX, conversation: str) -> None:
    assert isinstance(await told(subject, conversation=conversation, mode="public"), DeliveryFailed)
    assert x.asked == 0


def test_the_card_says_what_each_way_takes() -> None:
    direct = CARD.facts.sends(Destination(to=MARIA, conversation=MARIA))
    post = CARD.facts.sends(Destination(to=MARIA, conversation=POST))
    public = CARD.facts.sends(Destination(to=MARIA, conversation=POST, mode="public"))
    assert (direct.modes, list(post.modes)) == ({}, ["direct", "public"])
    assert direct.text is not None
    assert public.text is not None
    assert (direct.text.most, direct.text.unit, post.text) == (10_000, "characters", direct.text)
    assert (public.text.most, public.text.unit) == (280, "weighted")


# What X refuses


@pytest.mark.parametrize(
    ("status", "problem", "kind", "words"),
    [
        (
            403,
            {"detail": "You do not have permission to DM one or more participants."},
            DeliveryFailed,
            "take no direct",
        ),
        (403, {"detail": "You are not allowed to create a Tweet with duplicate content."}, DeliveryFailed, "already"),
        (
            403,
            {"detail": "You attempted to reply to a Tweet that is deleted or not visible to you."},
            DeliveryFailed,
            "",
        ),
        (403, {"detail": "Reply to this conversation is not allowed because …"}, DeliveryFailed, "does not let us"),
        (403, {"detail": "You are not permitted to perform this action."}, DeliveryFailed, "refuses it"),
        (
            403,
            {
                "title": "Forbidden",
                "detail": "Your client app is not configured with the appropriate oauth1 app permissions",
                "type": "https://api.twitter.com/2/problems/oauth1-permissions",
            },
            CredentialsRefused,
            "does not let the app",
        ),
        (403, {"detail": "x", "type": "https://api.twitter.com/2/problems/client-forbidden"}, CredentialsRefused, ""),
        *(
            (403, {"detail": detail}, DeliveryFailed, words)
            for detail, words in (
                ("You have been blocked from the author of this account from performing this action.", "have blocked"),
                ("You are not permitted to do this because the author has blocked you.", "have blocked"),
                ("User has been suspended: [123].", "suspended the person's account"),
            )
        ),
        *(
            (403, {"detail": detail}, CredentialsRefused, "does not let the app")
            for detail in (
                "Your account is suspended and is not permitted to access this feature.",
                "Your account is not permitted to access this feature.",
                "To protect our users from spam …, this account is temporarily locked. Please log in to unlock it.",
            )
        ),
        (
            403,
            {
                "detail": "The user used for authentication is suspended",
                "type": "https://api.twitter.com/2/problems/user-suspended",
            },
            CredentialsRefused,
            "does not let the app",
        ),
        (401, {"title": "Unauthorized", "status": 401}, CredentialsRefused, "credentials"),
        (402, {"title": "CreditsDepleted"}, AccountUnavailable, "credits"),
        (404, {"title": "Not Found Error"}, DeliveryFailed, "no such person"),
        (400, {"errors": [{"message": "bad"}], "title": "Invalid Request"}, DeliveryFailed, ""),
        (503, {"title": "Service Unavailable"}, DeliveryUnknown, ""),
    ],
)
async def test_what_x_refuses_says_what_becomes_of_the_answer(
    subject: XSubject, x: FakeX, status: int, problem: dict[str, Any], kind: type[TrunklineError], words: str
) -> None:
    x.refusals = [(status, {"type": "about:blank", **problem}, {})]
    error = await told(subject)
    assert type(error) is kind
    assert words in str(error)
    assert (x.sent, x.asked) == ([], 1)


NOW = "Mon, 30 Nov 2026 10:00:00 GMT"  # 1796032800


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": "1796033000"}, 200),
        ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": "1796000000"}, 1),
        (
            {
                "x-rate-limit-remaining": "190",
                "x-rate-limit-reset": "1796033000",
                "x-user-limit-24hour-remaining": "0",
                "x-user-limit-24hour-reset": "1796100000",
            },
            3600,
        ),
        ({"Retry-After": "7"}, 7),
        ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": "soon"}, 5),
        ({}, 5),
    ],
)
async def test_a_limit_is_waited_for_until_the_moment_that_x_names(
    subject: XSubject, x: FakeX, headers: dict[str, str], wait: int
) -> None:
    x.refusals = [(429, {"title": "Too Many Requests"}, {"Date": NOW, **headers})]
    error = await told(subject)
    assert isinstance(error, AccountUnavailable)
    assert error.retry_after == wait


async def test_an_answer_that_broke_off_is_of_unknown_fate_and_is_told_by_x_itself(subject: XSubject, x: FakeX) -> None:
    x.loses_answers = True
    assert isinstance(await told(subject), DeliveryUnknown)
    (message,) = x.messages
    assert await x.post(subject.webhook, x.direct(MARIA, "It works again.", id_=message["id"], mine=True)) == 200
    (envelope,) = (await subject.adapter.parse(subject.intake.raws[-1])).envelopes
    assert (envelope.direction, envelope.text, envelope.sender.identities) == ("out", "It works again.", ())
    assert envelope.external_id == f"{OWNER}:{message['id']}"


async def test_an_account_that_is_gone_keeps_its_answers_until_it_is_back(subject: XSubject) -> None:
    assert isinstance(await told(subject, account="gone"), DeliveryDeferred)


# Files


async def test_a_picture_of_a_direct_message_is_fetched_in_the_name_of_the_account(subject: XSubject, x: FakeX) -> None:
    x.files["a.jpg"] = PNG, "image/png"
    sink = MemorySink()
    fetched = await subject.adapter.fetch("shop", f"{x.base}/dm_media/a.jpg", sink)
    assert (bytes(sink.content), fetched.media_type) == (PNG, "image/png")
    x.token_secret = "another"
    with pytest.raises(CredentialsRefused):
        await subject.adapter.fetch("shop", f"{x.base}/dm_media/a.jpg", MemorySink())
    public = MemorySink()
    await subject.adapter.fetch("shop", f"{x.base}/media/a.jpg", public)
    assert bytes(public.content) == PNG


# In


async def test_a_challenge_is_answered_and_stores_nothing(subject: XSubject, x: FakeX) -> None:
    assert await x.challenge(subject.webhook)
    assert subject.intake.raws == []
    async with ClientSession() as session:
        for query in ({}, {"crc_token": '{"for_user_id":"1"}'}):
            async with session.get(subject.webhook, params=query) as response:
                assert response.status == 401
        async with session.get(url_of(subject._service, "v1/x/other"), params={"crc_token": "a"}) as response:
            assert response.status == 404


async def test_a_store_that_is_away_is_told_within_the_seconds_that_x_waits(subject: XSubject, x: FakeX) -> None:
    subject.intake.failure = EngineUnavailable("away")
    assert await x.post(subject.webhook, x.direct(MARIA, "Hello")) == 503


async def test_a_message_that_x_tells_in_both_of_its_ways_is_stored_once(subject: XSubject, x: FakeX) -> None:
    old = x.direct(MARIA, "Hello")
    users = {who: {"data": {"id": who, "name": "Maria", "username": "maria"}} for who in old["users"]}
    payload = {"direct_message_events": old["direct_message_events"], "users": users}
    new = {"data": {"event_type": "dm.received", "filter": {"user_id": OWNER}, "payload": payload}}
    assert [await x.post(subject.webhook, each) for each in (old, new, old)] == [200, 200, 200]
    assert len(subject.intake.raws) == 1


# The stand-in refuses what X refuses


def api(x: FakeX, **changes: str) -> XApi:
    right = {"key": KEY, "key_secret": KEY_SECRET, "token": TOKEN, "token_secret": TOKEN_SECRET}
    return XApi(x.base, Credentials(**(right | changes)))


@pytest.mark.parametrize("wrong", [{"key": "k"}, {"key_secret": "s"}, {"token": "t"}, {"token_secret": "s"}])
async def test_the_stand_in_refuses_a_request_that_is_not_signed_rightly(x: FakeX, wrong: dict[str, str]) -> None:
    asking = api(x, **wrong)
    with pytest.raises(CredentialsRefused):
        await asking.post(f"/2/dm_conversations/with/{MARIA}/messages", {"text": "a"})
    await asking.close()
    assert x.sent == []


async def test_the_stand_in_refuses_a_signature_of_another_request_and_one_that_was_there(x: FakeX) -> None:
    asking, path = api(x), f"/2/dm_conversations/with/{MARIA}/messages"
    header = asking.signed("POST", f"{x.base}/2/tweets"), asking.signed("POST", x.base + path)
    statuses = []
    async with ClientSession() as session:
        for each in (header[0], header[1], header[1], ""):
            given = {"Authorization": each}
            async with session.post(x.base + path, json={"text": "a"}, headers=given) as response:
                statuses.append(response.status)
    assert statuses == [401, 201, 401, 401]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/2/dm_conversations/with/maria/messages", {"text": "a"}),
        (f"/2/dm_conversations/with/{MARIA}/messages", {}),
        (f"/2/dm_conversations/with/{MARIA}/messages", {"text": " "}),
        (f"/2/dm_conversations/with/{MARIA}/messages", {"text": "a" * 10_001}),
        (f"/2/dm_conversations/with/{MARIA}/messages", {"text": "a", "body": "b"}),
        (f"/2/dm_conversations/with/{MARIA}/messages", {"text": "a", "attachments": [{"media_id": "1"}]}),
        ("/2/tweets", {"text": "a"}),
        ("/2/tweets", {"text": "荷" * 141, "reply": {"in_reply_to_tweet_id": "1"}}),
        ("/2/tweets", {"text": "a", "reply": {"in_reply_to_tweet_id": "post:1"}}),
        ("/2/tweets", {"text": "a", "reply": {"in_reply_to_tweet_id": "1"}, "media": {"media_ids": ["1"]}}),
        ("/2/tweets", []),
    ],
)
async def test_the_stand_in_refuses_what_is_not_right(x: FakeX, path: str, content: Any) -> None:
    asking = api(x)
    with pytest.raises(DeliveryFailed):
        await asking.post(path, content)
    await asking.close()
    assert x.sent == []


async def test_the_stand_in_refuses_a_second_post_that_says_the_same(x: FakeX) -> None:
    asking, content = api(x), {"text": "a", "reply": {"in_reply_to_tweet_id": "1"}}
    await asking.post("/2/tweets", content)
    with pytest.raises(DeliveryFailed, match="already"):
        await asking.post("/2/tweets", content)
    await asking.close()


async def test_the_stand_in_refuses_a_picture_of_the_wrong_kind(x: FakeX) -> None:
    asking, form = api(x), FormData()
    form.add_field("media_category", "dm_video")
    form.add_field("media", b"film", filename="a.mp4", content_type="video/mp4")
    with pytest.raises(DeliveryFailed):
        await asking.upload("/2/media/upload", form)
    await asking.close()
    assert json.dumps(x.uploads) == "{}"
