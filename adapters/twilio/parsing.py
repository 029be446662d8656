"""From what Twilio posted to an envelope: a message, a call, or what became of one of ours. Pure.

A conversation is one of our senders and one customer, on SMS, RCS or WhatsApp. Twilio tells no time of a message, so
they are in the order in which they came; what was found later in a list of Twilio has its time from there.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from ...config.errors import Forged, Unreadable
from ...normalizer.envelope import Delivery, DeliveryState, Envelope, RawMessage, Sender, envelope_id, raw_from_file
from ...normalizer.language import detect
from ...normalizer.outgoing import Parsed
from ...normalizer.safe_names import safe_line
from ..vendor_post import filed_as, what_is_wrong
from .calls import call_facts, says_nothing
from .contents import files_of, own_words, text_of
from .ends import Ends, identities_of, identity_of, threads_of
from .error_words import words_of
from .events import ARTICLE, BAD, PART, RECEIVED, fields_of, status_of
from .recordings import form_of
from .settings import CHANNEL, NOBODY, TwilioSettings
from .sids import CROSSED_OUT, GIVEN, Sids, message_sid

WINDOW_MS = 24 * 3_600_000
"""How long after their last message somebody may be answered freely on WhatsApp (Meta, "Customer service windows")."""
SENT_AT = "sent_at"
"""In the facts of what was found in a list of Twilio: when it was sent, or a call began, in milliseconds."""
_STATES: Mapping[str, DeliveryState] = {
    "sent": "sent",
    "partially_delivered": "sent",
    "delivered": "delivered",
    "read": "read",
    **dict.fromkeys(BAD, "failed"),
}


def read(raw: RawMessage, sid: str = "", sids: Sids = GIVEN) -> Parsed:
    """The envelope of a raw message; of the account `sid`, where it is known. Raises Unreadable.

    What was signed with our token and is of another account is set aside: Twilio posts nothing twice, so refusing it
    would lose it, and answers to it would leave from an account that the customer never wrote to.
    """
    try:
        fields = fields_of(raw)
        if sid and fields.get("AccountSid", sid) != sid:
            raise Unreadable(_foreign(fields["AccountSid"], raw.account, sid))
        if not (message := message_sid(fields)) and "CallSid" in fields:
            return _call(raw, fields, sids)
        if not sids.is_message(message):
            raise ValueError("no MessageSid")
        status = status_of(fields)
        if status in RECEIVED:
            return Parsed(envelopes=(_message(raw, fields),))
        if status not in _STATES:
            return Parsed(nothing=f"a message of ours is {safe_line(status, 40)}")
        return Parsed(envelopes=(_receipt(raw, fields, status),))
    except Unreadable:
        raise
    except (Forged, KeyError, TypeError, ValueError) as error:
        raise Unreadable(f"not a post of Twilio that is known here: {what_is_wrong(error)}") from error


def read_file(content: bytes, settings: TwilioSettings, account: str = "") -> Parsed:
    """A recorded form: of the account whose it is, or the first; another one is remarked upon. Raises Unreadable."""
    raw = raw_from_file(form_of(content), CHANNEL, account=account)
    raw = raw if account else raw.model_copy(update={"account": _account_of(raw, settings)})
    parsed, known = read(raw, sids=CROSSED_OUT), settings.root.get(raw.account)
    given = fields_of(raw).get("AccountSid", "")
    if known is None or known.sid in (given, NOBODY) or not given:
        return parsed
    remark = f"posted to {raw.account} it would be set aside: {_foreign(given, raw.account, known.sid)}"
    return parsed.model_copy(update={"remark": remark})


def _account_of(raw: RawMessage, settings: TwilioSettings) -> str:
    given = ""
    with suppress(Unreadable, Forged):
        given = fields_of(raw).get("AccountSid", "")
    theirs = (name for name, each in settings.root.items() if each.sid == given)
    return next(theirs, next(iter(settings.root), ""))


def _foreign(given: str, account: str, sid: str) -> str:
    theirs = safe_line(given, 40)
    return f"it is of the Twilio account {theirs}, and channels.{CHANNEL}.{account} is {sid}; correct sid and retry"


def _call(raw: RawMessage, fields: Mapping[str, str], sids: Sids) -> Parsed:
    if nothing := says_nothing(fields, sids):
        return Parsed(nothing=nothing)
    began = raw.transport.get(SENT_AT)
    at = int(began if began is not None else raw.received_at)
    return Parsed(envelopes=(Envelope(**_common(raw, at), **call_facts(raw, fields, sids), sent_at=began),))


def _message(raw: RawMessage, fields: Mapping[str, str]) -> Envelope:
    ends = Ends(ours=fields.get("To") or fields["MessagingServiceSid"], theirs=fields["From"])
    threads = threads_of(raw.account, ends, fields)
    sent_at = raw.transport.get(SENT_AT)
    at = int(sent_at if sent_at is not None else raw.received_at)
    return Envelope(
        **_common(raw, at),
        external_id=filed_as(raw, message_sid(fields)),
        conversation=threads,
        announces=threads,
        sender=Sender(identities=identities_of(ends.theirs, fields), name=_name(fields)),
        recipients=(identity_of(ends.ours).value,),
        text=text_of(fields),
        language=detect(own_words(fields)),
        attachments=files_of(fields),
        in_reply_to=fields.get("OriginalRepliedMessageSid", ""),
        sent_at=sent_at,
        reply_by=at + WINDOW_MS if ends.is_whatsapp else None,
        ext={"conversation": ends.conversation, "order_scope": ends.conversation, **_extra(fields)},
    )


def _name(fields: Mapping[str, str]) -> str:
    return safe_line(fields.get("ProfileName") or fields.get("ProfileUsername", ""), 200)


def _receipt(raw: RawMessage, fields: Mapping[str, str], status: str) -> Envelope:
    """Of an article, which the address of the receipt names, so that it may come before the answer to our request."""
    article, part = str(raw.transport.get(ARTICLE) or ""), str(raw.transport.get(PART) or "")
    detail = words_of(fields.get("ErrorCode", "")) if status in BAD else f"Twilio: {status}"
    if fields.get("ChannelStatusMessage") and status in BAD:
        detail = f"{detail} ({safe_line(fields['ChannelStatusMessage'], 200)})"
    return Envelope(
        **_common(raw, raw.received_at),
        kind="delivery",
        external_id=raw.external_id,
        sender=Sender(identities=()),
        delivery=Delivery(
            state=_STATES[status],
            reference=article or message_sid(fields),
            detail=detail,
            part=int(part) if part.isascii() and part.isdigit() else 0,
            last=bool(article) and not part,
        ),
    )


def _common(raw: RawMessage, at: int) -> dict[str, Any]:
    return {
        "id": envelope_id(raw.id, 0),
        "raw_id": raw.id,
        "received_at": raw.received_at,
        "channel": raw.channel,
        "account": raw.account,
        "order": f"{at:015d}:{raw.sequence:020d}",
    }


def _extra(fields: Mapping[str, str]) -> dict[str, str]:
    """What only Twilio has."""
    wanted = ("OptOutType", "ButtonPayload", "ListId", "ReferralSourceId", "ReferralSourceType", "ReferralCtwaClid")
    return {name: safe_line(fields[name], 500) for name in wanted if fields.get(name)}
