"""Meta in both directions, against a stand-in as strict as Meta: answers and their fate, files, posts."""

import asyncio
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession

from tests.conformance.meta__instagram_subject import InstagramSubject
from tests.conformance.meta__whatsapp_subject import WhatsAppSubject
from tests.conformance.meta_subject import MARIA, SECRET, TOKEN, VERIFY, MetaSubject
from tests.conformance.opening import opened, sent, told
from tests.fakes.meta import INSTAGRAM, PAGE
from trunkline.adapters.meta.card import CARD
from trunkline.adapters.meta.sent_marks import Mark, read_mark
from trunkline.config.errors import CredentialsRefused, DeliveryDeferred, DeliveryFailed
from trunkline.normalizer.outgoing import Sent
from trunkline.normalizer.sending_limits import Destination

ARTICLE = "0193512e-aaaa-7000-8000-000000000002"
SHA = "a" * 64


@pytest.fixture
async def page() -> AsyncIterator[MetaSubject]:
    async with opened(MetaSubject(), CARD) as made:
        yield made


@pytest.fixture
async def gram() -> AsyncIterator[MetaSubject]:
    async with opened(InstagramSubject(), CARD) as made:
        yield made


@pytest.fixture
async def number() -> AsyncIterator[MetaSubject]:
    async with opened(WhatsAppSubject(), CARD) as made:
        yield made


def file(name: str, media_type: str, size: int = 10) -> dict[str, Any]:
    return {"name": name, "media_type": media_type, "size": size, "sha256": SHA}


def articles(subject: MetaSubject) -> list[Any]:
    return [{name: each for name, each in message.items() if name != "mid"} for message in subject.meta.sent]


# Out


async def test_an_answer_on_messenger_carries_our_mark_and_marks_as_read_what_was_written(page: MetaSubject) -> None:
    answer = await sent(page)
    message = {"text": "It works again.", "metadata": f"trunkline:{ARTICLE}"}
    assert articles(page) == [{"recipient": {"id": MARIA}, "message": message, "messaging_type": "RESPONSE"}]
    assert page.meta.actions == [{"recipient": {"id": MARIA}, "sender_action": "mark_seen"}]
    assert answer == Sent(reference="m_sent_0000", detail="Messenger took it")
    await sent(page, automatic=True)
    page.rebuild(mark_seen=False)
    await sent(page)
    assert len(page.meta.actions) == 1


async def test_what_cannot_be_marked_as_read_is_answered_all_the_same(page: MetaSubject) -> None:
    page.meta.refusals = [(500, {"code": 2, "message": "Service temporarily unavailable"}, {})]
    await sent(page)
    assert len(page.meta.sent) == 1


async def test_an_answer_on_instagram_is_parted_by_bytes(gram: MetaSubject) -> None:
    await sent(gram, text="ü" * 490 + "\n\n" + "ß" * 490)
    assert articles(gram) == [
        {"recipient": {"id": MARIA}, "message": {"text": "ü" * 490}},
        {"recipient": {"id": MARIA}, "message": {"text": "ß" * 490}},
    ]


async def test_an_answer_on_whatsapp_goes_to_the_spelling_that_wrote(number: MetaSubject) -> None:
    answer = await sent(number, conversation="553188881234", to="+5531988881234")
    assert articles(number) == [
        {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": "553188881234",
            "type": "text",
            "text": {"body": "It works again.", "preview_url": False},
            "biz_opaque_callback_data": f"trunkline:{ARTICLE}",
        }
    ]
    assert answer == Sent(reference="wamid.sent0000", detail="WhatsApp took it")


async def test_what_the_agent_marked_is_shown_on_whatsapp_and_said_in_words_elsewhere(
    number: MetaSubject, page: MetaSubject, gram: MetaSubject
) -> None:
    number.blobs[SHA] = b"\x89PNG"
    marked = {"text": "**now** see [here](https://a.example)\n- _one_", "formatted": True}
    for subject in (number, page, gram):
        await sent(subject, **marked)
    await sent(number, **marked, attachments=(file("lamp.png", "image/png"),))
    await sent(page, **marked, conversation="comment:55_66", mode="public")

    shown, words = "*now* see here (https://a.example)\n• _one_", "now see here (https://a.example)\n• one"
    text, picture = articles(number)
    assert (text["text"]["body"], picture["image"]["caption"]) == (shown, shown)
    assert [articles(subject)[0]["message"]["text"] for subject in (page, gram)] == [words] * 2
    assert articles(page)[1]["message"] == words


