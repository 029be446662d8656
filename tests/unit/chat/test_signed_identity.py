"""Identities that a page signs: only its own, only for a while, only by HS256."""

import base64
import json
from typing import Any

import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trunkline.adapters.chat.close_codes import Unproven
from trunkline.adapters.chat.signed_identity import verify_identity

SECRET = b"a secret of the tests that is long enough"
NOW = 1_800_000_000_000
SECONDS = NOW // 1000


def signed(secret: bytes | None = SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    given_ = {"sub": "maria", "exp": SECONDS + 3600} | claims
    claimed = {name: value for name, value in given_.items() if value is not None}
    return jwt.encode(claimed, secret, algorithm=algorithm)  # type: ignore[arg-type]


def test_a_person_is_the_same_visitor_whenever_they_come() -> None:
    one = verify_identity(signed(email="Maria@Example.ORG", name="Maria  \u202eX"), SECRET, "web", NOW)
    two = verify_identity(signed(exp=SECONDS + 60), SECRET, "web", NOW)
    other = verify_identity(signed(sub="mario"), SECRET, "web", NOW)
    assert one.visitor == two.visitor != other.visitor
    assert one.visitor.startswith("u_")
    assert (one.subject, one.email, one.name) == ("maria", "maria@example.org", "Maria X")


@pytest.mark.parametrize(("verified", "email"), [(False, ""), ("false", ""), (True, "m@e.org"), ("true", "m@e.org")])
def test_an_address_that_the_page_has_not_verified_is_left_out(verified: bool | str, email: str) -> None:
    identity = verify_identity(signed(email="m@e.org", email_verified=verified), SECRET, "web", NOW)
    assert identity.email == email


REFUSED: dict[str, tuple[str, str]] = {
    "another secret": (signed(b"some other secret that is as long as ours"), "not signed with the secret"),
    "no signature": (signed(None, algorithm="none"), "HS256"),
    "another algorithm": (signed(SECRET * 2, algorithm="HS512"), "HS256"),
    "no sub": (signed(sub=None), "sub"),
    "an empty sub": (signed(sub=""), "sub"),
    "no exp": (signed(exp=None), "exp"),
    "run out": (signed(exp=SECONDS - 61), "run out"),
    "good for two days": (signed(exp=SECONDS + 2 * 86_400), "more than a day"),
    "not yet": (signed(nbf=SECONDS + 3600), "not good yet"),
    "for another site": (signed(aud="shop"), "another site"),
    "for other sites": (signed(aud=["shop", "blog"]), "another site"),
    "an email that is none": (signed(email="maria"), "no address"),
    "no token": ("nonsense", "not a JSON Web Token"),
    "too long": ("x" * 9000, "too long"),
}


@pytest.mark.parametrize(("token", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_says_why(token: str, reason: str) -> None:
    with pytest.raises(Unproven) as caught:
        verify_identity(token, SECRET, "web", NOW)
    assert reason in caught.value.public


@pytest.mark.parametrize("audience", ["web", ["shop", "web"]])
def test_an_identity_may_name_its_site(audience: Any) -> None:
    assert verify_identity(signed(aud=audience), SECRET, "web", NOW).subject == "maria"


def test_a_token_whose_algorithm_was_rewritten_is_forged() -> None:
    head, body, mark = signed().split(".")
    none = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode()).rstrip(b"=").decode()
    for forged in (f"{none}.{body}.{mark}", f"{none}.{body}.", f"{head}.{body}."):
        with pytest.raises(Unproven):
            verify_identity(forged, SECRET, "web", NOW)


@settings(deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=5))
def test_claims_of_any_kind_are_taken_or_refused(value: Any) -> None:
    for claim in ("exp", "nbf", "aud", "email", "name"):
        try:
            verify_identity(signed(**{claim: value}), SECRET, "web", NOW)
        except Unproven:
            continue
