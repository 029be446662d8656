"""Mails of our own with what they deserve: `SPOOFS`, which prove nothing, and `HONEST`, real shapes of honest mail.

Maria is `maria@example.org`; her domain signs, says where it sends from and asks for the rejection of all else. The
company believes its own server `mx.company.example` and the forwarder `lists.example`. docs/proof_of_origin_tests.md
holds the table, docs/proof_of_origin.md some of it; a test compares them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from .signing import key_record, seal, sign

State = Literal["proven", "unproven", "failed", "pending"]

MARIA = "maria@example.org"
OWN_PEER, EVIL_PEER, LIST_PEER, RELAY = "192.0.2.7", "203.0.113.66", "198.51.100.25", "10.0.0.5"
SIGNERS = [
    "example.org",
    "mail.example.org",
    "evil.example",
    "lists.example",
    "strangers.example",
    "plain.example",
    "strict.example",
    "mail.strict.example",
    "esp.example",
    "victim.co.uk",
    "evil.co.uk",
    "one.github.io",
    "evil.github.io",
    "xn--mnchen-3ya.example",
    "bank.example",
    "everybody.example",
    "sub.lists.example",
    "google.example",
    "gateway.example",
    "narrow.org.example",
    "org.example",
    "tester.example",
]

ZONE: dict[str, Sequence[Any]] = {f"s._domainkey.{domain}": [{"TXT": key_record(domain)}] for domain in SIGNERS}
ZONE |= {
    "s._domainkey.tester.example": [{"TXT": key_record("tester.example", t="y")}],
    "rsa._domainkey.example.org": [{"TXT": key_record("example.org", "rsa")}],
    "weak._domainkey.example.org": [{"TXT": key_record("example.org", "weak")}],
    "gone._domainkey.example.org": [{"TXT": "v=DKIM1; k=ed25519; p="}],
    "notes._domainkey.example.org": [{"TXT": key_record("example.org", s="tlsrpt")}],
    "own._domainkey.example.org": [{"TXT": key_record("example.org", t="s")}],
    "silent._domainkey.example.org": ["TIMEOUT"],
    "example.org": [{"TXT": "v=spf1 ip4:192.0.2.0/24 include:esp.example -all"}],
    "_dmarc.example.org": [{"TXT": "v=DMARC1; p=reject"}],
    "mail.example.org": [{"TXT": "v=spf1 ip4:192.0.2.0/24 -all"}],
    "esp.example": [{"TXT": "v=spf1 ip4:198.51.100.0/28 -all"}],
    "evil.example": [{"TXT": "v=spf1 ip4:203.0.113.0/24 -all"}],
    "_dmarc.evil.example": [{"TXT": "v=DMARC1; p=none"}],
    "plain.example": [{"TXT": "v=spf1 ip4:192.0.2.0/24 ~all"}],
    "strict.example": [{"TXT": "v=spf1 ip4:192.0.2.0/24 -all"}],
    "mail.strict.example": [{"TXT": "v=spf1 ip4:192.0.2.0/24 -all"}],
    "_dmarc.strict.example": [{"TXT": "v=DMARC1; p=reject; adkim=s; aspf=s"}],
    "deputy.strict.example": [{"TXT": "v=spf1 redirect=strict.example"}],
    "hosted.example": [{"TXT": "v=spf1 redirect=_spf.provider.example"}],
    "_spf.provider.example": [{"TXT": "v=spf1 redirect=esp.example"}],
    "_dmarc.hosted.example": [{"TXT": "v=DMARC1; p=reject; aspf=s"}],
    "_dmarc.bank.example": [{"TXT": "v=DMARC1; p=quarantine"}],
    "everybody.example": [{"TXT": "v=spf1 +all"}],
    "half.example": [{"TXT": "v=spf1 ip4:128.0.0.0/1 -all"}],
    "lists.example": [{"TXT": "v=spf1 ip4:198.51.100.0/24 -all"}],
    "one.github.io": [{"TXT": "v=spf1 ip4:192.0.2.0/24 -all"}],
    "evil.co.uk": [{"TXT": "v=spf1 ip4:203.0.113.0/24 -all"}],
    "_dmarc.narrow.org.example": [{"TXT": "v=DMARC1; p=reject; psd=n"}],
    "silent.example": ["TIMEOUT"],
    "softly.example": [{"TXT": "v=spf1 include:silent.example -all"}],
    "many.example": [{"TXT": "v=spf1 ip4:203.0.113.0/24 -all"}, {"TXT": "v=spf1 -all"}],
    "_dmarc.two.example": [{"TXT": "v=DMARC1; p=reject"}, {"TXT": "v=DMARC1; p=none"}],
}


@dataclass(frozen=True, kw_only=True)
class Case:
    """One mail, how it came, and what it deserves."""

    what: str
    mail: str
    state: State
    peer: str = EVIL_PEER
    mail_from: str = "x@evil.example"
    helo: str = "mail.evil.example"
    trusted: bool = False
    named: bool = True
    zone: Mapping[str, Sequence[Any]] = field(default_factory=dict)


def mail(
    *headers: str,
    sender: str = f"Maria <{MARIA}>",
    body: str = "It does not work.",
    to: str = "support@company.example",
) -> str:
    top = [f"From: {sender}"] if sender else []
    basic = [f"To: {to}", "Subject: My order", "Date: Sun, 29 Nov 2026 06:00:00 +0000", "Message-ID: <1@example.org>"]
    return "\n".join([*headers, *top, *basic, "", body, ""])


HERS = sign(mail(), "example.org")
HIS = sign(mail(sender="Eve <eve@evil.example>"), "evil.example")
PASSED = "lists.example; dmarc=pass header.from=example.org; dkim=pass header.d=example.org"
RECEIVED = "Received: from mail.example.org by mx.company.example; Sun, 29 Nov 2026 06:00:01 +0000"
FAILED = "lists.example; dmarc=fail header.from=example.org"


def touched(text: str = HERS) -> str:
    """As a list changes a mail: a prefix in the subject, a footer."""
    return text.replace("Subject: My order", "Subject: [list] My order") + "-- \nOur list\n"


def results(text: str, server: str = "mx.company.example") -> str:
    return f"Authentication-Results: {server}; {text}"


def spoof(what: str, text: str, state: State = "failed", **how: Any) -> Case:
    return Case(what=what, mail=text, state=state, **how)


def honest(what: str, text: str, state: State = "proven", **how: Any) -> Case:
    return Case(
        what=what, mail=text, state=state, **({"peer": OWN_PEER, "mail_from": MARIA, "helo": "mail.example.org"} | how)
    )


ROGUE_CHAIN = seal(touched(), "strangers.example", "strangers.example; dmarc=pass header.from=example.org")

SPOOFS: Sequence[Case] = (
    # Nothing but a claim
    spoof("her address, from anywhere", mail()),
    spoof("her address also as return path, from anywhere", mail(), mail_from=MARIA),
    spoof("an empty return path", mail(), mail_from=""),
    spoof("an empty return path and her server's name in HELO", mail(), mail_from="", helo="mail.example.org"),
    spoof("an address below her domain that does not exist", mail(sender="it@intern.example.org")),
    spoof("a domain without any records", mail(sender="a@nothing.example"), "unproven"),
    spoof("a domain with a policy and no other records", mail(sender="a@bank.example"), mail_from="a@bank.example"),
    spoof(
        "a domain without a policy, from elsewhere",
        mail(sender="a@plain.example"),
        "unproven",
        mail_from="a@plain.example",
    ),
    spoof("two policies, which count as none", mail(sender="a@two.example"), "unproven"),
    spoof(
        "her name as the name of another address",
        sign(mail(sender=f'"{MARIA}" <eve@nothing.example>'), "evil.example"),
        "unproven",
    ),
    # Somebody else's proof
    spoof("the spoofer's own return path, which passes SPF", mail(), mail_from="eve@evil.example"),
    spoof("the spoofer's own good signature", sign(mail(), "evil.example")),
    spoof("both together", sign(mail(), "evil.example"), mail_from="eve@evil.example"),
    spoof("a signature in the name of her domain by another key", sign(mail(), "evil.example", d="example.org")),
    spoof("a signature by a domain that ends like hers", sign(mail(), "evil.example", d="notexample.org")),
    spoof(
        "a signature by a domain below the spoofer's that begins like hers",
        sign(mail(), "evil.example", d="example.org.evil.example"),
    ),
    spoof(
        "a neighbour under the same public suffix",
        sign(mail(sender="a@victim.co.uk"), "evil.co.uk"),
        "unproven",
        mail_from="x@evil.co.uk",
    ),
    spoof("a neighbour at the same host of pages", sign(mail(sender="a@one.github.io"), "evil.github.io"), "unproven"),
    spoof(
        "the public suffix itself as signer", sign(mail(sender="a@victim.co.uk"), "victim.co.uk", d="co.uk"), "unproven"
    ),
    spoof(
        "a subdomain's signature where the domain is strict",
        sign(mail(sender="a@strict.example"), "mail.strict.example"),
    ),
    spoof(
        "a subdomain's return path where the domain is strict",
        mail(sender="a@strict.example"),
        mail_from="x@mail.strict.example",
        peer=OWN_PEER,
    ),
    spoof(
        "the same, the subdomain's SPF record being the domain's own by redirect",
        mail(sender="a@strict.example"),
        mail_from="x@deputy.strict.example",
        peer=OWN_PEER,
    ),
    spoof(
        "a return path of another customer of the provider to whose SPF record the domain redirects",
        mail(sender="a@hosted.example"),
        mail_from="x@esp.example",
        peer="198.51.100.3",
    ),
    spoof(
        "the parent's signature over a domain that stands for itself",
        sign(mail(sender="a@narrow.org.example"), "org.example"),
    ),
    spoof(
        "SPF of a domain that lets everybody send",
        mail(sender="a@everybody.example"),
        "unproven",
        mail_from="a@everybody.example",
    ),
    spoof(
        "SPF of a domain that lets half the internet send",
        mail(sender="a@half.example"),
        "unproven",
        mail_from="a@half.example",
        peer="203.0.113.66",
    ),
    spoof("a softfail", mail(sender="a@plain.example"), "unproven", mail_from="a@plain.example", helo="plain.example"),
    spoof(
        "several SPF records, one of which would pass",
        mail(sender="a@many.example"),
        "unproven",
        mail_from="a@many.example",
    ),
    spoof("her domain in the return path with a dot too many", mail(), mail_from="x@example.org..evil.example"),
    spoof(
        "a shared sender's address with a return path of another customer",
        mail(),
        mail_from="x@esp.example",
        peer="198.51.100.3",
    ),
    # Her own signature, misused
    spoof("her signed mail with another text", HERS.replace("does not", "does")),
    spoof("her signed mail with another subject", HERS.replace("My order", "Refund to my new account")),
    spoof("her signed mail under another address of her domain", HERS.replace(f"<{MARIA}>", "<ceo@example.org>")),
    spoof("her signed mail with a second subject above", "Subject: Refund\n" + HERS),
    spoof("her signed mail with a second From above", f"From: ceo@example.org\n{HERS}", "unproven"),
    spoof(
        "her signed mail with a second From below", HERS.replace("\nTo:", "\nFrom: ceo@example.org\nTo:", 1), "unproven"
    ),
    spoof(
        "her signed mail with another Reply-To, twice", "Reply-To: eve@evil.example\nReply-To: a@evil.example\n" + HERS
    ),
    spoof(
        "her signed mail with another Content-Type above",
        "Content-Type: text/html\n" + sign(mail("Content-Type: text/plain"), "example.org"),
    ),
    spoof(
        "a text added below a signature over the beginning (l=)", sign(mail(), "example.org", l="10") + "And more.\n"
    ),
    spoof("a signature over the beginning (l=) that covers all", sign(mail(), "example.org", l="19")),
    spoof("a signature that leaves out From", sign(mail(), "example.org", names=("to", "subject"))),
    spoof("an expired signature", sign(mail(), "example.org", t="1000000000", x="1000100000")),
    spoof("a signature by a key that was revoked", sign(mail(), "example.org", s="gone")),
    spoof("a signature by a key of 512 bits", sign(mail(), "example.org", kind="weak", s="weak")),
    spoof("a signature by a key that is not for mail", sign(mail(), "example.org", s="notes")),
    spoof(
        "a signature by a key that is only being tested",
        sign(mail(sender="a@tester.example"), "tester.example"),
        "unproven",
    ),
    spoof("a signature by a key that does not exist", sign(mail(), "example.org", s="nowhere")),
    spoof("a signature with SHA-1", sign(mail(), "example.org", a="rsa-sha1")),
    spoof("a signature in the name of somebody outside (i=)", sign(mail(), "example.org", i="@evil.example")),
    spoof(
        "a signature for a subdomain by a key that is not for those",
        sign(mail(), "example.org", s="own", i="@mail.example.org"),
    ),
    spoof("a signature that cannot be read", HERS.replace("v=1; ", "v=1; v=1; ")),
    spoof(
        "a signature with tags and nothing in them",
        f"DKIM-Signature: v=1; a=; b=; bh=; d=example.org; s=s; h=from\n{mail()}",
    ),
    spoof(
        "six bad signatures above",
        "".join(
            f"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=s{n}; h=from; bh=YQ==; b=YQ==\n" for n in range(6)
        )
        + mail(),
    ),
    spoof(
        "a line among the headers that is none, before a From",
        HERS.replace("\nTo:", "\nno header\nFrom : ceo@example.org\nTo:", 1),
        "unproven",
    ),
    spoof("a line among the headers that is none", HERS.replace("\nTo:", "\nno header\nTo:", 1), "unproven"),
    spoof(
        "a lone carriage return in a header",
        HERS.replace("\nTo:", "\nX-A: b\rFrom: ceo@example.org\nTo:", 1),
        "unproven",
    ),
    spoof("several authors in one From", sign(mail(sender=f"{MARIA}, eve@evil.example"), "example.org"), "unproven"),
    spoof("a From with nobody in it", sign(mail(sender="undisclosed:;"), "example.org"), "unproven"),
    # Other people's words
    spoof("its own Authentication-Results, from a stranger", mail(results("dmarc=pass header.from=example.org"))),
    spoof(
        "a trusted peer that says dmarc=fail",
        mail(results("dmarc=fail header.from=example.org")),
        trusted=True,
        peer=RELAY,
    ),
    spoof(
        "a trusted peer that says dmarc=fail, no server being named",
        mail(results("dmarc=fail header.from=example.org", "mx.other.example")),
        trusted=True,
        peer=RELAY,
        named=False,
    ),
    spoof(
        "a trusted peer that says dmarc=fail as Microsoft writes it, no server being named",
        mail("Authentication-Results: spf=fail (x) smtp.mailfrom=a;dmarc=fail action=none header.from=example.org"),
        trusted=True,
        peer=RELAY,
        named=False,
    ),
    spoof(
        "a trusted peer that says dmarc=fail in a header that cannot be read",
        mail('Authentication-Results: mx.company.example; dmarc = fail header.from="example.org'),
        trusted=True,
        peer=RELAY,
    ),
    spoof(
        "dmarc=pass as Microsoft writes it, by way of our server, which is named",
        mail("Authentication-Results: dmarc=pass action=none header.from=example.org"),
        "unproven",
        trusted=True,
        peer=RELAY,
    ),
    spoof(
        "dmarc=fail, and a forged dmarc=pass below",
        mail(results("dmarc=fail header.from=example.org"), results("dmarc=pass header.from=example.org")),
        trusted=True,
        peer=RELAY,
    ),
    spoof(
        "a forged dmarc=pass above dmarc=fail",
        mail(results("dmarc=pass header.from=example.org"), results("dmarc=fail header.from=example.org")),
        trusted=True,
        peer=RELAY,
    ),
    spoof(
        "a forged dmarc=pass further down, among what the mail brought along",
        mail(RECEIVED, "Received: from x by y", results("dmarc=pass header.from=example.org")),
        "unproven",
        trusted=True,
        peer=RELAY,
    ),
    spoof(
        "a forged dmarc=pass with the name of our server in quotes",
        mail(results("dmarc=pass header.from=example.org", '"mx.company\\.example"')),
        "unproven",
        trusted=True,
        peer=RELAY,
    ),
    spoof(
        "a forged dmarc=pass with a comment before the name of our server",
        mail(results("dmarc=pass header.from=example.org", "(x) mx.company.example")),
        "unproven",
        trusted=True,
        peer=RELAY,
    ),
    spoof(
        "dmarc=fail further down",
        mail(
            results("dmarc=pass header.from=example.org"),
            RECEIVED,
            RECEIVED,
            results("dmarc=fail header.from=example.org"),
        ),
        trusted=True,
        peer=RELAY,
    ),
    spoof(
        "dmarc=pass of a server that is not ours, by way of ours",
        mail(results("dmarc=pass header.from=example.org", "mx.evil.example")),
        "unproven",
        trusted=True,
        peer=RELAY,
    ),
    spoof(
        "dmarc=pass for another domain than that of From",
        mail(results("dmarc=pass header.from=evil.example")),
        "unproven",
        trusted=True,
        peer=RELAY,
    ),
    spoof("dmarc=pass that says not for whom", mail(results("dmarc=pass")), "unproven", trusted=True, peer=RELAY),
    spoof(
        "dkim=pass of another domain",
        mail(results("dkim=pass header.d=evil.example; spf=pass smtp.mailfrom=x@evil.example")),
        "unproven",
        trusted=True,
        peer=RELAY,
    ),
    spoof(
        "dmarc=pass inside a comment",
        mail(results("spf=none (; dmarc=pass header.from=example.org)")),
        "unproven",
        trusted=True,
        peer=RELAY,
    ),
    spoof(
        "dmarc=pass inside a quoted address",
        mail(results('spf=fail smtp.mailfrom="a; dmarc=pass header.from=example.org"@evil.example')),
        "unproven",
        trusted=True,
        peer=RELAY,
    ),
    # Chains of seals
    spoof("a good chain of somebody who is not a configured forwarder", ROGUE_CHAIN),
    spoof(
        "the same, sealed again by a configured forwarder, which saw a failure",
        seal(ROGUE_CHAIN, "lists.example", FAILED, instance=2),
        peer=LIST_PEER,
    ),
    spoof("a configured forwarder that saw dmarc=fail", seal(mail(), "lists.example", FAILED), peer=LIST_PEER),
    spoof(
        "a configured forwarder that saw dmarc=pass for another domain",
        seal(mail(), "lists.example", "lists.example; dmarc=pass header.from=evil.example"),
        peer=LIST_PEER,
    ),
    spoof(
        "a configured forwarder, and a stranger after it",
        seal(seal(touched(), "lists.example", PASSED), "strangers.example", "strangers.example; arc=pass", instance=2),
    ),
    spoof(
        "a forwarder's good seal on a changed text",
        seal(touched(), "lists.example", PASSED).replace("does not", "does"),
        peer=LIST_PEER,
    ),
    spoof(
        "a forwarder's good seal under another From",
        seal(touched(), "lists.example", PASSED).replace(f"<{MARIA}>", "<ceo@example.org>"),
        peer=LIST_PEER,
    ),
    spoof(
        "a forwarder's seal that does not cover From, under another From",
        seal(touched(), "lists.example", PASSED, names=("to", "subject")).replace(f"<{MARIA}>", "<ceo@example.org>"),
        peer=LIST_PEER,
    ),
    spoof(
        "what the forwarder saw, rewritten",
        seal(mail(), "lists.example", FAILED).replace("dmarc=fail", "dmarc=pass"),
        peer=LIST_PEER,
    ),
    spoof(
        "a seal in the forwarder's name by another key",
        seal(mail(), "evil.example", PASSED).replace("d=evil.example", "d=lists.example"),
        peer=LIST_PEER,
    ),
    spoof(
        "a chain that its forwarder calls broken", seal(touched(), "lists.example", PASSED, cv="fail"), peer=LIST_PEER
    ),
    spoof("a chain with a gap", seal(touched(), "lists.example", PASSED, instance=2), peer=LIST_PEER),
)

HONEST: Sequence[Case] = (
    # Straight
    honest("signed, from where her domain sends", HERS),
    honest("signed with RSA", sign(mail(), "example.org", kind="rsa", s="rsa")),
    honest(
        "signed, from anywhere (a plain forwarder kept the mail as it was)",
        HERS,
        peer=EVIL_PEER,
        mail_from="SRS0=x=y=example.org=maria@forwarder.example",
    ),
    honest("signed, with an empty return path (an out-of-office note)", HERS, peer=EVIL_PEER, mail_from=""),
    honest("not signed, from where her domain sends (a small company's server)", mail()),
    honest("not signed, from a server that the domain names by include", mail(), peer="198.51.100.3"),
    honest(
        "not signed, from a server that the domain names by redirect",
        mail(sender="a@hosted.example"),
        mail_from="a@hosted.example",
        peer="198.51.100.3",
    ),
    honest("not signed, with a return path below her domain", mail(), mail_from="bounce@mail.example.org"),
    honest("signed by a domain below hers", sign(mail(), "mail.example.org"), peer=EVIL_PEER),
    honest(
        "an address below the domain that signs", sign(mail(sender="a@mail.example.org"), "example.org"), peer=EVIL_PEER
    ),
    honest("no policy, signed", sign(mail(sender="a@plain.example"), "plain.example"), peer=EVIL_PEER),
    honest(
        "no policy and no signature, from where the domain sends",
        mail(sender="a@plain.example"),
        mail_from="a@plain.example",
    ),
    honest(
        "a strict domain that signs as itself", sign(mail(sender="a@strict.example"), "strict.example"), peer=EVIL_PEER
    ),
    honest(
        "a domain that stands for itself and signs", sign(mail(sender="a@narrow.org.example"), "narrow.org.example")
    ),
    honest(
        "an internationalised domain, written as people write it",
        sign(mail(sender="a@münchen.example"), "xn--mnchen-3ya.example"),
        peer=EVIL_PEER,
    ),
    honest(
        "a name in other letters",
        sign(mail(sender=f"=?utf-8?b?0JzQsNGA0LjRjw==?= <{MARIA}>"), "example.org"),
        peer=EVIL_PEER,
    ),
    honest("capitals in the address", sign(mail(sender="Maria <Maria@Example.ORG>"), "example.org"), peer=EVIL_PEER),
    honest("a bare address", sign(mail(sender=MARIA), "example.org"), peer=EVIL_PEER),
    honest(
        "a tenant of a host of pages, from its own server", mail(sender="a@one.github.io"), mail_from="a@one.github.io"
    ),
    # Services that send for a company
    honest(
        "a service that signs twice, as itself and as the company (Gmail, Microsoft, most newsletters)",
        sign(HERS, "esp.example"),
        peer=EVIL_PEER,
        mail_from="bounce@esp.example",
    ),
    honest(
        "the same in the other order",
        sign(sign(mail(), "esp.example"), "example.org"),
        peer=EVIL_PEER,
        mail_from="bounce@esp.example",
    ),
    honest(
        "a bad signature beside the good one",
        f"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=old; h=from; bh=YQ==; b=YQ==\n{HERS}",
        peer=EVIL_PEER,
    ),
    honest(
        "a service that signs only as itself",
        sign(mail(), "esp.example"),
        "failed",
        peer=EVIL_PEER,
        mail_from="bounce@esp.example",
    ),
    honest(
        "the same for a domain without a policy",
        sign(mail(sender="a@plain.example"), "esp.example"),
        "unproven",
        peer=EVIL_PEER,
        mail_from="bounce@esp.example",
    ),
    honest(
        "an address of iCloud's private relay, signed by the relay's domain",
        sign(mail(sender="x7k@plain.example"), "plain.example"),
        peer=EVIL_PEER,
        mail_from="x@plain.example",
    ),
    # Lists and forwarders
    honest(
        "a list that changes the mail, sealed by the configured forwarder",
        seal(touched(), "lists.example", PASSED),
        peer=LIST_PEER,
        mail_from="list@lists.example",
    ),
    honest(
        "the same where the forwarder saw only dkim=pass",
        seal(touched(), "lists.example", "lists.example; dkim=pass header.i=@example.org"),
        peer=LIST_PEER,
        mail_from="list@lists.example",
    ),
    honest(
        "the same where the forwarder saw only spf=pass",
        seal(touched(), "lists.example", "lists.example; spf=pass smtp.mailfrom=maria@example.org"),
        peer=LIST_PEER,
        mail_from="list@lists.example",
    ),
    honest(
        "a forwarder that seals as a host of its own",
        seal(touched(), "sub.lists.example", PASSED),
        peer=LIST_PEER,
        mail_from="list@lists.example",
    ),
    honest(
        "two hops, both configured",
        seal(seal(touched(), "lists.example", PASSED), "sub.lists.example", "sub.lists.example; arc=pass", instance=2),
        peer=LIST_PEER,
    ),
    honest(
        "a stranger first, and then the forwarder, which still saw it pass",
        seal(
            touched(seal(HERS, "strangers.example", "strangers.example; dmarc=pass header.from=example.org")),
            "lists.example",
            PASSED,
            instance=2,
        ),
        peer=LIST_PEER,
    ),
    honest(
        "a list that keeps the mail as it is",
        "List-Id: <a.lists.example>\nPrecedence: list\n" + HERS,
        peer=LIST_PEER,
        mail_from="list@strangers.example",
    ),
    honest(
        "a list that writes its own address into From",
        sign(mail("X-Original-From: maria@example.org", sender="Maria via list <list@lists.example>"), "lists.example"),
        peer=LIST_PEER,
        mail_from="list@lists.example",
    ),
    honest(
        "a list that changes the mail and is not configured",
        touched(),
        "failed",
        peer=EVIL_PEER,
        mail_from="list@strangers.example",
    ),
    honest(
        "a forwarder that breaks the signature and seals nothing", touched(), "failed", peer=EVIL_PEER, mail_from=MARIA
    ),
    # Corporate gateways in front of us
    honest(
        "our own server says dmarc=pass", mail(results("dmarc=pass header.from=example.org")), trusted=True, peer=RELAY
    ),
    honest(
        "our own server says dmarc=pass, with a banner in the text",
        touched(
            mail(results("spf=fail; dkim=pass header.d=example.org; dmarc=pass (p=reject) header.from=Example.Org"))
        ),
        trusted=True,
        peer=RELAY,
    ),
    honest(
        "our own server says dmarc=pass, below its Received",
        mail(RECEIVED, results("dmarc=pass header.from=example.org"), "Received: from x by y"),
        trusted=True,
        peer=RELAY,
    ),
    honest(
        "our own server says only dkim=pass",
        mail(results("dkim=pass header.d=mail.example.org header.s=s")),
        trusted=True,
        peer=RELAY,
    ),
    honest(
        "our own server says only spf=pass",
        mail(results("spf=pass smtp.mailfrom=bounces+7=a=b@example.org")),
        trusted=True,
        peer=RELAY,
    ),
    honest(
        "our own server says only spf=none, and her signature is good",
        f"{results('spf=none')}\n{HERS}",
        trusted=True,
        peer=RELAY,
    ),
    honest("our own server says nothing, and her signature is good", HERS, trusted=True, peer=RELAY),
    honest("our own server says nothing, and there is no signature", mail(), "unproven", trusted=True, peer=RELAY),
    honest("our own server, no authserv-id being named", mail(), trusted=True, peer=RELAY, named=False),
    honest(
        "our own server had an outage, and her signature is good",
        f"{results('dmarc=temperror header.from=example.org')}\n{HERS}",
        trusted=True,
        peer=RELAY,
    ),
    # The DNS does not answer
    honest(
        "no answer about the key",
        sign(mail(), "example.org", s="silent"),
        "pending",
        peer=EVIL_PEER,
        mail_from="x@forwarder.example",
    ),
    honest(
        "no answer about the return path's domain",
        mail(sender="a@softly.example"),
        "pending",
        mail_from="a@softly.example",
    ),
    honest("no answer about the key, but SPF passes", sign(mail(), "example.org", s="silent")),
    honest(
        "no answer about the policy, which could make no difference", HERS, zone={"_dmarc.example.org": ["TIMEOUT"]}
    ),
    honest(
        "no answer about the policy, and the signature is of a subdomain",
        sign(mail(), "mail.example.org"),
        "pending",
        peer=EVIL_PEER,
        zone={"_dmarc.example.org": ["TIMEOUT"]},
    ),
    honest(
        "no answer about the policy, and nothing that could pass",
        mail(),
        "unproven",
        peer=EVIL_PEER,
        mail_from="",
        zone={"_dmarc.example.org": ["TIMEOUT"]},
    ),
    honest(
        "no answer about the forwarder's key",
        seal(touched(), "lists.example", PASSED),
        "pending",
        peer=LIST_PEER,
        mail_from="",
        zone={"s._domainkey.lists.example": ["TIMEOUT"]},
    ),
)
