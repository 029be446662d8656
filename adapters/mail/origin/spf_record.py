"""Reading an SPF record (RFC 7208 sections 4.6, 5, 6 and 12).

A record is read as a whole before any of it is evaluated: one mistake anywhere makes it worthless (section 4.6).
"""

import ipaddress
import re
from dataclasses import dataclass, replace

from .spf_macros import MacroSyntaxError, check_macros

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_MODIFIER = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*)=(.*)", re.DOTALL)
_DIRECTIVE = re.compile(r"([-+?~]?)([A-Za-z][A-Za-z0-9]*)(.*)", re.DOTALL)
_LENGTHS = re.compile(r"(?:/(0|[1-9][0-9]?))?(?://(0|[1-9][0-9]{0,2}))?\Z")
_DOMAIN_END = re.compile(r"(?:\.(?=[A-Za-z0-9-]*[A-Za-z-])[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.?|%\{[^{}]*\})\Z")

_WITH_DOMAIN = frozenset({"include", "a", "mx", "ptr", "exists"})
_DOMAIN_NEEDED = frozenset({"include", "exists"})
_WITH_LENGTHS = frozenset({"a", "mx"})


class SpfSyntaxError(ValueError):
    """The record cannot be read; the sentence says which term."""


@dataclass(frozen=True, kw_only=True)
class Directive:
    """One mechanism with its qualifier."""

    text: str
    qualifier: str  # + - ~ ?
    mechanism: str
    domain: str = ""  # with macros
    network: Network | None = None
    length_4: int = 32
    length_6: int = 128


@dataclass(frozen=True, kw_only=True)
class SpfRecord:
    """The directives in their order, and the two modifiers that mean something."""

    directives: tuple[Directive, ...]
    redirect: str = ""
    explanation: str = ""


def is_spf(text: str) -> bool:
    """Section 4.5: whether a TXT record is an SPF record at all."""
    version, _, _ = text.partition(" ")
    return version.lower() == "v=spf1"


def read_spf(text: str) -> SpfRecord:
    """The record; raises SpfSyntaxError."""
    directives: list[Directive] = []
    modifiers: dict[str, str] = {}
    for term in filter(None, text.split(" ")[1:]):
        if not term.isascii() or not term.isprintable():
            raise SpfSyntaxError("the record holds a character that is not allowed")
        modifier = _MODIFIER.match(term)
        if modifier is None:
            directives.append(_directive(term))
            continue
        name, value = modifier[1].lower(), modifier[2]
        if name in modifiers and name in ("redirect", "exp"):
            raise SpfSyntaxError(f"{name}= stands there twice")
        modifiers[name] = _modifier(name, value)
    return SpfRecord(
        directives=tuple(directives), redirect=modifiers.get("redirect", ""), explanation=modifiers.get("exp", "")
    )


def _modifier(name: str, value: str) -> str:
    if name in ("redirect", "exp"):
        return _domain(name, value)
    _checked(name, value)
    return value


def _directive(term: str) -> Directive:
    parts = _DIRECTIVE.match(term)
    if parts is None:
        raise SpfSyntaxError(f"{term} is no mechanism")
    qualifier, mechanism, rest = parts[1] or "+", parts[2].lower(), parts[3]
    directive = Directive(text=term, qualifier=qualifier, mechanism=mechanism)
    if mechanism == "all" and not rest:
        return directive
    if mechanism in ("ip4", "ip6") and rest.startswith(":"):
        return replace(directive, network=_network(term, mechanism, rest[1:]))
    if mechanism not in _WITH_DOMAIN:
        raise SpfSyntaxError(f"{term} is no mechanism")
    if mechanism in _WITH_LENGTHS:
        rest, length_4, length_6 = _lengths(term, rest)
        directive = replace(directive, length_4=length_4, length_6=length_6)
    if not rest and mechanism not in _DOMAIN_NEEDED:
        return directive
    if not rest.startswith(":"):
        raise SpfSyntaxError(f"{term} names no domain")
    return replace(directive, domain=_domain(term, rest[1:]))


def _lengths(term: str, rest: str) -> tuple[str, int, int]:
    """What stands before the lengths of the prefixes, and those; a slash may also be a delimiter of a macro."""
    found = _LENGTHS.search(rest)
    assert found is not None  # it also matches nothing, at the end
    length_4, length_6 = int(found[1] or 32), int(found[2] or 128)
    if length_4 > 32 or length_6 > 128:
        raise SpfSyntaxError(f"{term}: no prefix is that long")
    return rest[: found.start()], length_4, length_6


def _network(term: str, mechanism: str, value: str) -> Network:
    version = 4 if mechanism == "ip4" else 6
    address, slash, length = value.partition("/")
    try:
        if slash and (not length.isdigit() or str(int(length)) != length):
            raise ValueError
        network = ipaddress.ip_network(value, strict=False)
        if network.version != version or "%" in address:
            raise ValueError
    except ValueError:
        raise SpfSyntaxError(f"{term} is no network") from None
    return network


def _domain(term: str, value: str) -> str:
    _checked(term, value)
    if not _DOMAIN_END.search(value):
        raise SpfSyntaxError(f"{term}: {value or 'nothing'} is no domain")
    return value


def _checked(term: str, value: str) -> None:
    try:
        check_macros(value)
    except MacroSyntaxError as error:
        raise SpfSyntaxError(f"{term}: {error}") from None
