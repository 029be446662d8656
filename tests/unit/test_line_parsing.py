"""From what LINE posts to envelopes: every recorded body, broken and unknown ones too."""

import json
from pathlib import Path
from typing import Any

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from trunkline.adapters.line.card import CARD
from trunkline.adapters.line.events import split, verify
from trunkline.adapters.line.parsing import STANDBY, read, read_file
from trunkline.adapters.line.settings import LineSettings
from trunkline.adapters.vendor_post import Post
from trunkline.config.errors import Forged, Unreadable
from trunkline.normalizer.envelope import Assurance, Envelope, RawMessage

RECORDED = Path(__file__).parents[1] / "fixtures" / "line"
NAMES = sorted(path.stem for path in RECORDED.glob("*.json"))
MARIA, KOFI, GROUP, ROOM = "U" + "a1" * 16, "U" + "c2" * 16, "C" + "d3" * 16, "R" + "e4" * 16
NOTHING = {
    "account_link_failed", "beacon", "follow", "join", "member_joined", "menu_switch", "unfollow", "verify_button",
}  # fmt: skip
UNREADABLE = {name for name in NAMES if name.startswith(("broken_", "unknown_"))}
EMPTY = CIMultiDictProxy(CIMultiDict[str]())


def posted(body: bytes, **headers: str) -> Post:
    given = CIMultiDictProxy(CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()}))
    return Post("shop", "POST", "/v1/line/shop", EMPTY, given, body)


def raws(name: str, groups: Any = "all") -> list[RawMessage]:
    """The messages as intake would keep them."""
    events = split(posted((RECORDED / f"{name}.json").read_bytes()), groups)
    return [
        RawMessage(
            id=f"00000000-0000-7000-8000-{number:012d}",
            channel="line",
            account="shop",
            external_id=event.external_id,
            received_at=1_796_000_100_000,
            content=event.content,
            size=len(event.content),
            transport={},
            sequence=number,
        )
        for number, event in enumerate(events, 1)
    ]


def envelopes(name: str, groups: Any = "all") -> list[Envelope]:
    return [envelope for raw in raws(name, groups) for envelope in read(raw).envelopes]


def one(name: str) -> Envelope:
    (envelope,) = envelopes(name)
    return envelope


def test_every_kind_of_post_is_recorded() -> None:
    assert len(NAMES) >= 34
    assert len(UNREADABLE) >= 7


@pytest.mark.parametrize("name", [name for name in NAMES if name not in UNREADABLE | NOTHING])
def test_what_says_something_is_read_alike_from_the_store_and_from_a_file(name: str) -> None:
    told = envelopes(name)
    settings = LineSettings.model_validate({"shop": {}})
    again = read_file((RECORDED / f"{name}.json").read_bytes(), settings).envelopes
    assert told
    shown = {"id", "raw_id", "received_at", "order"}
    assert [each.model_dump(exclude=shown) for each in told] == [each.model_dump(exclude=shown) for each in again]
    assert CARD.read_file is not None
    assert CARD.read_file((RECORDED / f"{name}.json").read_bytes(), settings, "shop").envelopes == again


@pytest.mark.parametrize("name", sorted(NOTHING))
def test_what_says_nothing_is_no_message(name: str) -> None:
    assert raws(name) == []


@pytest.mark.parametrize("name", sorted(UNREADABLE))
def test_what_is_broken_or_unknown_is_kept_and_set_aside(name: str) -> None:
    try:
        kept = raws(name)
    except Unreadable:
        return
    assert kept
    for raw in kept:
        with pytest.raises(Unreadable):
            read(raw)


def test_a_text_is_known_by_its_message_and_its_writer_by_the_id_that_line_vouches_for() -> None:
    envelope = one("text")
    assert envelope.text == "Where is my parcel? It has been a week."
    assert (envelope.external_id, envelope.sent_at) == ("593000000000000001", 1_796_000_001_000)
    (identity,) = envelope.sender.identities
    assert (identity.key, identity.assurance) == (f"line:{MARIA}", Assurance.CHANNEL)
    assert (envelope.conversation, envelope.announces) == ((f"line:shop:{MARIA}",),) * 2
    assert (envelope.ext["conversation"], envelope.language.code) == (MARIA, "en")


def test_emoji_and_other_scripts_arrive_as_they_were_written() -> None:
    envelope = one("text_emoji_japanese")
    assert (envelope.text, envelope.language.code) == ("荷物がまだ届きません (sad) 👨‍👩‍👧", "ja")


def test_a_group_is_one_conversation_in_which_each_is_known_by_themselves() -> None:
    first, second = one("text_in_a_group_with_mention"), one("text_in_a_group_to_others")
    assert first.conversation == second.conversation == (f"line:shop:{GROUP}",)
    assert first.sender.identities[0].key == f"line:{KOFI}"
    assert first.ext["conversation"] == GROUP


