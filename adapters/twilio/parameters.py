"""The parameters of a post of Twilio, and which names of them are believed.

Twilio signs names and values joined without anything between them, so that `Body` = `xA` and `BodyxA` = nothing have
one signature: whoever holds a signed post could move the border. And Twilio adds parameters without notice, so a list
of names alone would one day refuse everything. So a name has to look like one of Twilio's, and one that is not known is
no beginning of a known one, nor a known one that can hold any text with more behind it. What is acted on has to have
its own form besides (events.py), and stands there once.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from urllib.parse import parse_qsl

from ...config.errors import Forged, Unreadable

Parameters = Sequence[tuple[str, str]]

MOST = 500

# Twilio's request to the incoming message and voice webhooks, status, recording and transcription callbacks. Those of
# the first line hold text of anybody's choice.
_FREE = frozenset(
    {
        *("Body", "ProfileName", "ButtonText", "ButtonPayload", "ListTitle", "ListDescription", "Label", "Address"),
        *("ReferralBody", "ReferralHeadline", "ReferralSourceUrl", "TranscriptionText", "CallerName"),
        *("ChannelStatusMessage", "ErrorMessage", "InteractiveData", "ChannelMetadata", "OriginalRepliedMessageSender"),
        "ProfileUsername",
    }
)
_KNOWN = _FREE | {
    *("MessageSid", "SmsSid", "SmsMessageSid", "AccountSid", "MessagingServiceSid", "ApiVersion", "From", "To"),
    *("NumMedia", "NumSegments", "SmsStatus", "MessageStatus", "MessageType", "OptOutType", "WaId", "ListId"),
    *("Latitude", "Longitude", "Forwarded", "FrequentlyForwarded", "OriginalRepliedMessageSid", "ButtonType"),
    *("ReferralNumMedia", "ReferralSourceId", "ReferralSourceType", "ReferralMediaId", "ReferralMediaContentType"),
    *("ReferralMediaUrl", "ReferralCtwaClid", "ErrorCode", "ErrorUrl", "EventType", "RawDlrDoneDate", "ChannelPrefix"),
    *("ChannelInstallSid", "ChannelToAddress", "StructuredMessage", "AddOns", "CallSid", "CallStatus", "Direction"),
    *("ForwardedFrom", "ParentCallSid", "CallToken", "StirVerstat", "StirPassportToken", "StirStatus", "Timestamp"),
    *("CallbackSource", "SequenceNumber", "CallDuration", "Duration", "SipResponseCode", "Digits", "FinishedOnKey"),
    *("RecordingSid", "RecordingUrl", "RecordingStatus", "RecordingDuration", "RecordingChannels", "RecordingSource"),
    *("RecordingStartTime", "RecordingTrack", "EncryptionDetails", "TranscriptionSid", "TranscriptionStatus"),
    *("TranscriptionUrl", "TranscriptionType", "LanguageCode", "url", "Called", "Caller"),
    *("ExternalUserId", "ParentExternalUserId", "ChannelStatusCode"),
    *(f"{who}{what}" for who in ("From", "To", "Called", "Caller") for what in ("City", "State", "Zip", "Country")),
}
_NUMBERED = re.compile(r"(MediaUrl|MediaContentType|ReferralMediaUrl|ReferralMediaContentType)\d{1,2}\Z", re.ASCII)
_NAME = re.compile(r"[A-Z][A-Za-z0-9]{1,63}\Z", re.ASCII)


@lru_cache(maxsize=8)  # of a post it is asked while its signature, what it wants and what it says are looked at
def form_parameters(body: bytes) -> Parameters:
    """The parameters of a form, in their order. Raises Forged for what Twilio does not post."""
    try:
        found = parse_qsl(
            body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST, strict_parsing=bool(body)
        )
    except ValueError as error:
        raise Forged("the body is no form in UTF-8") from error
    return tuple(found)


def demand_names(parameters: Parameters) -> None:
    """Refuse what could be a signed post with its borders moved. Raises Forged."""
    for name, _ in parameters:
        if name not in _KNOWN and not _NUMBERED.match(name) and not _may_be_added(name):
            raise Forged("a parameter has a name that Twilio does not use")


def once(parameters: Parameters) -> Mapping[str, str]:
    """Each parameter by its name. Raises Unreadable when one has two values."""
    found = dict(parameters)
    if any(found[name] != value for name, value in parameters):
        raise Unreadable("a parameter has two values")
    return found


def _may_be_added(name: str) -> bool:
    """Whether it may be one that Twilio has begun to send."""
    if not _NAME.match(name):
        return False
    return not any(known.startswith(name) for known in _KNOWN) and not any(name.startswith(free) for free in _FREE)
