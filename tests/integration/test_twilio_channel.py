"""Twilio in both directions, against a stand-in as strict as Twilio: answers and their fate, files, posts."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import ClientSession, encode_basic_auth

from tests.conformance.opening import opened, sent, told
from tests.conformance.subject import url_of
from tests.conformance.test_adapters import outgoing
from tests.conformance.twilio_subject import ADDRESS, PATH, TOKEN, TwilioSubject
from tests.fakes.twilio import MARIA, OURS, SID, FakeTwilio
from tests.memory_sink import MemorySink
from trunkline.adapters.twilio.card import CARD
from trunkline.config.errors import (
    AccountUnavailable,
    CredentialsRefused,
    DeliveryDeferred,
    DeliveryFailed,
    DeliveryUnknown,
    EngineUnavailable,
    TrunklineError,
    Unreadable,
)
from trunkline.normalizer.envelope import Delivery
from trunkline.normalizer.outgoing import Sent
from trunkline.normalizer.sending_limits import Destination

ARTICLE = "0193512e-aaaa-7000-8000-000000000002"
MEGABYTE = 1024 * 1024
WHATS_OURS = "whatsapp:+14155238886"
WHATSAPP = "whatsapp:+14155238886 whatsapp:+5511987654321"


@pytest.fixture
async def subject() -> AsyncIterator[TwilioSubject]:
    async with opened(TwilioSubject(), CARD) as made:
        yield made


@pytest.fixture
def twilio(subject: TwilioSubject) -> FakeTwilio:
    return subject.twilio


async def deliveries(subject: TwilioSubject) -> list[Delivery]:
    """What the receipts that were stored tell."""
    parsed = [await subject.adapter.parse(raw) for raw in subject.intake.raws]
    return [each.delivery for one in parsed for each in one.envelopes if each.delivery is not None]


# Out


async def test_an_answer_leaves_from_what_the_customer_wrote_to(subject: TwilioSubject, twilio: FakeTwilio) -> None:
    answer = await sent(subject, conversation=WHATSAPP)
    (message,) = twilio.sent
    assert (message["From"], message["To"]) == ("whatsapp:+14155238886", "whatsapp:+5511987654321")
    assert message["Body"] == "It works again."
    assert answer == Sent(reference=message["sid"], detail="Twilio took it")


async def test_without_a_conversation_the_sender_of_the_account_speaks(
    subject: TwilioSubject, twilio: FakeTwilio
) -> None:
    await sent(subject)
    assert (twilio.sent[0]["From"], twilio.sent[0]["To"]) == (OURS, MARIA)


async def test_a_messaging_service_is_named_beside_the_sender(subject: TwilioSubject, twilio: FakeTwilio) -> None:
    service = "MG" + "2" * 32
    channel = subject._made(twilio.base, messaging_service=service)
    await channel.send(outgoing(subject, conversation=f"{OURS} {MARIA}"))
    await channel.send(outgoing(subject))
    assert [each.get("From") for each in twilio.sent] == [OURS, None]
    assert {each["MessagingServiceSid"] for each in twilio.sent} == {service}
    await channel.stop()


async def test_a_long_answer_is_several_messages_and_the_last_tells_of_arrival(
    subject: TwilioSubject, twilio: FakeTwilio
) -> None:
    paragraphs = ["x" * 1500, "y" * 1500, "z" * 1500]
    answer = await sent(subject, text="\n\n".join(paragraphs))
    assert [each["Body"] for each in twilio.sent] == paragraphs
    *also, reference = (each["sid"] for each in twilio.sent)
    assert answer == Sent(reference=reference, also=tuple(also), detail="Twilio took it in 3 messages")
    asked = [parse_qs(urlsplit(each["StatusCallback"]).query) for each in twilio.sent]
    assert asked == [
        {"article": [ARTICLE], "part": ["1"]},
        {"article": [ARTICLE], "part": ["2"]},
        {"article": [ARTICLE]},
    ]


async def test_an_answer_in_parts_goes_on_where_it_stopped(subject: TwilioSubject, twilio: FakeTwilio) -> None:
    text = "x" * 1600 + "\n\n" + "y" * 1600
    twilio.busy_after = 1
    assert isinstance(await told(subject, text=text), DeliveryDeferred)
    assert len(twilio.sent) == 1
    await sent(subject, text=text)
    assert [each["Body"][0] for each in twilio.sent] == ["x", "y"]
    assert subject.parts.known == {}


async def test_a_template_goes_by_its_id_with_its_values(subject: TwilioSubject, twilio: FakeTwilio) -> None:
    used = {"name": "parcel", "vendor": "HX" + "3" * 32, "language": "en", "parameters": {"1": "Zoë", "2": "T-1"}}
    await sent(subject, conversation=WHATSAPP, text="Hello Zoë, there is news about T-1.", template=used)
    (message,) = twilio.sent
    assert (message["ContentSid"], message["ContentVariables"]) == ("HX" + "3" * 32, '{"1": "Zo\\u00eb", "2": "T-1"}')
    assert "Body" not in message


async def test_an_answer_that_twilio_would_not_take_is_refused_before_it_is_asked(
    subject: TwilioSubject, twilio: FakeTwilio
) -> None:
    assert isinstance(await told(subject, text="x" * 16_001), DeliveryFailed)
    assert isinstance(await told(subject, text=" "), DeliveryFailed)
    film = {"name": "a.mp4", "media_type": "video/mp4", "size": 6 * MEGABYTE, "sha256": "a" * 64}
    program = {"name": "a.exe", "media_type": "application/x-dosexec", "size": 1, "sha256": "a" * 64}
    assert isinstance(await told(subject, attachments=(film,)), DeliveryFailed)
    assert isinstance(await told(subject, attachments=(program,)), DeliveryFailed)
    assert twilio.asked == 0


def files(*media_types: str) -> tuple[dict[str, Any], ...]:
    return tuple(
        {"name": f"file{at}", "media_type": each, "size": 1000, "sha256": f"{at:064x}"}
        for at, each in enumerate(media_types)
    )


@pytest.mark.parametrize(
    ("ours", "text", "media_types", "expected"),
    [
        (OURS, "Look.", ("image/png", "application/pdf"), [("Look.", 2)]),
        (OURS, "", ("image/gif",), [("", 1)]),
        (OURS, "x" * 1600 + "\n\n" + "y" * 9, ("image/png",), [("x" * 1600, 0), ("y" * 9, 1)]),
        (WHATS_OURS, "Look.", ("image/png",), [("Look.", 1)]),
        (WHATS_OURS, "Look.", ("application/pdf",), [("Look.", 0), ("", 1)]),
        (WHATS_OURS, "x" * 1025, ("image/png",), [("x" * 1025, 0), ("", 1)]),
        (WHATS_OURS, "Look.", ("image/png", "audio/ogg"), [("Look.", 0), ("", 1), ("", 1)]),
        ("rcs:brand_agent", "Look.", ("image/png",), [("Look.", 0), ("", 1)]),
    ],
)
async def test_files_go_as_the_way_takes_them(
    subject: TwilioSubject,
    twilio: FakeTwilio,
    ours: str,
    text: str,
    media_types: tuple[str, ...],
    expected: list[tuple[str, int]],
) -> None:
    way = ours.partition(":")[0] + ":" if ":" in ours else ""
    await sent(subject, text=text, attachments=files(*media_types), conversation=f"{ours} {way}{MARIA}")
    assert [(each.get("Body", ""), int(each["NumMedia"])) for each in twilio.sent] == expected
    assert all(each["MediaUrl"].startswith(f"{ADDRESS}/files/{ARTICLE}-") for each in twilio.sent if "MediaUrl" in each)


async def test_of_an_answer_in_parts_what_has_arrived_is_not_sent_again_for_a_file(
    subject: TwilioSubject, twilio: FakeTwilio
) -> None:
    twilio.busy_after = 1
    given = {"attachments": files("application/pdf"), "conversation": WHATSAPP}
    assert isinstance(await told(subject, **given), DeliveryDeferred)
    await sent(subject, **given)
    assert [each.get("Body", "") for each in twilio.sent] == ["It works again.", ""]


async def test_an_account_that_is_gone_keeps_its_answers_until_it_is_back(subject: TwilioSubject) -> None:
    assert isinstance(await told(subject, account="gone"), DeliveryDeferred)


@pytest.mark.parametrize(
    ("status", "code", "headers", "kind", "words"),
    [
        (429, 20429, {"Retry-After": "7"}, AccountUnavailable, "puts it off"),
        (400, 30002, {}, AccountUnavailable, "the account at Twilio is suspended"),
        (401, 20003, {}, CredentialsRefused, "does not take our credentials"),
        (403, 20003, {}, CredentialsRefused, "does not take our credentials"),
        (400, 21610, {}, DeliveryFailed, "they have opted out (STOP)"),
        (403, 21408, {}, DeliveryFailed, "messages to this country are not switched on"),
        (400, 21211, {}, DeliveryFailed, "no number that can be written to"),
        (400, 63016, {}, DeliveryFailed, "the window of 24 hours"),
        (400, 21999, {}, DeliveryFailed, "Twilio refuses it"),
        (500, 20500, {}, DeliveryUnknown, "Twilio failed over it"),
        (503, 20503, {}, DeliveryUnknown, "Twilio failed over it"),
    ],
)
async def test_what_twilio_refuses_says_what_becomes_of_the_answer(
    subject: TwilioSubject,
    twilio: FakeTwilio,
    status: int,
    code: int,
    headers: dict[str, str],
    kind: type[TrunklineError],
    words: str,
) -> None:
    twilio.refusals = [(status, code, "Something is not right", headers)]
    error = await told(subject)
    assert type(error) is kind
    assert words in str(error)
    assert not headers or getattr(error, "retry_after", None) == 7
    assert (twilio.sent, twilio.asked) == ([], 1)


# Who wants no more


@pytest.mark.parametrize("word", ["STOP", "stopall", " Unsubscribe ", "revoke"])
async def test_who_has_opted_out_is_not_written_to_until_they_opt_in(
    subject: TwilioSubject, twilio: FakeTwilio, word: str
) -> None:
    assert (await subject.post(twilio.message(word)))[0] == 200
    error = await told(subject)
    assert isinstance(error, DeliveryFailed)
    assert "they have opted out (STOP): nothing reaches them until they write START" in error.detail
    assert twilio.asked == 0
    assert (await subject.post(twilio.message("Thanks")))[0] == 200
    assert isinstance(await told(subject), DeliveryFailed)
    to = Destination(account=subject.account, to=MARIA, conversation=f"{OURS} {MARIA}")
    assert await subject.adapter.hindrance(to) in str(error)
    assert (await subject.post(twilio.message("start")))[0] == 200
    assert await subject.adapter.hindrance(to) == ""
    await sent(subject)
    assert len(twilio.sent) == 1


async def test_whom_twilio_does_not_write_to_is_known_from_then_on(subject: TwilioSubject, twilio: FakeTwilio) -> None:
    twilio.opted_out.add(MARIA)
    assert isinstance(await told(subject), DeliveryFailed)
    assert isinstance(await told(subject), DeliveryFailed)
    assert twilio.asked == 1


@pytest.mark.parametrize(
    ("text", "more"),
    [("Please stop calling me", {}), ("STOP", {"From": f"whatsapp:{MARIA}", "To": f"whatsapp:{OURS}"}), ("YES", {})],
)
async def test_what_is_no_such_word_changes_nothing(
    subject: TwilioSubject, twilio: FakeTwilio, text: str, more: dict[str, str]
) -> None:
    assert (await subject.post(twilio.message(text, **more)))[0] == 200
    assert not any(wish == "STOP" for _, _, wish, _, _ in subject.wishes.noted)


async def test_what_twilio_says_of_a_word_counts_in_any_language(subject: TwilioSubject, twilio: FakeTwilio) -> None:
    ends = {"From": f"whatsapp:{MARIA}", "To": f"whatsapp:{OURS}"}
    assert (await subject.post(twilio.message("PARAR", OptOutType="STOP", **ends)))[0] == 200
    assert isinstance(await told(subject, conversation=f"whatsapp:{OURS} whatsapp:{MARIA}"), DeliveryFailed)
    await sent(subject)
    assert len(twilio.sent) == 1


async def test_a_messaging_service_keeps_all_of_its_senders_from_writing(
    subject: TwilioSubject, twilio: FakeTwilio
) -> None:
    service = "MG" + "2" * 32
    channel = subject._made(twilio.base, messaging_service=service)
    await subject.wishes.note(subject.account, f"{service} {MARIA}", "STOP", "SM1")
    with pytest.raises(DeliveryFailed, match="opted out"):
        await channel.send(outgoing(subject, conversation=f"+15550000000 {MARIA}"))
    await channel.stop()


# What became of it


async def test_a_receipt_may_come_before_the_answer_and_after_one_that_was_lost(
    subject: TwilioSubject, twilio: FakeTwilio
) -> None:
    twilio.loses_answers = True
    assert isinstance(await told(subject), DeliveryUnknown)
    query = "?" + urlsplit(twilio.sent[0]["StatusCallback"]).query
    assert twilio.sent[0]["StatusCallback"] == f"{ADDRESS}/{PATH}{query}"
    for status in ("queued", "sent", "delivered", "delivered"):
        assert (await subject.post(twilio.receipt(0, status), query))[0] == 200
    assert [(each.state, each.reference) for each in await deliveries(subject)] == [
        ("sent", ARTICLE),
        ("delivered", ARTICLE),
    ]


@pytest.mark.parametrize(
    ("place", "status", "part", "last"),
    [(0, "failed", 1, False), (1, "failed", 2, False), (2, "delivered", 0, True), (2, "failed", 0, True)],
)
async def test_a_receipt_says_which_message_of_an_answer_it_tells_of(
    subject: TwilioSubject, twilio: FakeTwilio, place: int, status: str, part: int, *, last: bool
) -> None:
    await sent(subject, text="\n\n".join(each * 1500 for each in "xyz"))
    query = "?" + urlsplit(twilio.sent[place]["StatusCallback"]).query
    assert (await subject.post(twilio.receipt(place, status), query))[0] == 200
    assert [(each.reference, each.part, each.last) for each in await deliveries(subject)] == [(ARTICLE, part, last)]


async def test_a_receipt_for_another_article_needs_another_signature(
    subject: TwilioSubject, twilio: FakeTwilio
) -> None:
    await sent(subject)
    fields = twilio.receipt(0, "failed", ErrorCode="30003")
    there = url_of(subject._service, f"{PATH}?article=another")
    status, _ = await twilio.post(there, fields, public=f"{ADDRESS}/{PATH}?article={ARTICLE}")
    assert (status, subject.intake.raws) == (401, [])


# Files


async def test_a_file_is_fetched_with_the_credentials_of_the_account(
    subject: TwilioSubject, twilio: FakeTwilio
) -> None:
    address = twilio.with_file(b"\x89PNG\r\n\x1a\n", "image/png")["MediaUrl0"]
    sink = MemorySink()
    fetched = await subject.adapter.fetch("support", address, sink)
    assert (bytes(sink.content), fetched.media_type) == (b"\x89PNG\r\n\x1a\n", "image/png")


@pytest.mark.parametrize(
    "address",
    [
        "http://evil.example/Media/ME1",
        "https://api.twilio.com.evil.example/a",
        "https://api.twilio.com@evil.example/a",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "https://[::1]/a",
    ],
)
async def test_a_file_that_is_not_at_twilio_is_not_asked_for(subject: TwilioSubject, address: str) -> None:
    with pytest.raises(DeliveryFailed):
        await subject.adapter.fetch("support", address, MemorySink())


# In


async def test_an_answer_to_twilio_is_twiml_that_says_nothing(subject: TwilioSubject, twilio: FakeTwilio) -> None:
    status, body = await subject.post(twilio.message("Hello"))
    assert (status, body) == (200, '<?xml version="1.0" encoding="UTF-8"?><Response />')


async def test_a_post_of_another_account_is_kept_and_set_aside_with_what_to_correct(
    subject: TwilioSubject, twilio: FakeTwilio
) -> None:
    other = "AC" + "ff" * 16
    status, _ = await subject.post(twilio.message("Hello", AccountSid=other))
    (raw,) = subject.intake.raws
    assert status == 200
    with pytest.raises(Unreadable, match=f"of the Twilio account {other}, and channels.twilio.support is {SID}"):
        await subject.adapter.parse(raw)


async def test_a_message_by_both_addresses_is_one_message(subject: TwilioSubject, twilio: FakeTwilio) -> None:
    fields = twilio.message("Hello")
    subject.intake.failure = EngineUnavailable("away")
    assert (await subject.post(fields))[0] == 503
    subject.intake.failure = None
    again = {**fields, "ErrorCode": "11200", "ErrorUrl": f"{ADDRESS}/{PATH}"}
    assert (await subject.post(again, "?second=1"))[0] == 200
    assert (await subject.post(fields))[0] == 200
    assert len(subject.intake.raws) == 1


async def test_a_post_that_is_twilios_and_not_known_is_kept_whole(subject: TwilioSubject, twilio: FakeTwilio) -> None:
    assert (await subject.post({"EventType": "onConversationAdded", "ConversationSid": "CH1"}))[0] == 200
    assert subject.intake.raws[0].content == b"EventType=onConversationAdded&ConversationSid=CH1"


@pytest.mark.parametrize("signature", ["", "x", "é", "A" * 28, "A" * 5000, "\t"])
async def test_a_post_that_twilio_did_not_sign_is_401(subject: TwilioSubject, signature: str) -> None:
    address = url_of(subject._service, PATH)
    headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
    async with ClientSession() as session, session.post(address, data=b"Body=a", headers=headers) as response:
        assert response.status == 401
    (family,) = subject.adapter.metrics()
    assert {sample.labels["outcome"]: sample.value for sample in family.samples}["forged"] == 1


async def test_a_header_about_another_address_changes_nothing(subject: TwilioSubject, twilio: FakeTwilio) -> None:
    fields = twilio.message("Hello")
    evil = f"https://evil.example/{PATH}"
    headers = {
        "X-Twilio-Signature": twilio.signature(evil, fields),
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "Host": "evil.example",
    }
    there = url_of(subject._service, PATH)
    async with ClientSession() as session, session.post(there, data=fields, headers=headers) as response:
        assert response.status == 401
    assert subject.intake.raws == []


# The stand-in refuses what Twilio refuses

RIGHT = {"To": MARIA, "From": OURS, "Body": "a"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({"From": OURS, "Body": "a"}, 21604),
        ({**RIGHT, "To": "maria"}, 21211),
        ({"To": MARIA, "Body": "a"}, 21603),
        ({"To": MARIA, "From": OURS}, 21602),
        ({**RIGHT, "MediaUrl": "http://desk.example/a"}, 21620),
        ({**RIGHT, "Body": "a" * 1601}, 21617),
        ({**RIGHT, "StatusCallback": "https://my_desk/x"}, 21609),
        ({**RIGHT, "To": "whatsapp:" + MARIA}, 63007),
        ({**RIGHT, "Text": "a"}, 20001),
    ],
)
async def test_the_stand_in_refuses_a_message_that_is_not_right(
    twilio: FakeTwilio, content: dict[str, str], code: int
) -> None:
    address = f"{twilio.base}/2010-04-01/Accounts/{SID}/Messages.json"
    shown = {"Authorization": encode_basic_auth(SID, TOKEN)}
    async with ClientSession() as session, session.post(address, data=content, headers=shown) as response:
        assert (response.status, (await response.json())["code"]) == (400, code)
    assert twilio.sent == []


@pytest.mark.parametrize(("sid", "token"), [(SID, "another"), ("AC" + "9" * 32, TOKEN)])
async def test_the_stand_in_refuses_credentials_that_are_not_right(twilio: FakeTwilio, sid: str, token: str) -> None:
    address = f"{twilio.base}/2010-04-01/Accounts/{sid}/Messages.json"
    shown = {"Authorization": encode_basic_auth(sid, token)}
    async with ClientSession() as session, session.post(address, data=RIGHT, headers=shown) as response:
        assert response.status == 401
