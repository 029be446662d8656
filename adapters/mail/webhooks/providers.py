"""What providers post, and how a post proves itself: Postmark, SendGrid, Mailgun. Pure.

    postmark   basic authentication by the user and password in the address; JSON, the mail in RawEmail
    sendgrid   the same; a form, the mail in `email` ("POST the raw, full MIME message")
    mailgun    HMAC-SHA256 over timestamp and token; a form, the mail in `body-mime` (an address that ends in `mime`)

A header that Postmark tells of can stand in the mail as it was sent as well, and nobody says which is whose: a mail is
spam when one of them says so, and where it came from is believed when all say the same.

Mailgun signs only timestamp and token, and tries for eight hours: so long a post is good, and its mail is known again.
"""

import base64
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Literal

from ....config.errors import Forged, Unreadable
from ...vendor_post import Post, demand_equal, read_json, single_header
from .arrived import Arrived, number
from .forms import Field, read_form, text_of
from .taken_apart import mailgun_mail, postmark_mail, sendgrid_mail

GOOD_FOR_SECONDS = 9 * 3600

_STAMP = re.compile(r"[0-9]{1,12}\Z")
_CLIENT = re.compile(r"\bclient-ip=([0-9A-Fa-f:.]{2,45})(?=;|\s|\Z)")
_HELO = re.compile(r"\bhelo=([\w.-]{1,253})")

_NO_RAW = {
    "postmark": "there is no mail in it: switch on “Include raw email content in JSON payload” at Postmark",
    "sendgrid": "there is no mail in it: tick “POST the raw, full MIME message” at SendGrid",
    "mailgun": "there is no mail in it: let the route forward to an address that ends in /mime",
}


def demand_basic(post: Post, secret: str) -> None:
    """RFC 7617, by the secret `user:password`. Raises Forged."""
    expected = b"Basic " + base64.b64encode(secret.encode())
    demand_equal(single_header(post, "Authorization"), expected, "user and password in the address")


def demand_mailgun(post: Post, key: str, now: float) -> None:
    """Raises Forged, also for what is older than Mailgun tries."""
    try:
        fields = _form(post)
    except Unreadable as error:
        raise Forged(error.detail) from error
    stamp, token, signature = (text_of(fields, name) for name in ("timestamp", "token", "signature"))
    if not _STAMP.match(stamp) or not 0 < len(token) <= 256 or len(signature) != 64:
        raise Forged("timestamp, token or signature is missing, or not what it has to be")
    demand_equal(signature, hmac.digest(key.encode(), f"{stamp}{token}".encode("utf-8", "replace"), "sha256").hex())
    if abs(now - int(stamp)) > GOOD_FOR_SECONDS:
        raise Forged("the timestamp is hours from now")


def read_postmark(post: Post) -> list[Arrived]:
    """Put together where "Include raw email content" is off. Raises Unreadable."""
    return postmark_arrived(read_json(post.body))


def postmark_arrived(told: Any) -> list[Arrived]:
    """The mail in Postmark's JSON. Raises Unreadable."""
    if not isinstance(told, dict):
        raise Unreadable("not a post of Postmark")
    raw = told.get("RawEmail")
    whole = raw.encode("utf-8", "replace") if isinstance(raw, str) else b""
    content = whole or postmark_mail(told, _NO_RAW["postmark"])
    named = _mappings(told.get("Headers"))
    headers = [(str(each.get("Name", "")).lower(), str(each.get("Value", ""))) for each in named]
    received = [value for name, value in headers if name == "received-spf"]
    status = [value.strip().lower() for name, value in headers if name == "x-spam-status"]
    scores = [score for name, value in headers if name == "x-spam-score" and (score := number(value)) is not None]
    return [
        Arrived(
            content=content,
            recipients=(str(told.get("OriginalRecipient") or ""),),
            peer=_same(_CLIENT, received),
            helo=_same(_HELO, received),
            spam=_worst(status),
            score=max(scores, default=None),
        )
    ]


def read_sendgrid(post: Post) -> list[Arrived]:
    """Put together where the raw message is not posted. Raises Unreadable."""
    return sendgrid_arrived(_form(post))


def sendgrid_arrived(fields: Mapping[str, Field]) -> list[Arrived]:
    """The mail in SendGrid's form. Raises Unreadable."""
    raw = fields.get("email")
    content = raw.content if raw and raw.content else sendgrid_mail(fields, _NO_RAW["sendgrid"])
    envelope: Any = {}
    with suppress(ValueError, RecursionError):
        envelope = json.loads(text_of(fields, "envelope") or "{}")
    envelope = envelope if isinstance(envelope, dict) else {}
    to, path = envelope.get("to"), envelope.get("from")
    return [
        Arrived(
            content=content,
            recipients=tuple(map(str, to))[:100] if isinstance(to, list) else (),
            reverse_path=path if isinstance(path, str) else None,
            peer=text_of(fields, "sender_ip").strip(),
            spam=_assassinated(score := number(text_of(fields, "spam_score"))),
            score=score,
        )
    ]


def read_mailgun(post: Post) -> list[Arrived]:
    """Put together where the address does not end in `mime`. Raises Unreadable."""
    return mailgun_arrived(_form(post))


def mailgun_arrived(fields: Mapping[str, Field]) -> list[Arrived]:
    """The mail in Mailgun's form. Raises Unreadable."""
    raw = fields.get("body-mime")
    content = raw.content if raw and raw.content else mailgun_mail(fields, _NO_RAW["mailgun"])
    flag = text_of(fields, "X-Mailgun-Sflag").strip().lower()
    return [
        Arrived(
            content=content,
            recipients=tuple(each.strip() for each in text_of(fields, "recipient").split(",")[:100]),
            reverse_path=text_of(fields, "sender") if "sender" in fields else None,
            spam="spam" if flag == "yes" else "ham" if flag == "no" else "",
            score=number(text_of(fields, "X-Mailgun-Sscore")),
        )
    ]


def _same(pattern: re.Pattern[str], values: Sequence[str]) -> str:
    """What all of these say; empty where they differ."""
    found = {match[1] if (match := pattern.search(value)) else "" for value in values}
    return found.pop() if len(found) == 1 else ""


def _worst(values: Sequence[str]) -> Literal["spam", "ham", ""]:
    if any(value.startswith("yes") for value in values):
        return "spam"
    return "ham" if any(value.startswith("no") for value in values) else ""


def _assassinated(score: float | None) -> Literal["spam", "unsure", "ham", ""]:
    """SpamAssassin's own limit is 5."""
    return "" if score is None else "spam" if score >= 5 else "ham"


def _form(post: Post) -> Mapping[str, Field]:
    return read_form(post.headers.get("Content-Type", ""), post.body)


def _mappings(given: Any) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = (
        [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []
    )
    return found[:1000]
