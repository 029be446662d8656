"""From what Meta posts to envelopes: every recorded body of its three products, broken and unknown ones too."""

import hmac
import json
from pathlib import Path
from typing import Any

import pytest
from multidict import CIMultiDict, CIMultiDictProxy, MultiDict

from trunkline.adapters.meta.card import CARD
from trunkline.adapters.meta.events import split
from trunkline.adapters.meta.parsing import STANDBY, Accounts, read, read_file
from trunkline.adapters.meta.posts import challenge, verify
from trunkline.adapters.meta.sent_marks import Mark, read_mark
from trunkline.adapters.meta.settings import MetaSettings
from trunkline.adapters.vendor_post import Post
from trunkline.config.errors import Forged, Unreadable
from trunkline.normalizer.envelope import Assurance, Envelope, RawMessage

RECORDED = Path(__file__).parents[1] / "fixtures" / "meta"
NAMES = sorted(path.stem for path in RECORDED.glob("*.json"))
PAGE, INSTAGRAM, NUMBER = "104211223344556", "17841400000000001", "106540352242922"
MARIA, KOFI = "7001002003004005", "7001002003009009"
ARTICLE = "0193512e-aaaa-7000-8000-000000000002"
DAY = 86_400_000
AT = 1_796_000_001_000
ACCOUNTS = {
    "shop": {"product": "messenger", "id": PAGE},
    "gram": {"product": "instagram", "id": INSTAGRAM, "app": "shop"},
    "number": {"product": "whatsapp", "id": NUMBER, "app": "shop"},
}
SETTINGS = MetaSettings.model_validate(ACCOUNTS)
UNREADABLE = {name for name in NAMES if name.startswith(("broken_", "unknown_"))}
SILENT = {
    *(
        "messenger_handover",
        "messenger_account_linking",
        "messenger_like",
        "messenger_lead",
        "messenger_comment_of_ours",
    ),
    *("messenger_comment_hidden", "instagram_comment_of_ours", "instagram_mention"),
    *("whatsapp_errors", "whatsapp_template_status"),
}
NOBODY = {
    *("messenger_optin", "messenger_referral", "instagram_referral", "whatsapp_identity_changed"),
    *("whatsapp_status_of_a_kind_not_known_here",),
}


def posted(body: bytes, query: Any = (), method: str = "POST", **headers: str) -> Post:
    given = CIMultiDictProxy(CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()}))
    return Post("shop", method, "/v1/meta/shop", MultiDict(query), given, body)


def raws(name: str) -> list[RawMessage]:
    """The messages as intake would keep them."""
    events = split(posted((RECORDED / f"{name}.json").read_bytes()))
    return [
        RawMessage(
            id=f"00000000-0000-7000-8000-{number:012d}",
            channel="meta",
            account="shop",
            external_id=event.external_id,
            received_at=1_796_000_100_000,
            content=event.content,
            size=len(event.content),
            sequence=number,
        )
        for number, event in enumerate(events, 1)
    ]


def envelopes(name: str, settings: MetaSettings = SETTINGS) -> list[Envelope]:
    return [envelope for raw in raws(name) for envelope in read(raw, Accounts(settings, "shop")).envelopes]


def one(name: str, settings: MetaSettings = SETTINGS) -> Envelope:
    (envelope,) = envelopes(name, settings)
    return envelope


def key(name: str) -> str:
    return one(name).sender.identities[0].key


def test_every_kind_of_post_is_recorded() -> None:
    assert len(NAMES) >= 115
    assert len(UNREADABLE) >= 10


@pytest.mark.parametrize("name", sorted({*NAMES} - UNREADABLE - SILENT - NOBODY - {"whatsapp_another_number"}))
def test_what_says_something_is_read_alike_from_the_store_and_from_a_file(name: str) -> None:
    told = envelopes(name)
    again = read_file((RECORDED / f"{name}.json").read_bytes(), SETTINGS).envelopes
    assert told
    shown = {"id", "raw_id", "received_at", "order"}
    assert [each.model_dump(exclude=shown) for each in told] == [each.model_dump(exclude=shown) for each in again]
    assert CARD.read_file is not None
    assert CARD.read_file((RECORDED / f"{name}.json").read_bytes(), SETTINGS, "").envelopes == again


