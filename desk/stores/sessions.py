"""Sessions of the desk's pages: who has signed in, in which browser, and as which agent they work.

The browser holds a random id of 256 bits; the engine holds only its SHA-256, so a copy of the engine opens nothing. A
session ends after 12 hours without a person's request, after 7 days in any case, at sign-out, and with the next request
once its token is withdrawn, because the token is asked for each time. An id is exchanged at sign-in, when the agent
changes, and every 15 minutes; the one before serves requests under way for 30 seconds after the new one has come back.
All times are engine time. A principal has at most `MOST` ids; the oldest make room. Expired ones are removed when they
are met and, a few at a time, with each new id.

Each session has a secret that never leaves; what is given out (the CSRF token, the marks of file links) is drawn from
it by HMAC, each with a label of its own, and ends with it.
"""

import hmac
import secrets
from dataclasses import dataclass, replace

from pydantic import BaseModel, ConfigDict

from ...config.errors import Unauthenticated
from ...queue.clock import Clock
from ...queue.connection import Engine
from ...queue.script_head import Group
from ...queue.scripts import Script, ScriptArguments
from ...web.tokens import Principal, Tokens, digest_of

IDLE_MS = 12 * 60 * 60 * 1000
LONGEST_MS = 7 * 24 * 60 * 60 * 1000
ROTATE_MS = 15 * 60 * 1000
GRACE_MS = 30 * 1000
NOTE_MS = 60 * 1000  # use is noted once a minute, so that reading a page is not a write
MOST = 50

_OPEN = Script.beside(__file__, "session_open.lua")
_SEE = Script.beside(__file__, "session_see.lua")
_CLOSE = Script.beside(__file__, "session_close.lua")
_SESSIONS = Group.beside(__file__, "session_record.lua", "sessions")


class _Stored(BaseModel):
    """A session as it lies in the engine."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    principal: str
    token: str
    agent: str = ""
    secret: str
    created: int
    seen: int
    rotated: int
    previous: str = ""
    next: str = ""
    confirmed: bool = False
    ending: bool = False


@dataclass(frozen=True, kw_only=True)
class PageSession:
    """Somebody who has signed in."""

    principal: Principal
    """What the token may do now."""
    agent: str | None
    """The agent they work as; None when the token is nobody's own and none was chosen."""
    csrf: str
    """What every form and every request that changes something carries."""
    digest: str
    created: int
    secret: str

    @property
    def may_choose(self) -> bool:
        """Whether they choose the agent they work as."""
        return self.principal.agent is None

    def key(self, label: str) -> bytes:
        """A key for one purpose, which ends with the session."""
        return hmac.digest(self.secret.encode(), f"trunkline desk {label}".encode(), "sha256")


@dataclass(frozen=True)
class Seen:
    """A session that was found, and the id that the browser is to have from now on, when it is a new one."""

    session: PageSession
    new_id: str = ""


