"""Whether the DNS of a domain lets mail work: who takes its mail, who may send it, who signs it, what receivers do.

Each thing that is looked at is told in a sentence, and with it what to write into the DNS.
"""

import ipaddress
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from ...config.errors import NameServiceUnavailable
from ...web.peers import address_of
from ..card import DomainFact
from .origin.dmarc import find_policy
from .origin.lookup import Lookup, same_name
from .origin.organisation import aligned, organisation
from .origin.spf import check_spf
from .origin.spf_record import is_spf
from .origin.tag_list import TagListError, read_tags, without_blanks
from .settings import MailSettings
from .signing import keys_for
from .signing_keys import SigningKey

Subject = Literal["addresses", "MX", "SPF", "DKIM", "DMARC"]


@dataclass(frozen=True, kw_only=True)
class DomainCheck:
    """Checks a domain; `senders` are the addresses by which our mails reach the world, where they are known."""

    lookup: Lookup
    settings: MailSettings
    keys: Sequence[SigningKey]
    senders: Sequence[str] = ()

    async def told(self, domain: str) -> list[DomainFact]:
        """Everything about the domain, given in lower case."""
        found = [_ours(domain, self.settings)]
        parts: Sequence[tuple[Subject, Callable[[str], AsyncIterator[DomainFact]]]] = (
            ("MX", self._mx),
            ("SPF", self._spf),
            ("DKIM", self._dkim),
        )
        for subject, part in parts:
            found += await _answered(subject, _collected(part(domain)))
        proven = any(each.subject in ("SPF", "DKIM") and each.level == "good" for each in found)
        return found + await _answered("DMARC", _collected(self._dmarc(domain, proven=proven)))

    async def _mx(self, domain: str) -> AsyncIterator[DomainFact]:
        own, hosts = same_name(self.settings.own_name), await self.lookup(domain, "MX")
        line = f"{domain}. IN MX 10 {own}."
        if [*hosts] in ([""], ["."]):
            yield DomainFact(
                subject="MX", level="wrong", words=f"{domain} says that it takes no mail (RFC 7505)", write=line
            )
        elif not hosts:
            words = f"{domain} names no server for its mail, so nobody can write to it"
            yield DomainFact(subject="MX", level="wrong", words=words, write=line)
        elif own in map(same_name, hosts):
            yield DomainFact(subject="MX", level="good", words=f"mail to {domain} comes straight here, to {own}")
        else:
            words = (
                f"mail to {domain} goes to {hosts[0]}, not to {own}: have it handed over or forwarded here, and name "
                "that server in channels.mail.trusted_peers, or its seals in channels.mail.origin.forwarders"
            )
            yield DomainFact(subject="MX", level="doubt", words=words)
        for host in hosts if own in map(same_name, hosts) else ():
            if same_name(host) == own and not (await self.lookup(own, "A") or await self.lookup(own, "AAAA")):
                yield DomainFact(subject="MX", level="wrong", words=f"{own} has no address", write=f"{own}. IN A …")

    async def _spf(self, domain: str) -> AsyncIterator[DomainFact]:
        records = [text for text in await self.lookup(domain, "TXT") if is_spf(text)]
        senders = [*self.senders] or await self._smarthost()
        terms = " ".join(f"ip{ipaddress.ip_address(each).version}:{each}" for each in senders) or "a mx"
        line = f'{domain}. IN TXT "v=spf1 {terms} ~all"'
        if len(records) != 1:
            how = "several SPF records, and none of them counts" if records else "no SPF record"
            yield DomainFact(subject="SPF", level="wrong", words=f"{domain} has {how}; it must have one", write=line)
            return
        for sender in senders:
            verdict = await check_spf(self.lookup, sender, f"support@{domain}", self.settings.own_name)
            yield _sender_told(domain, sender, verdict.result, verdict.reason, anybody=verdict.anybody)
        if not senders:
            words = (
                f"{domain} has an SPF record; by which address our mails leave cannot be seen from here: "
                "name it with --from, and it is tried"
            )
            yield DomainFact(subject="SPF", level="doubt", words=words)

    async def _smarthost(self) -> list[str]:
        """The addresses of the smarthost; none when it is this machine."""
        smarthost = self.settings.smarthost
        if smarthost is None or smarthost.loopback:
            return []
        if address_of(smarthost.host) is not None:
            return [smarthost.host]
        return [*await self.lookup(smarthost.host, "A"), *await self.lookup(smarthost.host, "AAAA")]

    async def _dkim(self, domain: str) -> AsyncIterator[DomainFact]:
        configured = [key for key in self.settings.dkim if f".{domain}".endswith(f".{key.domain}")]
        missing = {(key.domain, key.selector) for key in configured} - {(key.domain, key.selector) for key in self.keys}
        for name, selector in sorted(missing):
            words = f"there is no private key for {selector} of {name}; trunkline mail key {name} {selector} makes one"
            yield DomainFact(subject="DKIM", level="wrong", words=words)
        keys = keys_for(self.keys, domain)
        if not keys and not missing:
            words = (
                f"we do not sign mail of {domain}; unless the smarthost does, make a key: "
                f"trunkline mail key {domain} desk1"
            )
            yield DomainFact(subject="DKIM", level="doubt", words=words)
        for key in keys:
            yield await self._key_told(key)

    async def _key_told(self, key: SigningKey) -> DomainFact:
        texts = await self.lookup(key.name, "TXT")
        if not texts:
            return DomainFact(subject="DKIM", level="wrong", words=f"{key.name} is not in the DNS", write=key.record)
        try:
            tags = read_tags(texts[0])
        except TagListError as error:
            return DomainFact(
                subject="DKIM", level="wrong", words=f"{key.name} cannot be read: {error}", write=key.record
            )
        if without_blanks(tags.get("p", "")) != key.public or tags.get("k", "rsa") != key.kind:
            words = f"{key.name} holds another key than ours, so every signature fails"
            return DomainFact(subject="DKIM", level="wrong", words=words, write=key.record)
        if "y" in without_blanks(tags.get("t", "")).split(":"):
            words = f"{key.name} is ours, but says that it is only being tested (t=y)"
            return DomainFact(subject="DKIM", level="doubt", words=words, write=key.record)
        return DomainFact(subject="DKIM", level="good", words=f"{key.name} holds our key ({key.kind})")

    async def _dmarc(self, domain: str, *, proven: bool) -> AsyncIterator[DomainFact]:
        policy = await find_policy(self.lookup, domain)
        keys = keys_for(self.keys, domain)
        if policy.strict_dkim and keys and keys[0].domain != domain:
            words = f"{domain} wants signatures of its own (adkim=s), and ours are of {keys[0].domain}"
            yield DomainFact(subject="DMARC", level="wrong", words=words)
        if not policy.wish:
            line = f'_dmarc.{organisation(domain)}. IN TXT "v=DMARC1; p=none; rua=mailto:postmaster@{domain}"'
            words = f"{domain} has no policy; Gmail and Yahoo want one of whoever sends much"
            yield DomainFact(subject="DMARC", level="doubt", words=words, write=line)
        elif proven:
            yield DomainFact(subject="DMARC", level="good", words=f"the policy is {policy.wish}, and our mail meets it")
        elif policy.wish == "none":
            words = "the policy is none: nothing is refused, but nothing vouches for our mail either"
            yield DomainFact(subject="DMARC", level="doubt", words=words)
        else:
            words = (
                f"the policy is {policy.wish}, and neither SPF nor DKIM vouches for our mail: receivers will follow it"
            )
            yield DomainFact(subject="DMARC", level="wrong", words=words)