@pytest.mark.parametrize("name", sorted(SILENT))
def test_what_is_for_nobody_is_not_stored_and_a_file_of_it_says_what_it_is(name: str) -> None:
    assert raws(name) == []
    assert read_file((RECORDED / f"{name}.json").read_bytes(), SETTINGS).nothing


@pytest.mark.parametrize("name", sorted(NOBODY))
def test_what_nobody_said_is_stored_and_comes_to_nothing(name: str) -> None:
    (raw,) = raws(name)
    parsed = read(raw, Accounts(SETTINGS, "shop"))
    assert parsed.envelopes == ()
    assert parsed.nothing


@pytest.mark.parametrize("name", sorted(UNREADABLE - {"broken_one_of_two"}))
def test_what_is_broken_or_unknown_is_kept_and_set_aside(name: str) -> None:
    try:
        kept = raws(name)
    except Unreadable:
        return
    assert kept
    for raw in kept:
        with pytest.raises(Unreadable):
            read(raw, Accounts(SETTINGS, "shop"))


def test_a_broken_event_takes_no_other_of_its_post_along() -> None:
    good, broken = raws("broken_one_of_two")
    assert read(good, Accounts(SETTINGS, "shop")).envelopes[0].text == "A good one"
    with pytest.raises(Unreadable):
        read(broken, Accounts(SETTINGS, "shop"))


def test_a_post_of_several_is_one_message_each_and_a_repeat_in_another_post_is_known() -> None:
    assert [raw.external_id for raw in raws("messenger_batch")] == ["m_AbC019", f"read:{MARIA}:{AT}", "m_AbC020"]
    assert [raw.external_id for raw in raws("whatsapp_batch")] == ["wamid.B1", "wamid.B2", "wamid.sent0001#read"]
    body = json.loads((RECORDED / "messenger_batch.json").read_bytes())
    body["entry"][0]["time"] += 1
    first, *_ = split(posted(json.dumps(body).encode()))
    before, *_ = split(posted((RECORDED / "messenger_batch.json").read_bytes()))
    assert (first.external_id, first.says) == (before.external_id, before.says)


def test_the_account_is_the_one_whose_id_meta_names() -> None:
    assert [one(name).account for name in ("messenger_text", "instagram_text", "whatsapp_text")] == list(ACCOUNTS)
    (raw,) = raws("whatsapp_another_number")
    with pytest.raises(Unreadable, match="whatsapp account 999"):
        read(raw, Accounts(SETTINGS, "shop"))
    assert read_file(raw.content, SETTINGS).envelopes[0].account == "999"


def test_an_app_speaks_for_its_own_accounts_only() -> None:
    apart = MetaSettings.model_validate({**ACCOUNTS, "gram": {"product": "instagram", "id": INSTAGRAM}})
    with pytest.raises(Unreadable):
        envelopes("instagram_text", apart)


def test_who_wrote_is_known_by_an_id_that_is_the_accounts_alone_and_a_number_by_itself() -> None:
    assert key("messenger_text") == f"messenger:{PAGE}:{MARIA}"
    assert key("instagram_text") == f"instagram:{INSTAGRAM}:{MARIA}"
    assert key("whatsapp_text") == "whatsapp:+4915112345678"
    assert one("whatsapp_text").sender.name == "Maria Silva"
    assert one("messenger_text").sender.identities[0].assurance is Assurance.CHANNEL


def test_a_number_is_one_person_in_every_spelling_and_is_answered_as_it_wrote() -> None:
    without, with_nine = one("whatsapp_text_brazil_without_nine"), one("whatsapp_text_brazil_with_nine")
    assert (
        key("whatsapp_text_brazil_without_nine") == key("whatsapp_text_brazil_with_nine") == "whatsapp:+5531988881234"
    )
    assert without.conversation == with_nine.conversation
    assert (without.ext["conversation"], with_nine.ext["conversation"]) == ("553188881234", "5531988881234")
    assert key("whatsapp_text_mexico_with_one") == "whatsapp:+525512345678"


