"""Calls: each is a message as soon as it comes, to which its recording and its transcript are added.

So a caller who hangs up, whose recording fails, or who was greeted while everything broke, has called all the same, and
one call is one article. It stands in the conversation of the number: an answer goes by SMS. A caller id is a claim
(A0), whatever the network attests of it, which is kept. A caller who shows no number is somebody of their own.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ...config.errors import Unreadable
from ...normalizer.envelope import Attachment, Identity, Language, RawMessage, Sender
from ...normalizer.later_files import later_file
from ...normalizer.safe_names import safe_line, safe_text
from ..vendor_post import Event, filed_as, json_bytes
from .ends import Ends, identity_of
from .settings import CALL, CHANNEL
from .sids import GIVEN, Sids

EVENT, FROM, TO = "event", "from", "to"
RECORDED, RECORDING, TRANSCRIPT = "recorded", "recording", "transcript"
"""What the addresses hold that Twilio gets with a call: which event, who called, whom."""
_RINGING = frozenset({"ringing", "in-progress", "queued"})
# Twilio shows these instead of a number that is withheld ("+266696687" and the like: letters on a keypad).
_WITHHELD = frozenset(
    {"", "anonymous", "restricted", "+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253", "+464"}
)


def is_ringing(fields: Mapping[str, str], sids: Sids = GIVEN) -> bool:
    """Whether somebody calls now."""
    told = fields.get("Direction", "inbound") == "inbound" and fields.get("CallStatus", "") in _RINGING
    return told and sids.is_call(fields.get("CallSid", "")) and "RecordingSid" not in fields


def says_nothing(fields: Mapping[str, str], sids: Sids = GIVEN) -> str:
    """What a post about a call is that brings nothing; empty for one that does. Raises Unreadable."""
    if not sids.is_call(fields["CallSid"]):
        raise Unreadable("not a call of Twilio: its CallSid is none")
    if is_ringing(fields, sids):
        return ""
    if "RecordingSid" not in fields:
        return f"a call is {safe_line(fields.get('CallStatus', ''), 40)}"
    status = fields.get("TranscriptionStatus") or fields.get("RecordingStatus", "completed")
    return "" if status == "completed" else f"the recording of a call is {safe_line(status, 40)}"


def split_call(fields: Mapping[str, str], query: Mapping[str, str], body: bytes) -> Sequence[Event]:
    """The event of a post about a call; what changes nothing is none. Raises Unreadable."""
    if says_nothing(fields):
        return []
    call = fields["CallSid"]
    facts = {name: query[name] for name in (FROM, TO) if name in query}
    lane = f"{facts.get(TO, fields.get('To', ''))} {facts.get(FROM, fields.get('From', ''))}"
    if is_ringing(fields):
        return [Event(call, "message", lane, body, json_bytes([call]))]
    recording = fields.get("RecordingSid", "")
    if query.get(EVENT) == TRANSCRIPT:
        says = json_bytes([recording, fields.get("TranscriptionText", "")])
        return [Event(f"{recording}:{TRANSCRIPT}", "addition", lane, body, says, facts)]
    if query.get(EVENT) == RECORDING:
        return [Event(recording, "addition", lane, body, json_bytes([recording]), facts)]
    return []


def call_facts(raw: RawMessage, fields: Mapping[str, str], sids: Sids = GIVEN) -> dict[str, Any]:
    """What the envelope of a raw message about a call says. Raises KeyError, ValueError."""
    call = fields["CallSid"]
    ends = Ends(
        ours=str(raw.transport.get(TO) or fields.get("To", "")),
        theirs=str(raw.transport.get(FROM) or fields.get("From", "")),
    )
    who = _caller(ends.theirs, call)
    said = {"sender": Sender(identities=(who,), name=safe_line(fields.get("CallerName", ""), 200))}
    if "RecordingSid" in fields:
        return {**said, **_added(raw, fields, call, sids)}
    thread = ends.thread(raw.account) if who.kind != CHANNEL else f"{CHANNEL}:{raw.account}:{call}"
    conversation = ends.conversation if who.kind != CHANNEL else ""
    return {
        **said,
        "external_id": filed_as(raw, call),
        "conversation": (thread,),
        "announces": (thread,),
        "recipients": (identity_of(ends.ours).value,),
        "text": "They called." if conversation else "Somebody called who shows no number.",
        "ext": {"conversation": conversation, "order_scope": thread, "came_as": CALL, **_attested(fields)},
    }


def _added(raw: RawMessage, fields: Mapping[str, str], call: str, sids: Sids) -> dict[str, Any]:
    """More of the message that the call is."""
    if not sids.is_recording(fields["RecordingSid"]):
        raise ValueError("no RecordingSid")
    if "TranscriptionText" in fields:
        told = safe_text(fields["TranscriptionText"]).strip()
        more: dict[str, Any] = {
            "text": f"As Twilio understood it: {told}" if told else "Twilio understood nothing of it."
        }
    else:
        seconds = int(fields.get("RecordingDuration") or 0)
        more = {"text": f"They left a message of {seconds} seconds.", "attachments": (_recording(fields),)}
    return {"kind": "addition", "amends": call, "external_id": raw.external_id, "language": Language(), **more}


def _recording(fields: Mapping[str, str]) -> Attachment:
    """Twilio gives it as MP3 by that ending, a tenth of the size."""
    address = fields["RecordingUrl"]
    return later_file(f"{address}.mp3" if address else "", kind="voicemail", media_type="audio/mpeg")


def _caller(number: str, call: str) -> Identity:
    if number.strip().lower() in _WITHHELD or not number.startswith("+"):
        return Identity(kind=CHANNEL, value=call, evidence="a call without a number")
    return identity_of(number)


def _attested(fields: Mapping[str, str]) -> dict[str, str]:
    """What the network says of the caller id (STIR/SHAKEN)."""
    return {name: safe_line(fields[name], 100) for name in ("StirVerstat", "ForwardedFrom") if fields.get(name)}
