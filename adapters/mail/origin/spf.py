"""SPF: may this peer send for this domain (RFC 7208).

The whole of it but for what receivers are told to do with a verdict. Limits of section 4.6.4: ten terms that ask the
DNS, two questions that lead to nothing, ten hosts of an MX and ten names of an address. How long all of it may take is
the caller's to say.

A pass says that the peer is among those that the domain names. Where the domain names everybody (`+all`, a network as
wide as a continent), it says nothing, and `anybody` is set.
"""

import ipaddress
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from ....config.errors import NameServiceUnavailable
from .lookup import Lookup, RecordKind, is_name, same_name
from .spf_macros import MacroSyntaxError, check_macros, expand, expand_domain, uses
from .spf_record import Directive, SpfRecord, SpfSyntaxError, is_spf, read_spf

SpfResult = Literal["none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

MOST_TERMS = 10
MOST_VOID = 2
MOST_NAMES = 10
WIDEST_4, WIDEST_6 = 8, 16  # the lengths of prefixes that still say something: no sender has more than a /8

_RESULTS: dict[str, SpfResult] = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}


@dataclass(frozen=True, kw_only=True)
class SpfVerdict:
    """What the check came to, and why."""

    result: SpfResult
    domain: str
    reason: str = ""
    anybody: bool = False
    explanation: str = ""


@dataclass(kw_only=True)
class _Budget:
    terms: int = MOST_TERMS
    void: int = MOST_VOID


@dataclass(frozen=True, kw_only=True)
class _Match:
    anybody: bool = False


class _PermanentError(Exception):
    """The records of the domain cannot be evaluated."""


async def check_spf(lookup: Lookup, peer: str, mail_from: str, helo: str, *, receiver: str = "unknown") -> SpfVerdict:
    """The verdict for the reverse path, and where that is empty for the name given in HELO (section 2.4)."""
    address = _unmapped(ipaddress.ip_address(peer))
    local, _, domain = (mail_from or f"postmaster@{helo}").rpartition("@")
    check = _Check(lookup, address, f"{local or 'postmaster'}@{domain}", helo, receiver)
    return await check.host(domain)


def _unmapped(address: Address) -> Address:
    return getattr(address, "ipv4_mapped", None) or address


