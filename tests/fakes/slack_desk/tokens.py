"""The tokens of the app, what each is good for, and how one is had for another.

A bot token (`xoxb-`) calls nearly every method, an app-level token (`xapp-`) opens connections. With rotation a bot
token ends after twelve hours, and a refresh token, which is good once, gives the next pair ("Token rotation",
docs.slack.dev); the bot token before it is good until its own end.
"""

import base64
import binascii
from collections.abc import Callable, Iterable

from aiohttp import web

from .methods import Call, Grant, Method, words
from .refusal import Json, Refused

SCOPES = frozenset(
    {
        *("chat:write", "commands", "groups:read", "groups:history", "groups:write", "groups:write.invites"),
        *("im:read", "im:write", "im:history", "users:read", "users:read.email", "reactions:read", "reactions:write"),
        *("files:read", "files:write", "dnd:read", "metadata.message:read", "team:read"),
    }
)
TWELVE_HOURS_MS = 12 * 3_600_000
CLIENT, CLIENT_SECRET = "1111111111.2222222222", "a client secret of the tests"


class Tokens:
    """All that were given out. `now` is in milliseconds since 1970."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._grants = dict[str, Grant]()
        self.refresh = ""  # the one that is good now; empty without rotation
        self.rotations = 0

    def give(self, token: str, kind: str, scopes: Iterable[str], expires_at: int = 0) -> Grant:
        """A token that is good from now on."""
        self._grants[token] = Grant(token, kind, set(scopes), expires_at)
        return self._grants[token]

    def revoke(self, token: str, fault: str = "token_revoked") -> None:
        """The token is good for nothing any more."""
        self._grants[token].fault = fault

    def granted(self, request: web.Request) -> Grant:
        """What the request's token is good for. Refused where it is for nothing."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not token:
            raise Refused("not_authed")
        found = self._grants.get(token)
        if found is None:
            raise Refused("invalid_auth")
        if found.fault:
            raise Refused(found.fault)
        if found.expires_at and self._now() >= found.expires_at:
            raise Refused("token_expired")
        return found

    def rotate(self, call: Call) -> Json:
        """The next pair (`oauth.v2.access` with `grant_type=refresh_token`)."""
        given = call.given
        if given.text("client_id") != CLIENT:
            raise Refused("invalid_client_id")
        if given.text("client_secret") != CLIENT_SECRET:
            raise Refused("bad_client_secret")
        if given.text("grant_type") != "refresh_token":
            raise Refused("invalid_grant_type")
        if not self.refresh or given.text("refresh_token") != self.refresh:
            raise Refused("invalid_refresh_token")
        return self._next(call)

    def _next(self, call: Call) -> Json:
        self.rotations += 1
        token, self.refresh = f"xoxe.xoxb-1-{self.rotations}", f"xoxe-1-{self.rotations}"
        scopes = max((each.scopes for each in self._grants.values() if each.kind == "bot"), key=len, default=SCOPES)
        self.give(token, "bot", scopes, self._now() + TWELVE_HOURS_MS)
        about = {
            "team": {"id": call.workspace.team, "name": "Example"},
            "enterprise": None,
            "app_id": call.workspace.app,
        }
        return {
            **about,
            "access_token": token,
            "refresh_token": self.refresh,
            "expires_in": TWELVE_HOURS_MS // 1_000,
            "token_type": "bot",
            "scope": ",".join(sorted(scopes)),
            "bot_user_id": call.workspace.bot_user,
        }

    @property
    def methods(self) -> dict[str, Method]:
        """The method of it."""
        taken = words("client_id client_secret grant_type refresh_token code redirect_uri")
        return {"oauth.v2.access": Method(run=self.rotate, a_minute=100, takes=taken, token="none", takes_json=False)}


def client_of(request: web.Request) -> dict[str, str]:
    """Id and secret of a client from Basic authentication; nothing where there is none."""
    scheme, _, said = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Basic":
        return {}
    try:
        name, _, secret = base64.b64decode(said, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return {}
    return {"client_id": name, "client_secret": secret}