def test_who_does_not_say_who_they_are_is_their_room() -> None:
    assert one("text_in_a_room_by_nobody").sender.identities[0].key == f"line:{ROOM}"


@pytest.mark.parametrize(
    ("groups", "heard"),
    [("all", {"mention", "others", "alone"}), ("mentioned", {"mention", "alone"}), ("none", {"alone"})],
)
def test_an_account_hears_in_groups_what_it_is_set_to(groups: str, heard: set[str]) -> None:
    names = {"mention": "text_in_a_group_with_mention", "others": "text_in_a_group_to_others", "alone": "text"}
    assert {short for short, name in names.items() if envelopes(name, groups)} == heard


def test_a_quote_names_the_message_that_it_answers() -> None:
    assert one("quote").in_reply_to == one("text").external_id


@pytest.mark.parametrize(
    ("name", "called", "size"),
    [("image", "photo", 0), ("audio", "voice message", 0), ("file", "Rechnung 2026.pdf", 2138)],
)
def test_a_file_is_fetched_later_by_the_id_of_its_message(name: str, called: str, size: int) -> None:
    envelope = one(name)
    (file,) = envelope.attachments
    assert (file.name, file.size, file.state, file.fetch) == (called, size, "fetching", envelope.external_id)
    assert envelope.text == ""


def test_two_photos_at_once_are_two_messages() -> None:
    assert len({envelope.external_id for envelope in envelopes("two_images")}) == 2


def test_a_file_on_a_server_that_is_not_lines_is_told_and_never_fetched() -> None:
    envelope = one("video_elsewhere")
    assert (envelope.attachments, envelope.text) == ((), "Video on another server: https://videos.example/original.mp4")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("location", "Location\nMy shop\n1-3 Kioicho, Chiyoda-ku, Tokyo\n35.67966, 139.73669"),
        ("sticker", "Sticker: cony, sally, Staring, hi, whatsup"),
        ("sticker_with_words", "Let's\nhang out\nthis weekend!"),
        ("postback_with_a_date", "Pressed a button: action=book&shop=12 (2026-12-25T01:00)"),
        ("lone_surrogate", "cut � here"),
    ],
)
def test_what_is_not_written_is_told_in_words(name: str, text: str) -> None:
    assert one(name).text == text


def test_words_of_ours_do_not_say_which_language_the_customer_speaks() -> None:
    assert one("sticker").language.code == one("location").language.code == "unknown"


def test_what_is_taken_back_names_its_message_in_the_same_conversation() -> None:
    envelope, message = one("unsend"), one("text")
    assert (envelope.kind, envelope.amends) == ("delete", message.external_id)
    assert envelope.external_id != message.external_id
    assert (envelope.conversation, envelope.sender.identities) == (message.conversation, message.sender.identities)


def test_what_another_module_answers_waits_for_somebody_to_release_it() -> None:
    assert one("standby").suspend == STANDBY


def test_a_body_of_several_people_is_split_by_person_in_order() -> None:
    events = split(posted((RECORDED / "several_people.json").read_bytes()), "all")
    assert [event.lane for event in events] == [MARIA, KOFI, MARIA]
    orders = [envelope.order for envelope in envelopes("several_people")]
    assert orders == sorted(orders)


def test_a_repeat_says_the_same_though_line_marks_it_and_describes_its_sticker_otherwise() -> None:
    (first,), (again,) = (
        split(posted((RECORDED / f"{name}.json").read_bytes()), "all") for name in ("sticker", "sticker_redelivered")
    )
    assert first.content != again.content
    assert (first.external_id, first.kind, first.says) == (again.external_id, again.kind, again.says)


def test_one_odd_event_takes_no_other_with_it() -> None:
    body = json.loads((RECORDED / "several_people.json").read_bytes())
    body["events"][1:1] = [None, 7, {"type": "message"}, {"type": "message", "message": {"id": "1"}}]
    events = split(posted(json.dumps(body).encode()), "all")
    assert len(events) == 7
    assert len({event.external_id for event in events}) == 7


def test_a_second_message_under_a_known_id_keeps_the_name_it_was_stored_under() -> None:
    (raw,) = raws("text")
    other = raw.model_copy(update={"external_id": f"{raw.external_id}#0123456789abcdef"})
    assert read(other).envelopes[0].external_id == other.external_id


def test_only_what_line_signed_verifies() -> None:
    body = '{"events": [], "destination": "Grüße"}'.encode()
    # openssl dgst -sha256 -hmac secret -binary | base64
    verify(posted(body, x_line_signature="dLb7xE8YG3aeZ786YisrRuUouI0U0zDQLw3p+xpkr1Y="), b"secret")
    for forged in ("", "dLb7xE8YG3aeZ786YisrRuUouI0U0zDQLw3p+xpkr1Z=", "é", "x" * 5000):
        with pytest.raises(Forged):
            verify(posted(body, x_line_signature=forged), b"secret")
    with pytest.raises(Forged):
        verify(posted(body), b"secret")
