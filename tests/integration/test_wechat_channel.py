"""WeChat in both directions, against a stand-in as strict as WeChat: answers and their fate, tokens, files, posts."""

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import ClientSession, FormData

from tests.conformance.opening import opened, sent, told
from tests.conformance.wechat__plain_subject import PlainSubject
from tests.conformance.wechat_subject import APP_ID, KEY, MARIA, NOW, SECRET, WechatSubject
from tests.fakes.wechat import FakeWechat, xml_of
from tests.memory_sink import MemorySink
from trunkline.adapters.wechat.access_token import AskedToken, KeptToken
from trunkline.adapters.wechat.card import CARD
from trunkline.config.errors import (
    AccountUnavailable,
    CredentialsRefused,
    DeliveryDeferred,
    DeliveryFailed,
    DeliveryUnknown,
    EngineUnavailable,
    TrunklineError,
)
from trunkline.normalizer.envelope import Attachment
from trunkline.normalizer.outgoing import Sent
from trunkline.queue.connection import Engine
from trunkline.web.vendor_api import VendorApi

PHOTO = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
async def subject() -> AsyncIterator[WechatSubject]:
    async with opened(WechatSubject(), CARD) as made:
        yield made


@pytest.fixture
async def plain() -> AsyncIterator[PlainSubject]:
    async with opened(PlainSubject(), CARD) as made:
        yield made


@pytest.fixture
def wechat(subject: WechatSubject) -> FakeWechat:
    return subject.wechat


def file(name: str = "cup.png", media_type: str = "image/png", size: int = 8) -> Attachment:
    return Attachment(name=name, media_type=media_type, size=size, sha256="a" * 64)


# Out


async def test_an_answer_is_one_customer_service_message_to_the_person(
    subject: WechatSubject, wechat: FakeWechat
) -> None:
    answer = await sent(subject, text="您的包裹今天送到。👍")
    assert wechat.sent == [{"touser": MARIA, "msgtype": "text", "text": {"content": "您的包裹今天送到。👍"}}]
    assert answer == Sent(reference="0193512e-aaaa-7000-8000-000000000002", detail="WeChat took it")


async def test_a_long_answer_is_parted_by_bytes_and_goes_on_where_it_stopped(
    subject: WechatSubject, wechat: FakeWechat
) -> None:
    paragraphs = ["包裹" * 340 for _ in range(3)]  # 2040 bytes each
    wechat.refusals = [0, 45009]
    first = await told(subject, text="\n\n".join(paragraphs))
    assert (type(first), getattr(first, "retry_after", 0)) == (AccountUnavailable, 3600)
    assert await sent(subject, text="\n\n".join(paragraphs)) == Sent(
        reference="0193512e-aaaa-7000-8000-000000000002", detail="WeChat took it in 3 messages"
    )
    assert [each["text"]["content"] for each in wechat.sent] == paragraphs
    assert subject.parts.known == {}


async def test_files_are_left_at_wechat_and_sent_by_their_media_ids(subject: WechatSubject, wechat: FakeWechat) -> None:
    subject.blobs["a" * 64] = PHOTO
    files = (file(), file("hello.mp3", "audio/mpeg"), file("cup.mp4", "video/mp4"))
    await sent(subject, attachments=files)
    assert [each["msgtype"] for each in wechat.sent] == ["text", "image", "voice", "video"]
    assert [each[:2] for each in wechat.uploads.values()] == [
        ("image", "cup.png"),
        ("voice", "hello.mp3"),
        ("video", "cup.mp4"),
    ]
    assert wechat.sent[3]["video"] == {"media_id": "media-3", "title": "cup.mp4"}


@pytest.mark.parametrize(
    "changes",
    [
        {"text": "x" * (5 * 2048 + 1)},
        {"text": " "},
        {"attachments": (file("a.pdf", "application/pdf"),)},
        {"attachments": (file(size=10 * 2**20 + 1),)},
        {"attachments": (file("a.mp3", "audio/mpeg", 2 * 2**20 + 1),)},
        {"attachments": (file(),) * 5},
    ],
)
async def test_an_answer_that_wechat_would_not_take_is_refused_before_it_is_asked(
    subject: WechatSubject, wechat: FakeWechat, changes: dict[str, Any]
) -> None:
    assert isinstance(await told(subject, **changes), DeliveryFailed)
    assert (wechat.asked, wechat.asked_for_tokens) == (0, [])


