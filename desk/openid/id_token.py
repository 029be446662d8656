"""ID tokens and logout tokens: what makes one good, and who it is about (OpenID Connect Core 1.0, section 3.1.3.7).

The library is PyJWT. The algorithm is one of a list that the configuration gives and that has no symmetric one and no
`none`, so neither a token without signature nor one that is signed with a public key as if it were a password is taken.
The key is the provider's own of that id, and of the kind that the algorithm needs. What is wrong with a token is logged
and never shown.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt

from ...config.errors import Unauthenticated
from ...config.sign_in_settings import SignInSettings

LEEWAY = 60  # seconds that clocks may differ
LONGEST = 64 * 1024
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"

_NEEDED = ["exp", "iat", "iss", "aud", "sub"]
_KINDS = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}


class BadToken(Unauthenticated):
    """The provider's token does not prove who somebody is."""

    code = "bad_id_token"
    public = "the identity provider's answer does not prove who you are"


class UnknownKey(BadToken):
    """It is signed with a key that is not among those that are known; perhaps there are new ones."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who somebody is, as the provider says."""

    subject: str
    email: str = ""
    """Empty when it is not verified."""
    groups: frozenset[str] = frozenset()
    session: str = ""
    """The provider's id of the sign-in (`sid`)."""


@dataclass(frozen=True, kw_only=True)
class SignOut:
    """What a logout token says. Subject or session can be empty, not both."""

    subject: str
    session: str
    token: str
    """Its own id (`jti`)."""
    good_until: int
    """Until when it is taken, in ms."""


def person_of(token: str, keys: Sequence[Mapping[str, Any]], settings: SignInSettings, *, nonce: str | None) -> Person:
    """Whom an ID token is about; `nonce` is None for one that came with a refresh. Raises BadToken, UnknownKey."""
    claims = _verified(token, keys, settings, _NEEDED)
    audience = claims["aud"]
    if claims.get("azp", settings.client_id) != settings.client_id:
        raise BadToken("it was given to another client")
    if isinstance(audience, list) and len(audience) > 1 and "azp" not in claims:
        raise BadToken("it is for several clients and names none of them")
    sent = claims.get("nonce")
    if nonce is not None and not (isinstance(sent, str) and hmac.compare_digest(sent.encode(), nonce.encode())):
        raise BadToken("its nonce is that of another sign-in")
    verified = claims.get("email_verified") is True or (settings.trusts_email and "email_verified" not in claims)
    email = claims.get("email")
    return Person(
        subject=str(claims["sub"]),
        email=folded(email) if verified and isinstance(email, str) else "",
        groups=_groups(claims.get(settings.groups_claim)),
        session=str(claims.get("sid") or ""),
    )


def signed_out(token: str, keys: Sequence[Mapping[str, Any]], settings: SignInSettings) -> SignOut:
    """Whose sign-ins a logout token ends (Back-Channel Logout 1.0, section 2.6).

    Raises BadToken, UnknownKey.
    """
    claims = _verified(token, keys, settings, ["exp", "iat", "iss", "aud", "jti", "events"])
    subject, session = str(claims.get("sub") or ""), str(claims.get("sid") or "")
    if not isinstance(claims["events"], dict) or LOGOUT_EVENT not in claims["events"] or "nonce" in claims:
        raise BadToken("it is no logout token")
    if not (subject or session):
        raise BadToken("it names nobody")
    good_until = (int(claims["exp"]) + LEEWAY) * 1000
    return SignOut(subject=subject, session=session, token=str(claims["jti"]), good_until=good_until)


def _verified(
    token: str, keys: Sequence[Mapping[str, Any]], settings: SignInSettings, needed: list[str]
) -> dict[str, Any]:
    if len(token) > LONGEST:
        raise BadToken("it is too long")
    try:
        header = jwt.get_unverified_header(token)
        algorithm = header.get("alg")
        if algorithm not in settings.algorithms:
            raise BadToken(f"the algorithm {str(algorithm)[:20]!r} is not allowed")
        key = _key(keys, header.get("kid"), str(algorithm))
        return jwt.decode(
            token,
            key=key.key,
            algorithms=[str(algorithm)],
            audience=settings.client_id,
            issuer=settings.issuer,
            leeway=LEEWAY,
            options={"require": needed},
        )
    except jwt.PyJWTError as error:
        raise BadToken(str(error)) from error


def _key(keys: Sequence[Mapping[str, Any]], wanted: object, algorithm: str) -> jwt.PyJWK:
    """The provider's key of this id, when it is of the kind that the algorithm needs."""
    kind = _KINDS[algorithm[:2]]
    fit = [
        key
        for key in keys
        if key.get("kty") == kind
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and (wanted is None or key.get("kid") == wanted)
    ]
    if len(fit) != 1:
        raise UnknownKey(f"{len(fit)} keys of the provider fit it")
    return jwt.PyJWK.from_dict(dict(fit[0]), algorithm)


def folded(address: str) -> str:
    """An address as it is compared: A to Z in small letters, all else as it is.

    Unicode folds letters of other people's addresses (the Kelvin sign) to the same.
    """
    return "".join(letter.lower() if letter.isascii() else letter for letter in address.strip())


def _groups(claim: object) -> frozenset[str]:
    """The groups of a claim, which is a list of texts, or one text."""
    listed = claim if isinstance(claim, list) else [claim]
    return frozenset(group for group in listed if isinstance(group, str) and group)
