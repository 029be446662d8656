"""How a writer stands with us when it is about writing to them unasked: proven, seen, unproven, or not at all.

    proven     the message is theirs, as well as their channel can tell
    seen       nothing proves this one; but somebody who reads what is sent to the address has answered with a reply
               token of ours before, in a mail for which its domain had nothing to say either
    unproven   nothing proves it, and its domain, which was asked, does not disown it
    none       its domain disowns it, could not be asked, or was not; or it is a claim made elsewhere than in From

`seen` is remembered with the identity. It says where an acknowledgement is welcome and nothing more: who wrote is as
unproven as before, so it joins no ticket and changes no record. A domain that vouches for one mail of the address ends
it: what comes without its word afterwards is less than it can do.
"""

from collections.abc import Mapping
from typing import Literal

from ..normalizer.envelope import Assurance, Envelope
from .records import Customer

Standing = Literal["proven", "seen", "unproven", "none"]


def standing(envelope: Envelope, *, seen: bool, proven_from: Assurance) -> Standing:
    """The standing of whoever wrote this; `proven_from` is a fact of the channel."""
    identities = envelope.sender.identities
    if identities and identities[0].assurance >= proven_from:
        return "proven"
    if not identities or not is_left_open(envelope):
        return "none"
    return "seen" if seen else "unproven"


def is_left_open(envelope: Envelope) -> bool:
    """The domain of the writer was asked, and neither vouches for the message nor disowns it."""
    origin = envelope.origin
    asked = origin.checks if origin is not None and origin.state == "unproven" else ()
    return any(check.method == "dmarc" and check.result in ("none", "fail") for check in asked)


def is_seen(envelope: Envelope, owners: Mapping[str, str], records: Mapping[str, Customer]) -> bool:
    """Whether their address is remembered as one from which a reply token of ours came back."""
    key = envelope.sender.identities[0].key if envelope.sender.identities else ""
    record = records.get(owners.get(key, ""))
    return record is not None and any(known.key == key and known.seen for known in record.identities)


def sees(envelope: Envelope) -> bool | None:
    """Whether this message makes its address a seen one; False where it ends that; None when it says nothing of it."""
    if envelope.origin is not None and envelope.origin.state == "proven":
        return False
    token = envelope.reply_token
    returned = token is not None and token.from_bound_address
    proven = bool(envelope.sender.identities) and envelope.sender.identities[0].assurance >= Assurance.ORIGIN
    return True if returned and proven and is_left_open(envelope) else None
