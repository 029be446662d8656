"""What WeChat's error codes mean: whether it may be tried again, whether the account is to be mended, and words. Pure.

After "General error codes" and the tables of the calls that are made here (developers.weixin.qq.com). WeChat answers
200 with `errcode` and `errmsg`; a code that does not stand here is a refusal for good, with WeChat's own words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ...config.errors import AccountUnavailable, CredentialsRefused, DeliveryFailed, TrunklineError
from ...normalizer.safe_names import safe_line

Means = Literal["busy", "account", "never"]
"""busy: nothing of the account can be sent now; account: until somebody mends it."""

HOUR = 3600
TOKEN_CODES = frozenset({40001, 40014, 42001})
"""The access token is not the one of now: another one may be had."""
WRONG_SECRET = 40125

_SECRET = "the AppSecret is not that of the account; it may have been reset"  # noqa: S105  (words)
_NOBODY = "WeChat knows nobody by this id on the account"
_FILE = "WeChat does not take the file"
_ADMIN = "WeChat wants the administrator of the account to allow this machine's address, by a message in WeChat"


@dataclass(frozen=True)
class Refusal:
    """`wait` is for how many seconds nothing of the account need be tried."""

    means: Means
    words: str
    wait: int | None = None


_BY_CODE: Mapping[int, Refusal] = {
    -1: Refusal("busy", "WeChat is out of order for the moment"),
    40001: Refusal("account", "WeChat does not take the access token, nor a new one"),
    40002: Refusal("account", "WeChat does not give such an access token"),
    40003: Refusal("never", _NOBODY),
    40004: Refusal("never", f"{_FILE}: its kind"),
    40005: Refusal("never", f"{_FILE}: its kind"),
    40006: Refusal("never", f"{_FILE}: its size"),
    40007: Refusal("never", "WeChat no longer has the file; it keeps files for three days"),
    40009: Refusal("never", f"{_FILE}: the picture is too large"),
    40010: Refusal("never", f"{_FILE}: the sound is too large"),
    40011: Refusal("never", f"{_FILE}: the film is too large"),
    40013: Refusal("account", "WeChat knows no such app_id"),
    40014: Refusal("account", "WeChat does not take the access token, nor a new one"),
    WRONG_SECRET: Refusal("account", _SECRET),
    40137: Refusal("never", f"{_FILE}: it is no picture that WeChat shows"),
    40164: Refusal("account", "the address of this machine is not in the IP whitelist of the account"),
    40243: Refusal("account", "the AppSecret is frozen; unfreeze it at the WeChat developer platform"),
    41002: Refusal("account", "WeChat knows no such app_id"),
    41004: Refusal("account", _SECRET),
    42001: Refusal("account", "WeChat does not take the access token, nor a new one"),
    43004: Refusal("never", "they do not follow the account any more"),
    43019: Refusal("never", "they are on the block list of the account"),
    44004: Refusal("never", "there is nothing to send"),
    45001: Refusal("never", f"{_FILE}: its size"),
    45002: Refusal("never", "it is longer than WeChat takes in one message"),
    45007: Refusal("never", f"{_FILE}: the sound is longer than 60 seconds"),
    45009: Refusal("busy", "the daily limit of such requests of the account is reached", HOUR),
    45011: Refusal("busy", "too many requests for WeChat at once", 60),
    45015: Refusal(
        "never", "the window for answers is shut: 48 hours since they wrote, or they left; they have to write again"
    ),
    45047: Refusal("never", "WeChat takes five answers to a message of theirs; they have to write again"),
    48001: Refusal(
        "account", "the account may not send customer service messages; WeChat allows it to verified accounts"
    ),
    48002: Refusal("never", "they have switched off messages of the account"),
    48004: Refusal("account", "WeChat has barred the account from this, for breaking its rules"),
    50002: Refusal("account", "WeChat has restricted the account"),
    61004: Refusal("account", "the address of this machine is not in the IP whitelist of the account"),
    61450: Refusal("busy", "WeChat is out of order for the moment"),
    87009: Refusal("account", "WeChat does not take the signature of the request"),
    87014: Refusal("never", "WeChat does not take what it says: it breaks its rules of content"),
    89501: Refusal("account", _ADMIN),
    89503: Refusal("account", _ADMIN),
    89506: Refusal("account", _ADMIN),
    89507: Refusal("account", _ADMIN),
}


def code_of(told: Any) -> int:
    """The code of an answer; 0 when all is well."""
    given = told.get("errcode", 0) if isinstance(told, dict) else 0
    return given if isinstance(given, int) else -1


def refused(told: Mapping[str, Any]) -> TrunklineError:
    """The error that an answer with a code is."""
    code = code_of(told)
    said = safe_line(str(told.get("errmsg") or ""), 200)
    known = _BY_CODE.get(code)
    if known is None:
        return DeliveryFailed(f"WeChat refuses it: {code} {said}".strip())
    words = f"{known.words} ({code}{f' {said}' if said else ''})"
    match known.means:
        case "busy":
            return AccountUnavailable(words, retry_after=known.wait)
        case "account":
            return CredentialsRefused(words)
    return DeliveryFailed(words)
