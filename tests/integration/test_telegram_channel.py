"""Telegram in both directions, against a Bot API as strict as the real one: replies and their fate, files, posts."""

import asyncio
import hashlib
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from tests.conformance.opening import opened, sent, told
from tests.conformance.telegram_subject import MARIA, SECRET, TOKEN, TelegramSubject, update
from tests.fakes.telegram import NEW_CHAT, RETRY_AFTER, FakeBot, Meeting
from tests.memory_sink import MemorySink
from tests.memory_sources import MemorySources
from trunkline.adapters.source_watch import Remedies, SourceWatch
from trunkline.adapters.telegram.bot_api import BotApi
from trunkline.adapters.telegram.bots import Bot
from trunkline.adapters.telegram.card import CARD
from trunkline.adapters.telegram.parsing import read_file
from trunkline.adapters.telegram.registering import Registration
from trunkline.adapters.telegram.settings import BotSettings
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
from trunkline.normalizer.envelope import Attachment
from trunkline.normalizer.outgoing import Sent, UsedTemplate
from trunkline.normalizer.sending_limits import Destination

GROUP = -1002001
FIXTURES = Path(__file__).parents[1] / "fixtures" / "telegram"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(50)


@pytest.fixture
async def subject() -> AsyncIterator[TelegramSubject]:
    async with opened(TelegramSubject(), CARD) as made:
        yield made


@pytest.fixture
def bot(subject: TelegramSubject) -> FakeBot:
    return subject.fake.bots[TOKEN]


def file(subject: TelegramSubject, name: str, media_type: str, content: bytes = PNG, size: int = 0) -> Attachment:
    sha256 = hashlib.sha256(content).hexdigest()
    subject.blobs[sha256] = content
    return Attachment(name=name, media_type=media_type, size=size or len(content), sha256=sha256)


# Out


async def test_a_reply_is_one_message_in_the_chat_and_known_by_its_number(
    subject: TelegramSubject, bot: FakeBot
) -> None:
    answer = await sent(subject, text="  It works <b>again</b>.  ")
    (message,) = bot.sent
    assert (message["method"], message["chat_id"]) == ("sendMessage", str(MARIA))
    assert message["text"] == "It works <b>again</b>."
    assert "parse_mode" not in message
    assert answer == Sent(reference=f"{MARIA}:{bot.numbers}", detail="Telegram took it")


async def test_what_the_writer_marked_is_shown_so_and_all_else_is_text(subject: TelegramSubject, bot: FakeBot) -> None:
    await sent(subject, text="**Turn it off** & wait <b>5</b> min, [manual](https://example.org/a)", formatted=True)
    (message,) = bot.sent
    assert message["parse_mode"] == "HTML"
    assert message["text"] == (
        '<b>Turn it off</b> &amp; wait &lt;b&gt;5&lt;/b&gt; min, <a href="https://example.org/a">manual</a>'
    )


async def test_marks_do_not_count_for_the_length(subject: TelegramSubject, bot: FakeBot) -> None:
    await sent(subject, text="**one two**\n" * 512, formatted=True)
    assert [message["text"].count("<b>") for message in bot.sent] == [512]
    await sent(subject, text="**one two**\n" * 600, formatted=True)
    assert [message["text"].count("<b>") for message in bot.sent[1:]] == [512, 88]


async def test_a_short_marked_text_goes_below_its_file(subject: TelegramSubject, bot: FakeBot) -> None:
    await sent(subject, text="*Here*", formatted=True, attachments=(file(subject, "a.pdf", "application/pdf"),))
    assert [(each["caption"], each["parse_mode"]) for each in bot.sent] == [("<i>Here</i>", "HTML")]


async def test_a_reply_in_a_topic_goes_there_and_names_what_it_answers(subject: TelegramSubject, bot: FakeBot) -> None:
    bot.chats.add(GROUP)
    await sent(subject, conversation=f"{GROUP}/17", in_reply_to=f"{GROUP}:5")
    (message,) = bot.sent
    assert (message["chat_id"], message["message_thread_id"]) == (str(GROUP), "17")
    assert json.loads(message["reply_parameters"]) == {"message_id": 5, "allow_sending_without_reply": True}


