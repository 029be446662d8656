"""The channel's own id of a mail, found by looking at bytes, before anything is parsed.

    external_id   Message-ID # sha256 of what stands behind the headers; without a Message-ID, sha256 of that and of
                  what the author's own headers say, where Date is among them; without it, sha256 of everything
    dedup         external_id, the author's own headers, what may prove them, the peer and the recipients, sorted: a
                  repeat is the same delivery once more. What comes another way may be better proven: it is told
                  from the first when it is filed, and lifts it (router/late_proof.py)
    lane          whose mails are filed one after the other: those of one reverse path

The headers are left out of the hash because every hop adds some; the key says what the mail says, so intake compares
nothing besides. A Message-ID alone proves nothing: anybody can send
another text under a known one, which is then another message.
"""

import hashlib
import re
from collections.abc import Iterable

_HEADER_END = re.compile(rb"(?:\A|\r?\n)\r?\n")
_MESSAGE_ID = re.compile(rb"(?:\A|\n)message-id[ \t]{0,9}:\s{0,9}<?([^\s<>]{1,250})", re.IGNORECASE)
_AUTHORS = re.compile(
    rb"(?:\A|\n)(?:from|to|cc|subject|date|reply-to|content-type)[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*", re.IGNORECASE
)
# What a mail answers and what speaks for its author: whoever strips it and is first must not keep the true one out.
_PROOFS = re.compile(
    rb"(?:\A|\n)(?:in-reply-to|references|dkim-signature|authentication-results|arc-seal)[ \t]*:"
    rb"[^\n]*(?:\n[ \t][^\n]*)*",
    re.IGNORECASE,
)
_SEARCHED = 256 * 1024


def external_id(content: bytes) -> str:
    """The id; the same bytes give the same id, whatever recipients they came for."""
    end = _HEADER_END.search(content, 0, _SEARCHED)
    found = _MESSAGE_ID.search(content, 0, end.end() if end else _SEARCHED)
    if found is None or end is None:
        return f"sha256:{_digest(content, end.end() if end else 0)}"
    name = found[1].decode("ascii", "backslashreplace")
    return f"{name}#{hashlib.sha256(memoryview(content)[end.end() :]).hexdigest()}"


def _digest(content: bytes, body: int) -> str:
    """Of the mail without what the hops add: a server that tries again adds other Received headers."""
    own = _headers(_AUTHORS, content, body)
    if not any(header.lower().startswith(b"date") for header in own):
        return hashlib.sha256(content).hexdigest()  # without a moment, somebody may have written the same twice
    digest = hashlib.sha256(b"\n".join(own))
    digest.update(memoryview(content)[body:])
    return digest.hexdigest()


def _headers(which: "re.Pattern[bytes]", content: bytes, body: int) -> list[bytes]:
    return [match[0].strip() for match in which.finditer(content, 0, body)]


def dedup_key(content: bytes, external: str, recipients: Iterable[str], peer: str) -> str:
    """The key by which a repeat of the same delivery, by the same peer, is recognised."""
    end = _HEADER_END.search(content, 0, _SEARCHED)
    body = end.end() if end else 0
    said = hashlib.sha256(b"\n".join((*_headers(_AUTHORS, content, body), *_headers(_PROOFS, content, body))))
    return "\x1f".join((external, said.hexdigest(), peer, *sorted({recipient.lower() for recipient in recipients})))


def lane(reverse_path: str, external: str) -> str:
    """The key of the line in which the mail waits; mails of nobody (bounces) wait for nobody."""
    return f"mail:{reverse_path.lower() or external}"
