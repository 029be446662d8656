"""DKIM: did this domain sign this mail (RFC 6376, 8301, 8463).

Stricter than the standard where a signature would otherwise vouch for what its signer never saw: a signature over only
the beginning of the body (`l=`), one by a key that is being tested (`t=y`), and a mail in which a header that should be
single stands twice, come to `policy`: good, and no proof. A mail's own words about when it was signed bind only it: an
expired signature fails.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ....config.errors import NameServiceUnavailable
from .canonical import canonical_field, unsigned
from .lookup import Lookup, same_name
from .signature import BadSignatureError, body_hash, check_signature, signature_tags
from .signed_message import SignedField, SignedMessage
from .tag_list import TagListError, number, without_blanks

DkimResult = Literal["pass", "fail", "policy", "temperror", "permerror"]

_CANONICAL = re.compile(r"(simple|relaxed)(?:/(simple|relaxed))?")
# RFC 5322 section 3.6: of these there is at most one, and a second one that nobody signed could say something else.
_SINGLE = ("from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references")
_SINGLE_OF_BODIES = ("content-type", "content-transfer-encoding")


@dataclass(frozen=True, kw_only=True)
class DkimVerdict:
    """What one signature came to, and why."""

    result: DkimResult
    domain: str
    reason: str = ""


def signing_domain(field: SignedField) -> str:
    """The domain that a signature names, empty when it cannot be read."""
    try:
        return same_name(signature_tags(field.value)["d"])
    except BadSignatureError:
        return ""


async def check_dkim(lookup: Lookup, message: SignedMessage, field: SignedField, now: float) -> DkimVerdict:
    """The verdict on one signature of the mail; `now` in seconds since 1970."""
    domain = signing_domain(field)
    try:
        tags = _readable(field, now)
        if "l" in tags:
            return DkimVerdict(result="policy", domain=domain, reason="it covers only the beginning of the body")
        record = await check_message(lookup, message, field, tags)
    except NameServiceUnavailable as error:
        return DkimVerdict(result="temperror", domain=domain, reason=error.detail)
    except BadSignatureError as error:
        return DkimVerdict(result="permerror" if error.broken else "fail", domain=domain, reason=str(error))
    testing = "y" in without_blanks(record.get("t", "")).split(":")
    doubt = "the domain is only testing its key" if testing else doubt_about(message, signed_names(tags))
    return DkimVerdict(result="policy" if doubt else "pass", domain=domain, reason=doubt)


def _readable(field: SignedField, now: float) -> Mapping[str, str]:
    tags = signature_tags(field.value, "v b bh h")
    if tags["v"] != "1":
        raise BadSignatureError("it is of another version", broken=True)
    if "from" not in signed_names(tags):
        raise BadSignatureError("it does not cover From", broken=True)
    _check_identity(tags)
    _check_times(tags, now)
    return tags


async def check_message(
    lookup: Lookup, message: SignedMessage, field: SignedField, tags: Mapping[str, str]
) -> Mapping[str, str]:
    """Checks the hash of the body and the signature over the headers; gives the key's tags."""
    header_relaxed, body_relaxed = _relaxed(tags)
    if await message.body_digest(relaxed=body_relaxed) != body_hash(tags):
        raise BadSignatureError("the body was changed after it was signed")
    own = canonical_field(unsigned(field.raw), relaxed=header_relaxed).removesuffix(b"\r\n")
    content = message.headers(signed_names(tags), relaxed=header_relaxed) + own
    return await check_signature(lookup, tags, content)


def signed_names(tags: Mapping[str, str]) -> list[str]:
    """The names of `h=`."""
    return [name for name in without_blanks(tags["h"]).lower().split(":") if name]


def doubt_about(message: SignedMessage, names: Sequence[str]) -> str:
    """Why a good signature over these headers proves nothing, empty when it does."""
    for name in (*_SINGLE, *_SINGLE_OF_BODIES):
        if len(message.all(name)) > max(1, names.count(name) if name != "from" else 1):
            return f"{name} stands there twice"
    return ""


def _check_identity(tags: Mapping[str, str]) -> None:
    _, at, identity = tags.get("i", "").rpartition("@")
    if at and not f".{same_name(identity)}".endswith(f".{same_name(tags['d'])}"):
        raise BadSignatureError("it is in the name of another domain", broken=True)


def _check_times(tags: Mapping[str, str], now: float) -> None:
    signed, expires = _number(tags, "t"), _number(tags, "x")
    if expires is not None and (expires < now or (signed is not None and expires < signed)):
        raise BadSignatureError("it has expired")


def _number(tags: Mapping[str, str], tag: str) -> int | None:
    try:
        return number(tags, tag)
    except TagListError as error:
        raise BadSignatureError(str(error), broken=True) from None


def _relaxed(tags: Mapping[str, str]) -> tuple[bool, bool]:
    ways = _CANONICAL.fullmatch(tags.get("c", "simple/simple"))
    if ways is None:
        raise BadSignatureError("c= is not known", broken=True)
    return ways[1] == "relaxed", ways[2] == "relaxed"
