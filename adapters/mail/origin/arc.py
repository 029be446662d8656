"""ARC: what those who passed a mail on saw of it, and whether it is still what they passed on (RFC 8617).

A chain passes when its sets are complete, every seal is good, and the newest signature fits the mail as it is now.
What the sealers say is worth what they are: whom to trust is decided elsewhere.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ....config.errors import NameServiceUnavailable
from .canonical import canonical_field, unsigned
from .dkim import check_message, doubt_about, signed_names
from .lookup import Lookup, same_name
from .signature import BadSignatureError, check_signature, signature_tags
from .signed_message import SignedField, SignedMessage
from .tag_list import TagListError, number

ArcResult = Literal["none", "pass", "fail", "temperror"]

MOST_SETS = 50  # section 4.2.1
_SEAL, _SIGNATURE, _RESULTS = "arc-seal", "arc-message-signature", "arc-authentication-results"
_INSTANCE = re.compile(rb"[ \t\r\n]*i[ \t\r\n]*=[ \t\r\n]*([1-9][0-9]?)[ \t\r\n]*;", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """One set of a chain that passed: who sealed it, and the field of what they saw, without its instance."""

    domain: str
    results: bytes


@dataclass(frozen=True, kw_only=True)
class ArcVerdict:
    """What a chain came to; its sets are there when it passed, oldest first. A pass with a reason proves nothing."""

    result: ArcResult
    reason: str = ""
    chain: tuple[Sealed, ...] = ()


def newest_sealer(message: SignedMessage) -> str:
    """The domain that the topmost seal names, unchecked; empty when there is none."""
    seals = message.all(_SEAL)
    try:
        return same_name(signature_tags(seals[0].value)["d"]) if seals else ""
    except BadSignatureError:
        return ""


@dataclass(frozen=True)
class _Set:
    results: SignedField
    signature: SignedField
    seal: SignedField


async def check_arc(lookup: Lookup, message: SignedMessage) -> ArcVerdict:
    """The verdict of section 5.2."""
    if not any(message.all(name) for name in (_SEAL, _SIGNATURE, _RESULTS)):
        return ArcVerdict(result="none", reason="nobody sealed it")
    try:
        sets = _sets(message)
        newest = await _check_newest(lookup, message, sets[-1])
        for count in range(len(sets), 0, -1):
            await _check_seal(lookup, sets[:count])
    except NameServiceUnavailable as error:
        return ArcVerdict(result="temperror", reason=error.detail)
    except BadSignatureError as error:
        return ArcVerdict(result="fail", reason=str(error))
    names = signed_names(newest)
    doubt = doubt_about(message, names) or ("" if "from" in names else "the newest signature does not cover From")
    chain = tuple(Sealed(domain=_domain(each), results=_INSTANCE.sub(b"", each.results.value, 1)) for each in sets)
    return ArcVerdict(result="pass", reason=doubt, chain=chain)


def _domain(each: _Set) -> str:
    return same_name(signature_tags(each.seal.value)["d"])


def _sets(message: SignedMessage) -> list[_Set]:
    """The sets by instance; raises BadSignatureError unless there are all from 1 up, each once, and their cv fit."""
    names = (_RESULTS, _SIGNATURE, _SEAL)
    if any(len(message.all(name)) > MOST_SETS for name in names):
        raise BadSignatureError(f"the chain has more than {MOST_SETS} sets")
    found = [_by_instance(message, name) for name in names]
    last = max(len(each) for each in found)
    if any(set(each) != set(range(1, last + 1)) for each in found):
        raise BadSignatureError("the chain has a gap")
    sets = [_Set(*(each[instance] for each in found)) for instance in range(1, last + 1)]
    for index, each in enumerate(sets):
        tags = signature_tags(each.seal.value, "i b cv")
        if tags["cv"] != ("pass" if index else "none") or "h" in tags:
            raise BadSignatureError(f"seal {index + 1} says that the chain was broken before")
        _check_time(tags)
    return sets


def _by_instance(message: SignedMessage, name: str) -> dict[int, SignedField]:
    found: dict[int, SignedField] = {}
    for each in message.all(name):
        instance = _instance(each)
        if instance in found:
            raise BadSignatureError(f"set {instance} has {name} twice")
        found[instance] = each
    return found


def _instance(field: SignedField) -> int:
    if field.name == _RESULTS:
        begin = _INSTANCE.match(field.value)
        instance = int(begin[1]) if begin else None
    else:
        try:
            instance = number(signature_tags(field.value, "i"), "i")
        except TagListError:
            instance = None
    if not instance:
        raise BadSignatureError(f"{field.name} has no instance")
    return instance


async def _check_newest(lookup: Lookup, message: SignedMessage, newest: _Set) -> Mapping[str, str]:
    tags = {"c": "relaxed/relaxed", **signature_tags(newest.signature.value, "i b bh")}
    if "h" not in tags or _SEAL in signed_names(tags):
        raise BadSignatureError("the newest signature covers what it must not, or nothing")
    _check_time(tags)
    await check_message(lookup, message, newest.signature, tags)
    return tags


async def _check_seal(lookup: Lookup, sets: list[_Set]) -> None:
    """Section 5.1.1: a seal covers all sets up to its own, and itself without its value."""
    tags = signature_tags(sets[-1].seal.value, "i b cv")
    fields = [field.raw for each in sets for field in (each.results, each.signature, each.seal)]
    fields[-1] = unsigned(fields[-1])
    content = b"".join(canonical_field(field, relaxed=True) for field in fields).removesuffix(b"\r\n")
    await check_signature(lookup, tags, content)


def _check_time(tags: Mapping[str, str]) -> None:
    try:
        number(tags, "t")
    except TagListError as error:
        raise BadSignatureError(str(error)) from None
