"""One-time ids of forms: a random number that we signed together with the source and the time.

The id makes a form that is sent twice one message. It is signed with a key drawn from the source's secret, so nobody
can make one up to meet somebody else's; with two live secrets both are good. One older than `LIFETIME_MS` is stale: by
then its dedup record may be gone, so it must not be taken again.
"""

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Sequence

LIFETIME_MS = 24 * 60 * 60 * 1000

_FORM = re.compile(r"([A-Za-z0-9_-]{22})\.([0-9]{1,14})\.([A-Za-z0-9_-]{43})\Z")


def new_form_id(keys: Sequence[bytes], source: str, now: int) -> str:
    """A fresh id, signed with the first key."""
    head = f"{secrets.token_urlsafe(16)}.{now}"
    return f"{head}.{_mark(keys[0], source, head)}"


def nonce_of(keys: Sequence[bytes], source: str, now: int, form_id: str) -> str | None:
    """The random part of an id that we signed for this source within a day; None for any other text."""
    match = _FORM.match(form_id)
    if match is None:
        return None
    head = f"{match[1]}.{match[2]}"
    if not any(hmac.compare_digest(_mark(key, source, head), match[3]) for key in keys):
        return None
    return match[1] if -60_000 <= now - int(match[2]) <= LIFETIME_MS else None


def _mark(key: bytes, source: str, head: str) -> str:
    mark = hmac.digest(key, f"trunkline form\0{source}\0{head}".encode(), "sha256")
    return urlsafe_b64encode(mark).rstrip(b"=").decode()
