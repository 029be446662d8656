"""What a bounce or a receipt says about a mail of ours.

Delivery status notifications (RFC 3464), disposition notifications (RFC 8098), and the free forms of older servers:
most of them carry the Message-ID of the mail that they speak of somewhere. It is only looked for in the form that ours
have, `<article id>@<one of our domains>`. One that has none, and came to the reply address of a ticket, which is the
return path of our answers, speaks of the newest answer there (an empty `reference`); a notice about any other mail is
an ordinary message. A delay is noted, and no failure.

A mail to several people comes back for each by themselves: the receipt names them, as the fields of a report or of
Exim do, or else the words of the notice.

A notice is hearsay: whoever has a mail of ours can claim that it came back. It changes the state of that one delivery.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from ...normalizer.addresses import normalise_address
from ...normalizer.encoded_words import decode_words
from ...normalizer.envelope import Delivery, DeliveryState
from . import limits
from .bodies import part_text
from .bounce_words import failure_words, says_that_it_waits
from .mime import Part, read_headers

_UUID = rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_STATUS = re.compile(
    r"(?:^|\n)(action|status|diagnostic-code|(?:final|original)-recipient|disposition)[ \t]*:[ \t]*([^\n]{0,500})",
    re.IGNORECASE,
)
# RFC 3464 section 2.3.3
_STATES: dict[str, DeliveryState] = {
    "failed": "failed",
    "delayed": "sent",
    "delivered": "delivered",
    "relayed": "sent",
    "expanded": "sent",
}
_STATUS_PARTS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_WHOM = ("final-recipient", "original-recipient")
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_FIELDS, _MOST = 500, 50  # fields and people of one notice
_READ = 4_000  # characters of a notice
DELAYED = "delayed, and tried again"
_DISPOSITION = "message/disposition-notification"


def read_receipt(mail: Part, raw: bytes, domains: Iterable[str], *, returned: bool) -> Delivery | None:
    """What became of a mail of ours, or None when none is named; `returned`: it came back to a ticket's own address."""
    reference = _our_id(mail, raw, domains)
    if not reference and not returned:
        return None
    told, disposition = _told(mail)
    text = _free_text(mail)
    facts, people = (told[0] if told else {}), _recipients(mail, told, text)
    if disposition:
        detail = facts.get("disposition", "")[:500]
        return Delivery(state=_disposed(facts), reference=reference, detail=detail, recipients=people)
    action = facts.get("action", "").lower() or ("delayed" if says_that_it_waits(text) else "failed")
    words = "; ".join(dict.fromkeys(failure_words(each, text) for each in told or [facts]))[:900]
    detail = f"{DELAYED}{words and ': '}{words}" if action == "delayed" else words
    return Delivery(state=_STATES.get(action, "failed"), reference=reference, detail=detail, recipients=people)


def _told(mail: Part) -> tuple[list[dict[str, str]], bool]:
    """What a report says of each recipient, only of those whom it failed for where there are any; and which kind."""
    groups: list[dict[str, str]] = []
    disposition = False
    for part in mail.leaves():
        if part.content.value in _STATUS_PARTS or part.content.value == _DISPOSITION:
            disposition = disposition or part.content.value == _DISPOSITION
            for name, value in _STATUS.findall(part_text(part))[:_FIELDS]:
                if not groups or name.lower() in groups[-1]:  # RFC 3464 section 2.3: a group for each recipient
                    groups.append({})
                groups[-1][name.lower()] = value.strip()
    failed = [group for group in groups if group.get("action", "").lower() == "failed"]
    return failed or groups[:1], disposition


def _recipients(mail: Part, told: Sequence[Mapping[str, str]], text: str) -> tuple[str, ...]:
    named = [group.get(name, "").rpartition(";")[2] for group in told for name in _WHOM]
    named += mail.headers.get("x-failed-recipients").split(",")
    known = [key for each in named if each.strip() and (key := normalise_address(each.strip()))]
    if not known:
        known = [key for each in _ADDRESS.findall(text) if (key := normalise_address(each))]
    return tuple(dict.fromkeys(known))[:_MOST]


def _free_text(mail: Part) -> str:
    """Subject and beginning of what a notice says to people."""
    said = next((part_text(part) for part in mail.leaves() if part.content.value == "text/plain"), "")
    return f"{decode_words(mail.headers.get('subject')[:400])}\n{said[:_READ]}"


def _disposed(facts: Mapping[str, str]) -> DeliveryState:
    """RFC 8098 section 3.2.6.2: `displayed` was shown to somebody; `deleted` and others only came."""
    shown = facts.get("disposition", "").rpartition(";")[2].partition("/")[0].strip().lower() == "displayed"
    return "read" if shown else "delivered"


def _our_id(mail: Part, raw: bytes, domains: Iterable[str]) -> str:
    names = b"|".join(re.escape(domain.encode()) for domain in domains)
    ours = re.compile(rb"(?<![0-9A-Za-z-])" + _UUID + rb"@(?:" + names + rb")(?![A-Za-z0-9.-])", re.IGNORECASE)
    for text in _places(mail, raw):
        if found := ours.search(text):
            return found[0].decode().lower()
    return ""


def _places(mail: Part, raw: bytes) -> Iterable[bytes]:
    """Where the id may stand, most telling first: the report's own fields, the returned mail, then anywhere."""
    for part in mail.leaves():
        if part.content.value == _DISPOSITION or part.content.value in _STATUS_PARTS:
            yield part.body[: limits.TEXT]
    for part in mail.leaves():
        if part.content.value in {"message/rfc822", "text/rfc822-headers", "message/global"}:
            returned = read_headers(part.body[: limits.HEADER_BLOCK])
            yield returned.get("message-id").encode("utf-8", "replace")
    yield (mail.headers.get("in-reply-to") + mail.headers.get("references")).encode("utf-8", "replace")
    yield raw[: limits.TEXT]
