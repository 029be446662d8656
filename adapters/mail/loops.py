"""Loops: mail of ours that comes back to us as if somebody had written it.

Everything we send carries a header with a mark that is made from our secret key, so that another installation's mail is
not taken for ours. A mail with our mark, from one of our own addresses, or with more hops than any way has
(RFC 5321 section 6.3), waits for a person instead of making a ticket that makes a mail. So does one that lost our mark
and kept our Message-ID: a forwarder or a responder sent it again under its own name.
"""

import hmac
from collections.abc import Collection

from . import limits
from .mime import Headers

HEADER = "X-Trunkline-Loop"
_PROGRAMS = ("x-mailer", "user-agent", "x-php-originating-script", "x-php-script")


def loop_mark(key: bytes) -> str:
    """The value of the header."""
    return hmac.digest(key, b"loop", "sha256")[:12].hex()


def is_loop(headers: Headers, key: bytes) -> bool:
    """The mail has been with us before, or goes in circles."""
    mark = loop_mark(key)
    ours = any(
        hmac.compare_digest(value.strip().encode("utf-8", "replace"), mark.encode())
        for value in headers.all(HEADER.lower())
    )
    return ours or len(headers.all("received")) > limits.HOPS


def is_returned(message_id: str, domains: Collection[str], author: str, headers: Headers) -> bool:
    """The Message-ID was made in a domain of ours, and neither a colleague nor a program of ours wrote the mail."""
    if message_id.rpartition("@")[2].lower() not in domains or author.rpartition("@")[2] in domains:
        return False
    # A form on our own site writes in its visitors' names, and says what it is.
    return not any(name in headers for name in _PROGRAMS)
