"""A mail from a mailbox's folder of sent mails: what somebody of ours wrote by hand, in a mail program. Pure.

It is an answer of ours that was written elsewhere (router/echoes.py), known by its Message-ID: it joins the ticket
whose mail it answers, and is passed over where there is none. It says to whom it went, open and hidden: what is passed
on to somebody else answers nobody who waits. Copies of what left from here are nothing: their articles
are in their tickets already. The folder is ours alone, so what a mail says of its origin is not asked for.
"""

import re

from ...normalizer.addresses import normalise_address, parse_addresses
from ...normalizer.envelope import Sender
from ...normalizer.outgoing import Parsed
from . import limits
from .loops import HEADER
from .mime import Headers

_MARK = re.compile(rb"^" + HEADER.encode() + rb"[ \t]*:", re.IGNORECASE | re.MULTILINE)

_ADDRESSED = ("to", "cc", "bcc")
_READ = 10  # of fields with the same name

SENT_FOLDER = "sent_folder"
"""The transport fact that a mail lay there."""


def left_here(header: bytes) -> bool:
    """Whether a mail with these headers left from a gateway, and was not written by hand."""
    return _MARK.search(header) is not None


def as_answer(
    parsed: Parsed, headers: Headers, *, account: str, message_id: str, from_us: bool, from_here: bool
) -> Parsed:
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
        "written_to": _written_to(headers),
        **dict.fromkeys(("reply_token", "delivery", "spam")),
        "suspend": "",
    }
    return Parsed(envelopes=(envelope.model_copy(update=ours),), files=parsed.files)


def _written_to(headers: Headers) -> tuple[str, ...]:
    """Everybody whom it was written to, machines and addresses of ours too."""
    fields = [value for name in _ADDRESSED for value in headers.all(name)[:_READ]]
    found = (normalise_address(box.address) for value in fields for box in parse_addresses(value))
    return tuple(dict.fromkeys(filter(None, found)))[: limits.ADDRESSES]