@dataclass(frozen=True)
class _Check:
    lookup: Lookup
    peer: Address
    sender: str
    helo: str
    receiver: str
    budget: _Budget = field(default_factory=_Budget)

    async def host(self, domain: str, *, explained: bool = True) -> SpfVerdict:
        """`check_host()` of section 4."""
        try:
            return await self._evaluated(domain, explained=explained)
        except NameServiceUnavailable as error:
            return SpfVerdict(result="temperror", domain=domain, reason=error.detail)
        except (_PermanentError, SpfSyntaxError) as error:
            return SpfVerdict(result="permerror", domain=domain, reason=str(error))

    async def _evaluated(self, domain: str, *, explained: bool) -> SpfVerdict:
        if not is_name(domain) or "." not in domain.removesuffix(".") or not domain.isascii():
            return SpfVerdict(result="none", domain=domain, reason="this is no domain")
        records = [text for text in await self.lookup(domain, "TXT") if is_spf(text)]
        if not records:
            return SpfVerdict(result="none", domain=domain, reason="the domain has no SPF record")
        if len(records) > 1:
            raise _PermanentError("the domain has several SPF records")
        record = read_spf(records[0])
        for directive in record.directives:
            if (match := await self._matches(directive, domain)) is not None:
                return await self._verdict(directive, match, domain, record.explanation if explained else "")
        if record.redirect:
            return await self._redirected(record, domain, explained=explained)
        return SpfVerdict(result="neutral", domain=domain, reason="nothing in the record speaks of this peer")

    async def _verdict(self, directive: Directive, match: _Match, domain: str, explanation: str) -> SpfVerdict:
        result = _RESULTS[directive.qualifier]
        return SpfVerdict(
            result=result,
            domain=domain,
            reason=directive.text,
            anybody=result == "pass" and match.anybody,
            explanation=await self._explained(explanation, domain) if result == "fail" and explanation else "",
        )

    async def _redirected(self, record: SpfRecord, domain: str, *, explained: bool) -> SpfVerdict:
        """Section 6.1: what the other record says, it says of the domain that was asked about."""
        self._spend()
        target = await self._target(record.redirect, domain)
        verdict = await self.host(target, explained=explained)
        if verdict.result == "none":
            raise _PermanentError(f"redirect={target} leads to no record")
        return replace(verdict, domain=domain)

    async def _matches(self, directive: Directive, domain: str) -> _Match | None:
        if directive.mechanism == "all":
            return _Match(anybody=True)
        if (network := directive.network) is not None:
            return _Match(anybody=_is_wide(network.version, network.prefixlen)) if self.peer in network else None
        self._spend()
        target = await self._target(directive.domain, domain)
        match directive.mechanism:
            case "include":
                return await self._included(target)
            case "a":
                return self._among(await self._addresses(target), directive)
            case "mx":
                return await self._exchanged(target, directive)
        found = await (self._ask(target, "A") if directive.mechanism == "exists" else self._pointers(target))
        return _Match() if found else None

    async def _pointers(self, target: str) -> Sequence[str]:
        end = f".{same_name(target)}"
        return [name for name in await self._validated(void=True) if f".{same_name(name)}".endswith(end)]

    async def _included(self, target: str) -> _Match | None:
        """Section 5.2: what the other record says beyond pass is no verdict here, but its mistakes are ours."""
        verdict = await self.host(target, explained=False)
        if verdict.result == "temperror":
            raise NameServiceUnavailable(verdict.reason)
        if verdict.result in ("permerror", "none"):
            raise _PermanentError(f"include:{target}: {verdict.reason}")
        return _Match(anybody=verdict.anybody) if verdict.result == "pass" else None

    async def _exchanged(self, target: str, directive: Directive) -> _Match | None:
        hosts = await self._ask(target, "MX")
        if len(hosts) > MOST_NAMES:
            raise _PermanentError(f"{target} has more than {MOST_NAMES} mail exchangers")
        for host in hosts:
            match = self._among(await self._addresses(host), directive)
            if match is not None:
                return match
        return None

    def _among(self, addresses: Sequence[str], directive: Directive) -> _Match | None:
        length = directive.length_4 if self.peer.version == 4 else directive.length_6
        networks = (ipaddress.ip_network(f"{address}/{length}", strict=False) for address in addresses)
        if not any(self.peer in network for network in networks):
            return None
        return _Match(anybody=_is_wide(self.peer.version, length))

    async def _addresses(self, name: str) -> Sequence[str]:
        return await self._ask(name, "A" if self.peer.version == 4 else "AAAA")

    async def _validated(self, *, void: bool) -> Sequence[str]:
        """The names of the peer that lead back to it (section 5.5); a question without an answer leaves one out."""
        try:
            asked = self._ask if void else self.lookup
            names = (await asked(self.peer.reverse_pointer, "PTR"))[:MOST_NAMES]
        except NameServiceUnavailable:
            return ()
        found = []
        for name in names:
            try:
                addresses = await self.lookup(name, "A" if self.peer.version == 4 else "AAAA")
            except NameServiceUnavailable:
                continue
            if any(ipaddress.ip_address(address) == self.peer for address in addresses):
                found.append(name)
        return found

    async def _ask(self, name: str, kind: RecordKind) -> Sequence[str]:
        answer = await self.lookup(name, kind) if is_name(name) else ()
        if not answer:
            self.budget.void -= 1
            if self.budget.void < 0:
                raise _PermanentError(f"more than {MOST_VOID} questions lead to nothing")
        return answer

    def _spend(self) -> None:
        self.budget.terms -= 1
        if self.budget.terms < 0:
            raise _PermanentError(f"more than {MOST_TERMS} terms ask the DNS")

    async def _target(self, spec: str, domain: str) -> str:
        return expand_domain(spec, await self._values(spec, domain)) if spec else domain

    async def _values(self, text: str, domain: str) -> dict[str, str]:
        local, _, sender_domain = self.sender.rpartition("@")
        four = self.peer.version == 4
        return {
            "s": self.sender,
            "l": local,
            "o": sender_domain,
            "d": domain,
            "i": str(self.peer) if four else ".".join(self.peer.exploded.replace(":", "")).upper(),
            "p": await self._name_of_peer(domain) if uses(text, "p") else "",
            "v": "in-addr" if four else "ip6",
            "h": self.helo,
            "c": str(self.peer),
            "r": self.receiver,
            "t": str(int(time.time())),
        }

    async def _name_of_peer(self, domain: str) -> str:
        """Section 7.3: the domain itself, else a name below it, else any."""
        names = [same_name(name) for name in await self._validated(void=False)]
        own = same_name(domain)
        below = [name for name in names if name.endswith(f".{own}")]
        return own if own in names else (*below, *names, "unknown")[0]

    async def _explained(self, spec: str, domain: str) -> str:
        """Section 6.2: whatever goes wrong with an explanation, there is none."""
        try:
            texts = await self.lookup(await self._target(spec, domain), "TXT")
            if len(texts) != 1 or not texts[0].isascii():
                return ""
            check_macros(texts[0], explanation=True)
            return expand(texts[0], await self._values(texts[0], domain))
        except (NameServiceUnavailable, MacroSyntaxError):
            return ""


def _is_wide(version: int, length: int) -> bool:
    return length < (WIDEST_4 if version == 4 else WIDEST_6)