async def test_a_caption_that_is_too_long_with_its_marks_is_a_message_of_its_own(number: MetaSubject) -> None:
    number.blobs[SHA] = b"\x89PNG"
    text = "**a** " * 300
    await sent(number, text=text, formatted=True, attachments=(file("lamp.png", "image/png"),))
    await sent(number, text="x" * 1024, attachments=(file("lamp.png", "image/png"),))
    assert [message["type"] for message in articles(number)] == ["text", "image", "image"]


@pytest.mark.parametrize(
    ("conversation", "to"),
    [
        ("DE.13491208655302741918", {"recipient_type": "individual", "recipient": "DE.13491208655302741918"}),
        ("group:Y2FwaV9ncm91cDox", {"recipient_type": "group", "to": "Y2FwaV9ncm91cDox"}),
        ("", {"recipient_type": "individual", "to": "4915112345678"}),
    ],
)
async def test_on_whatsapp_ids_and_groups_are_answered_too(
    number: MetaSubject, conversation: str, to: dict[str, str]
) -> None:
    await sent(number, conversation=conversation)
    (message,) = articles(number)
    assert {name: message[name] for name in to} == to


@pytest.mark.parametrize("product", ["page", "gram"])
async def test_a_file_is_left_at_meta_and_sent_behind_the_text(
    product: str, page: MetaSubject, gram: MetaSubject
) -> None:
    subject = page if product == "page" else gram
    subject.blobs[SHA] = b"\x89PNG"
    await sent(subject, attachments=(file("lamp.png", "image/png"),))
    text, picture = (message["message"] for message in articles(subject))
    assert text["text"] == "It works again."
    assert picture["attachment"] == {"type": "image", "payload": {"attachment_id": "9000"}}
    assert subject.meta.uploads["9000"]["content"] == b"\x89PNG"


async def test_on_whatsapp_a_file_has_a_short_text_below_it(number: MetaSubject) -> None:
    number.blobs[SHA] = b"%PDF"
    await sent(number, attachments=(file("bill.pdf", "application/pdf"),))
    (message,) = articles(number)
    assert message["document"] == {"id": "9000", "caption": "It works again.", "filename": "bill.pdf"}
    await sent(number, attachments=(file("large.jpg", "image/jpeg", 6 * 1024 * 1024),))
    assert articles(number)[1]["type"] == "document"


async def test_what_meta_would_not_take_is_refused_before_it_is_asked(
    page: MetaSubject, gram: MetaSubject, number: MetaSubject
) -> None:
    large = 200 * 1024 * 1024
    for subject, given in (
        (page, file("a.zip", "application/zip", large)),
        (gram, file("a.zip", "application/zip")),
        (number, file("a.zip", "application/zip", large)),
    ):
        assert type(await told(subject, attachments=(given,))) is DeliveryFailed
        assert type(await told(subject, text=" ")) is DeliveryFailed
        assert subject.meta.asked == 0


async def test_a_long_answer_goes_on_where_it_stopped(number: MetaSubject) -> None:
    text = "a" * 4000 + "\n\n" + "b" * 4000 + "\n\n" + "c" * 4000
    real = number.meta._switched
    asked = 0

    def second_is_put_off(request: Any) -> Any:
        nonlocal asked
        asked += 1
        if asked == 2:
            number.meta.refusals = [(400, {"code": 131056, "message": "Pair rate limit"}, {})]
        return real(request)

    number.meta._switched = second_is_put_off  # type: ignore[method-assign]
    put_off = await told(number, text=text)
    assert type(put_off) is DeliveryDeferred
    assert put_off.facts["arrived"] == ("wamid.sent0000",)
    answer = await sent(number, text=text)
    assert [message["text"]["body"][0] for message in articles(number)] == ["a", "b", "c"]
    marks = [read_mark(message["biz_opaque_callback_data"]) for message in articles(number)]
    assert marks == [Mark(ARTICLE, 1, 3), Mark(ARTICLE, 2, 3), Mark(ARTICLE, 3, 3)]
    assert answer == Sent(
        reference="wamid.sent0000",
        also=("wamid.sent0001", "wamid.sent0002"),
        detail="WhatsApp took it in 3 messages",
    )
    assert number.parts.known == {}


async def test_a_comment_is_answered_privately_and_its_writer_after_that(gram: MetaSubject) -> None:
    await sent(gram, conversation="comment:178700")
    await sent(gram, conversation="comment:178700")
    assert [message["recipient"] for message in articles(gram)] == [{"comment_id": "178700"}, {"id": MARIA}]


async def test_what_a_visitor_posted_on_the_page_is_answered_privately_as_a_post(page: MetaSubject) -> None:
    await sent(page, conversation=f"comment:{PAGE}_77")
    assert [message["recipient"] for message in articles(page)] == [{"post_id": f"{PAGE}_77"}]


