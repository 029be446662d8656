"""DMARC: is one of the domains that vouch for a mail the one that From names (RFC 9989, which replaced RFC 7489).

The policy is that of the author's domain, else that of its organisation. What it asks receivers to do with a mail that
fails is not followed here (nothing is refused), only told. Where a domain has no policy the result is `none`, and
whether something was aligned still says who wrote; organisations may be narrowed by `psd=n`, never widened.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from ....config.errors import NameServiceUnavailable
from .dkim import DkimVerdict
from .lookup import Lookup, same_name
from .organisation import aligned, organisation
from .spf import SpfVerdict
from .tag_list import TagListError, read_tags

DmarcResult = Literal["pass", "fail", "none", "temperror"]


@dataclass(frozen=True, kw_only=True)
class DmarcVerdict:
    """What From comes to. `vouched` names the domain that vouches for it, and how, also where there is no policy.

    `undecided`: an answer of the DNS that did not come could have made the difference.
    """

    result: DmarcResult
    domain: str
    policy: str = ""
    vouched: str = ""
    reason: str = ""
    undecided: bool = False


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What a domain says about mail in its name."""

    wish: str = ""  # none, quarantine, reject; empty: there is no policy
    strict_dkim: bool = False
    strict_spf: bool = False


_STRICT = Policy(strict_dkim=True, strict_spf=True)


async def check_dmarc(
    lookup: Lookup, author: str, spf: SpfVerdict | None, signatures: Iterable[DkimVerdict]
) -> DmarcVerdict:
    """The verdict on the domain of From, in lower case."""
    signatures = list(signatures)
    try:
        policy = await find_policy(lookup, author)
    except NameServiceUnavailable as error:
        strictly, loosely = (judge_alignment(author, each, spf, signatures) for each in (_STRICT, Policy()))
        known = strictly if strictly.vouched else replace(loosely, undecided=bool(loosely.vouched or loosely.undecided))
        return replace(known, result="temperror", vouched=strictly.vouched, reason=error.detail)
    return judge_alignment(author, policy, spf, signatures)


def judge_alignment(
    author: str, policy: Policy, spf: SpfVerdict | None, signatures: Iterable[DkimVerdict]
) -> DmarcVerdict:
    """What the verdicts come to under a policy."""
    unknown = ""
    for signature in signatures:
        if not aligned(signature.domain, author, strict=policy.strict_dkim):
            continue
        if signature.result == "pass":
            return _vouched(author, policy, f"signed by {signature.domain}")
        unknown = unknown or (signature.reason if signature.result == "temperror" else "")
    if spf is not None and aligned(same_name(spf.domain), author, strict=policy.strict_spf):
        if spf.result == "pass" and not spf.anybody:
            return _vouched(author, policy, f"sent from where {same_name(spf.domain)} sends")
        unknown = unknown or (spf.reason if spf.result == "temperror" else "")
    if unknown:
        return DmarcVerdict(result="temperror", domain=author, policy=policy.wish, reason=unknown, undecided=True)
    reason = f"nothing that {author} vouches for"
    return DmarcVerdict(result="fail" if policy.wish else "none", domain=author, policy=policy.wish, reason=reason)


def _vouched(author: str, policy: Policy, how: str) -> DmarcVerdict:
    return DmarcVerdict(
        result="pass" if policy.wish else "none",
        domain=author,
        policy=policy.wish,
        vouched=how,
        reason="" if policy.wish else f"{author} has no policy",
    )


async def find_policy(lookup: Lookup, author: str) -> Policy:
    """RFC 9989 section 4.10: the record of the author's domain, else that of the organisation."""
    for domain in dict.fromkeys((author, organisation(author))):
        records = [tags for text in await lookup(f"_dmarc.{domain}", "TXT") if (tags := _policy(text))]
        if len(records) == 1:
            return _read(records[0], own=domain == author)
    return Policy()


def _policy(text: str) -> Mapping[str, str]:
    if not text.replace(" ", "").lower().startswith("v=dmarc1"):
        return {}
    try:
        return read_tags(text)
    except TagListError:
        return {}


def _read(tags: Mapping[str, str], *, own: bool) -> Policy:
    wish = (tags.get("p", "") if own else tags.get("sp", tags.get("p", ""))).lower()
    narrow = own and tags.get("psd", "").lower() == "n"  # it is an organisation of its own: nothing above counts
    return Policy(
        wish=wish if wish in ("quarantine", "reject") else "none",
        strict_dkim=narrow or tags.get("adkim", "").lower() == "s",
        strict_spf=narrow or tags.get("aspf", "").lower() == "s",
    )
