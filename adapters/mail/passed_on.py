"""The mails that a mail passes on: within its text, or as files (message/rfc822, `.eml`).

All that is said of them is a claim of whoever passed them on: anybody can write such lines and such files. Reports of
servers about a mail (RFC 3464) hold one too, and are not read here. At most `_MOST` are told of, the outermost first;
the files stay files. An attached mail is read under the same limits as the one that it came in.
"""

from collections.abc import Iterable, Iterator

from ...config.errors import Unreadable
from ...normalizer.addresses import normalise_address, parse_addresses
from ...normalizer.encoded_words import decode_words
from ...normalizer.envelope import Original
from ...normalizer.originals import Passed, find_original
from ...normalizer.quoting import split_message
from .bodies import Bodies, file_name, find_bodies
from .dates import milliseconds, parse_date
from .mail_headers import one_line
from .mime import Headers, Part, read_mail

_MOST = 10
_DEEPEST = 5  # of messages within messages in one text
_LONGEST = 20_000  # characters of each text
_FILES = frozenset({"application/octet-stream", "text/plain", "application/eml", "message/eml"})


def read_originals(text: str, files: Iterable[Part], *, answers: bool = False) -> tuple[Original, ...]:
    """Those within the text, then the attached ones. In an answer to us, copied headers alone only quote."""
    found = [
        *_within(text, told=answers),
        *(original for part in files if _is_mail(part) for original in _attached(part)),
    ]
    return tuple(found[:_MOST])


def shown(original: Original) -> str:
    """An attached mail as text, for a mail that says nothing else."""
    who = " ".join(filter(None, (original.name, f"<{original.address}>" if original.address else "")))
    head = (("From", who), ("Date", original.date), ("To", original.to), ("Subject", original.subject))
    return "\n".join((*(f"{label}: {value}" for label, value in head if value), "", original.text)).strip()


def _within(text: str, *, told: bool) -> Iterator[Original]:
    passed = find_original(text, told=told)
    for _ in range(_DEEPEST):
        if passed is None:
            return
        yield _original(passed)
        passed = find_original(passed.text)


def _original(passed: Passed) -> Original:
    moment = parse_date(passed.date)
    return Original(
        name=one_line(passed.name),
        address=passed.address,
        date=one_line(passed.date),
        sent_at=milliseconds(moment) if moment else None,
        subject=one_line(passed.subject),
        to=one_line(passed.to),
        text=passed.text[:_LONGEST],
    )


def _is_mail(part: Part) -> bool:
    if part.content.value in {"message/rfc822", "message/global"}:
        return True
    return part.content.value in _FILES and file_name(part).lower().endswith(".eml")


def _attached(part: Part) -> Iterator[Original]:
    try:
        mail = read_mail(part.body)
        bodies = find_bodies(mail)
    except Unreadable:
        return
    headers = mail.headers
    box = next((box for value in headers.all("from")[:1] for box in parse_addresses(value) if box.address), None)
    if box is None and not headers.get("subject"):
        return
    moment = parse_date(headers.get("date"))
    text = _text(bodies, headers)
    yield Original(
        name=one_line(box.name)[:200] if box else "",
        address=(normalise_address(box.address) or "") if box else "",
        date=one_line(headers.get("date"))[:200],
        sent_at=milliseconds(moment) if moment else None,
        subject=_subject(headers),
        to=one_line(decode_words(headers.get("to")))[:500],
        text=text,
        attached=True,
    )


def _text(bodies: Bodies, headers: Headers) -> str:
    return split_message(bodies.plain, bodies.markup, subject=_subject(headers)).visible[:_LONGEST]


def _subject(headers: Headers) -> str:
    return one_line(decode_words(headers.get("subject")))[:998]