async def test_a_reply_to_the_customer_of_a_business_goes_by_its_account(
    subject: TelegramSubject, bot: FakeBot
) -> None:
    answer = await sent(subject, conversation=f"{MARIA}@bc_1", in_reply_to=f"bc_1.{MARIA}:5")
    (message,) = bot.sent
    assert message["business_connection_id"] == "bc_1"
    assert "reply_parameters" not in message
    assert answer.reference.startswith(f"bc_1.{MARIA}:")


async def test_a_question_of_a_guest_is_answered_by_its_id(subject: TelegramSubject, bot: FakeBot) -> None:
    answer = await sent(subject, conversation=f"{GROUP}?guest_1")
    assert (bot.sent[0]["method"], bot.sent[0]["guest_query_id"]) == ("answerGuestQuery", "guest_1")
    assert json.loads(bot.sent[0]["result"])["input_message_content"] == {"message_text": "It works again."}
    assert answer.reference == "guest:inline1"


async def test_a_long_reply_is_several_messages_that_a_repeat_goes_on_with(
    subject: TelegramSubject, bot: FakeBot
) -> None:
    parts = ["😀" * 1500, "b" * 3000, "c" * 3000]
    bot.fails_from = 2
    assert isinstance(await told(subject, text="\n\n".join(parts)), AccountUnavailable)
    bot.fails_from = 0
    answer = await sent(subject, text="\n\n".join(parts))
    assert [message["text"] for message in bot.sent] == parts
    assert (answer.reference, answer.detail) == (f"{MARIA}:101", "Telegram took it in 3 messages")
    assert subject.parts.known == {}


async def test_a_refusal_of_a_later_part_says_that_the_first_have_arrived(
    subject: TelegramSubject, bot: FakeBot
) -> None:
    bot.fails_from, bot.fails_with = 1, "blocked"
    error = await told(subject, text="\n\n".join(["a" * 3000, "b" * 3000]))
    assert isinstance(error, DeliveryFailed)
    assert str(error).startswith("the first 1 parts have arrived; then: the customer has blocked the bot")


@pytest.mark.parametrize(
    ("meets", "kind", "words"),
    [
        ("flood", AccountUnavailable, "asks us to wait"),
        ("broken", DeliveryUnknown, "502"),
        ("blocked", DeliveryFailed, "the customer has blocked the bot"),
        ("lost", DeliveryUnknown, "no answer"),
    ],
)
async def test_what_telegram_refuses_says_what_becomes_of_the_reply(
    subject: TelegramSubject, bot: FakeBot, meets: Meeting, kind: type[TrunklineError], words: str
) -> None:
    bot.meets = meets
    error = await told(subject)
    assert type(error) is kind
    assert words in str(error)
    assert meets != "flood" or getattr(error, "retry_after", None) == RETRY_AFTER


async def test_a_token_that_telegram_does_not_know_is_told_as_such(subject: TelegramSubject) -> None:
    subject.fake.bots.clear()
    assert isinstance(await told(subject), CredentialsRefused)


async def test_a_reply_follows_a_group_that_became_a_supergroup(subject: TelegramSubject, bot: FakeBot) -> None:
    bot.meets = "migrated"
    answer = await sent(subject, conversation="-55", to="1001")
    assert answer.reference == f"{NEW_CHAT}:{bot.numbers}"


@pytest.mark.parametrize("changes", [{"to": "maria"}, {"text": " "}, {"conversation": "somewhere"}])
async def test_what_telegram_would_not_take_is_refused_before_it_is_asked(
    subject: TelegramSubject, bot: FakeBot, changes: dict[str, Any]
) -> None:
    assert isinstance(await told(subject, **changes), DeliveryFailed)
    assert bot.calls == []


async def test_a_bot_that_is_gone_keeps_its_replies_until_it_is_back(subject: TelegramSubject) -> None:
    assert isinstance(await told(subject, account="gone"), DeliveryDeferred)


async def test_a_chat_that_the_bot_does_not_know_is_a_failure_in_words(subject: TelegramSubject) -> None:
    assert "Telegram knows no such chat" in str(await told(subject, to="4"))


async def test_a_customer_sees_that_an_agent_writes(subject: TelegramSubject, bot: FakeBot) -> None:
    bot.chats.add(GROUP)
    to = Destination(account="support", to=str(MARIA), conversation=f"{GROUP}/17")
    for _ in range(2):
        subject.adapter.typing(to)
    await bot.acted.wait()
    assert bot.actions == [{"chat_id": str(GROUP), "action": "typing", "message_thread_id": "17"}]


