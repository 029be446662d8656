"""What Meta's errors mean: whether it may be tried again, whether the account is to be mended, and words for an agent.

After the pages "Error codes" of WhatsApp and of the Messenger Platform, and "Handle errors" of the Graph API. By code,
where the subcode does not say more; a code that does not stand here is judged by the status. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ...config.errors import (
    AccountUnavailable,
    CredentialsRefused,
    DeliveryDeferred,
    DeliveryFailed,
    DeliveryUnknown,
    TrunklineError,
)
from ...web.vendor_api import ApiAnswer
from .said import line

Means = Literal["later", "busy", "account", "never", "unknown"]
"""busy: nothing of the account can be sent now; later: this message cannot."""

HOUR = 3600
WINDOW_SHUT = "window"
ANSWERED_BEFORE = "answered"

_SHUT = "the time in which Meta lets us answer is over: the customer has to write again"
_TEMPLATE = "more than 24 hours since the customer wrote: WhatsApp takes only a template now"
_GONE = "Meta does not deliver to them any more: they blocked the account, left, or do not take messages"
_ANSWERED = "the comment was answered privately before, and Meta takes one such answer"
_LIMIT = "too many requests for Meta"
_TOKEN = "the access token is not good any more; make another"  # noqa: S105  (words)
_PERMISSION = "the access token lacks a permission, or it was withdrawn"


@dataclass(frozen=True)
class Refusal:
    """`wait` is for how many seconds nothing of the account need be tried, `what` tells senders what it is about."""

    means: Means
    words: str
    wait: int | None = None
    what: str = ""


_BY_SUBCODE: Mapping[tuple[int, int], Refusal] = {
    (10, 2018278): Refusal("never", _SHUT, what=WINDOW_SHUT),
    (10, 2534022): Refusal("never", _SHUT, what=WINDOW_SHUT),
    (10, 2018065): Refusal("never", _SHUT, what=WINDOW_SHUT),
    (100, 2018001): Refusal("never", "Meta knows nobody by this id on the account"),
    (100, 2534014): Refusal("never", "Meta knows nobody by this id on the account"),
    (100, 2018164): Refusal("never", "the answer is longer than Meta takes"),
    (1, 1357046): Refusal("unknown", "Meta says that something went wrong, perhaps after it was sent"),
    (200, 1545041): Refusal("never", _GONE),
    (551, 1545041): Refusal("never", _GONE),
    (100, 33): Refusal("never", "Meta knows no such number or page, or the access token may not use it"),
}
_BY_CODE: Mapping[int, Refusal] = {
    1: Refusal("unknown", "Meta says that something went wrong, and not what"),
    2: Refusal("busy", "Meta is out of order for the moment"),
    3: Refusal("account", _PERMISSION),
    4: Refusal("busy", _LIMIT),
    10: Refusal("account", _PERMISSION),
    17: Refusal("busy", _LIMIT),
    32: Refusal("busy", _LIMIT),
    190: Refusal("account", _TOKEN),
    102: Refusal("account", _TOKEN),
    341: Refusal("busy", _LIMIT, HOUR),
    368: Refusal("busy", "Meta has blocked the account for a time, for breaking its policies", HOUR),
    551: Refusal("never", _GONE),
    613: Refusal("busy", _LIMIT),
    1200: Refusal("later", "Meta could not send for the moment"),
    10900: Refusal("never", _ANSWERED, what=ANSWERED_BEFORE),
    10903: Refusal("never", "the customer cannot be answered privately"),
    130403: Refusal("account", _PERMISSION),
    130429: Refusal("busy", _LIMIT),
    130472: Refusal("never", "WhatsApp holds it back: the customer is in one of its experiments"),
    130497: Refusal("never", "the account may not write to customers in that country"),
    131000: Refusal("later", "something went wrong at WhatsApp"),
    131005: Refusal("account", _PERMISSION),
    131008: Refusal("never", "WhatsApp misses something in the message"),
    131009: Refusal("never", "WhatsApp does not take something in the message"),
    131016: Refusal("busy", "WhatsApp is out of order for the moment"),
    131021: Refusal("never", "it would go to the number that it comes from"),
    131026: Refusal("never", "they are not on WhatsApp, have not taken its terms, or have too old a version"),
    131030: Refusal("never", "the number is not among those that a test number may write to"),
    131031: Refusal("account", "WhatsApp has locked the account"),
    131037: Refusal("account", "the display name of the number is not approved yet"),
    131042: Refusal("account", "the payment of the WhatsApp account is not settled"),
    131045: Refusal("account", "the number is not registered at WhatsApp"),
    131047: Refusal("never", _TEMPLATE, what=WINDOW_SHUT),
    131048: Refusal("busy", "WhatsApp limits the number, because too many called its messages spam", HOUR),
    131049: Refusal("never", "WhatsApp holds it back, so that the customer does not get too much advertising"),
    131050: Refusal("never", "the customer wants no advertising from this number"),
    131051: Refusal("never", "WhatsApp does not take messages of this kind"),
    131052: Refusal("never", "WhatsApp could not get the file"),
    131053: Refusal("never", "WhatsApp does not take the file: its kind or its size"),
    131056: Refusal("later", "too many messages to this one customer", 6),
    131057: Refusal("busy", "WhatsApp maintains the account", 60),
    131062: Refusal("never", "WhatsApp takes this only for a number, and the customer hides theirs"),
    132000: Refusal("never", "the template has other places than were filled in"),
    132001: Refusal("never", "there is no such template in this language, or it is not approved"),
    132005: Refusal("never", "the filled in template is too long"),
    132007: Refusal("never", "the template breaks a rule of WhatsApp"),
    132012: Refusal("never", "the template takes values of another kind"),
    132015: Refusal("never", "WhatsApp has paused the template"),
    132016: Refusal("never", "WhatsApp has switched the template off"),
    133004: Refusal("busy", "WhatsApp is out of order for the moment"),
    133010: Refusal("account", "the number is not registered at WhatsApp"),
    135000: Refusal("never", "WhatsApp does not take something in the message"),
}
_LIMITS = range(80000, 80015)  # "Rate limits": business use cases, each with a code
_PERMISSIONS = range(200, 300)


def refusal_of(error: Mapping[str, Any]) -> Refusal | None:
    """What an error means; None where its code says nothing."""
    code, subcode = _number(error.get("code")), _number(error.get("error_subcode"))
    if known := _BY_SUBCODE.get((code, subcode)) or _BY_CODE.get(code):
        return known
    if code in _LIMITS:
        return Refusal("busy", _LIMIT)
    if code in _PERMISSIONS:
        return Refusal("account", _PERMISSION)
    return Refusal("later", "Meta asks to try again") if error.get("is_transient") is True else None


def told_error(error: Mapping[str, Any]) -> str:
    """An error in a webhook in words: ours where there are some, Meta's, and the code."""
    refusal, data = refusal_of(error), error.get("error_data")
    details = data.get("details") if isinstance(data, dict) else ""
    given = line(details or error.get("message") or error.get("title"))
    said = refusal.words if refusal else given or "Meta does not say why"
    return f"{said} ({', '.join(filter(None, (str(_number(error.get('code'))), given if refusal else '')))})"


def judge(answer: ApiAnswer) -> TrunklineError | None:
    """What an answer of the Graph API means; None where its status says it."""
    body = answer.json()
    error = body.get("error") if isinstance(body, dict) else None
    refusal = refusal_of(error) if isinstance(error, dict) else None
    if refusal is None or not isinstance(error, dict):
        return None
    code = ".".join(str(error[name]) for name in ("code", "error_subcode") if error.get(name))
    told = f"{refusal.words} (Meta's error {line(code, 40)})"
    match refusal.means:
        case "later":
            return DeliveryDeferred(told, retry_after=answer.retry_after or refusal.wait)
        case "busy":
            return AccountUnavailable(told, retry_after=answer.retry_after or refusal.wait)
        case "account":
            return CredentialsRefused(told)
        case "unknown":
            return DeliveryUnknown(told)
    return DeliveryFailed(told, what=refusal.what)


def _number(value: Any) -> int:
    return value if isinstance(value, int) else int(value) if isinstance(value, str) and value[:9].isdigit() else 0
