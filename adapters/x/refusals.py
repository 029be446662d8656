"""What X's errors mean: whether it may be tried again, whether the account is to be mended, and words for an agent.

After "Response codes and errors" and "Rate limits" of the X API. A 403 is about the one message where it says nothing
of the app or of our own account: somebody takes no direct messages, has blocked us or is suspended, a post is gone, the
same was said before. Pure.
"""

import re
from email.utils import parsedate_to_datetime
from typing import Any

from aiohttp import hdrs

from ...config.errors import AccountUnavailable, CredentialsRefused, DeliveryFailed, TrunklineError
from ...normalizer.safe_names import safe_line
from ...web.vendor_api import ApiAnswer

HOUR = 3600

_GONE = "the post was deleted, or we may not see it any more"
_SAYINGS = (
    ("duplicate content", "X has just this post of the account already: it was sent before, or say it in other words"),
    (
        "permission to dm",
        "they take no direct messages from the account: they follow whom they hear, or have blocked it; answer in "
        "public, if there is a post of theirs, and ask them to write",
    ),
    ("not been mentioned", "X lets programs answer only who mentions the account; answer on X itself"),
    ("reply to this conversation is not allowed", "its writer does not let us answer in that conversation"),
    ("deleted or not visible", _GONE),
    ("blocked", "they have blocked the account; nothing of it reaches them on X"),
    ("user has been suspended", "X has suspended the person's account; nothing reaches them there"),
)
_OF_THE_APP = re.compile(
    r"app permissions|\bnot configured\b|\bclient-forbidden\b|\bclient-not-enrolled\b"
    r"|\byour account\b.*\b(?:suspended|locked|not permitted to access)\b"
    r"|\bthis account is temporarily locked\b|\buser used for authentication is suspended\b"
)
_LIMITS = ("x-user-limit-24hour", "x-app-limit-24hour", "x-rate-limit")


def judge(answer: ApiAnswer) -> TrunklineError | None:
    """What an answer of X means; None where its status says it."""
    if answer.status == 429:
        return AccountUnavailable(f"X takes no more for now: {_said(answer)}", retry_after=_wait(answer))
    if answer.status == 402:
        told = "the credits of the app at X are used up; buy some in its developer console"
        return AccountUnavailable(told, retry_after=HOUR)
    if answer.status == 404:
        return DeliveryFailed(f"X knows no such person or post: {_said(answer)}")
    return _forbidden(_said(answer)) if answer.status == 403 else None


def _forbidden(said: str) -> TrunklineError:
    small = said.lower()
    if words := next((words for saying, words in _SAYINGS if saying in small), ""):
        return DeliveryFailed(f"{words} (X: {said})")
    if _OF_THE_APP.search(small):
        return CredentialsRefused(f"X does not let the app do this: {said}")
    return DeliveryFailed(f"X refuses it: {said}")


def _said(answer: ApiAnswer) -> str:
    """X's words: of a problem (RFC 7807), or of a list of errors."""
    body: Any = answer.json()
    if not isinstance(body, dict):
        return str(answer.status)
    errors = body.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    type_ = str(body.get("type") or "").rpartition("/")[2]
    words = body.get("detail") or first.get("detail") or first.get("message") or body.get("title")
    given = [str(each) for each in (words, type_) if each and each != "about:blank"]
    return safe_line(", ".join(given) or str(answer.status), 300)


def _wait(answer: ApiAnswer) -> int | None:
    """Seconds until the limit is reset that was reached, at most an hour: X gives the moment, by the clock it shows."""
    for name in _LIMITS:
        reset = answer.headers.get(f"{name}-reset", "")
        if answer.headers.get(f"{name}-remaining", "0") != "0" or not (reset.isascii() and reset.isdigit()):
            continue
        try:
            now = parsedate_to_datetime(answer.headers.get(hdrs.DATE, "")).timestamp()
        except (TypeError, ValueError):
            return None
        return min(max(1, int(int(reset[:12]) - now)), HOUR)
    return answer.retry_after