@pytest.mark.parametrize("changes", [{"account": "gone"}, {"to": "maria"}, {"conversation": f"{GROUP}?guest_1"}])
async def test_where_nobody_can_see_it_nobody_is_told_that_an_agent_writes(
    subject: TelegramSubject, bot: FakeBot, changes: dict[str, str]
) -> None:
    subject.adapter.typing(Destination(**({"account": "support", "to": str(MARIA)} | changes)))
    assert not [task for task in asyncio.all_tasks() if "typing" in task.get_name()]
    assert bot.actions == []


async def test_telling_that_an_agent_writes_breaks_nothing(subject: TelegramSubject, bot: FakeBot) -> None:
    bot.meets = "blocked"
    subject.adapter.typing(Destination(account="support", to=str(MARIA)))
    tasks = [task for task in asyncio.all_tasks() if "typing" in task.get_name()]
    await asyncio.gather(*tasks)
    assert (len(tasks), bot.actions) == (1, [])


# Files out


@pytest.mark.parametrize(
    ("media_type", "method", "field"),
    [
        ("image/jpeg", "sendPhoto", "photo"),
        ("video/mp4", "sendVideo", "video"),
        ("audio/mpeg", "sendAudio", "audio"),
        ("application/pdf", "sendDocument", "document"),
        ("image/svg+xml", "sendDocument", "document"),
    ],
)
async def test_a_file_goes_as_what_it_is_with_a_short_text_below_it(
    subject: TelegramSubject, bot: FakeBot, media_type: str, method: str, field: str
) -> None:
    await sent(subject, attachments=(file(subject, "Größe.x", media_type),))
    (message,) = bot.sent
    assert (message["method"], message["caption"], message["files"]) == (method, "It works again.", {field: PNG})
    assert message[field] == "Größe.x"


async def test_a_large_file_is_sent_whole(subject: TelegramSubject, bot: FakeBot) -> None:
    content = bytes(range(256)) * 8192
    await sent(subject, attachments=(file(subject, "a.zip", "application/zip", content),))
    assert bot.sent[0]["files"] == {"document": content}


async def test_a_template_has_buttons_and_the_one_that_is_pressed_answers_with_its_words(
    subject: TelegramSubject, bot: FakeBot
) -> None:
    used = UsedTemplate(name="which", language="en", choices=("The red one", "Die grüne 💡"))
    await sent(subject, text="Which <lamp>?", template=used)
    (message,) = bot.sent
    buttons = [button for row in json.loads(message["reply_markup"])["inline_keyboard"] for button in row]
    assert (message["text"], [each["text"] for each in buttons]) == ("Which <lamp>?", list(used.choices))

    press = json.loads((FIXTURES / "callback_query_of_an_old_message.json").read_bytes())
    press["callback_query"]["data"] = buttons[1]["callback_data"]
    (envelope,) = read_file(json.dumps(press).encode(), {"support": Bot(BotSettings())}, "support").envelopes
    assert (envelope.kind, envelope.text) == ("message", "Die grüne 💡")


async def test_several_files_and_a_long_text_are_messages_of_their_own(subject: TelegramSubject, bot: FakeBot) -> None:
    one, two = file(subject, "a.pdf", "application/pdf"), file(subject, "b.png", "image/png", PNG + b"2")
    await sent(subject, text="x" * 1100, attachments=(one,))
    await sent(subject, attachments=(one, two))
    assert [each["method"] for each in bot.sent] == [
        *("sendMessage", "sendDocument"),
        *("sendMessage", "sendDocument", "sendPhoto"),
    ]


async def test_a_picture_that_telegram_cannot_show_goes_as_a_document(subject: TelegramSubject, bot: FakeBot) -> None:
    await sent(subject, attachments=(file(subject, "a.png", "image/png", b"not a picture"),))
    assert bot.calls == ["sendPhoto", "sendDocument"]
    assert bot.sent[0]["files"] == {"document": b"not a picture"}


async def test_a_file_over_fifty_megabytes_is_refused_before_anything_is_sent(
    subject: TelegramSubject, bot: FakeBot
) -> None:
    large = file(subject, "film.mp4", "video/mp4", size=50 * 1024 * 1024 + 1)
    assert "film.mp4 is larger than the 50 MB" in str(await told(subject, attachments=(large,)))
    assert bot.calls == []


# Files in


