"""A mail put together again of what a provider took apart: its headers, its texts and its files. Pure.

For posts of a provider at which the box for the raw mail is not ticked, which hold all that was written all the same.
What the mail was signed over is lost, so nothing of it is proven. The same pieces give the same bytes, by which a
repeat is known. Texts stay in the character set that is told of them: what they say is read where a mail is.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_OF_THE_BODY = frozenset({"content-type", "content-transfer-encoding", "mime-version", "content-disposition"})
_NAME = re.compile(r"[!-9;-~]{1,100}\Z", re.ASCII)
_TYPE = re.compile(r"[\w.+-]{1,100}/[\w.+-]{1,100}\Z", re.ASCII)
_CHARSET = re.compile(r"[\w.:+-]{1,40}\Z", re.ASCII)
_BREAKS = re.compile(r"[\r\n\0]+[ \t]*")
_QUOTED = re.compile(r'["\\]')
_OCTETS = "application/octet-stream"

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Text:
    """A text as it came."""

    content: bytes
    charset: str = "utf-8"


@dataclass(frozen=True, kw_only=True)
class File:
    """A file that came along; `content_id` without brackets."""

    name: str
    media_type: str
    content: bytes
    content_id: str = ""


def mail_of(headers: Headers, text: Text, html: Text, files: Iterable[File] = ()) -> bytes:
    """The mail. Of `headers` those that are none, or say how the body was written, are left out."""
    parts = [_text("plain", text)] if text.content or not html.content else []
    parts += [_text("html", html)] if html.content else []
    body = _several("alternative", parts) if len(parts) > 1 else parts[0]
    attached = [_file(each) for each in files]
    whole = _several("mixed", [body, *attached]) if attached else body
    return "".join(_line(name, value) for name, value in headers if _is_kept(name)).encode("utf-8", "replace") + (
        b"MIME-Version: 1.0\r\n" + whole
    )


def with_missing(headers: Headers, told: Iterable[tuple[str, str]]) -> Headers:
    """The headers, and those of `told` that say something and are not among them."""
    known = {name.lower() for name, _ in headers}
    return [*headers, *((name, value) for name, value in told if value and name.lower() not in known)]


def header_lines(block: str) -> Headers:
    """The headers in a block of them, unfolded."""
    found = (line.partition(":") for line in re.sub(r"\r?\n[ \t]+", " ", block).splitlines())
    return [(name.strip(), value.strip()) for name, colon, value in found if colon]


def _is_kept(name: str) -> bool:
    return _NAME.match(name) is not None and name.lower() not in _OF_THE_BODY


def _line(name: str, value: str) -> str:
    return f"{name}: {_BREAKS.sub(' ', value)}\r\n"


def _text(kind: str, text: Text) -> bytes:
    charset = text.charset.lower() if _CHARSET.match(text.charset) else "utf-8"
    return _part(f'text/{kind}; charset="{charset}"', text.content, [])


def _file(file: File) -> bytes:
    name = _BREAKS.sub(" ", _QUOTED.sub(r"\\\g<0>", file.name))
    inline = "inline" if file.content_id else "attachment"
    more = [("Content-Disposition", f'{inline}; filename="{name}"' if name else inline)]
    more += [("Content-ID", f"<{file.content_id.strip('<> ')}>")] if file.content_id else []
    kind = file.media_type.partition(";")[0].strip().lower()
    return _part(kind if _TYPE.match(kind) else _OCTETS, file.content, more)


def _part(content_type: str, content: bytes, more: Headers) -> bytes:
    named = [("Content-Type", content_type), ("Content-Transfer-Encoding", "base64"), *more]
    return "".join(_line(*each) for each in named).encode("utf-8", "replace") + b"\r\n" + base64.encodebytes(content)


def _several(kind: str, parts: Sequence[bytes]) -> bytes:
    """The parts are base64, in which no line begins with hyphens."""
    boundary = hashlib.sha256(b"".join(parts)).hexdigest()[:40].encode()
    head = b'Content-Type: multipart/%s; boundary="%s"\r\n\r\n' % (kind.encode(), boundary)
    return head + b"".join(b"--%s\r\n%s\r\n" % (boundary, each) for each in parts) + b"--%s--\r\n" % boundary
