"""LINE in both directions, against a stand-in as strict as LINE: answers and their fate, files, posts."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession

from tests.conformance.line_subject import ADDRESS, MARIA, TOKEN, LineSubject
from tests.conformance.opening import opened, sent, told
from tests.conformance.subject import url_of
from tests.fakes.line import FakeLine
from tests.films import sound
from tests.memory_sink import MemorySink
from trunkline.adapters.line.card import CARD
from trunkline.adapters.line.limits import sends
from trunkline.adapters.line.messages import LIFETIME_MS
from trunkline.adapters.line.pushes import EXPIRED, KEY_KNOWN_MS, EnginePushes, Progress
from trunkline.adapters.line.settings import LineSettings
from trunkline.config.errors import (
    AccountUnavailable,
    CredentialsRefused,
    DeliveryDeferred,
    DeliveryFailed,
    DeliveryUnknown,
    EngineUnavailable,
    TooLarge,
    TrunklineError,
)
from trunkline.normalizer.outgoing import Sent
from trunkline.normalizer.sending_limits import Destination
from trunkline.queue.connection import Engine

MEGABYTE = 1024 * 1024
ARTICLE = "0193512e-aaaa-7000-8000-000000000002"

GROUP = "C" + "d3" * 16


@pytest.fixture
async def subject() -> AsyncIterator[LineSubject]:
    async with opened(LineSubject(), CARD) as made:
        yield made


@pytest.fixture
def line(subject: LineSubject) -> FakeLine:
    return subject.line


# Out


async def test_an_answer_is_one_push_to_the_person_under_the_id_of_its_article(
    subject: LineSubject, line: FakeLine
) -> None:
    answer = await sent(subject)
    (push,) = line.pushes
    assert (push.key, push.to, push.texts) == ("0193512e-aaaa-7000-8000-000000000002", MARIA, ["It works again."])
    assert answer == Sent(reference=push.sent[0]["id"], detail="LINE took it")


async def test_an_answer_in_a_group_goes_to_the_group(subject: LineSubject, line: FakeLine) -> None:
    await sent(subject, conversation=GROUP)
    assert line.pushes[0].to == GROUP


async def test_a_long_answer_is_several_messages_of_one_push(subject: LineSubject, line: FakeLine) -> None:
    paragraphs = ["😀" * 2000 for _ in range(5)]
    await sent(subject, text="\n\n".join(paragraphs))
    assert line.pushes[0].texts == paragraphs


async def test_an_answer_that_line_would_not_take_is_refused_before_it_is_asked(
    subject: LineSubject, line: FakeLine
) -> None:
    assert isinstance(await told(subject, text="x" * 25_001), DeliveryFailed)
    assert isinstance(await told(subject, text=" "), DeliveryFailed)
    file = {"name": "a.pdf", "media_type": "application/pdf", "size": 1, "sha256": "a" * 64}
    assert isinstance(await told(subject, attachments=(file,)), DeliveryFailed)
    assert line.asked == 0


def file(name: str, media_type: str, size: int = 1000, sha: str = "a") -> dict[str, Any]:
    return {"name": name, "media_type": media_type, "size": size, "sha256": sha * 64}


async def test_pictures_and_films_go_by_the_address_at_which_line_fetches_them(
    subject: LineSubject, line: FakeLine
) -> None:
    files = (
        file("a.png", "image/png"),
        file("b.jpg", "image/jpeg", 2 * MEGABYTE, "b"),
        file("c.mp4", "video/mp4", 9, "c"),
    )
    await sent(subject, attachments=files)
    text, small, large, film = line.pushes[0].messages
    there = [f"{ADDRESS}/files/{ARTICLE}-{sha * 64}-{LIFETIME_MS}" for sha in "abc"]
    preview = f"{ADDRESS}/files/line/preview.png"
    assert text == {"type": "text", "text": "It works again."}
    assert small == {"type": "image", "originalContentUrl": there[0], "previewImageUrl": there[0]}
    assert large == {"type": "image", "originalContentUrl": there[1], "previewImageUrl": preview}
    assert film == {"type": "video", "originalContentUrl": there[2], "previewImageUrl": preview}
    async with ClientSession() as session, session.get(url_of(subject._service, "files/line/preview.png")) as response:
        assert (response.status, response.content_type) == (200, "image/png")


async def test_a_sound_goes_with_its_length(subject: LineSubject, line: FakeLine) -> None:
    subject.blobs.contents["a" * 64] = sound(length=90_500, scale=1000)
    await sent(subject, text="", attachments=(file("a.m4a", "audio/mp4"),))
    (message,) = line.pushes[0].messages
    assert (message["type"], message["duration"]) == ("audio", 90_500)


@pytest.mark.parametrize("content", [b"ID3 no film at all", None])
async def test_a_sound_without_a_length_is_refused(subject: LineSubject, line: FakeLine, content: bytes | None) -> None:
    subject.blobs.contents |= {} if content is None else {"a" * 64: content}
    assert isinstance(await told(subject, attachments=(file("a.m4a", "audio/mp4"),)), DeliveryFailed)
    assert line.asked == 0


async def test_more_than_one_push_takes_is_sent_in_two_each_once(subject: LineSubject, line: FakeLine) -> None:
    files = [file(f"{at}.png", "image/png") for at in range(5)]
    line.loses_answers = True
    assert isinstance(await told(subject, attachments=files), DeliveryDeferred)
    line.loses_answers = False
    answer = await sent(subject, attachments=files)
    assert [len(push.messages) for push in line.pushes] == [5, 1]
    assert len({push.key for push in line.pushes}) == 2
    assert answer.reference == line.pushes[0].sent[0]["id"]


async def test_without_an_address_files_are_refused_and_the_desk_knows_it() -> None:
    here = Destination(account="shop", to=MARIA)
    files = sends(LineSettings.model_validate({"shop": {}}), here).files
    assert (files.count, "address" in files.instead) == (0, True)
    assert sends(LineSettings.model_validate({"shop": {"address": ADDRESS}}), here) == CARD.facts.sends(here)
    subject = LineSubject()
    subject.card, subject.reached = CARD, False
    await subject.open()
    assert isinstance(await told(subject, attachments=(file("a.png", "image/png"),)), DeliveryFailed)
    assert subject.line.asked == 0
    await subject.close()


async def test_what_was_taken_though_its_answer_was_lost_is_sent_once(subject: LineSubject, line: FakeLine) -> None:
    line.loses_answers = True
    assert isinstance(await told(subject), DeliveryDeferred)
    line.loses_answers = False
    answer = await sent(subject)
    assert (len(line.pushes), line.asked) == (1, 2)
    assert answer == Sent(reference=line.pushes[0].sent[0]["id"], detail="LINE took it (it had been taken before)")


async def test_what_line_may_have_taken_is_not_pushed_again_when_line_would_not_know_the_repeat(
    subject: LineSubject, line: FakeLine
) -> None:
    line.loses_answers = True
    assert isinstance(await told(subject), AccountUnavailable)
    line.pushes, line.loses_answers, subject.now = [], False, subject.now + KEY_KNOWN_MS
    error = await told(subject)
    assert (type(error), error.detail) == (DeliveryUnknown, EXPIRED)
    assert line.pushes == []


async def test_who_decides_after_that_that_it_is_sent_again_is_obeyed_once(
    subject: LineSubject, line: FakeLine
) -> None:
    line.loses_answers, tried = True, subject.now
    await told(subject)
    line.pushes, subject.now = [], tried + KEY_KNOWN_MS
    decided = subject.now
    assert isinstance(await told(subject, queued_at=decided), AccountUnavailable)
    line.pushes, subject.now = [], decided + KEY_KNOWN_MS
    assert isinstance(await told(subject, queued_at=decided), DeliveryUnknown)
    assert line.pushes == []


async def test_a_late_repeat_does_not_lengthen_the_time_for_which_line_knows_a_push(
    subject: LineSubject, line: FakeLine
) -> None:
    line.loses_answers, tried = True, subject.now
    await told(subject)
    subject.now = tried + KEY_KNOWN_MS - 1
    decided = subject.now - 1
    line.breaks_off = True
    await told(subject, queued_at=decided)
    subject.now, line.pushes, line.breaks_off = tried + KEY_KNOWN_MS, [], False
    assert isinstance(await told(subject, queued_at=decided), DeliveryUnknown)
    assert line.pushes == []


async def test_what_line_refused_for_now_is_pushed_however_late(subject: LineSubject, line: FakeLine) -> None:
    line.refusals = [(429, "The API rate limit has been exceeded. Try again later.", {})]
    assert isinstance(await told(subject), AccountUnavailable)
    subject.now += 3 * KEY_KNOWN_MS
    await sent(subject)
    assert (len(line.pushes), subject.pushes.known) == (1, {})


async def test_a_refusal_says_nothing_of_a_try_before_it(subject: LineSubject, line: FakeLine) -> None:
    line.loses_answers = True
    await told(subject)
    line.loses_answers, line.refusals = False, [(429, "You have reached your monthly limit.", {})]
    await told(subject)
    line.pushes, subject.now = [], subject.now + KEY_KNOWN_MS
    assert isinstance(await told(subject), DeliveryUnknown)
    assert line.pushes == []


async def test_a_push_that_was_taken_is_not_repeated_however_late_the_next_one_leaves(
    subject: LineSubject, line: FakeLine
) -> None:
    files = [file(f"{at}.png", "image/png") for at in range(5)]
    line.later = [(429, "The API rate limit has been exceeded. Try again later.", {})]
    error = await told(subject, attachments=files)
    (first,), subject.now, line.pushes = line.pushes, subject.now + 3 * KEY_KNOWN_MS, []
    assert error.facts["arrived"] == tuple(each["id"] for each in first.sent)
    answer = await sent(subject, attachments=files)
    assert [len(push.messages) for push in line.pushes] == [1]
    assert (answer.reference, len(answer.also)) == (first.sent[0]["id"], 5)


async def test_nothing_is_pushed_while_the_try_cannot_be_written_down(subject: LineSubject, line: FakeLine) -> None:
    subject.pushes.away = True
    assert isinstance(await told(subject), EngineUnavailable)
    assert line.asked == 0


async def test_the_engine_keeps_how_far_an_answer_has_come(engine: Engine) -> None:
    pushes, progress = EnginePushes(engine), Progress((("1", "2"), ("3",))).trying(7, 0)
    assert await pushes.read(ARTICLE) == Progress()
    await pushes.write(ARTICLE, progress)
    assert await pushes.read(ARTICLE) == progress
    await pushes.forget(ARTICLE)
    assert await pushes.read(ARTICLE) == Progress()


@pytest.mark.parametrize(
    ("status", "words", "headers", "kind", "wait"),
    [
        (429, "The API rate limit has been exceeded. Try again later.", {"Retry-After": "7"}, AccountUnavailable, 7),
        (429, "You have reached your monthly limit.", {}, AccountUnavailable, 3600),
        (500, "Internal server error", {}, AccountUnavailable, None),
        (401, "Authentication failed due to the expired access token", {}, CredentialsRefused, None),
        (403, "Access to this API is not available for your account", {}, CredentialsRefused, None),
        (400, "Failed to send messages", {}, DeliveryFailed, None),
        (400, "The request body has 1 error(s)", {}, DeliveryFailed, None),
    ],
)
async def test_what_line_refuses_says_what_becomes_of_the_answer(
    subject: LineSubject,
    line: FakeLine,
    status: int,
    words: str,
    headers: dict[str, str],
    kind: type[TrunklineError],
    wait: int | None,
) -> None:
    line.refusals = [(status, words, headers)]
    error = await told(subject)
    assert type(error) is kind
    assert wait is None or getattr(error, "retry_after", None) == wait
    assert (line.pushes, line.asked) == ([], 1)


async def test_somebody_whom_line_does_not_know_is_a_failure_in_words(subject: LineSubject, line: FakeLine) -> None:
    line.strangers.add(MARIA)
    assert "LINE knows nobody by this id" in str(await told(subject))


async def test_an_account_that_is_gone_keeps_its_answers_until_it_is_back(subject: LineSubject) -> None:
    assert isinstance(await told(subject, account="gone"), DeliveryDeferred)


# Files


async def test_a_file_is_fetched_by_the_id_of_its_message(subject: LineSubject, line: FakeLine) -> None:
    line.files["593"] = b"\x89PNG\r\n\x1a\n", "image/png"
    sink = MemorySink()
    fetched = await subject.adapter.fetch("shop", "593", sink)
    assert (bytes(sink.content), fetched.media_type) == (b"\x89PNG\r\n\x1a\n", "image/png")


async def test_a_video_that_line_still_prepares_is_asked_for_again(subject: LineSubject, line: FakeLine) -> None:
    line.files["593"], line.preparing = (b"video", "video/mp4"), True
    with pytest.raises(DeliveryDeferred):
        await subject.adapter.fetch("shop", "593", MemorySink())


@pytest.mark.parametrize("reference", ["unsent", "unknown", "../push", "a/b"])
async def test_a_file_that_is_gone_or_never_was_is_missing(
    subject: LineSubject, line: FakeLine, reference: str
) -> None:
    line.files["unsent"] = None
    with pytest.raises(DeliveryFailed):
        await subject.adapter.fetch("shop", reference, MemorySink())


async def test_a_file_larger_than_is_taken_is_not_read(subject: LineSubject, line: FakeLine) -> None:
    line.files["593"] = b"x" * 2000, "image/png"
    with pytest.raises(TooLarge):
        await subject.adapter.fetch("shop", "593", MemorySink())


# In


async def test_the_verify_button_of_the_console_is_answered(subject: LineSubject, line: FakeLine) -> None:
    assert await line.post(url_of(subject._service, "v1/line/shop")) == 200
    assert subject.intake.raws == []


async def test_a_store_that_is_away_is_told_within_the_two_seconds_that_line_waits(
    subject: LineSubject, line: FakeLine
) -> None:
    subject.intake.failure = EngineUnavailable("away")
    assert await line.post(url_of(subject._service, "v1/line/shop"), line.text(MARIA, "Hello")) == 503


@pytest.mark.parametrize("signature", ["", "x", "é", "A" * 44, "A" * 5000, "\t"])
async def test_a_post_that_line_did_not_sign_is_401(subject: LineSubject, signature: str) -> None:
    address, headers = url_of(subject._service, "v1/line/shop"), {"x-line-signature": signature}
    async with ClientSession() as session, session.post(address, data=b"{}", headers=headers) as response:
        assert response.status == 401
    (family,) = subject.adapter.metrics()
    assert {sample.labels["outcome"]: sample.value for sample in family.samples}["forged"] == 1


# The stand-in refuses what LINE refuses


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"to": MARIA}, "The request body has 1 error(s)"),
        ({"to": "maria", "messages": [{"type": "text", "text": "a"}]}, "The property, 'to', in the request body"),
        ({"to": MARIA, "messages": [], "text": "a"}, "The property, 'text', in the request body"),
        ({"to": MARIA, "messages": [{"type": "text", "text": "a"}] * 6}, "The request body has 1 error(s)"),
        ({"to": MARIA, "messages": [{"type": "text", "text": ""}] * 2}, "The request body has 2 error(s)"),
        ({"to": MARIA, "messages": [{"type": "text", "text": "😀" * 2501}]}, "The request body has 1 error(s)"),
        ({"to": MARIA, "messages": [{"type": "text", "text": "a", "body": "b"}]}, "The request body has 1 error(s)"),
        ([], "The request body could not be parsed as JSON"),
    ],
)
async def test_the_stand_in_refuses_a_push_that_is_not_right(line: FakeLine, content: Any, words: str) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    address = f"{line.base}/v2/bot/message/push"
    async with ClientSession() as session, session.post(address, data=json.dumps(content), headers=headers) as response:
        assert response.status == 400
        assert (await response.json())["message"].startswith(words)
    assert line.pushes == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "application/json"}, 401),
        ({"Authorization": "Bearer other", "Content-Type": "application/json"}, 401),
        ({"Authorization": f"Bearer {TOKEN}", "Content-Type": "text/plain"}, 415),
        ({"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json", "X-Line-Retry-Key": "article"}, 400),
    ],
)
async def test_the_stand_in_refuses_headers_that_are_not_right(
    line: FakeLine, headers: dict[str, str], status: int
) -> None:
    content = json.dumps({"to": MARIA, "messages": [{"type": "text", "text": "a"}]})
    address = f"{line.base}/v2/bot/message/push"
    async with ClientSession() as session, session.post(address, data=content, headers=headers) as response:
        assert response.status == status
    assert line.pushes == []
