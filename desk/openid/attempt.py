"""An attempt to sign in, between leaving for the provider and coming back: sealed in a cookie of the browser.

So the answer is taken only in the browser that asked, within ten minutes, for the state, nonce and PKCE verifier of
this attempt (RFC 9700 section 2.1; RFC 7636). Nothing is kept here, so strangers who begin and do not come back cost
nothing.
"""

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, ValidationError

from ...config.errors import Unauthenticated
from ...config.sealing import Seal
from ...config.sign_in_settings import SignInSettings

VALID_MS = 10 * 60 * 1000


class MixedUp(Unauthenticated):
    """An answer that does not belong to what this browser asked."""

    code = "sign_in_mixed_up"
    public = "this answer does not belong to a sign-in that was begun here"


class Attempt(BaseModel):
    """One attempt."""

    model_config = ConfigDict(frozen=True)

    state: str
    nonce: str
    verifier: str
    wanted: str
    """Our own page to go on to."""
    began: int

    @classmethod
    def begin(cls, wanted: str, now: int) -> "Attempt":
        """A fresh one."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(state=state, nonce=nonce, verifier=verifier, wanted=wanted, began=now)

    def request(self, endpoint: str, settings: SignInSettings) -> str:
        """The address at the provider to which the browser is sent."""
        challenge = urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            **settings.parameters,
            "response_type": "code",
            "client_id": settings.client_id,
            "redirect_uri": settings.callback,
            "scope": " ".join(settings.scopes),
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    def sealed(self, seal: Seal) -> str:
        """As the browser carries it."""
        return seal.seal(self.model_dump_json())

    def code(self, answer: Mapping[str, str], issuer: str, *, names_issuer: bool) -> str:
        """The code of an answer to it. Raises MixedUp, and Unauthenticated with what the provider says."""
        if not hmac.compare_digest(answer.get("state", "").encode("utf-8", "replace"), self.state.encode()):
            raise MixedUp("the state is that of another attempt")
        if answer.get("iss", issuer if not names_issuer else "") != issuer:
            raise MixedUp("the answer is another provider's")
        if error := answer.get("error"):
            told = error if re.fullmatch("[a-z_]{1,40}", error) else "an error"
            raise Unauthenticated(f"the identity provider refused: {told}")
        if not answer.get("code"):
            raise MixedUp("the answer has no code")
        return answer["code"]


def attempt_of(sealed: str, seal: Seal, now: int) -> Attempt:
    """The attempt that a browser carries. Raises MixedUp when there is none, or it is too old."""
    text = seal.open(sealed) if sealed else None
    try:
        attempt = Attempt.model_validate_json(text or "")
    except ValidationError as error:
        raise MixedUp("no sign-in was begun in this browser") from error
    if not 0 <= now - attempt.began <= VALID_MS:
        raise MixedUp("it took longer than ten minutes")
    return attempt
