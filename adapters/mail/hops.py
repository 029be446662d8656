"""Received headers: the way that a mail came, one hop per header.

Every server writes them in its own way, so this reads clause by clause (RFC 5321 section 4.4: from, by, via, with, id,
for) and takes what it recognises: `parse_hop` never raises and takes linear time. Hops are hearsay, written by servers
that nobody has checked: they serve to count hops and to date a mail that has no Date, never as evidence.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address

from .dates import parse_date

_LONGEST = 4000
_CLAUSES = frozenset({"from", "by", "via", "with", "id", "for"})
_PIECE = re.compile(r"(?P<open>\()|(?P<close>\))|(?P<word>(?:\[[^\]\s]*\]|<[^<>\s]*>|[^\s()\[\]<>,]+|[\[\]<>,])+)")
_ADDRESS = re.compile(
    r"(?<![\w.@:])(?:ipv6:)?((?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]{0,4}:[0-9a-f:]*:[0-9a-f:.]*)(?:%\w+)?(?![\w.]*[@\w])",
    re.I,
)
_HELO = re.compile(r"\b(?:helo|ehlo|lhlo)[ =]+\[?([^\s()\[\]]+)", re.I)
_PROTOCOL = re.compile(
    r"\b(?:local-)?((?:utf8)?[el]?b?smtp[sa]{0,2}(?:-tls)?|lmtp[sa]{0,2}|https?|imap|pop3|local)(?![a-z])(?!\.)", re.I
)
_WITHOUT_MEANING = frozenset({"unknown", "unverified", "verified", "localhost", "account"})


@dataclass(frozen=True, slots=True)
class Hop:
    """One server handing the mail to the next; what was not said is empty."""

    sender: str = ""
    address: str = ""
    reverse: str = ""
    helo: str = ""
    receiver: str = ""
    via: str = ""
    protocol: str = ""
    id: str = ""
    recipient: str = ""
    date: datetime | None = None


def parse_hop(header: str) -> Hop:
    """What the header says."""
    text = " ".join(header[:_LONGEST].split())
    body, semicolon, date = text.rpartition(";")
    if not semicolon:
        body, date = text, ""
    elif " for <" in date:
        body += date[date.rindex(" for <") :]
    words, remarks = _clauses(body)
    remark = " ".join(remarks.get("from", ()))
    helo = _HELO.search(remark)
    protocol = _PROTOCOL.search(" ".join(words.get("with", ())).replace("SMTPSVC", "SMTP").replace("HTTPREST", "HTTP"))
    return Hop(
        sender=_host(words.get("from", ())),
        address=_first_address(remark),
        reverse=_reverse(remark),
        helo=helo[1] if helo else "",
        receiver=_host(words.get("by", ())),
        via=_first(words.get("via", ())),
        protocol=_protocol_name(protocol[1]) if protocol else "",
        id=_first(words.get("id", ())).strip("<>").partition("/")[0],
        recipient=next((word.strip("<>") for word in words.get("for", ()) if "@" in word), ""),
        date=parse_date(date) if date else None,
    )


def _clauses(body: str) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The words and the remarks (in brackets) of each clause; a clause that comes twice counts once."""
    words: dict[str, list[str]] = {}
    remarks: dict[str, list[str]] = {}
    clause = ""
    for word, depth in _words(body):
        if depth:
            remarks.setdefault(clause, []).append(word)
        elif word.lower() in _CLAUSES and (words.get(clause, [""]) or remarks.get(clause)):
            clause = word.lower() if word.lower() not in words else "again"
            words.setdefault(clause, [])
        elif clause == "from" and words["from"] and (word.startswith("[") or "[" in word):
            remarks.setdefault(clause, []).append(word)
        else:
            words.setdefault(clause, []).append(word)
    return words, remarks


def _words(body: str) -> Iterator[tuple[str, int]]:
    if body.startswith("(from "):  # sendmail brackets the whole clause of a local sender
        body = body[1:].replace(")", "", 1)
    depth = 0
    for match in _PIECE.finditer(body):
        if match["open"]:
            depth += 1
        elif match["close"]:
            depth = max(0, depth - 1)
        elif match["word"] != ",":
            yield match["word"].rstrip(","), depth


def _first(words: list[str] | tuple[str, ...]) -> str:
    return words[0] if words else ""


def _host(words: list[str] | tuple[str, ...]) -> str:
    return _first(words).strip("[]<>").partition("]")[0]


def _first_address(remark: str) -> str:
    for match in _ADDRESS.finditer(remark):
        try:
            return str(ip_address(match[1]))
        except ValueError:
            continue
    return ""


def _reverse(remark: str) -> str:
    first = remark.partition(" ")[0].partition("[")[0].strip("<>")
    name = first.lower()
    return (
        first
        if "." in name and not set("@=") & set(name) and not _ADDRESS.match(name) and name not in _WITHOUT_MEANING
        else ""
    )


def _protocol_name(text: str) -> str:
    name = text.upper().replace("-TLS", "S").replace("BSMTP", "SMTP")
    return "Local" if name == "LOCAL" else name.replace("HTTPS", "HTTP")