def test_who_hides_the_number_is_known_by_the_id_and_goes_on_in_the_same_conversation() -> None:
    hidden, both = one("whatsapp_text_by_a_username"), one("whatsapp_text_with_number_and_id")
    assert [each.value for each in hidden.sender.identities] == ["DE.13491208655302741918"]
    assert [each.value for each in both.sender.identities] == ["+4915112345678", "DE.13491208655302741918"]
    assert set(hidden.conversation) < set(both.announces)


def test_somebody_with_another_number_is_told_as_such_by_no_person() -> None:
    envelope = one("whatsapp_number_changed")
    assert [each.value for each in envelope.sender.identities] == ["+4915199999999", "+4915112345678"]
    assert {each.assurance for each in envelope.sender.identities} == {Assurance.ORIGIN}
    assert not envelope.is_spoken
    assert envelope.text.endswith("from +4915112345678 to +4915199999999")


def test_meta_takes_answers_for_a_day_or_with_a_permission_for_a_week() -> None:
    longer = MetaSettings.model_validate({**ACCOUNTS, "shop": {**ACCOUNTS["shop"], "human_agent": True}})
    assert one("messenger_text").reply_by == AT + DAY
    assert one("messenger_text", longer).reply_by == AT + 7 * DAY
    assert one("whatsapp_text").reply_by == AT + DAY
    assert one("instagram_comment").reply_by == AT + 7 * DAY


def test_files_are_named_by_what_they_are_fetched_by() -> None:
    assert [each.name for each in one("messenger_voice").attachments] == ["voice message"]
    assert one("messenger_file").attachments[0].fetch.startswith("https://cdn.fbsbx.com/")
    (document,) = one("whatsapp_document").attachments
    assert (document.name, document.media_type, document.fetch) == ("bill.pdf", "application/pdf", "2754859441498132")
    assert one("whatsapp_voice").attachments[0].name == "voice message.ogg"
    assert len(one("messenger_several_images").attachments) == 2


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("messenger_thumb", "👍"),
        ("messenger_link", "https://shop.example/lamp"),
        ("messenger_location", "Location\nMaria's Location\n52.5, 13.4"),
        ("messenger_from_an_ad", "Do you still have this?\n(came by the ad Summer lamps)"),
        ("messenger_postback", "Pressed a button: Talk to somebody"),
        ("messenger_nothing_in_it", "(a message that Meta does not pass on)"),
        ("instagram_unsupported", "(a message that Meta does not pass on)"),
        ("instagram_story_reply", "Love this!\n(in reply to your story)"),
        ("instagram_reel", "Shared a reel: How to fix it"),
        ("instagram_heart", "❤️"),
        ("messenger_comment", "Mine broke after a day!\n(a comment below a post: https://www.facebook.com/p/55)"),
        ("messenger_comment_with_a_photo", "(a comment below a post)"),
        ("instagram_live_comment", "What does it cost?\n(a comment in a live video)"),
        ("whatsapp_button_reply", "Chose: Cancel"),
        ("whatsapp_list_reply", "Chose: Priority Mail Express (Next Day to 2 Days)"),
        ("whatsapp_form", 'Filled in a form\norder: A-77\ntopics: ["return"]'),
        ("whatsapp_order", "As a present please\nOrder\n2 × lamp-red at 30 EUR"),
        ("whatsapp_contacts", "Contact\nKofi Mensah: +233 20 123 4567, kofi@example.org"),
        ("whatsapp_location", "Location\nThe shop\nMain St 1\n52.5, 13.4"),
        ("whatsapp_forwarded", "Read this\n(forwarded)"),
    ],
)
def test_what_has_no_words_is_told_in_ours(name: str, text: str) -> None:
    assert one(name).text == text


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("instagram_story_mention", "story_mention"),
        ("instagram_story_reply", "story_reply"),
        ("instagram_comment", "comment"),
        ("instagram_live_comment", "live_comment"),
        ("messenger_comment", "comment"),
    ],
)
def test_what_is_more_than_a_message_says_as_what_it_came(name: str, form: str) -> None:
    assert one(name).ext["came_as"] == form


