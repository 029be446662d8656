"""Signed identities: a page says who is signed in to it, in a JSON Web Token (RFC 7519) that its server made.

Only HS256 is taken (RFC 8725 section 3.1), with the secret of the site. `sub` and `exp` are required, and `exp` lies at
most a day ahead, so a token that leaks is soon worth nothing. `aud`, where it is given, names the site. The visitor's
id is drawn from `sub`: the same person is the same visitor in every browser.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

import jwt

from ...normalizer.addresses import normalise_address
from ...normalizer.safe_names import safe_line
from .close_codes import OutOfTime, Unproven
from .visitor_token import DAY_MS, SIGNED

LEEWAY_MS = 60_000
LONGEST = 8192

_NOT_OURS_TO_CHECK = ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")
_OPTIONS: Any = {"verify_signature": True} | {f"verify_{name}": False for name in _NOT_OURS_TO_CHECK}
_SUBJECT = re.compile(r"[^\x00-\x1f\x7f]{1,255}\Z")


@dataclass(frozen=True, kw_only=True)
class SignedIdentity:
    """Who is signed in to the page."""

    visitor: str
    subject: str
    until: int
    email: str = ""
    name: str = ""


def verify_identity(token: str, secret: bytes, site: str, now: int) -> SignedIdentity:
    """Who the token says they are; `now` in milliseconds. Raises Unproven, OutOfTime with the reason."""
    claims = _claims(token, secret)
    until = _until(claims, now)
    audience = claims.get("aud", site)
    if site not in (audience if isinstance(audience, list) else [audience]):
        raise Unproven("the identity is meant for another site (aud)")
    subject = claims.get("sub")
    if not isinstance(subject, str) or _SUBJECT.match(subject) is None:
        raise Unproven("the identity names nobody: sub is a text of 1 to 255 characters")
    return SignedIdentity(
        visitor=SIGNED + hashlib.sha256(subject.encode("utf-8", "surrogatepass")).hexdigest()[:32],
        subject=subject,
        until=until,
        email=_email(claims),
        name=safe_line(claims["name"], 100) if isinstance(claims.get("name"), str) else "",
    )


def _claims(token: str, secret: bytes) -> dict[str, Any]:
    if len(token) > LONGEST:
        raise Unproven("the identity is too long")
    try:
        return jwt.decode(token, secret, algorithms=["HS256"], options=_OPTIONS)
    except jwt.InvalidSignatureError:
        raise Unproven("the identity is not signed with the secret of this site") from None
    except jwt.InvalidAlgorithmError:
        raise Unproven("the identity is not signed with HS256") from None
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        raise Unproven("the identity is not a JSON Web Token") from None


def _until(claims: dict[str, Any], now: int) -> int:
    """The time at which it ends, in milliseconds."""
    expires, begins = claims.get("exp"), claims.get("nbf", 0)
    if not _is_time(expires) or not _is_time(begins):
        raise Unproven("the identity does not say when it ends: exp is a time in seconds")
    assert expires is not None
    until = int(expires * 1000)
    if now >= until + LEEWAY_MS:
        raise OutOfTime("the identity has run out (exp)")
    if until > now + DAY_MS + LEEWAY_MS:
        raise OutOfTime("the identity is good for more than a day (exp)")
    if begins * 1000 > now + LEEWAY_MS:
        raise OutOfTime("the identity is not good yet (nbf)")
    return until + LEEWAY_MS


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e11


def _email(claims: dict[str, Any]) -> str:
    email = claims.get("email")
    verified = claims.get("email_verified", True) in (True, "true")  # some write it as text
    if email is None or email == "" or not verified:
        return ""
    key = normalise_address(email) if isinstance(email, str) else None
    if key is None:
        raise Unproven("the identity has an email that is no address")
    return key