@pytest.mark.parametrize("product", ["page", "gram"])
async def test_a_comment_is_answered_in_public_only_when_the_agent_says_so(
    product: str, page: MetaSubject, gram: MetaSubject
) -> None:
    subject = page if product == "page" else gram
    await sent(subject, conversation="comment:178700", mode="public")
    assert articles(subject) == [{"below": "178700", "message": "It works again."}]
    await sent(subject, conversation="comment:178700", mode="private")
    assert articles(subject)[1]["recipient"] == {"comment_id": "178700"}
    await sent(subject, mode="public")
    assert articles(subject)[2]["recipient"] == {"id": MARIA}
    given = {"conversation": "comment:178700", "mode": "public"}
    error = await told(subject, attachments=(file("a.png", "image/png"),), **given)
    assert "takes no files" in error.detail


@pytest.mark.parametrize(
    ("parameters", "filled"),
    [
        ({}, None),
        ({"2": "b", "1": "a"}, [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]),
        ({"name": "Maria"}, [{"type": "text", "text": "Maria", "parameter_name": "name"}]),
    ],
)
async def test_a_template_goes_by_its_name_with_its_values_also_when_the_window_is_shut(
    number: MetaSubject, parameters: dict[str, str], filled: Any
) -> None:
    number.meta.shut = True
    template = {"name": "parcel", "vendor": "parcel_news", "language": "pt_BR", "parameters": parameters}
    await sent(number, template=template)
    (message,) = articles(number)
    components = [] if filled is None else [{"type": "body", "parameters": filled}]
    assert message["type"] == "template"
    assert message["template"].pop("components", []) == components
    assert message["template"] == {"name": "parcel_news", "language": {"code": "pt_BR"}}


async def test_a_customer_on_messenger_sees_that_an_agent_writes(page: MetaSubject, number: MetaSubject) -> None:
    for subject in (page, number):
        to = Destination(account="shop", to=subject.address, conversation="")
        subject.adapter.typing(to)
        subject.adapter.typing(to)
        while pending := [each for each in asyncio.all_tasks() if each.get_name().startswith("meta:typing")]:
            await asyncio.gather(*pending)
    assert page.meta.actions == [{"recipient": {"id": MARIA}, "sender_action": "typing_on"}]
    assert number.meta.actions == []


@pytest.mark.parametrize("product", ["page", "gram", "number"])
def test_the_card_says_what_is_taken_where(product: str) -> None:
    to, most, unit = {
        "page": (f"{PAGE}:{MARIA}", 2000, "characters"),
        "gram": (f"{INSTAGRAM}:{MARIA}", 1000, "bytes"),
        "number": ("+4915112345678", 4096, "characters"),
    }[product]
    taken = CARD.facts.sends(Destination(account="shop", to=to))
    assert taken.text is not None
    assert (taken.text.most, taken.text.unit, taken.modes) == (most, unit, {})
    below = CARD.facts.sends(Destination(account="shop", to=to, conversation="comment:1"))
    assert list(below.modes) == ([] if product == "number" else ["private", "public"])


async def test_after_a_day_an_agent_answers_under_the_tag_where_that_is_permitted(page: MetaSubject) -> None:
    page.meta.shut = True
    error = await told(page)
    assert type(error) is DeliveryFailed
    assert "the customer has to write again" in error.detail
    page.rebuild(human_agent=True)
    await sent(page)
    assert articles(page)[0]["tag"] == "HUMAN_AGENT"
    assert "the customer has to write again" in (await told(page, automatic=True)).detail


async def test_after_a_day_whatsapp_takes_only_a_template_and_that_is_said(number: MetaSubject) -> None:
    number.meta.shut = True
    assert "WhatsApp takes only a template now" in (await told(number)).detail


async def test_somebody_whom_meta_does_not_know_is_a_failure_in_words(page: MetaSubject, number: MetaSubject) -> None:
    page.meta.strangers.add(MARIA)
    number.meta.strangers.add(number.person)
    assert "Meta knows nobody by this id" in (await told(page)).detail
    assert "they are not on WhatsApp" in (await told(number)).detail


async def test_a_token_that_is_not_good_any_more_is_told_as_such(number: MetaSubject) -> None:
    number.meta.token = "another"
    error = await told(number)
    assert type(error) is CredentialsRefused
    assert "access token" in error.detail


async def test_an_account_that_is_gone_keeps_its_answers_until_it_is_back(page: MetaSubject) -> None:
    assert type(await told(page, account="gone")) is DeliveryDeferred


# In