def test_comments_of_one_person_below_one_post_are_a_conversation_and_a_message_after_them_joins() -> None:
    first, second, message = one("instagram_comment"), one("instagram_comment_in_the_entry"), one("instagram_text")
    assert first.conversation == second.conversation
    assert first.ext["conversation"] == "comment:17870000000000001"
    assert f"meta:gram:{KOFI}" in first.announces
    assert message.conversation == (f"meta:gram:{MARIA}",)
    assert first.sender.name == "kofi.m"


@pytest.mark.parametrize(
    ("name", "kind", "amends"),
    [
        ("messenger_edit", "edit", "m_AbC001"),
        ("instagram_edit", "edit", "aWdfZAG001"),
        ("instagram_unsent", "delete", "aWdfZAG001"),
        ("messenger_comment_edited", "edit", "55_7001"),
        ("messenger_comment_removed", "delete", "55_7001"),
        ("messenger_reaction", "reaction", "m_sent_0001"),
        ("whatsapp_edit", "edit", "wamid.HBgL0001"),
        ("whatsapp_revoke", "delete", "wamid.HBgL0001"),
        ("whatsapp_reaction", "reaction", "wamid.sent0001"),
        ("whatsapp_echo_edited", "edit", "wamid.E1"),
    ],
)
def test_a_change_names_the_message_that_it_changes(name: str, kind: str, amends: str) -> None:
    envelope = one(name)
    assert (envelope.kind, envelope.amends) == (kind, amends)
    assert envelope.external_id != amends


def test_a_reaction_takes_the_place_of_the_one_before_and_is_taken_back_without_one() -> None:
    put, gone = one("whatsapp_reaction").reaction, one("whatsapp_reaction_taken_back").reaction
    assert put is not None
    assert gone is not None
    assert (put.emoji, put.alone, gone.removed) == ("👍", True, True)


def test_receipts_name_what_they_tell_of() -> None:
    by_id, read_until, seen = envelopes("messenger_delivery"), one("messenger_read"), one("instagram_seen")
    assert [(each.delivery.state, each.delivery.reference) for each in by_id if each.delivery] == [
        ("delivered", "m_sent_0001"),
        ("delivered", "m_sent_0002"),
    ]
    assert read_until.delivery is not None
    assert seen.delivery is not None
    assert (read_until.delivery.state, read_until.delivery.until) == ("read", AT)
    assert (seen.delivery.state, seen.delivery.reference) == ("read", "aWdfSENT1")


@pytest.mark.parametrize("state", ["sent", "delivered", "read", "failed"])
def test_a_receipt_of_whatsapp_names_our_article(state: str) -> None:
    delivery = one(f"whatsapp_status_{state}").delivery
    assert delivery is not None
    assert (delivery.state, delivery.reference) == (state, ARTICLE)
    assert ("template" in delivery.detail) == (state == "failed")


@pytest.mark.parametrize(
    ("name", "mark"),
    [("whatsapp_status_delivered", "biz_opaque_callback_data"), ("messenger_echo_of_ours", "metadata")],
)
@pytest.mark.parametrize(("place", "part", "last"), [("", 0, False), (":1/3", 1, False), (":3/3", 3, True)])
def test_a_mark_says_which_message_of_an_answer_is_told_of(
    name: str, mark: str, place: str, part: int, *, last: bool
) -> None:
    (raw,) = raws(name)
    ours = f"trunkline:{ARTICLE}".encode()
    assert ours in raw.content
    told = raw.model_copy(update={"content": raw.content.replace(ours, ours + place.encode())})
    (envelope,) = read(told, Accounts(SETTINGS, "shop")).envelopes
    assert envelope.delivery is not None
    assert (envelope.delivery.reference, envelope.delivery.part, envelope.delivery.last) == (ARTICLE, part, last)


