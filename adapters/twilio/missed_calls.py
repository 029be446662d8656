"""Calls and voicemails that never came, from Twilio's list of calls, as if they had been posted.

A call that nobody told of has rung while the gateway was away: Twilio had nothing to say to it but the fallback. What
was left all the same (a recording by another address) is added as it would have been. Transcripts are not looked for.
"""

from collections.abc import AsyncIterator, Container, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from ..vendor_post import Event
from .calls import EVENT, FROM, RECORDING, TO, split_call
from .message_api import MessageApi, began_at
from .parsing import SENT_AT
from .sids import GIVEN

_ENDED = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})


async def missed_calls(
    api: MessageApi, sid: str, ours: str, since: int, until: int, *, known: Container[str] = ()
) -> AsyncIterator[tuple[str, bool, Sequence[Event]]]:
    """Of each call to `ours` between these moments: its id, whether it has ended, and what would have been posted.

    Those that are known are passed over. Raises as `MessageApi.calls`.
    """
    async for call in api.calls(since, to=ours):
        name, ended = str(call.get("sid")), call.get("status") in _ENDED
        if call.get("direction") != "inbound" or began_at(call) > until or name in known or not GIVEN.is_call(name):
            continue
        recordings = await api.recordings_of(name) if ended else ()
        added = [each for told in recordings for each in _recording(api, call, told, sid)]
        yield name, ended, [*_call(call, sid), *added]


def _call(call: Mapping[str, Any], sid: str) -> Sequence[Event]:
    ends = {"From": str(call.get("from") or ""), "To": str(call.get("to") or "")}
    about = {"CallSid": str(call.get("sid")), "AccountSid": sid, "CallStatus": "ringing", "Direction": "inbound"}
    fields = {**about, **ends, "CallerName": str(call.get("caller_name") or "")}
    events = split_call(fields, {}, urlencode(fields).encode())
    return [replace(event, facts={**event.facts, SENT_AT: began_at(call)}) for event in events]


def _recording(api: MessageApi, call: Mapping[str, Any], told: Mapping[str, Any], sid: str) -> Sequence[Event]:
    name = str(told.get("sid"))
    fields = {
        "AccountSid": sid,
        "CallSid": str(call.get("sid")),
        "RecordingSid": name,
        "RecordingUrl": api.recording_at(name),
        "RecordingStatus": str(told.get("status") or ""),
        "RecordingDuration": str(told.get("duration") or "0"),
    }
    query = {EVENT: RECORDING, FROM: str(call.get("from") or ""), TO: str(call.get("to") or "")}
    return split_call(fields, query, urlencode(fields).encode())
