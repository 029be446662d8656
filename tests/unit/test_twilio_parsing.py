"""From what Twilio posts to envelopes: every recorded form, broken and unknown ones too."""

from pathlib import Path
from urllib.parse import parse_qs

import pytest
from multidict import CIMultiDict, CIMultiDictProxy, MultiDict

from trunkline.adapters.twilio.card import CARD
from trunkline.adapters.twilio.events import split
from trunkline.adapters.twilio.parsing import WINDOW_MS, read
from trunkline.adapters.twilio.settings import TwilioSettings
from trunkline.adapters.vendor_post import Event, Post
from trunkline.config.errors import Unreadable
from trunkline.normalizer.envelope import Assurance, Envelope, RawMessage

RECORDED = Path(__file__).parents[1] / "fixtures" / "twilio"
NAMES = sorted(path.stem for path in RECORDED.glob("*.txt"))
CALLED = {"event": "recording", "from": "+4917612345678", "to": "+4930901820"}
NOTHING = {"receipt_queued", "unknown_status", "call_status_completed", "recording_absent", "transcript_failed"}
PARTS = {"recording", "recorded", "transcript"}
"""Of calls: what they are told from a file alone is less than what their address says."""
BROKEN = {name for name in NAMES if name.startswith("broken_")} | {"unknown_event"}
RECEIPTS = {name for name in NAMES if name.startswith("receipt_")} - NOTHING
NOW = 1_796_000_100_000
ARTICLE = "0193512e-aaaa-7000-8000-000000000002"
SETTINGS = TwilioSettings.model_validate({"support": {"sid": "AC" + "0a" * 16, "address": "https://desk.example"}})


def events(name: str, **query: str) -> list[Event]:
    """What a recorded form is split into."""
    body = (RECORDED / f"{name}.txt").read_bytes().strip()
    nothing = CIMultiDictProxy(CIMultiDict[str]())
    return list(split(Post("support", "POST", "/v1/twilio/support", MultiDict(query), nothing, body)))


def one(name: str, **query: str) -> Envelope:
    """The envelope of a recorded form, as intake would keep it."""
    (event,) = events(name, **query)
    raw = RawMessage(
        id="00000000-0000-7000-8000-000000000001",
        channel="twilio",
        account="support",
        external_id=event.external_id,
        received_at=NOW,
        content=event.content,
        transport=dict(event.facts),
        sequence=7,
    )
    (envelope,) = read(raw).envelopes
    assert envelope.external_id == raw.external_id
    return envelope


def test_every_kind_of_post_is_recorded() -> None:
    assert len(NAMES) >= 50
    assert len(BROKEN) >= 11


@pytest.mark.parametrize("name", sorted(set(NAMES) - BROKEN - NOTHING - PARTS))
def test_what_says_something_is_read_alike_from_the_store_and_from_a_file(name: str) -> None:
    told = one(name)
    assert CARD.read_file is not None
    (again,) = CARD.read_file((RECORDED / f"{name}.txt").read_bytes(), SETTINGS, "support").envelopes
    shown = {"id", "raw_id", "received_at", "order", "reply_by"}
    if name in RECEIPTS:
        shown |= {"external_id"}
    assert told.model_dump(exclude=shown) == again.model_dump(exclude=shown)


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_what_cannot_be_read_is_set_aside_whole(name: str) -> None:
    content = (RECORDED / f"{name}.txt").read_bytes()
    raw = RawMessage(id=ARTICLE, channel="twilio", external_id="x", received_at=NOW, content=content.strip())
    with pytest.raises(Unreadable):
        read(raw)


@pytest.mark.parametrize("name", sorted(NOTHING))
def test_what_brings_nothing_says_what_it_is(name: str) -> None:
    assert CARD.read_file is not None
    assert CARD.read_file((RECORDED / f"{name}.txt").read_bytes(), SETTINGS, "").nothing


@pytest.mark.parametrize("name", sorted(NOTHING - {"unknown_status"}))
def test_what_brings_nothing_is_not_stored(name: str) -> None:
    assert events(name, article=ARTICLE, event="transcript" if name == "transcript_failed" else "recording") == []


def test_an_sms_is_of_a_number_that_is_only_claimed() -> None:
    sms = one("sms")
    (identity,) = sms.sender.identities
    assert (identity.key, identity.assurance) == ("phone:+4917612345678", Assurance.CLAIMED)
    assert sms.conversation == sms.announces == ("twilio:support:+4930901820 +4917612345678",)
    assert (sms.recipients, sms.language.code, sms.reply_by) == (("+4930901820",), "en", None)
    assert sms.ext["conversation"] == "+4930901820 +4917612345678"


def test_on_whatsapp_the_number_is_proven_and_the_window_is_told() -> None:
    told = one("whatsapp_text")
    (identity,) = told.sender.identities
    assert (identity.key, identity.assurance) == ("whatsapp:+5511987654321", Assurance.CHANNEL)
    assert (told.sender.name, told.reply_by) == ("Maria Silva", NOW + WINDOW_MS)
    assert one("whatsapp_user_without_a_number").sender.identities[0].key == "whatsapp:BR.13491208655302741918"


def test_somebody_by_rcs_is_who_they_are_by_sms_and_another_conversation() -> None:
    assert one("rcs_text").sender.identities == one("sms").sender.identities
    assert one("rcs_text").conversation != one("sms").conversation