class Sessions:
    """The sessions of a workspace."""

    def __init__(self, engine: Engine, clock: Clock, tokens: Tokens) -> None:
        self._engine = engine
        self._clock = clock
        self._tokens = tokens
        self._sessions = _SESSIONS(
            records=engine.keys("sessions"),
            expiry=engine.keys("sessions", "until"),
            owners=engine.keys("sessions", "owners"),
        )
        self._keys = {"sessions": self._sessions}

    async def open(self, token: str, *, replaced: str = "") -> str:
        """Sign in; the id for the browser. `replaced` is the id it had before. Raises Unauthenticated."""
        return await self.open_as(digest_of(token), replaced=replaced)

    async def open_as(self, digest: str, *, replaced: str = "") -> str:
        """The same for what stands in place of a token's digest. Raises Unauthenticated."""
        principal = await self._tokens.principal(digest)
        if principal is None:
            raise Unauthenticated("this token is not known")
        now = self._clock.now()
        stored = _Stored(
            principal=principal.name, token=digest, secret=_random(), created=now, seen=now, rotated=now, confirmed=True
        )
        return await self._begin(stored, replaced=digest_of(replaced) if replaced else "", grace_ms=0)

    async def see(self, id_: str, *, person: bool = True, rotate: bool = True) -> Seen | None:
        """Who holds this id; None when nobody does any more.

        `person` says that somebody did something, which keeps the session from idling out; `rotate` that an answer can
        carry a new id.
        """
        fresh = _random() if rotate else ""
        found = await self._look(digest_of(id_), fresh=fresh, person=person)
        if found is None:
            return None
        stored, rotated = found
        principal = await self._tokens.principal(stored.token)
        if principal is None or principal.name != stored.principal:
            await self.close(id_)
            return None
        return Seen(_session(stored, principal, digest_of(id_)), fresh if rotated else "")

    async def follow(self, session: PageSession) -> PageSession | None:
        """The session as it is now, whatever id it has been given meanwhile; None when it has ended.

        For answers that last: looking keeps nobody signed in, and must happen more often than once in `GRACE_MS`.
        """
        digest = session.digest
        while found := await self._look(digest):
            stored, _ = found
            if not (stored.ending and stored.next):
                principal = await self._tokens.principal(stored.token)
                known = principal is not None and principal.name == stored.principal
                return _session(stored, principal, digest) if known and principal is not None else None
            digest = stored.next
        return None

    async def anybody(self, principal: str) -> bool:
        """Whether somebody is signed in with the token of this name."""
        owned = await self._engine.call(
            "ZRANGE", self._sessions["owners"], f"[{principal}\x1f", f"[{principal}\x20", "BYLEX"
        )
        if not owned:
            return False
        until = await self._engine.call(
            "ZMSCORE", self._sessions["expiry"], *(owner.rsplit(b"\x1f", 1)[1] for owner in owned)
        )
        return any(till is not None and float(till) > self._clock.now() for till in until)

    async def work_as(self, session: PageSession, agent: str | None) -> str:
        """Go on as this agent; the new id for the browser. Raises Unauthenticated after a sign-out."""
        reply = await self._engine.call("HGET", self._sessions["records"], session.digest)
        if reply is None:
            raise Unauthenticated("you are signed out")
        now = self._clock.now()
        stored = _Stored.model_validate_json(reply).model_copy(
            update={
                "agent": agent or "",
                "secret": _random(),
                "rotated": now,
                "seen": now,
                "previous": session.digest,
                "next": "",
                "confirmed": True,
                "ending": False,
            }
        )
        return await self._begin(stored, replaced=session.digest, grace_ms=GRACE_MS)

    async def close(self, id_: str) -> None:
        """Sign out."""
        await self._engine.run(_CLOSE, self._keys, {"digest": digest_of(id_)})

    async def _look(self, digest: str, *, fresh: str = "", person: bool = False) -> tuple[_Stored, bool] | None:
        reply = await self._engine.run(
            _SEE,
            self._keys,
            {
                "digest": digest,
                "now": self._clock.now(),
                "fresh": digest_of(fresh) if fresh else None,
                "person": person,
                "idle": IDLE_MS,
                "longest": LONGEST_MS,
                "old": ROTATE_MS,
                "grace": GRACE_MS,
                "note": NOTE_MS,
            },
        )
        return (_Stored.model_validate_json(reply[0]), bool(reply[1])) if reply else None

    async def _begin(self, stored: _Stored, *, replaced: str, grace_ms: int) -> str:
        id_, now = _random(), self._clock.now()
        args: ScriptArguments = {
            "digest": digest_of(id_),
            "record": stored.model_dump_json(),
            "now": now,
            "expires": min(now + IDLE_MS, stored.created + LONGEST_MS),
            "most": MOST,
            "replaces": replaced,
            "serves": now + grace_ms,
        }
        if await self._engine.run(_OPEN, self._keys, args) == b"GONE":
            raise Unauthenticated("you are signed out")
        return id_


def with_agents(session: PageSession, known: "frozenset[str]") -> PageSession:
    """The session as it is allowed now: an agent who is no longer there, or who only looks, works as nobody."""
    works = session.agent in known and session.principal.may("tickets:write")
    return session if works else replace(session, agent=None)


def _session(stored: _Stored, principal: Principal, digest: str) -> PageSession:
    session = PageSession(
        principal=principal,
        agent=principal.agent or stored.agent or None,
        csrf="",
        digest=digest,
        created=stored.created,
        secret=stored.secret,
    )
    return replace(session, csrf=session.key("csrf").hex())


def _random() -> str:
    return secrets.token_urlsafe(32)