async def test_meta_asks_once_whether_the_address_is_ours(page: MetaSubject) -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "1158201444"}
    async with ClientSession() as session:
        async with session.get(page.webhook, params=asked) as response:
            assert (response.status, await response.text()) == (200, "1158201444")
        for wrong in (
            {},
            asked | {"hub.verify_token": "x"},
            asked | {"hub.challenge": "<b>"},
            asked | {"hub.mode": ""},
        ):
            async with session.get(page.webhook, params=wrong) as response:
                assert response.status == 401
                assert "<b>" not in await response.text()


@pytest.mark.parametrize("signature", ["", "x", "é", "sha256=" + "0" * 64, "sha256=" + "A" * 5000, "\t"])
async def test_a_post_that_meta_did_not_sign_is_401(page: MetaSubject, signature: str) -> None:
    headers = {"X-Hub-Signature-256": signature}
    async with ClientSession() as session, session.post(page.webhook, data=b"{}", headers=headers) as response:
        assert response.status == 401
    assert page.intake.raws == []


async def test_a_post_of_several_is_stored_as_several_in_their_order(number: MetaSubject) -> None:
    entries = [number.meta.text(number.person, text) for text in ("One — ✓", "Two", "Three")]
    assert await number.meta.post(number.webhook, *entries) == 200
    texts = [(await number.adapter.parse(raw)).envelopes[0].text for raw in number.intake.raws]
    assert texts == ["One — ✓", "Two", "Three"]


async def test_a_body_that_is_signed_and_cannot_be_read_is_kept_whole(page: MetaSubject) -> None:
    body = b'{"object": "page", "entry": "half'
    async with (
        ClientSession() as session,
        session.post(page.webhook, data=body, headers=page.meta.signed(body)) as response,
    ):
        assert response.status == 200
    assert [raw.content for raw in page.intake.raws] == [body]


# The stand-in refuses what Meta refuses


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({"message": {"text": "a"}}, 100),
        ({"recipient": {"id": 7}, "message": {"text": "a"}}, 100),
        ({"recipient": {"id": "7"}, "message": {"text": "a", "body": "b"}}, 100),
        ({"recipient": {"id": "7"}, "message": {"text": "a" * 2001}}, 100),
        ({"recipient": {"id": "7"}, "message": {}}, 100),
        ({"recipient": {"id": "7"}, "message": {"text": "a"}, "messaging_type": "OTHER"}, 100),
        ({"recipient": {"id": "7"}, "sender_action": "dance"}, 100),
        (
            {"recipient": {"id": "7"}, "message": {"attachment": {"type": "image", "payload": {"attachment_id": "1"}}}},
            100,
        ),
        ([], 100),
    ],
)
async def test_the_stand_in_refuses_a_message_that_is_not_right(page: MetaSubject, content: Any, code: int) -> None:
    assert await _refusal(page, "me/messages", content) == (400, code)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({"to": "4915112345678", "type": "text", "text": {"body": "a"}}, 100),
        ({"messaging_product": "whatsapp", "to": "4915112345678", "type": "hologram"}, 100),
        (
            {"messaging_product": "whatsapp", "recipient_type": "individual", "to": "+49", "type": "text", "text": {}},
            131009,
        ),
        ({"messaging_product": "whatsapp", "recipient_type": "individual", "to": "49", "type": "text"}, 131008),
        (
            {
                "messaging_product": "whatsapp",
                "recipient_type": "individual",
                "to": "49",
                "type": "text",
                "text": {"body": ""},
            },
            131009,
        ),
        (
            {
                "messaging_product": "whatsapp",
                "recipient_type": "individual",
                "to": "49",
                "type": "image",
                "image": {"id": "1"},
            },
            131009,
        ),
    ],
)
async def test_the_stand_in_refuses_a_message_of_whatsapp_that_is_not_right(
    number: MetaSubject, content: Any, code: int
) -> None:
    assert await _refusal(number, f"{number.meta.owner}/messages", content) == (400, code)


async def test_the_stand_in_refuses_credentials_that_are_not_right(page: MetaSubject) -> None:
    good = {"recipient": {"id": "7"}, "message": {"text": "a"}}
    assert await _refusal(page, "me/messages", good, token="other") == (401, 190)
    assert await _refusal(page, "me/messages", good, proof="0" * 64) == (400, 100)


async def _refusal(
    subject: MetaSubject, path: str, content: Any, token: str = TOKEN, proof: str | None = None
) -> tuple[int, int]:
    shown = proof or hmac.digest(SECRET.encode(), TOKEN.encode(), "sha256").hex()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    address = f"{subject.meta.base}/v24.0/{path}?appsecret_proof={shown}"
    async with ClientSession() as session, session.post(address, data=json.dumps(content), headers=headers) as response:
        assert subject.meta.sent == []
        return response.status, int((await response.json())["error"]["code"])
