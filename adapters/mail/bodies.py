"""Which parts of a mail are its text, which its HTML, and which are files beside it.

The choice is the one of JMAP (RFC 8621 section 4.1.4), which follows what mail programs show: of alternatives the plain
and the HTML one, of related parts the first, pictures between texts as files, and every part that is marked as an
attachment, or is of any other type, as a file. A mail that consists of one text of an unusual type is shown too, but
for what only programs read (`UNSHOWN`).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape

from ...normalizer.charsets import decode_bytes
from ...normalizer.flowed import unwrap_flowed
from ...normalizer.text import html_to_text
from . import limits
from .mime import PLAIN, Headers, Part, read_mail

_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s{0,3}=\s{0,3}[\"']?([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
CALENDARS = frozenset({"text/calendar", "text/x-vcalendar", "application/ics"})
REACTION = "text/vnd.google.email-reaction+json"  # Gmail's thumb below a mail
UNSHOWN = CALENDARS | {REACTION}
# Programs tell older ones that they cannot read it.
_ABOUT_MIME = re.compile(rb"\bMIME\b(?!-Version)|multi-?part", re.IGNORECASE)
_LONGEST_NOTICE = 400
_UNDELIMITED = b"Content-Type: multipart/mixed\n\n"  # the reader looks for a boundary itself
_EMPTY_LINE = re.compile(rb"\n\s*\n")
_SAYING = re.compile(r"[^\s>|=_*~-]")  # more than marks of quotation and drawn lines
_NAMES = ("name", "filename")
_MEDIA = frozenset({"image", "audio", "video"})


@dataclass
class Bodies:
    """The parts of a mail by what they are for."""

    text: list[Part] = field(default_factory=list)
    html: list[Part] = field(default_factory=list)
    files: list[Part] = field(default_factory=list)

    @property
    def plain(self) -> str:
        """The plain text, pieces one below the other; HTML between them is read as text. Empty when all is HTML."""
        if all(_is_html(part) for part in self.text):
            return ""
        return _joined(html_to_text(part_text(part)) if _is_html(part) else part_text(part) for part in self.text)

    @property
    def markup(self) -> str:
        """The HTML, plain text between its pieces as preformatted. Empty when there is only plain text."""
        if not any(_is_html(part) for part in self.html):
            return ""
        return _joined(
            part_text(part) if _is_html(part) else f"<pre>{escape(part_text(part))}</pre>" for part in self.html
        )


def find_bodies(mail: Part) -> Bodies:
    """Sort the parts of a mail."""
    if (
        not mail.is_container
        and mail.content.main == "text"
        and not (_is_attachment(mail) or mail.content.value in UNSHOWN)
    ):
        return Bodies(text=[mail], html=[mail])
    sorter = _Sorter()
    sorter.sort((mail,), "mixed", in_alternative=False, text=sorter.bodies.text, html=sorter.bodies.html)
    bodies = sorter.bodies
    if (outside := _said_outside(mail)) and not _says(bodies):
        sorter.sort(outside, "mixed", in_alternative=False, text=bodies.text, html=bodies.html)
    return bodies


def _says(bodies: Bodies) -> bool:
    raw = any(part.raw.strip() for part in (*bodies.text, *bodies.html))
    return raw and any(_SAYING.search(text) for text in (bodies.plain, html_to_text(bodies.markup)))


def _said_outside(mail: Part) -> tuple[Part, ...]:
    """What stands before the first part or behind the last, where no part says anything.

    Scripts and scanners write there, and the first part itself stands there when its delimiter was damaged.
    """
    pieces = [_without_notice(part.raw) for part in mail.containers() if part.raw]
    return tuple(_undelimited(piece) for piece in pieces if piece.strip())


def _undelimited(piece: bytes) -> Part:
    """The parts in it, or where they say nothing its text as it stands."""
    parts = read_mail(_UNDELIMITED + piece)
    return parts if any(part.raw.strip() for part in parts.leaves()) else Part(Headers([]), PLAIN, piece)


def _without_notice(outside: bytes) -> bytes:
    first, *others = _EMPTY_LINE.split(outside, maxsplit=1)
    return b"".join(others) if _is_about_mime(first) else outside


def _is_about_mime(outside: bytes) -> bool:
    is_notice = len(outside) < _LONGEST_NOTICE and b"\ncontent-" not in b"\n" + outside.lower()
    return is_notice and _ABOUT_MIME.search(outside) is not None


def part_text(part: Part) -> str:
    """The text of a part, with the line ends of Unix."""
    data = part.body
    charset = part.content.parameters.get("charset", "")
    if not charset and part.content.value == "text/html" and (found := _META_CHARSET.search(data, 0, 2048)):
        charset = found[1].decode()
    text = decode_bytes(data[: limits.TEXT * 4], charset)[: limits.TEXT]
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").removeprefix("\ufeff")
    if part.content.parameters.get("format", "").lower() == "flowed" and not _is_html(part):
        return unwrap_flowed(text, delete_space=part.content.parameters.get("delsp", "").lower() == "yes")
    return text


def file_name(part: Part) -> str:
    """The file name as given; empty when there is none."""
    disposed = part.disposition.parameters if part.disposition is not None else {}
    given = (disposed.get("filename"), *(part.content.parameters.get(key) for key in _NAMES), disposed.get("name"))
    return next(filter(None, given), "")


def _is_html(part: Part) -> bool:
    return part.content.value == "text/html"


def _joined(pieces: Iterable[str]) -> str:
    return "\n".join(piece for piece in pieces if piece.strip())[: limits.TEXT]


def _is_attachment(part: Part) -> bool:
    return part.disposition is not None and part.disposition.value == "attachment"


class _Sorter:
    """RFC 8621 section 4.1.4, `parseStructure`; a list that is None is one that the branch does not add to."""

    def __init__(self) -> None:
        self.bodies = Bodies()

    def sort(
        self,
        parts: tuple[Part, ...],
        container: str,
        *,
        in_alternative: bool,
        text: list[Part] | None,
        html: list[Part] | None,
    ) -> None:
        texts, markups = _length(text), _length(html)
        for index, part in enumerate(parts):
            if part.is_container:
                kind = part.content.sub
                self.sort(
                    part.parts, kind, in_alternative=in_alternative or kind == "alternative", text=text, html=html
                )
            elif not _is_shown(part, index, container):
                self.bodies.files.append(part)
            elif container == "alternative":
                self._alternative(part, text, html)
            else:
                # What stands for one kind only says so with its first text; a second of the other kind goes with it.
                if in_alternative and part.content.value == "text/plain" and text is not None:
                    html = None
                elif in_alternative and part.content.value == "text/html" and html is not None:
                    text = None
                self._shown(part, text, html)
        if container == "alternative" and text is not None and html is not None:
            # Only one of the two kinds was found: it stands for the other.
            if len(text) == texts and len(html) != markups:
                text.extend(html[markups:])
            elif len(html) == markups and len(text) != texts:
                html.extend(text[texts:])

    def _alternative(self, part: Part, text: list[Part] | None, html: list[Part] | None) -> None:
        if part.content.value == "text/plain" and text is not None:
            text.append(part)
        elif part.content.value == "text/html" and html is not None:
            html.append(part)
        else:
            self.bodies.files.append(part)

    def _shown(self, part: Part, text: list[Part] | None, html: list[Part] | None) -> None:
        if part.content.main in _MEDIA:
            self.bodies.files.append(part)
            return
        if text is not None:
            text.append(part)
        if html is not None:
            html.append(part)


def _length(parts: list[Part] | None) -> int:
    return len(parts) if parts is not None else -1


def _is_shown(part: Part, index: int, container: str) -> bool:
    if _is_attachment(part) or not (part.content.value in {"text/plain", "text/html"} or part.content.main in _MEDIA):
        return False
    return index == 0 or (container != "related" and (part.content.main in _MEDIA or not file_name(part)))