async def test_a_file_is_asked_for_by_its_id_and_fetched(subject: TelegramSubject, bot: FakeBot) -> None:
    bot.files["AgAC"] = PNG
    sink = MemorySink()
    await subject.adapter.fetch("support", "AgAC", sink)
    assert bytes(sink.content) == PNG


@pytest.mark.parametrize("reference", ["gone", "../../getMe", "a b"])
async def test_a_file_that_telegram_does_not_give_is_missing(subject: TelegramSubject, reference: str) -> None:
    with pytest.raises(DeliveryFailed):
        await subject.adapter.fetch("support", reference, MemorySink())


async def test_a_file_larger_than_is_taken_is_not_read(subject: TelegramSubject, bot: FakeBot) -> None:
    bot.files["AgAC"] = bytes(2000)
    with pytest.raises(TooLarge):
        await subject.adapter.fetch("support", "AgAC", MemorySink())


async def test_a_file_waits_for_a_token_that_is_put_right(subject: TelegramSubject) -> None:
    subject.fake.bots.clear()
    with pytest.raises(DeliveryDeferred) as caught:
        await subject.adapter.fetch("support", "AgAC", MemorySink())
    assert not isinstance(caught.value, CredentialsRefused)


# In


@pytest.mark.parametrize("secret", [None, "", "x", "é", "\t", SECRET[:-1], SECRET + "x", "A" * 5000])
async def test_a_post_without_the_secret_is_401(subject: TelegramSubject, secret: str | None) -> None:
    assert await subject.post(json.dumps(update(1)).encode(), secret) == 401
    assert subject.intake.raws == []


async def test_the_answer_to_a_pressed_button_says_that_it_is_heard_of(subject: TelegramSubject) -> None:
    body = (FIXTURES / "callback_query.json").read_bytes()
    query = json.loads(body)["callback_query"]["id"]
    assert await subject.answered(body) == {"method": "answerCallbackQuery", "callback_query_id": query}
    assert await subject.answered(body.replace(b'"id"', b'"di"')) == {}
    assert await subject.answered(json.dumps(update(1, "callback_query")).encode()) == {}


async def test_a_bot_that_is_not_ours_is_404(subject: TelegramSubject) -> None:
    assert await subject.post(json.dumps(update(1)).encode(), bot="other") == 404


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"message": {}}', b"\xff"])
async def test_a_body_that_is_no_update_is_taken_whole_so_that_it_holds_up_nothing(
    subject: TelegramSubject, body: bytes
) -> None:
    assert await subject.post(body) == 200
    assert [raw.content for raw in subject.intake.raws] == [body]


async def test_a_body_that_is_too_large_is_refused(subject: TelegramSubject) -> None:
    assert await subject.post(bytes(4 * 1024 * 1024 + 1)) == 413


async def test_a_store_that_is_away_has_telegram_post_again(subject: TelegramSubject) -> None:
    subject.intake.failure = EngineUnavailable("away")
    assert await subject.post(json.dumps(update(1)).encode()) == 503


async def test_an_update_is_known_whatever_the_order_of_its_keys(subject: TelegramSubject) -> None:
    first = update(1)
    assert await subject.post(json.dumps(first).encode()) == 200
    assert await subject.post(json.dumps(dict(reversed(first.items()))).encode()) == 200
    assert len(subject.intake.raws) == 1


async def test_another_message_under_a_known_number_is_a_message_of_its_own(subject: TelegramSubject) -> None:
    for text in ("Hello", "Something else"):
        assert await subject.post(json.dumps(update(1, text)).encode()) == 200
    told = [(await subject.adapter.parse(raw)).envelopes[0] for raw in subject.intake.raws]
    assert [each.text for each in told] == ["Hello", "Something else"]
    assert told[0].external_id != told[1].external_id


# The webhook


def watched(sources: MemorySources) -> SourceWatch:
    return SourceWatch(sources, "telegram", "support", Remedies("give another token", "wait"))


async def test_telegram_is_told_where_to_post_and_with_which_secret(bot: FakeBot, subject: TelegramSubject) -> None:
    api = BotApi(subject.fake.url, TOKEN)
    await Registration("support", api, "https://desk.example.com", SECRET, watched(MemorySources())).tell()
    await api.close()
    assert (bot.webhook["url"], bot.webhook["secret_token"]) == (
        "https://desk.example.com/v1/telegram/support",
        SECRET,
    )
    assert "message_reaction" in json.loads(bot.webhook["allowed_updates"])


