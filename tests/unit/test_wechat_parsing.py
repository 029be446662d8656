"""From what WeChat posts to envelopes: every recorded body, broken and unknown ones too."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis.strategies import binary, text

from tests.fakes.wechat import encrypted, xml_of
from trunkline.adapters.wechat.card import CARD
from trunkline.adapters.wechat.contents import WITHHELD
from trunkline.adapters.wechat.encryption import Letters
from trunkline.adapters.wechat.events import split
from trunkline.adapters.wechat.parsing import AS_BUTTON, read, read_file
from trunkline.adapters.wechat.settings import WechatSettings
from trunkline.adapters.wechat.xml_fields import fields_of
from trunkline.config.errors import Unreadable
from trunkline.normalizer.envelope import Assurance, Envelope, RawMessage

RECORDED = Path(__file__).parents[1] / "fixtures" / "wechat"
NAMES = sorted(path.stem for path in RECORDED.glob("*.xml"))
MARIA, KOFI = "o" + "a1" * 13 + "a", "o" + "c2" * 13 + "c"
AT = 1_796_000_000
APP_ID, KEY = "wxba5fad812f8e6fb9", "A" * 43
NOTHING = {
    "customer_service_session", "location_reported", "location_select", "pic_sysphoto", "scan", "scancode_push",
    "subscribe", "subscribe_by_code", "template_sent", "unsubscribe", "view", "view_miniprogram",
}  # fmt: skip
UNREADABLE = {name for name in NAMES if name.startswith(("broken_", "unknown_"))} | {"encrypted"}
SETTINGS = WechatSettings.model_validate({"shop": {"app_id": APP_ID}})


def body(name: str) -> bytes:
    return (RECORDED / f"{name}.xml").read_bytes()


def raws(content: bytes, clicks: Any = "all") -> list[RawMessage]:
    """The messages as intake would keep them."""
    return [
        RawMessage(
            id=f"00000000-0000-7000-8000-{number:012d}",
            channel="wechat",
            account="shop",
            external_id=event.external_id,
            received_at=1_796_000_100_000,
            content=event.content,
            size=len(event.content),
            sequence=number,
        )
        for number, event in enumerate(split(content, clicks), 1)
    ]


def one(name: str) -> Envelope:
    (raw,) = raws(body(name))
    (envelope,) = read(raw).envelopes
    return envelope


def test_every_kind_of_post_is_recorded() -> None:
    assert len(NAMES) >= 36
    assert len(UNREADABLE) >= 11


@pytest.mark.parametrize("name", [name for name in NAMES if name not in UNREADABLE | NOTHING])
def test_what_says_something_is_read_alike_from_the_store_and_from_a_file(name: str) -> None:
    told = one(name)
    (again,) = read_file(body(name), SETTINGS).envelopes
    shown = {"id", "raw_id", "received_at", "order"}
    assert told.model_dump(exclude=shown) == again.model_dump(exclude=shown)
    assert CARD.read_file is not None
    assert CARD.read_file(body(name), SETTINGS, "shop").envelopes == (again,)


@pytest.mark.parametrize("name", sorted(NOTHING))
def test_what_says_nothing_is_no_message_and_a_file_of_it_says_so(name: str) -> None:
    assert raws(body(name)) == []
    assert read_file(body(name), SETTINGS).nothing


@pytest.mark.parametrize("name", sorted(UNREADABLE))
def test_what_is_broken_or_unknown_is_kept_whole_and_set_aside(name: str) -> None:
    (raw,) = raws(body(name))
    assert raw.content == body(name)
    with pytest.raises(Unreadable):
        read(raw)


def test_a_text_is_known_by_its_message_and_its_writer_by_the_id_that_wechat_vouches_for() -> None:
    envelope = one("text")
    assert envelope.text == "Where is my parcel? It has been a week."
    assert (envelope.external_id, envelope.sent_at) == (str((AT + 1 << 32) + 7), (AT + 1) * 1000)
    (identity,) = envelope.sender.identities
    assert (identity.key, identity.assurance) == (f"wechat:{MARIA}", Assurance.CHANNEL)
    assert (envelope.conversation, envelope.announces) == ((f"wechat:shop:{MARIA}",),) * 2
    assert (envelope.ext["conversation"], envelope.language.code) == (MARIA, "en")


def test_chinese_and_emoji_arrive_as_they_were_written() -> None:
    envelope = one("text_chinese")
    assert envelope.text == "我的包裹还没有收到，请问什么时候能到？/::( 👨‍👩‍👧"
    assert (envelope.language.code, envelope.sender.identities[0].value) == ("zh", KOFI)


def test_a_message_may_be_answered_for_48_hours_and_a_button_as_long_as_wechat_takes_it() -> None:
    assert one("text").reply_by == (AT + 1 + 48 * 3600) * 1000
    assert one("click").reply_by is None


def test_control_characters_that_no_xml_has_are_left_out_and_lose_no_message() -> None:
    assert one("text_with_controls").text == one("text").text


@pytest.mark.parametrize(
    ("name", "called", "media_type"),
    [
        ("image", "photo", "application/octet-stream"),
        ("voice", "voice message.amr", "audio/amr"),
        ("video", "video", "application/octet-stream"),
        ("shortvideo", "video", "application/octet-stream"),
    ],
)
def test_a_file_is_fetched_later_by_its_media_id(name: str, called: str, media_type: str) -> None:
    envelope = one(name)
    (file,) = envelope.attachments
    assert (file.name, file.media_type, file.state) == (called, media_type, "fetching")
    assert f"<![CDATA[{file.fetch}]]>".encode() in body(name)
    assert envelope.text == ""


def test_what_wechat_understood_of_a_voice_message_stands_beside_the_recording() -> None:
    envelope = one("voice_understood")
    assert (envelope.text, envelope.language.code) == ("我想退货，请问怎么办理。", "zh")
    assert len(envelope.attachments) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("location", "Location\n广州市天河区体育西路 1 号\n23.134521, 113.358803"),
        ("link", "公众平台官网链接\nA page of the shop\nhttps://shop.example/cups?id=7"),
        ("click", "Pressed a button of the menu: CONTACT_SUPPORT"),
        ("scancode_waitmsg", "Scanned a code: https://shop.example/cup/17"),
        ("not_passed_on", WITHHELD),
        ("text_of_a_menu_message", "满意"),
    ],
)
def test_what_is_not_written_is_told_in_words(name: str, text: str) -> None:
    assert one(name).text == text


def test_words_of_ours_say_nothing_of_the_language() -> None:
    assert [one(name).language.code for name in ("location", "link", "click", "not_passed_on")] == ["unknown"] * 4


def test_an_event_is_known_by_who_when_and_what_and_rules_see_that_it_is_a_button() -> None:
    envelope = one("click")
    assert envelope.external_id == f"{MARIA}:{AT + 25}:CLICK:CONTACT_SUPPORT"
    assert (envelope.ext["came_as"], one("text").ext.get("came_as")) == (AS_BUTTON, None)


def test_an_account_that_wants_no_buttons_gets_none() -> None:
    assert raws(body("click"), "none") == raws(body("scancode_waitmsg"), "none") == []
    assert len(raws(body("text"), "none")) == 1
    quiet = WechatSettings.model_validate({"shop": {"app_id": APP_ID, "clicks": "none"}})
    assert read_file(body("click"), quiet).nothing == "click"


def test_a_message_that_is_posted_again_says_the_same_whatever_its_picture_is_called_then() -> None:
    again = body("image").replace(b"made_up/0", b"made_up/1")
    (one_,), (other,) = split(body("image"), "all"), split(again, "all")
    assert (one_.external_id, one_.says) == (other.external_id, other.says)
    assert one_.says != split(body("text"), "all")[0].says


def test_what_could_not_be_opened_when_it_came_is_opened_when_it_is_read() -> None:
    message = {"FromUserName": MARIA, "CreateTime": AT, "MsgType": "text", "Content": "Hello", "MsgId": 1}
    content = xml_of({"Encrypt": encrypted(KEY, xml_of(message), APP_ID)})
    raw = raws(body("text"))[0].model_copy(update={"content": content})
    (envelope,) = read(raw, Letters(KEY, APP_ID)).envelopes
    assert (envelope.text, envelope.external_id) == ("Hello", "1")
    for letters, words in (
        (None, "nothing is here to open it"),
        (Letters("B" * 43, APP_ID), "another one than ours"),
        (Letters(KEY, "wx0000"), "another app_id"),
    ):
        with pytest.raises(Unreadable, match=words):
            read(raw, letters)


@pytest.mark.parametrize("name", ["broken_bomb", "broken_file_of_ours"])
def test_document_types_and_entities_are_refused_before_they_do_anything(name: str) -> None:
    with pytest.raises(Unreadable, match="document type"):
        fields_of(body(name))


@pytest.mark.parametrize(
    "xml",
    [
        b"<xml>" + b"<a/>" * 600 + b"</xml>",
        b"<xml><a>&lol;</a></xml>",
        b"<xml><a>&#xD800;</a></xml>",
        b'<xml xmlns:a="b"><a:b>',
        b"",
    ],
)
def test_xml_that_wechat_does_not_post_is_unreadable(xml: bytes) -> None:
    with pytest.raises(Unreadable):
        fields_of(xml)


@given(binary(max_size=300) | text(max_size=200).map(lambda inner: f"<xml><a>{inner}</a></xml>".encode()))
@settings(max_examples=200, deadline=None)
def test_whatever_stands_there_is_fields_or_unreadable(content: bytes) -> None:
    with suppress(Unreadable):
        assert isinstance(fields_of(content), dict)


def test_blanks_and_line_ends_around_what_is_said_are_no_part_of_it() -> None:
    (plain,), (spread,) = (split(each, "all") for each in (body("text"), body("text").replace(b"><", b">\n  <")))
    assert (plain.external_id, plain.lane, plain.says) == (spread.external_id, spread.lane, spread.says)


def test_bytes_that_are_no_utf8_lose_nothing_but_themselves() -> None:
    assert fields_of(b"<xml><a>x\xff\xedy</a></xml>")["a"].startswith("x\ufffd")


@pytest.mark.parametrize("key", [KEY, "B" * 43])
def test_in_compatible_mode_only_what_is_encrypted_counts_where_there_is_a_key(key: str) -> None:
    cipher = encrypted(key, body("text"), APP_ID)
    forged = body("text").replace(b"Where is my parcel?", b"Cancel it.").removesuffix(b"</xml>").rstrip()
    content = forged.removesuffix(b"</xml>") + f"<Encrypt>{cipher}</Encrypt></xml>".encode()
    (raw,) = raws(content)
    assert fields_of(raw.content)["Content"].startswith("Cancel it.")
    if key == KEY:
        (envelope,) = read(raw, Letters(KEY, APP_ID)).envelopes
        assert envelope.text == one("text").text
    else:
        with pytest.raises(Unreadable, match="EncodingAESKey"):
            read(raw, Letters(KEY, APP_ID))