async def test_a_sixth_answer_says_that_the_customer_has_to_write_again(
    subject: WechatSubject, wechat: FakeWechat
) -> None:
    for _ in range(5):
        await sent(subject)
    error = await told(subject)
    assert (type(error), "they have to write again" in str(error)) == (DeliveryFailed, True)
    await subject.deliver("1", "Hello")
    await sent(subject)


async def test_what_arrived_of_an_answer_is_told_when_the_rest_is_refused(
    subject: WechatSubject, wechat: FakeWechat
) -> None:
    wechat.left[MARIA] = 1
    error = await told(subject, text="\n\n".join(["x" * 2000] * 2))
    assert str(error).startswith("the first 1 parts have arrived; then: WeChat takes five answers")


@pytest.mark.parametrize(
    ("code", "kind", "wait"),
    [
        (-1, AccountUnavailable, None),
        (45009, AccountUnavailable, 3600),
        (45011, AccountUnavailable, 60),
        (45015, DeliveryFailed, None),
        (40003, DeliveryFailed, None),
        (48001, CredentialsRefused, None),
        (48002, DeliveryFailed, None),
        (87014, DeliveryFailed, None),
        (99999, DeliveryFailed, None),
    ],
)
async def test_what_wechat_refuses_says_what_becomes_of_the_answer(
    subject: WechatSubject, wechat: FakeWechat, code: int, kind: type[TrunklineError], wait: int | None
) -> None:
    wechat.refusals = [code]
    error = await told(subject)
    assert type(error) is kind
    assert str(code) in str(error)
    assert wait is None or getattr(error, "retry_after", None) == wait
    assert (wechat.sent, wechat.asked) == ([], 1)


async def test_an_answer_that_is_none_leaves_the_fate_of_a_message_unknown(
    subject: WechatSubject, wechat: FakeWechat
) -> None:
    await sent(subject)
    wechat.statuses = [200]
    error = await told(subject)
    assert (type(error), getattr(error, "account_waits", False)) == (DeliveryUnknown, True)
    wechat.statuses = [502]
    assert isinstance(await told(subject), DeliveryUnknown)


async def test_an_account_that_is_gone_keeps_its_answers_until_it_is_back(subject: WechatSubject) -> None:
    assert isinstance(await told(subject, account="gone"), DeliveryDeferred)


# The access token


async def test_one_token_serves_all_answers_until_wechat_refuses_it_then_another(
    subject: WechatSubject, wechat: FakeWechat
) -> None:
    await sent(subject)
    await sent(subject)
    assert wechat.asked_for_tokens == [False]
    wechat.expire()
    await sent(subject)
    assert (wechat.asked_for_tokens, len(wechat.sent), wechat.asked) == ([False, False], 3, 4)


async def test_a_token_that_wechat_refuses_and_gives_again_is_made_anew_once(
    subject: WechatSubject, wechat: FakeWechat
) -> None:
    await sent(subject)
    wechat.stubborn = True
    wechat.expire()
    await sent(subject)
    assert wechat.asked_for_tokens == [False, False, True]
    wechat.expire()
    error = await told(subject)
    assert (type(error), getattr(error, "retry_after", 0)) == (AccountUnavailable, 30)
    assert wechat.asked_for_tokens.count(True) == 1, "WeChat makes twenty a day"


@pytest.mark.parametrize(("code", "words"), [(40164, "IP whitelist"), (40125, "AppSecret")])
async def test_why_there_is_no_token_is_said_in_words(
    subject: WechatSubject, wechat: FakeWechat, code: int, words: str
) -> None:
    wechat.stranger, wechat.secret = code == 40164, SECRET if code == 40164 else "another"
    error = await told(subject)
    assert (type(error), words in str(error), str(code) in str(error)) == (CredentialsRefused, True, True)
    assert wechat.asked == 0