@pytest.mark.parametrize(("name", "key"), [("sms_short_code", "sms:72345"), ("sms_from_a_name", "sms:DHL Paket")])
def test_a_sender_without_a_number_is_known_by_what_it_calls_itself(name: str, key: str) -> None:
    assert one(name).sender.identities[0].key == key


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("sms_emoji", "Danke 😀 für die schnelle Hilfe!"),
        ("sms_new_parameter", "Hello"),
        ("sms_stop", "STOP\n\nThey have opted out: nothing reaches them until they write START."),
        ("sms_start", "START\n\nThey have opted in again."),
        ("whatsapp_button", "Track my order"),
        ("whatsapp_list", "Delivery"),
        ("whatsapp_location", "Location\nPraça da Sé\nSão Paulo\n-23.5505, -46.6333"),
        ("whatsapp_ad", "I saw your offer\n\nThey came by: Summer sale https://fb.me/3xample"),
        ("mms_three_files", ""),
    ],
)
def test_what_somebody_says_is_its_words_and_what_is_known_beside_them(name: str, text: str) -> None:
    assert one(name).text == text


def test_files_are_named_to_be_fetched_later() -> None:
    photo, video, card = one("mms_three_files").attachments
    assert [each.state for each in (photo, video, card)] == ["fetching"] * 3
    assert (photo.name, photo.media_type) == ("photo.png", "image/png")
    assert photo.fetch.startswith("https://api.twilio.com/2010-04-01/Accounts/")
    assert [each.media_type for each in (video, card)] == ["video/3gpp", "text/vcard"]
    assert one("whatsapp_voice").attachments[0].name.startswith("audio.")


def test_a_reply_names_what_it_answers_and_a_button_what_it_stands_for() -> None:
    assert one("whatsapp_reply").in_reply_to == "SM" + "ab" * 16
    assert one("whatsapp_button").ext["ButtonPayload"] == "track_1042"


def test_a_message_by_the_fallback_address_is_the_same_message() -> None:
    (event,) = events("sms_fallback")
    body = event.content.replace(b"&ErrorCode=11200", b"").partition(b"&ErrorUrl")[0]
    nothing = CIMultiDictProxy(CIMultiDict[str]())
    (first,) = split(Post("support", "POST", "/v1/twilio/support", nothing, nothing, body))
    assert (first.external_id, first.says, first.lane) == (event.external_id, event.says, event.lane)
    assert first.content != event.content


@pytest.mark.parametrize(
    ("name", "state", "words"),
    [
        ("receipt_sent", "sent", "Twilio: sent"),
        ("receipt_delivered", "delivered", "Twilio: delivered"),
        ("receipt_read", "read", "Twilio: read"),
        ("receipt_undelivered", "failed", "the number is not known, or no longer in use (Twilio 30005)"),
        ("receipt_failed", "failed", "their phone is off, out of reach, or takes no such messages (Twilio 30003)"),
        ("receipt_odd_code", "failed", "Twilio could not deliver it (error 39999)"),
        ("receipt_window_shut", "failed", "the window of 24 hours for free answers on WhatsApp is shut"),
    ],
)
def test_a_receipt_tells_of_the_article_that_its_address_names(name: str, state: str, words: str) -> None:
    receipt = one(name, article=ARTICLE)
    assert (receipt.kind, receipt.delivery and receipt.delivery.state) == ("delivery", state)
    assert receipt.delivery is not None
    assert receipt.delivery.reference == ARTICLE
    assert receipt.delivery.detail.startswith(words)
    sid = parse_qs((RECORDED / f"{name}.txt").read_text())["MessageSid"][0]
    again = one(name)
    assert again.delivery is not None
    assert again.delivery.reference == sid


def test_of_a_part_that_is_not_the_last_only_failure_is_told() -> None:
    assert events("receipt_delivered", article=ARTICLE, part="1") == []
    assert len(events("receipt_failed", article=ARTICLE, part="1")) == 1


# Calls


def test_a_call_is_a_message_of_a_claimed_number_in_its_conversation_with_what_the_network_attests() -> None:
    call = one("call")
    (identity,) = call.sender.identities
    assert (identity.key, identity.assurance, call.sender.name) == ("phone:+4917612345678", 0, "MARIA SILVA")
    assert (call.kind, call.text, call.external_id) == ("message", "They called.", "CA" + "c1" * 16)
    assert (call.conversation, call.ext["conversation"]) == (one("sms").conversation, one("sms").ext["conversation"])
    assert call.ext["StirVerstat"] == "TN-Validation-Passed-A"


@pytest.mark.parametrize("name", ["call_withheld", "call_from_sip"])
def test_a_caller_without_a_number_is_somebody_of_their_own_who_cannot_be_written_to(name: str) -> None:
    call = one(name)
    assert call.sender.identities[0].key == "twilio:CA" + "c1" * 16
    assert (call.ext["conversation"], call.conversation) == ("", ("twilio:support:CA" + "c1" * 16,))
    assert call.text == "Somebody called who shows no number."


def test_a_recording_and_its_transcript_are_added_to_the_call_by_who_called() -> None:
    recording, transcript = one("recording", **CALLED), one("transcript", **{**CALLED, "event": "transcript"})
    assert [each.kind for each in (recording, transcript)] == ["addition", "addition"]
    assert {recording.amends, transcript.amends} == {one("call").external_id}
    assert recording.sender.identities == transcript.sender.identities == one("call").sender.identities
    assert recording.text == "They left a message of 23 seconds."
    (file,) = recording.attachments
    assert (file.name, file.media_type, file.state) == ("voicemail.mp3", "audio/mpeg", "fetching")
    assert file.fetch.endswith("/Recordings/RE" + "d2" * 16 + ".mp3")
    assert transcript.text == "As Twilio understood it: Hello this is Maria please call me back."
    assert recording.external_id != transcript.external_id


def test_the_end_of_a_recording_is_only_answered_and_its_file_comes_when_it_is_ready() -> None:
    assert events("recorded", event="recorded") == []
    (ready,) = events("recording", **CALLED)
    (called,) = events("call")
    assert (ready.lane, ready.external_id) == (called.lane, "RE" + "d2" * 16)