def _ours(domain: str, settings: MailSettings) -> DomainFact:
    names = [address for address in settings.addresses if address.rpartition("@")[2] == domain]
    if names:
        return DomainFact(subject="addresses", level="good", words=f"mail for {', '.join(names)} is taken")
    near = [address for address in settings.addresses if aligned(address.rpartition("@")[2], domain)]
    instead = f"; did you mean {near[0].rpartition('@')[2]}?" if near else ""
    return DomainFact(
        subject="addresses",
        level="wrong",
        words=f"none of channels.mail.addresses is at {domain}, so we neither take nor write its mail{instead}",
    )


def _sender_told(domain: str, sender: str, result: str, reason: str, *, anybody: bool) -> DomainFact:
    if result == "pass" and anybody:
        words = f"the record of {domain} lets everybody send in its name, which proves nothing"
        return DomainFact(subject="SPF", level="wrong", words=words)
    if result == "pass":
        return DomainFact(subject="SPF", level="good", words=f"{sender} may send for {domain} ({reason})")
    if result == "temperror":
        return DomainFact(subject="SPF", level="unknown", words=f"{sender}: {reason}")
    term = f"ip{ipaddress.ip_address(sender).version}:{sender}"
    words = (
        f"{sender} may not send for {domain} ({result}: {reason}); add {term}, or the include that its operator names"
    )
    return DomainFact(subject="SPF", level="wrong", words=words)


async def _collected(found: AsyncIterator[DomainFact]) -> list[DomainFact]:
    return [each async for each in found]


async def _answered(subject: Subject, work: Awaitable[list[DomainFact]]) -> list[DomainFact]:
    try:
        return await work
    except NameServiceUnavailable as error:
        return [DomainFact(subject=subject, level="unknown", words=error.detail)]