@pytest.fixture
async def api(wechat: FakeWechat) -> AsyncIterator[VendorApi]:
    made = VendorApi("WeChat", wechat.base)
    yield made
    await made.close()


def kept(engine: Engine, api: VendorApi, secret: str = SECRET) -> KeptToken:
    return KeptToken(engine, "shop", AskedToken(api, APP_ID, secret), secret)


async def test_processes_share_a_token_that_lies_sealed_and_expires_before_it_does(
    engine: Engine, wechat: FakeWechat, api: VendorApi
) -> None:
    one, other = kept(engine, api), kept(engine, api)
    token = await one.get()
    assert await other.get() == token
    assert wechat.asked_for_tokens == [False]
    (key,) = await engine.call("KEYS", engine.keys("wechat", "token", "*"))
    assert token.encode() not in await engine.call("GET", key)
    assert 6_800_000 < await engine.call("PTTL", key) <= 6_900_000


async def test_a_refused_token_is_renewed_by_one_process_for_all(
    engine: Engine, wechat: FakeWechat, api: VendorApi
) -> None:
    one, other = kept(engine, api), kept(engine, api)
    before = await one.get()
    wechat.expire()
    renewed = await one.another(before)
    assert await other.another(before) == renewed != before
    assert wechat.asked_for_tokens == [False, False]


async def test_a_token_that_could_not_be_made_anew_is_made_half_a_minute_later(
    engine: Engine, wechat: FakeWechat, api: VendorApi
) -> None:
    token, forced = kept(engine, api), engine.keys("wechat", "forced", "shop")
    wechat.stubborn = True
    before = await token.get()
    wechat.expire()
    wechat.fails_when_forced = True
    with pytest.raises(AccountUnavailable):
        await token.another(before)
    assert 0 < await engine.call("PTTL", forced) <= 30_000
    wechat.fails_when_forced = False
    await engine.call("DEL", forced)
    assert await token.another(before) != before
    assert await engine.call("PTTL", forced) > 7_000_000


async def test_a_token_that_was_had_by_another_app_secret_is_asked_for_anew(
    engine: Engine, wechat: FakeWechat, api: VendorApi
) -> None:
    await kept(engine, api).get()
    wechat.secret = "a secret after a reset"
    assert await kept(engine, api, wechat.secret).get() == wechat.access_token
    assert len(wechat.asked_for_tokens) == 2


# Files


async def test_a_file_is_fetched_by_its_media_id(subject: WechatSubject, wechat: FakeWechat) -> None:
    wechat.files["593"] = PHOTO, "image/png"
    sink = MemorySink()
    fetched = await subject.adapter.fetch("shop", "593", sink)
    assert (bytes(sink.content), fetched.media_type, fetched.name) == (PHOTO, "image/png", "593.png")


async def test_a_film_is_fetched_from_where_wechat_says_that_it_is(subject: WechatSubject, wechat: FakeWechat) -> None:
    wechat.files |= {"594": "film.mp4", "film.mp4": (b"\0\0\0\x18ftypmp42" + bytes(500), "video/mp4")}
    sink = MemorySink()
    fetched = await subject.adapter.fetch("shop", "594", sink)
    assert (len(sink.content), fetched.media_type) == (512, "video/mp4")


async def test_a_file_is_fetched_with_another_token_where_the_first_is_refused(
    subject: WechatSubject, wechat: FakeWechat
) -> None:
    await sent(subject)
    wechat.files["593"] = PHOTO, "image/png"
    wechat.expire()
    await subject.adapter.fetch("shop", "593", MemorySink())
    assert len(wechat.asked_for_tokens) == 2


async def test_a_file_that_is_gone_is_missing_and_not_the_words_of_wechat(subject: WechatSubject) -> None:
    sink = MemorySink()
    with pytest.raises(DeliveryFailed, match="three days"):
        await subject.adapter.fetch("shop", "gone", sink)
    assert bytes(sink.content) == b""


