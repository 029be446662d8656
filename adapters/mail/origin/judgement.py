"""From the verdicts on a mail to what they prove: pure.

Strongest first: the word of a trusted peer, then what the domain of From vouches for itself (aligned DKIM or SPF, with
a DMARC policy or without), then what a configured forwarder saw before it passed the mail on. When none of these says
yes, a question that got no answer leaves it open, and only then is it a no.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ....normalizer.envelope import OriginCheck, OriginProof
from .arc import ArcVerdict, Sealed
from .authentication_results import read_results
from .dkim import DkimVerdict
from .dmarc import DmarcVerdict
from .handed_over import HandedOver, proof_in
from .spf import SpfVerdict

State = Literal["proven", "unproven", "failed", "pending"]

_ENFORCED = ("quarantine", "reject")


@dataclass(frozen=True, kw_only=True)
class Verdicts:
    """All that was found out about one mail; what was not asked is None or empty."""

    author: str
    """The domain of From."""
    handed: HandedOver | None = None
    spf: SpfVerdict | None = None
    signatures: Sequence[DkimVerdict] = ()
    others: Sequence[str] = ()
    """Domains that signed and have nothing to do with From."""
    dmarc: DmarcVerdict | None = None
    arc: ArcVerdict | None = None


def judge(verdicts: Verdicts, forwarders: Collection[str]) -> OriginProof:
    """What the verdicts prove about From, and why."""
    state, evidence = _told(verdicts.handed) or _found(verdicts, forwarders) or _refused(verdicts)
    return OriginProof(state=state, evidence=evidence, checks=tuple(_checks(verdicts)))


def _told(handed: HandedOver | None) -> tuple[State, str] | None:
    if handed is None or handed.result == "none":
        return None
    return ("proven" if handed.result == "pass" else "failed"), handed.evidence


def _found(verdicts: Verdicts, forwarders: Collection[str]) -> tuple[State, str] | None:
    dmarc, arc = verdicts.dmarc, verdicts.arc
    if dmarc is not None and dmarc.vouched:
        return "proven", dmarc.vouched
    if arc is not None and (seen := forwarded(arc, verdicts.author, forwarders)):
        return "proven", seen
    if dmarc is not None and dmarc.undecided:
        return "pending", dmarc.reason
    return ("pending", arc.reason) if arc is not None and arc.result == "temperror" else None


def _refused(verdicts: Verdicts) -> tuple[State, str]:
    dmarc, handed = verdicts.dmarc, verdicts.handed
    if dmarc is not None and dmarc.result == "fail" and dmarc.policy in _ENFORCED:
        return "failed", f"{_why_not(verdicts)}, and {verdicts.author} asks to {dmarc.policy} such mail"
    return "unproven", handed.evidence if handed is not None else _why_not(verdicts)


def forwarded(arc: ArcVerdict, author: str, forwarders: Collection[str]) -> str:
    """What a configured forwarder saw, when nobody but configured forwarders had the mail since; else empty."""
    if arc.result != "pass" or arc.reason:
        return ""
    for sealed in reversed(arc.chain):
        if not is_forwarder(sealed.domain, forwarders):
            return ""
        if proof := _seen(sealed, author):
            return f"forwarded by {sealed.domain}, which saw {proof}"
    return ""


def is_forwarder(domain: str, forwarders: Collection[str]) -> bool:
    """Whether a domain is one of the configured forwarders, or below one."""
    return any(domain == each or domain.endswith(f".{each}") for each in forwarders)


def _seen(sealed: Sealed, author: str) -> str:
    results = read_results(sealed.results)
    if results is None or any(each.result == "fail" for each in results.of("dmarc")):
        return ""
    return proof_in(results, author)


def _why_not(verdicts: Verdicts) -> str:
    for signature in verdicts.signatures:
        if signature.reason:
            return f"the signature of {signature.domain} proves nothing: {signature.reason}"
    if verdicts.spf is not None and verdicts.spf.anybody:
        return f"{verdicts.spf.domain} lets everybody send in its name"
    if verdicts.others:
        return f"signed only by {', '.join(verdicts.others[:3])}, not by {verdicts.author}"
    return f"nothing on it shows that {verdicts.author} sent it"


def _checks(verdicts: Verdicts) -> Iterator[OriginCheck]:
    if verdicts.handed is not None:
        yield from verdicts.handed.checks
    spf, dmarc, arc = verdicts.spf, verdicts.dmarc, verdicts.arc
    if spf is not None:
        yield OriginCheck(method="spf", result=spf.result, domain=spf.domain[:253], detail=spf.reason[:200])
    for signature in verdicts.signatures:
        yield OriginCheck(
            method="dkim", result=signature.result, domain=signature.domain, detail=signature.reason[:200]
        )
    for other in verdicts.others:
        yield OriginCheck(method="dkim", result="none", domain=other, detail="not the domain of From, so not checked")
    if dmarc is not None:
        detail = dmarc.vouched or dmarc.reason
        policy = f"; policy {dmarc.policy}" if dmarc.policy else ""
        yield OriginCheck(method="dmarc", result=dmarc.result, domain=dmarc.domain, detail=f"{detail}{policy}"[:200])
    if arc is not None:
        sealers = ", ".join(each.domain for each in arc.chain[-3:])
        yield OriginCheck(method="arc", result=arc.result, domain=sealers, detail=arc.reason[:200])