@pytest.mark.parametrize("mark", ["trunkline:", "trunkline:x", f"other:{ARTICLE}", f"trunkline:{ARTICLE}:0/2", 7])
def test_a_mark_that_is_not_ours_names_nothing(mark: object) -> None:
    assert read_mark(mark) == Mark()


def test_a_failure_that_is_not_known_here_is_told_in_metas_words() -> None:
    delivery = one("whatsapp_status_failed_for_a_reason_not_known_here").delivery
    assert delivery is not None
    assert delivery.detail == "Something new (139999)"


def test_our_own_answer_that_comes_back_is_its_receipt() -> None:
    delivery = one("messenger_echo_of_ours").delivery
    assert delivery is not None
    assert (delivery.state, delivery.reference) == ("sent", ARTICLE)


@pytest.mark.parametrize("name", ["messenger_echo_of_the_inbox", "instagram_echo", "whatsapp_echo"])
def test_what_was_answered_in_metas_own_inbox_is_ours_and_nobody_elses(name: str) -> None:
    envelope = one(name)
    assert (envelope.kind, envelope.direction, envelope.sender.identities) == ("message", "out", ())
    assert envelope.conversation == one(f"{name.partition('_')[0]}_text").conversation
    assert (envelope.automation, envelope.suspend) == ("none", "")


def test_what_another_app_answered_by_itself_was_written_by_a_machine() -> None:
    assert one("messenger_echo_of_another_app").automation == "auto_reply"


def test_what_another_app_answers_waits_or_is_passed_over() -> None:
    ignoring = MetaSettings.model_validate({**ACCOUNTS, "shop": {**ACCOUNTS["shop"], "standby": "ignore"}})
    assert one("messenger_standby").suspend == STANDBY
    assert envelopes("messenger_standby", ignoring) == []


def test_half_a_character_does_not_break_a_message() -> None:
    assert one("lone_surrogate").text == "half � of an emoji"


SECRET, TOKEN = b"an app secret", "a-verify-token"


def test_a_post_is_metas_only_with_the_signature_over_its_bytes() -> None:
    body = b'{"object":"page","text":"Ol\\u00e1"}'
    good = "sha256=" + hmac.digest(SECRET, body, "sha256").hex()
    verify(posted(body, x_hub_signature_256=good), SECRET, TOKEN)
    for wrong in ("", good.upper(), good[:-1], good + "0", "sha1=" + good[7:], "é" * 71, good.replace("sha256=", "")):
        with pytest.raises(Forged):
            verify(posted(body, x_hub_signature_256=wrong), SECRET, TOKEN)
    with pytest.raises(Forged):
        verify(posted(body), SECRET, TOKEN)
    with pytest.raises(Forged):
        verify(posted('{"object":"page","text":"Olá"}'.encode(), x_hub_signature_256=good), SECRET, TOKEN)


@pytest.mark.parametrize(
    "change", [{"hub.mode": "unsubscribe"}, {"hub.verify_token": "other"}, {"hub.verify_token": "é"}]
)
def test_a_question_is_metas_only_with_the_verify_token(change: dict[str, str]) -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": TOKEN, "hub.challenge": "1158201444"}
    verify(posted(b"", asked, "GET"), SECRET, TOKEN)
    with pytest.raises(Forged):
        verify(posted(b"", asked | change, "GET"), SECRET, TOKEN)


@pytest.mark.parametrize("given", ["", "<script>", "1\n2", "é", "1" * 129])
def test_a_challenge_is_given_back_only_if_it_can_be_nothing_else(given: str) -> None:
    answer = challenge(posted(b"", {"hub.challenge": "1158201444"}, "GET"))
    assert answer is not None
    assert (answer.text, answer.content_type) == ("1158201444", "text/plain")
    with pytest.raises(Forged):
        challenge(posted(b"", {"hub.challenge": given}, "GET"))
    assert challenge(posted(b"{}")) is None
