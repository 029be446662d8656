"""What Twilio is told to do with a call: greet, record, say good-bye. TwiML, and pure.

The addresses to which Twilio tells of a recording and its transcript hold who called whom, because those posts do not
say it. Twilio signs the address, so it is as good as the rest. A call is ended when its message is; a caller who hangs
up before has left what was recorded until then, or nothing.
"""

from collections.abc import Mapping
from html import escape
from urllib.parse import urlencode

from ...config.errors import Forged, Unreadable
from ..vendor_post import Post
from .calls import EVENT, FROM, RECORDED, RECORDING, TO, TRANSCRIPT, is_ringing
from .events import fields_of_form
from .voice_settings import VoiceSettings

SILENCE_SECONDS = 6
NOTHING_TO_SAY = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'


def answer(post: Post, voice: VoiceSettings | None, address: str) -> bytes:
    """What Twilio hears to a post that was stored; `address` is where it posts to."""
    if post.query.get(EVENT) == RECORDED:
        return _response("<Hangup/>")
    try:
        fields = fields_of_form(post.body)
    except (Forged, Unreadable):  # it is stored whole, for somebody to look at
        return NOTHING_TO_SAY
    if not is_ringing(fields):
        return NOTHING_TO_SAY
    return (
        _response('<Reject reason="busy"/>')
        if voice is None
        else _response(_greeting(voice) + _record(voice, address, fields))
    )


def _greeting(voice: VoiceSettings) -> str:
    if voice.greeting_file is not None:
        return f"<Play>{escape(voice.greeting_file)}</Play>"
    return f'<Say language="{voice.language}">{escape(voice.greeting or "")}</Say>'


def _record(voice: VoiceSettings, address: str, fields: Mapping[str, str]) -> str:
    ends = {FROM: fields.get("From", ""), TO: fields.get("To", "")}
    told = {
        "maxLength": str(int(voice.longest.total_seconds())),
        "timeout": str(SILENCE_SECONDS),
        "playBeep": "true",
        "trim": "trim-silence",
        "finishOnKey": "#",
        "action": f"{address}?{urlencode({EVENT: RECORDED})}",
        "recordingStatusCallback": f"{address}?{urlencode({EVENT: RECORDING, **ends})}",
        "recordingStatusCallbackEvent": "completed",
    }
    if voice.transcribe:
        told |= {"transcribe": "true", "transcribeCallback": f"{address}?{urlencode({EVENT: TRANSCRIPT, **ends})}"}
    attributes = " ".join(f'{name}="{escape(value)}"' for name, value in told.items())
    return f"<Record {attributes}/>"


def _response(verbs: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{verbs}</Response>'.encode()