# In


@pytest.mark.parametrize("compatible", [False, True])
async def test_what_is_encrypted_is_stored_open_in_safe_and_in_compatible_mode(
    subject: WechatSubject, wechat: FakeWechat, compatible: bool
) -> None:
    message = wechat.message(MARIA, "text", Content="Hello")
    assert await wechat.post(subject.url, message, compatible=compatible) == 200
    (raw,) = subject.intake.raws
    assert raw.content == xml_of(message)


async def test_of_compatible_mode_nothing_is_read_but_what_is_signed(
    subject: WechatSubject, wechat: FakeWechat
) -> None:
    body, query = wechat.posted(xml_of(wechat.message(MARIA, "text", Content="Hello")), compatible=True)
    forged = body.replace(b"Hello", b"Send it to me")
    async with ClientSession() as session, session.post(f"{subject.url}?{urlencode(query)}", data=forged) as response:
        assert (response.status, await response.text()) == (200, "success")
    (envelope,) = (await subject.adapter.parse(subject.intake.raws[0])).envelopes
    assert envelope.text == "Hello"


async def test_what_our_key_does_not_open_is_kept_and_read_when_it_is_right(
    subject: WechatSubject, wechat: FakeWechat
) -> None:
    wechat.key = "B" * 43
    assert await wechat.post(subject.url, wechat.message(MARIA, "text", Content="Hello")) == 200
    (raw,) = subject.intake.raws
    assert b"<Encrypt>" in raw.content
    with pytest.raises(TrunklineError, match="EncodingAESKey"):
        await subject.adapter.parse(raw)
    wechat.key = KEY
    body, _ = wechat.posted(xml_of(wechat.message(MARIA, "text", Content="Hello")))
    (envelope,) = (await subject.adapter.parse(raw.model_copy(update={"content": body}))).envelopes
    assert envelope.text == "Hello"


async def test_what_is_encrypted_for_another_account_is_401(subject: WechatSubject, wechat: FakeWechat) -> None:
    wechat.app_id = "wx2c2769f8efd9abc2"
    assert await wechat.post(subject.url, wechat.message(MARIA, "text", Content="Hello")) == 401
    assert subject.intake.raws == []


async def test_wechat_is_told_that_the_address_is_ours(subject: WechatSubject, wechat: FakeWechat) -> None:
    assert await wechat.ask(subject.url, "4375120948345356249") == (200, "4375120948345356249")
    wechat.token = "another"
    assert (await wechat.ask(subject.url, "4375120948345356249"))[0] == 401
    assert subject.intake.raws == []


async def test_a_post_that_somebody_caught_is_refused_later(subject: WechatSubject, wechat: FakeWechat) -> None:
    wechat.now = NOW - 301
    assert await wechat.post(subject.url, wechat.message(MARIA, "text", Content="Hello")) == 401


async def test_a_plain_post_to_an_account_that_wants_it_encrypted_is_401(
    subject: WechatSubject, wechat: FakeWechat
) -> None:
    wechat.encrypts = False
    assert await wechat.post(subject.url, wechat.message(MARIA, "text", Content="Hello")) == 401


async def test_an_account_in_plain_mode_reads_what_is_posted_plain_and_says_what_is_not(plain: PlainSubject) -> None:
    assert await plain.wechat.post(plain.url, plain.wechat.message(MARIA, "text", Content="Hello")) == 200
    plain.wechat.encrypts = True
    assert await plain.wechat.post(plain.url, plain.wechat.message(MARIA, "text", Content="Hello")) == 200
    opened, kept_whole = plain.intake.raws
    assert (await plain.adapter.parse(opened)).envelopes[0].text == "Hello"
    with pytest.raises(TrunklineError, match="nothing is here to open it"):
        await plain.adapter.parse(kept_whole)


async def test_what_people_do_besides_writing_is_answered_and_not_stored(
    subject: WechatSubject, wechat: FakeWechat
) -> None:
    assert await wechat.post(subject.url, wechat.message(MARIA, "event", Event="subscribe", EventKey="")) == 200
    assert subject.intake.raws == []


