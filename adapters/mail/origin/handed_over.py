"""What a trusted peer says about a mail that it hands over.

With authserv-ids named, only fields of Authentication-Results by those count, and without any the peer has said
nothing. With none named, a trusted peer vouches for what it hands over, unless some field in it says `dmarc=fail`: then
it proves nothing. Servers of one's own must take fields in their name off what comes from outside (RFC 8601 section 5).

What a mail brings along may also bear the name of such a server. So good words count only at the top, where the server
that hands over writes: above the second Received. A bad word counts wherever it stands. The provider of a mailbox
passes a mail on among its own servers, each with a Received, after it has checked it: of a mail out of a mailbox only
the topmost field counts, and only by the one name that the provider writes under.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from ....normalizer.envelope import OriginCheck
from .authentication_results import AuthenticationResults, MethodResult, read_results
from .organisation import aligned
from .signed_message import SignedMessage

_FAILED = b"dmarc=fail"  # counts even in a field that cannot be read
_SHOWN = ("spf", "dkim", "dmarc", "arc")


@dataclass(frozen=True, kw_only=True)
class HandedOver:
    """What the peer's word comes to: pass, fail, or none where it tells neither."""

    result: str
    evidence: str
    checks: tuple[OriginCheck, ...] = ()


def handed_over(
    message: SignedMessage, author: str, authserv_ids: Collection[str], *, mailbox: bool = False
) -> HandedOver | None:
    """The word of a trusted peer about the domain of From; None when it has said nothing.

    `mailbox`: the mail was read out of a mailbox, whose provider writes under the one name that is given.
    """
    values = [field.value for field in message.all("authentication-results")]
    read = [read_results(value) for value in values]
    if any(
        each is None and _FAILED in b"".join(value.lower().split()) for each, value in zip(read, values, strict=True)
    ):
        return _failed(author, AuthenticationResults(authserv_id=""))
    top = 1 if mailbox else _at_top(message)
    believed = [
        (index < top, each)
        for index, each in enumerate(read)
        if each is not None and (not authserv_ids or each.authserv_id in authserv_ids)
    ]
    for _, each in believed:
        if any(result.result == "fail" for result in each.of("dmarc")):
            return _failed(author, each)
    if not authserv_ids:
        return _vouched()
    fields = [each for above, each in believed if above]
    if not fields:
        return None
    for each in fields:
        if proof := proof_in(each, author):
            return HandedOver(result="pass", evidence=f"{_name(each)} says {proof}", checks=_checks(fields))
    evidence = f"{_name(fields[0])} has found nothing that {author} vouches for"
    return HandedOver(result="none", evidence=evidence, checks=_checks(fields))


def _at_top(message: SignedMessage) -> int:
    """How many of the fields stand above the second Received."""
    names = [field.name for field in message.fields]
    received = [index for index, name in enumerate(names) if name == "received"]
    return names[: received[1] if len(received) > 1 else None].count("authentication-results")


def proof_in(field: AuthenticationResults, author: str) -> str:
    """What in the results of one server proves the domain of From; empty when nothing does."""
    for dmarc in field.of("dmarc"):
        if dmarc.result == "pass" and dmarc.domain("header.from") == author:
            return f"dmarc=pass for {author}"
    for dkim in field.of("dkim"):
        domain = dkim.domain("header.d", "header.i")
        if dkim.result == "pass" and aligned(domain, author):
            return f"dkim=pass for {domain}"
    for spf in field.of("spf"):
        domain = spf.domain("smtp.mailfrom")
        if spf.result == "pass" and aligned(domain, author):
            return f"spf=pass for {domain}"
    return ""


def _name(field: AuthenticationResults) -> str:
    return field.authserv_id or "the provider of the mailbox"


def _vouched() -> HandedOver:
    check = OriginCheck(method="peer", result="pass", detail="one of the trusted peers")
    return HandedOver(result="pass", evidence="handed over by a trusted peer", checks=(check,))


def _failed(author: str, by: AuthenticationResults) -> HandedOver:
    who = by.authserv_id or "a trusted peer"
    return HandedOver(result="fail", evidence=f"{who} says dmarc=fail for {author}", checks=_checks([by]))


def _checks(fields: Iterable[AuthenticationResults]) -> tuple[OriginCheck, ...]:
    found = [(each.authserv_id, result) for each in fields for result in each.results if result.method in _SHOWN]
    return tuple(
        OriginCheck(method=result.method, result=result.result[:20], domain=_domain(result)[:253], by=by[:253])
        for by, result in found[:20]
    )


def _domain(result: MethodResult) -> str:
    return result.domain("header.from", "header.d", "header.i", "smtp.mailfrom")
