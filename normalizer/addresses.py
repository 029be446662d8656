"""E-mail addresses as identity keys.

`normalise_address` gives the one spelling under which an address is known: the domain in lower case and as A-labels
(RFC 5891), the local part in lower case. RFC 5321 section 2.4 lets a host tell `Ann@` from `ann@`, but practically no
provider does, and two records for one person are the worse mistake. Dots and `+tags` are kept, because only the
provider knows what they mean. What does not name exactly one mailbox has no key (None); nothing here ever raises.

`parse_addresses` and `Mailbox` (module `mailboxes`) read whole header values; they are offered here because whoever
needs the key needs them too.
"""

import re
import unicodedata

import idna

from .mailboxes import Mailbox, parse_addresses

__all__ = ["Mailbox", "normalise_address", "normalise_domain", "parse_addresses"]

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_PLAIN = re.compile(rf"[a-z0-9!#$%&'*+/=?^_`{{|}}~.-]{{1,64}}@(?:{_LABEL.pattern}\.){{1,20}}{_LABEL.pattern}")
_LITERAL = re.compile(r"\[(?:ipv6:[0-9a-f:.]{2,45}|[0-9.]{7,15})\]")
_DOT_ATOM = re.compile(r"[^\s\"(),:;<>@\[\]\\\x00-\x1f\x7f]+")
_QUOTED_LOCAL = re.compile(r'"((?:[^"\\\x00-\x1f\x7f]|\\[^\x00-\x1f\x7f])*+)"')
_NAMED = re.compile(r"[<(]")
_IDEOGRAPHIC_DOTS = str.maketrans("。．｡", "...")  # RFC 3490 section 3.1
_LONGEST = 320


def normalise_address(raw: str) -> str | None:
    """The identity key of the one address in the text (`ann@example.org`, `Ann <ann@example.org>`), or None."""
    raw = _without_scheme(raw.strip())
    if len(raw) > 2 * _LONGEST:
        return None
    if raw.isascii() and len(raw) <= 253 and _PLAIN.fullmatch(lower := raw.lower()):
        return lower
    mailboxes = parse_addresses(raw)
    if len(mailboxes) != 1 or (mailboxes[0].name and not _NAMED.search(raw)):
        return None
    return _key(mailboxes[0].address)


def _without_scheme(address: str) -> str:
    return address[7:].partition("?")[0] if address[:7].lower() == "mailto:" else address


def _key(address: str) -> str | None:
    local, _, domain = _without_scheme(address).rpartition("@")
    local_key, domain_key = _local(local), normalise_domain(domain)
    if not local_key or not domain_key:
        return None
    key = f"{local_key}@{domain_key}"
    return key if len(key.encode("utf-8", "replace")) <= _LONGEST else None


def _local(local: str) -> str | None:
    quoted = _QUOTED_LOCAL.fullmatch(local)
    if quoted:
        local = re.sub(r"\\(.)", r"\1", quoted[1])
    local = unicodedata.normalize("NFC", local).lower()
    if any("\ud800" <= char <= "\udfff" for char in local):
        return None
    if _DOT_ATOM.fullmatch(local):
        return local
    if quoted is None or not local:
        return None
    escaped = re.sub(r'(["\\])', r"\\\1", local)
    return f'"{escaped}"'


def normalise_domain(domain: str) -> str | None:
    """The domain in lower case and as A-labels, without the final dot; None when it cannot be a domain."""
    domain = domain.translate(_IDEOGRAPHIC_DOTS).removesuffix(".")
    if not 1 <= len(domain) <= 253:
        return None
    if domain.isascii():
        domain = domain.lower()
    else:
        try:
            domain = idna.encode(domain, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return None
    if _LITERAL.fullmatch(domain) or all(_LABEL.fullmatch(label) for label in domain.split(".")):
        return domain
    return None