async def test_a_refused_webhook_is_told_again_until_it_is_taken(bot: FakeBot, subject: TelegramSubject) -> None:
    subject.fake.bots.clear()
    waits: list[float] = []

    async def pause(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            subject.fake.bots[TOKEN] = bot
            bot.news.clear()

    api = BotApi(subject.fake.url, TOKEN)
    sources = MemorySources()
    registration = Registration("support", api, "https://desk.example.com", SECRET, watched(sources), pause=pause)
    await registration.start()
    await bot.webhook_set.wait()
    await sources.until("read")
    await registration.stop()
    await api.close()
    assert waits == [10.0, 20.0]
    assert [why for _, why, _ in sources.told] == ["credentials", "credentials", "read"]


async def test_a_bot_without_an_address_is_looked_at_until_telegram_posts_to_us(
    bot: FakeBot, subject: TelegramSubject
) -> None:
    bot.webhook = {"url": "https://elsewhere.example/hook"}

    async def pause(_: float) -> None:
        bot.webhook = {"url": "https://desk.example.com/v1/telegram/support"}

    api, sources = BotApi(subject.fake.url, TOKEN), MemorySources()
    registration = Registration("support", api, None, SECRET, watched(sources), pause=pause)
    await registration.start()
    await sources.until("read")
    await registration.stop()
    await api.close()
    (elsewhere, _) = sources.told
    assert (elsewhere[:2], "set the address" in elsewhere[2]) == (("telegram support", "elsewhere"), True)
    assert "setWebhook" not in bot.calls


# Secrets


async def test_no_log_line_holds_the_token_or_what_was_said(
    subject: TelegramSubject, bot: FakeBot, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    bot.files["AgAC"] = PNG
    await sent(subject)
    await subject.adapter.fetch("support", "AgAC", MemorySink())
    bot.meets = "lost"
    await told(subject)
    assert not any("a-token-of-the-tests" in line or "works again" in line for line in _lines(caplog))


def _lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    theirs = ("trunkline", "telegram")  # the web server of the stand-in has the token in its paths
    return [record.getMessage() for record in caplog.records if record.name.startswith(theirs)]


# The stand-in refuses what Telegram refuses


@pytest.mark.parametrize(
    ("method", "parameters", "words"),
    [
        ("sendMessage", {"chat_id": MARIA}, "Bad Request: message text is empty"),
        ("sendMessage", {"chat_id": 4, "text": "a"}, "Bad Request: chat not found"),
        ("sendMessage", {"chat_id": MARIA, "text": "😀" * 2049}, "Bad Request: message is too long"),
        ("sendMessage", {"chat_id": MARIA, "text": "a", "body": "b"}, "Bad Request: unknown parameters ['body']"),
        ("sendMessage", {"chat_id": MARIA, "text": "a", "parse_mode": "X"}, "Bad Request: unsupported parse_mode"),
        ("sendMessage", {"chat_id": MARIA, "text": "<h1>a</h1>", "parse_mode": "HTML"}, "Bad Request: can't parse"),
        ("sendMessage", {"chat_id": MARIA, "text": "<b>a", "parse_mode": "HTML"}, "Bad Request: can't parse entities"),
        ("sendDocument", {"chat_id": MARIA}, "Bad Request: document is empty"),
        ("setWebhook", {"url": "http://a"}, "Bad Request: bad webhook"),
        ("sendLetter", {"chat_id": MARIA}, "Not Found"),
        ("getFile", {"file_id": "x"}, "Bad Request: wrong file_id"),
    ],
)
async def test_the_stand_in_refuses_a_call_that_is_not_right(
    subject: TelegramSubject, method: str, parameters: dict[str, Any], words: str
) -> None:
    address = f"{subject.fake.url}/bot{TOKEN}/{method}"
    async with ClientSession() as session, session.post(address, json=parameters) as response:
        assert response.status == (404 if words == "Not Found" else 400)
        answer = await response.json()
    assert answer["ok"] is False
    assert answer["description"].startswith(words)


async def test_the_stand_in_knows_only_the_tokens_of_its_bots(subject: TelegramSubject) -> None:
    async with ClientSession() as session, session.get(f"{subject.fake.url}/bot1:x/getMe") as response:
        assert (response.status, (await response.json())["description"]) == (401, "Unauthorized")
