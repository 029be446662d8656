"""What Twilio is told to do with a call."""

from urllib.parse import parse_qs, urlencode, urlsplit
from xml.etree import ElementTree

import pytest
from multidict import CIMultiDict, CIMultiDictProxy, MultiDict
from pydantic import ValidationError

from trunkline.adapters.twilio.voice import NOTHING_TO_SAY, answer
from trunkline.adapters.twilio.voice_settings import VoiceSettings
from trunkline.adapters.vendor_post import Post

ADDRESS = "https://desk.example/v1/twilio/support"
CALL = {"CallSid": "CA" + "c1" * 16, "CallStatus": "ringing", "From": "+4917612345678", "To": "+4930901820"}


def told(fields: dict[str, str], voice: VoiceSettings | None, **query: str) -> ElementTree.Element:
    nothing = CIMultiDictProxy(CIMultiDict[str]())
    post = Post("support", "POST", "/v1/twilio/support", MultiDict(query), nothing, urlencode(fields).encode())
    return ElementTree.fromstring(answer(post, voice, ADDRESS))


def voice(**given: object) -> VoiceSettings:
    return VoiceSettings.model_validate({"greeting": "Hello"} | given)


def test_a_caller_is_greeted_and_recorded() -> None:
    greeting = 'Guten Tag! <b>Ihr Anruf</b> wird aufgezeichnet & "gespeichert".'
    say, record = told(CALL, voice(greeting=greeting, language="de-DE", longest="90s"))
    assert (say.tag, say.text, say.attrib) == ("Say", greeting, {"language": "de-DE"})
    assert record.tag == "Record"
    assert record.attrib["maxLength"] == "90"
    assert record.attrib["action"] == f"{ADDRESS}?event=recorded"
    ready = urlsplit(record.attrib["recordingStatusCallback"])
    assert parse_qs(ready.query) == {"event": ["recording"], "from": [CALL["From"]], "to": [CALL["To"]]}
    assert "transcribe" not in record.attrib


def test_a_recording_is_played_and_what_is_said_is_written_down_where_that_is_set() -> None:
    there = "https://desk.example/greeting.mp3"
    play, record = told(CALL, VoiceSettings.model_validate({"greeting_file": there, "transcribe": True}))
    assert (play.tag, play.text, record.attrib["transcribe"]) == ("Play", there, "true")
    assert "event=transcript" in record.attrib["transcribeCallback"]


def test_without_a_voicemail_a_call_is_not_answered() -> None:
    (reject,) = told(CALL, None)
    assert (reject.tag, reject.attrib) == ("Reject", {"reason": "busy"})


def test_the_call_ends_with_its_message() -> None:
    (hangup,) = told({**CALL, "CallStatus": "completed", "RecordingSid": "RE1"}, voice(), event="recorded")
    assert hangup.tag == "Hangup"


@pytest.mark.parametrize(
    "fields",
    [
        {**CALL, "CallStatus": "completed"},
        {**CALL, "Direction": "outbound-api"},
        {"MessageSid": "SM" + "1" * 32, "Body": "Hello"},
        {"CallSid": "CA1", "CallStatus": "ringing"},
    ],
)
def test_to_anything_else_there_is_nothing_to_say(fields: dict[str, str]) -> None:
    nothing = CIMultiDictProxy(CIMultiDict[str]())
    post = Post("support", "POST", "/v1/twilio/support", nothing, nothing, urlencode(fields).encode())
    assert answer(post, voice(), ADDRESS) == NOTHING_TO_SAY


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"greeting": "Hello", "greeting_file": "https://desk.example/a.mp3"},
        {"greeting": " "},
        {"greeting": "Hello", "language": "english"},
        {"greeting": "Hello", "longest": "2h"},
        {"greeting_file": "http://desk.example/a.mp3"},
    ],
)
def test_what_no_caller_could_hear_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=r"expected|greeting"):
        VoiceSettings.model_validate(given)
