"""A mail from a mailbox's folder of sent mails: what somebody of ours wrote by hand, in a mail program. Pure.

It is an answer of ours that was written elsewhere (router/echoes.py), known by its Message-ID: it joins the ticket
whose mail it answers, and is passed over where there is none. Copies of what left from here are nothing: their articles
are in their tickets already. The folder is ours alone, so what a mail says of its origin is not asked for.
"""

import re

from ...normalizer.envelope import Sender
from ...normalizer.outgoing import Parsed
from .loops import HEADER

_MARK = re.compile(rb"^" + HEADER.encode() + rb"[ \t]*:", re.IGNORECASE | re.MULTILINE)

SENT_FOLDER = "sent_folder"
"""The transport fact that a mail lay there."""


def left_here(header: bytes) -> bool:
    """Whether a mail with these headers left from a gateway, and was not written by hand."""
    return _MARK.search(header) is not None


def as_answer(parsed: Parsed, *, account: str, message_id: str, from_us: bool, from_here: bool) -> Parsed:
    """The one envelope of such a mail of this mailbox, from an address of ours or not, or sent by this gateway."""
    if from_here:
        return Parsed(nothing="a copy of an answer that left from here")
    if not from_us:
        return Parsed(nothing="a mail in the folder of sent mails that is not from an address of ours")
    (envelope,) = parsed.envelopes
    ours = {
        "direction": "out",
        "kind": "message",
        "account": account,
        "external_id": message_id or envelope.external_id,
        "sender": Sender(identities=(), name=envelope.sender.name),
        "reply_to": "",
        **dict.fromkeys(("reply_token", "delivery", "spam")),
        "suspend": "",
    }
    return Parsed(envelopes=(envelope.model_copy(update=ours),), files=parsed.files)
