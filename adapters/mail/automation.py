"""Was a mail written by a person, or by which kind of machine?

    bounce       a delivery status notification, or what a mailer daemon sends instead of one
    auto_reply   an answer without a person: out of office, receipt, acknowledgement
    bulk         a list, a newsletter, a notification of some system

Automatic mail is never acknowledged (RFC 3834 section 2). When in doubt a mail counts as automatic only by what it says
of itself in its headers, never by its words.
"""

import re

from ...normalizer.envelope import Automation
from .mime import Headers, Part

_DAEMONS = re.compile(r"(?:mailer-daemon|mail-daemon|postmaster|mailerdaemon|microsoftexchange\w*)\Z", re.IGNORECASE)
_NOBODY = re.compile(
    r"(?:no[._-]?reply|do[._-]?not[._-]?reply|donotreply|noreply|notifications?|alerts?|bounces?)(?:[+._-].*)?\Z",
    re.IGNORECASE,
)
_ANSWERERS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply", "x-autoreply-from")
_LISTS = ("list-id", "list-post", "list-unsubscribe", "list-help", "list-owner", "feedback-id", "x-mailing-list")
_BULK = frozenset({"bulk", "junk", "list"})


def classify(mail: Part, author: str, reverse_path: str | None) -> Automation:
    """What wrote the mail. The reverse path is empty for the null sender, and None where there was no SMTP."""
    headers = mail.headers
    local = author.rpartition("@")[0]
    # RFC 3464 section 2: a notification is sent with the null sender; some senders use their own name instead.
    if report_type(mail) == "delivery-status" or (reverse_path in {"", None} and _DAEMONS.match(local)):
        return "bounce"
    if _is_auto_reply(headers) or report_type(mail) == "disposition-notification":
        return "auto_reply"
    if _word(headers, "precedence") in _BULK or any(name in headers for name in _LISTS) or _NOBODY.match(local):
        return "bulk"
    if reverse_path == "":
        return "auto_reply"
    return "bulk" if _suppresses_answers(headers) else "none"


def is_nobody(author: str) -> bool:
    """The address says that nobody reads what is sent to it."""
    local = author.rpartition("@")[0]
    return _NOBODY.match(local) is not None or _DAEMONS.match(local) is not None


def report_type(mail: Part) -> str:
    """`delivery-status`, `disposition-notification` …, when the mail is a report (RFC 6522)."""
    if mail.content.value == "multipart/report":
        named = mail.content.parameters.get("report-type", "").lower()
        return named or next((p.content.sub for p in mail.parts if p.content.sub in _REPORTS), "")
    return mail.content.sub if mail.content.sub in _REPORTS else ""


_REPORTS = frozenset({"delivery-status", "global-delivery-status", "disposition-notification"})


def _is_auto_reply(headers: Headers) -> bool:
    # RFC 3834 section 5: every value but `no` means automatic. Auto-generated mails are notifications, see below.
    submitted = _word(headers, "auto-submitted")
    if submitted not in {"", "no", "auto-generated", "auto-notified"}:
        return True
    if any(_word(headers, name) not in {"", "no"} for name in _ANSWERERS):
        return True
    if _word(headers, "precedence") in {"auto_reply", "auto-reply"}:
        return True
    # Exchange calls an out-of-office note auto-generated.
    return submitted == "auto-generated" and bool(headers.get("in-reply-to") or headers.get("references"))


def _suppresses_answers(headers: Headers) -> bool:
    suppressed = {word.strip() for word in headers.get("x-auto-response-suppress").lower().split(",")}
    return _word(headers, "auto-submitted") not in {"", "no"} or bool(suppressed & {"all", "oof", "autoreply"})


def _word(headers: Headers, name: str) -> str:
    return headers.get(name).partition(";")[0].partition("(")[0].strip().lower()
