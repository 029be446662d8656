"""What Twilio is told to do with a call: greet, record, say good-bye. TwiML, and pure.

The addresses to which Twilio tells of a recording and its transcript hold who called whom, because those posts do not
say it. Twilio signs the address, so it is as good as the rest. A call is ended when its message is; a caller who hangs
up before has left what was recorded until then, or nothing.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

from twilio.twiml.voice_response import VoiceResponse

from ...config.errors import Forged, Unreadable
from ..vendor_post import Post
from .calls import EVENT, FROM, RECORDED, RECORDING, TO, TRANSCRIPT, is_ringing
from .events import fields_of_form
from .voice_settings import VoiceSettings

SILENCE_SECONDS = 6
NOTHING_TO_SAY = str(VoiceResponse()).encode()


def answer(post: Post, voice: VoiceSettings | None, address: str) -> bytes:
    """What Twilio hears to a post that was stored; `address` is where it posts to."""
    response = VoiceResponse()
    if post.query.get(EVENT) == RECORDED:
        response.hangup()
        return str(response).encode()
    try:
        fields = fields_of_form(post.body)
    except (Forged, Unreadable):  # it is stored whole, for somebody to look at
        return NOTHING_TO_SAY
    if not is_ringing(fields):
        return NOTHING_TO_SAY
    if voice is None:
        response.reject(reason="busy")
    else:
        _greet(response, voice)
        _record(response, voice, address, fields)
    return str(response).encode()


def _greet(response: VoiceResponse, voice: VoiceSettings) -> None:
    if voice.greeting_file is not None:
        response.play(voice.greeting_file)
    else:
        response.say(voice.greeting, language=voice.language)


def _record(response: VoiceResponse, voice: VoiceSettings, address: str, fields: Mapping[str, str]) -> None:
    ends = {FROM: fields.get("From", ""), TO: fields.get("To", "")}
    written = f"{address}?{urlencode({EVENT: TRANSCRIPT, **ends})}"
    response.record(
        max_length=int(voice.longest.total_seconds()),
        timeout=SILENCE_SECONDS,
        play_beep=True,
        trim="trim-silence",
        finish_on_key="#",
        action=f"{address}?{urlencode({EVENT: RECORDED})}",
        recording_status_callback=f"{address}?{urlencode({EVENT: RECORDING, **ends})}",
        recording_status_callback_event="completed",
        transcribe=voice.transcribe or None,
        transcribe_callback=written if voice.transcribe else None,
    )
