"""Who wrote a mail, and where the answer should go.

The author is the one of the From header. Two shapes of mail put somebody else there: a group, a list or a form of our
own writes in our name, and the person stands in X-Original-From, X-Original-Sender or Reply-To; some programs encode
the whole header, address and all (RFC 2047 section 5 forbids it), or put the address into a name or a comment. Such an
author is taken at their word (`claimed`): nothing that vouches for From vouches for them.

A Reply-To that names somebody else is where the answer goes, and a claim of the writer, too: never who wrote. A list's
own address, one of ours and one that nobody reads are passed over.
"""

import re
from dataclasses import dataclass, replace

from ...normalizer.addresses import Mailbox, normalise_address, parse_addresses
from ...normalizer.encoded_words import decode_words
from .automation import is_nobody
from .mime import Headers
from .recipients import OwnAddresses

_PERSONS = ("x-original-from", "x-google-original-from", "x-original-sender", "reply-to")
_ADDRESS = re.compile(r"(?!')[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_LOCAL = re.compile(r"[\w.-]+")  # `MAILER-DAEMON`
_PUNCTUATION = " \t\r\n\"'()<>[]:;,"
_VIA = re.compile(r"\s+(?:via|über|par|por|tramite|через)\s+\S.*\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who wrote."""

    key: str = ""  # the normalised address; empty when there is none
    local: str = ""  # what stands before the `@`, where there is no more, too: `MAILER-DAEMON`
    name: str = ""
    trouble: str = ""  # why this is nobody to rely on
    behind_ours: bool = False  # From is an address of ours, and another header names the person
    buried: bool = False  # From names them where no address may stand: in an encoded word, a name, a comment
    reply_to: str = ""  # the normalised address that answers should go to, when it is another one

    @property
    def claimed(self) -> bool:
        """From itself does not name them."""
        return self.behind_ours or self.buried


def read_author(headers: Headers, own: OwnAddresses) -> Author:
    """The author; never raises."""
    author = _named(headers)
    if author.key and not author.trouble and own.find(author.key) is not None:
        return _person_behind(headers, author, own)
    return replace(author, reply_to=_reply_to(headers, author.key, own))


def _named(headers: Headers) -> Author:
    values = headers.all("from")
    boxes = [box for value in values[:10] for box in parse_addresses(value)]
    known = _known(boxes)
    if len(values) > 1 or len(boxes) > 1:
        key, name = known[0] if known else ("", "")
        return Author(key=key, local=_local(key), name=name, trouble="several authors")
    if known:
        return Author(key=known[0][0], local=_local(known[0][0]), name=known[0][1])
    box = boxes[0] if boxes else Mailbox()
    header = "".join(values)
    buried = [] if _LOCAL.fullmatch(box.address) else _buried(decode_words(header))
    if len(buried) == 1:
        key, shown = buried[0]
        return Author(key=key, local=_local(key), name=shown if "@" in box.name else box.name or shown, buried=True)
    return Author(local=box.address.partition("@")[0] or box.name or header.strip(), name=box.name, trouble="no author")


def _buried(text: str) -> list[tuple[str, str]]:
    """The addresses of a header, now decoded; when there is none, those in names, comments and brackets."""
    if known := _known(parse_addresses(text)):
        return known
    keys = dict.fromkeys(filter(None, map(normalise_address, _ADDRESS.findall(text)[:2])))
    return [(key, _ADDRESS.sub("", text, count=1).strip(_PUNCTUATION)) for key in keys]


def _person_behind(headers: Headers, author: Author, own: OwnAddresses) -> Author:
    for name in _PERSONS:
        named = [one for value in headers.all(name)[:1] for one in _known(parse_addresses(value))]
        found = [(key, shown) for key, shown in named if own.find(key) is None]
        if len(found) == 1:
            key, shown = found[0]
            given = shown or _VIA.sub("", author.name).strip("'\" ")
            return Author(key=key, local=_local(key), name=given, behind_ours=True)
    return author


def _reply_to(headers: Headers, author: str, own: OwnAddresses) -> str:
    lists = headers.get("list-post").lower()
    for value in headers.all("reply-to")[:1]:
        for key, _ in _known(parse_addresses(value)):
            if key == author:
                return ""
            if own.find(key) is None and not is_nobody(key) and f"mailto:{key}" not in lists:
                return key
    return ""


def _known(boxes: list[Mailbox]) -> list[tuple[str, str]]:
    return [(key, box.name) for box in boxes[:50] if (key := normalise_address(box.address))]


def _local(key: str) -> str:
    return key.rpartition("@")[0]
