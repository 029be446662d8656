"""The arguments of MAIL and RCPT, strictly as RFC 5321 section 4.1.2 writes them.

Brackets are demanded: what is taken without them can be read in two ways by two servers. The one thing tolerated is the
blank behind the colon, which much software sends. What is not as it must be gives the answer to say instead of a path.
"""

import re
from dataclasses import dataclass, field

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u0080-\U0010ffff]+"
_LOCAL = rf'(?:{_ATOM}(?:\.{_ATOM})*|"(?:[ !#-\[\]-~\u0080-\U0010ffff]|\\[ -~])*")'
_LABEL = r"[A-Za-z0-9_\u0080-\U0010ffff](?:[A-Za-z0-9_\-\u0080-\U0010ffff]*[A-Za-z0-9_\u0080-\U0010ffff])?"
_DOMAIN = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[(?:IPv6:[0-9A-Fa-f:.]+|\d{{1,3}}(?:\.\d{{1,3}}){{3}})\])"
# Appendix C: a source route is taken and ignored.
_PATH = re.compile(
    rf" ?<(?:@{_DOMAIN}(?:,@{_DOMAIN})*:)?(?P<address>{_LOCAL}@{_DOMAIN}|(?i:postmaster)|)>(?P<rest>.*)\Z"
)
_PARAMETER = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9-]*)(?:=(?P<value>[!-<>-~]+))?\Z")


@dataclass(frozen=True, slots=True)
class Path:
    """A reverse or forward path; an empty address is the null sender."""

    address: str
    parameters: dict[str, str] = field(default_factory=dict)


def sender_path(argument: str, largest: int) -> Path | str:
    """The reverse path of MAIL, or the answer that refuses it."""
    path = parse_path("FROM:", argument)
    if path is None or (path.address and "@" not in path.address):
        return "501 5.5.4 Syntax: MAIL FROM:<address>"
    if path.parameters.keys() - {"SIZE", "BODY", "SMTPUTF8"}:
        return "555 5.5.4 Parameter is not known here"
    size = path.parameters.get("SIZE", "0")
    body = path.parameters.get("BODY", "7BIT").upper()
    number = size.isascii() and size.isdigit()
    if not number or body not in {"7BIT", "8BITMIME"} or path.parameters.get("SMTPUTF8"):
        return "501 5.5.4 Parameter has a wrong value"
    # RFC 1870 section 3: at most 20 digits.
    return path if int(size[:20]) <= largest else "552 5.3.4 Message size exceeds the limit"


def recipient_path(argument: str) -> Path | str:
    """The forward path of RCPT, or the answer that refuses it; `<postmaster>` needs no domain (section 4.1.1.3)."""
    path = parse_path("TO:", argument)
    if path is None or not path.address:
        return "501 5.5.4 Syntax: RCPT TO:<address>"
    return "555 5.5.4 Parameter is not known here" if path.parameters else path


def parse_path(keyword: str, argument: str) -> Path | None:
    """The path behind `FROM:` or `TO:`, or None when it is not written as it must be."""
    if argument[: len(keyword)].upper() != keyword:
        return None
    match = _PATH.match(argument[len(keyword) :])
    if match is None or not _within_limits(match["address"]):
        return None
    rest = match["rest"]
    if rest and not rest.startswith(" "):
        return None
    parameters: dict[str, str] = {}
    for word in rest.split():
        parameter = _PARAMETER.match(word)
        if parameter is None or parameter["name"].upper() in parameters:
            return None
        parameters[parameter["name"].upper()] = parameter["value"] or ""
    return Path(match["address"], parameters)


def _within_limits(address: str) -> bool:
    # RFC 5321 section 4.5.3.1: 64 octets, 255 octets. Longer local parts are in use and do no harm, up to a path's 256.
    local, _, domain = address.rpartition("@")
    return len(local.encode("utf-8", "replace")) <= 256 and len(domain.encode("utf-8", "replace")) <= 255