async def test_a_store_that_is_away_is_told_so_that_wechat_posts_again(
    subject: WechatSubject, wechat: FakeWechat
) -> None:
    subject.intake.failure = EngineUnavailable("away")
    assert await wechat.post(subject.url, wechat.message(MARIA, "text", Content="Hello")) == 503


# The stand-in refuses what WeChat refuses


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({"touser": "maria", "msgtype": "text", "text": {"content": "a"}}, 40003),
        ({"touser": MARIA, "msgtype": "file", "file": {"media_id": "a"}}, 40008),
        ({"touser": MARIA, "msgtype": "text", "text": {"content": ""}}, 44004),
        ({"touser": MARIA, "msgtype": "text", "text": {"content": "字" * 683}}, 45002),
        ({"touser": MARIA, "msgtype": "text", "text": {"content": "a"}, "text2": 1}, 47001),
        ({"touser": MARIA, "msgtype": "text", "text": {"body": "a"}}, 47001),
        ({"touser": MARIA, "msgtype": "image", "image": {"media_id": "unknown"}}, 40007),
        ({"touser": "o" + "z" * 27, "msgtype": "text", "text": {"content": "a"}}, 45015),
        ([], 47001),
    ],
)
async def test_the_stand_in_refuses_a_message_that_is_not_right(wechat: FakeWechat, content: Any, code: int) -> None:
    address = f"{wechat.base}/cgi-bin/message/custom/send?access_token={wechat.access_token}"
    body = json.dumps(content, ensure_ascii=False).encode()
    async with ClientSession() as session, session.post(address, data=body) as response:
        assert (await response.json())["errcode"] == code
    assert wechat.sent == []


@pytest.mark.parametrize(("query", "code"), [("", 41001), ("access_token=old", 40001)])
async def test_the_stand_in_refuses_requests_without_the_token_of_now(
    wechat: FakeWechat, query: str, code: int
) -> None:
    address = f"{wechat.base}/cgi-bin/message/custom/send?{query}"
    async with ClientSession() as session, session.post(address, data=b"{}") as response:
        assert (await response.json())["errcode"] == code


async def test_the_stand_in_refuses_escapes_that_wechat_would_show(wechat: FakeWechat) -> None:
    address = f"{wechat.base}/cgi-bin/message/custom/send?access_token={wechat.access_token}"
    content = {"touser": MARIA, "msgtype": "text", "text": {"content": "您"}}
    async with ClientSession() as session, session.post(address, json=content) as response:
        assert (await response.json())["errcode"] == 40033


@pytest.mark.parametrize(
    ("kind", "field", "name", "code"),
    [("file", "media", "a.pdf", 40004), ("image", "file", "a.png", 41005), ("image", "media", "a.pdf", 40004)],
)
async def test_the_stand_in_refuses_a_file_that_is_not_right(
    wechat: FakeWechat, kind: str, field: str, name: str, code: int
) -> None:
    form = FormData()
    form.add_field(field, PHOTO, filename=name)
    address = f"{wechat.base}/cgi-bin/media/upload?access_token={wechat.access_token}&type={kind}"
    async with ClientSession() as session, session.post(address, data=form) as response:
        assert (await response.json())["errcode"] == code


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({"grant_type": "refresh_token", "appid": APP_ID, "secret": SECRET}, 40002),
        ({"grant_type": "client_credential", "appid": "wx0", "secret": SECRET}, 40013),
        ({"grant_type": "client_credential", "appid": APP_ID, "secret": "another"}, 40125),
    ],
)
async def test_the_stand_in_gives_no_token_to_others(wechat: FakeWechat, content: dict[str, str], code: int) -> None:
    async with (
        ClientSession() as session,
        session.post(f"{wechat.base}/cgi-bin/stable_token", json=content) as response,
    ):
        assert (await response.json())["errcode"] == code
    assert wechat.asked_for_tokens == []
