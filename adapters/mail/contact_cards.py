"""The contact cards of a mail (vCard 2.1, 3 and 4; RFC 6350): names, numbers and addresses, as their sender gives them.

What a card says is a claim about somebody, perhaps somebody else than the sender: it is shown with the message and
joins nothing. At most `_MOST` cards are read; linear time; never raises.
"""

import quopri
import re
from collections.abc import Iterable, Iterator

from ...normalizer.charsets import decode_bytes
from ...normalizer.envelope import Contact
from .bodies import file_name, part_text
from .mail_headers import one_line
from .mime import Part

_TYPES = frozenset({"text/vcard", "text/x-vcard", "text/directory", "application/vcard"})
_FILES = frozenset({"application/octet-stream", "text/plain"})
_READ = 256 * 1024
_MOST, _EACH = 20, 10
_LINE = re.compile(r"(?:[\w-]{1,40}\.)?(?P<name>[A-Za-z-]{1,40})(?P<parameters>(?:;[^:\n]{0,500})*):(?P<value>.*)")
_ESCAPE = re.compile(r"\\([nN]|.)")
_CHARSET = re.compile(r"CHARSET=([\w-]{1,40})", re.IGNORECASE)


def read_contacts(parts: Iterable[Part]) -> tuple[Contact, ...]:
    """The cards among these files, in order."""
    found = [contact for part in parts if _is_card(part) for contact in _cards(part_text(part)[:_READ])]
    return tuple(found[:_MOST])


def _is_card(part: Part) -> bool:
    return part.content.value in _TYPES or (
        part.content.value in _FILES and file_name(part).lower().endswith((".vcf", ".vcard"))
    )


def _cards(text: str) -> Iterator[Contact]:
    facts: dict[str, list[str]] | None = None
    for name, value in _lines(text):
        if name == "BEGIN":
            facts = {}
        elif name == "END" and facts is not None:
            if contact := _contact(facts):
                yield contact
            facts = None
        elif facts is not None and value:
            facts.setdefault(name, []).append(value)


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Names and values; folded lines joined, quoted-printable ones (2.1) decoded."""
    lines = re.sub(r"\n[ \t]", "", text.replace("\r", "")).split("\n")
    at = 0
    while at < len(lines):
        match = _LINE.fullmatch(lines[at])
        at += 1
        if match is None:
            continue
        value, parameters = match["value"], match["parameters"].upper()
        if "QUOTED-PRINTABLE" in parameters:
            while value.endswith("=") and at < len(lines):
                value, at = value[:-1] + lines[at], at + 1
            charset = _CHARSET.search(parameters)
            value = decode_bytes(quopri.decodestring(value.encode()), charset[1] if charset else "")
        yield match["name"].upper(), value.strip()


def _contact(facts: dict[str, list[str]]) -> Contact | None:
    structured = [_plain(each) for each in facts.get("N", [""])[0].split(";")]
    name = _plain(facts.get("FN", [""])[0]) or " ".join(filter(None, (*structured[1:3], structured[0])))
    organisation = ", ".join(filter(None, map(_plain, facts.get("ORG", [""])[0].split(";"))))
    phones = [_plain(each).removeprefix("tel:") for each in facts.get("TEL", [])[:_EACH]]
    emails = [_plain(each).removeprefix("mailto:") for each in facts.get("EMAIL", [])[:_EACH]]
    if not (name or phones or emails):
        return None
    return Contact(name=name[:200], organisation=organisation[:200], phones=tuple(phones), emails=tuple(emails))


def _plain(value: str) -> str:
    return one_line(_ESCAPE.sub(lambda match: " " if match[1] in "nN" else match[1], value))[:320]
