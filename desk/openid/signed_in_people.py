"""Who is signed in by the identity provider: what stands behind their sessions, in place of a token.

A session names it by a key that no token's digest can be; for each request it is asked who it is now, as for a token.
It holds while the person is the agent they were (their agent is in the configuration, with that address or subject),
was not signed out by the provider, and the provider still knows them: every `recheck` it is asked with the refresh
token, by one process at a time, and what it says of groups holds from then on. When it refuses, the person is signed
out; when it does not answer, or does not take the desk itself (a secret that was changed), after `PATIENCE_MS`.
Without a refresh token a sign-in lasts for `unchecked`.

The refresh token is sealed with a key from the client secret (config/sealing.py): a copy of the engine opens nothing.
"""

import asyncio
import secrets
from datetime import timedelta

import structlog
from pydantic import BaseModel, ConfigDict

from ...config.errors import Forbidden, Temporary, Unauthenticated
from ...config.sealing import Seal
from ...config.settings import Settings
from ...queue.clock import Clock
from ...queue.connection import Engine
from ...queue.scripts import Script
from ...router.policy import CurrentPolicy
from ...web.tokens import Principal
from ..stores.sessions import LONGEST_MS
from ..stores.token_store import AGENT_SCOPES
from .id_token import Person, SignOut, folded
from .provider import Granted, Provider

log = structlog.get_logger()

PREFIX = "person:"
PATIENCE_MS = 60 * 60 * 1000
ASKING_SECONDS = 60.0  # for all that one exchange may take
BUSY_MS = 90 * 1000  # for which one process asks while the others wait; longer than an exchange lasts
AGAIN_MS = 20 * 1000  # after an exchange that failed

_SIGN_OUT = Script.beside(__file__, "sign_out.lua")


class Stranger(Forbidden):
    """The provider knows them, and the desk does not."""

    code = "stranger"


class _Stored(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    agent: str
    subject: str
    email: str = ""
    groups: frozenset[str] = frozenset()
    session: str = ""
    refresh: str = ""
    signed_in_at: int
    checked_at: int

    @property
    def person(self) -> Person:
        """As the provider said last."""
        return Person(subject=self.subject, email=self.email, groups=self.groups, session=self.session)


class SignedInPeople:
    """The people of a workspace who are signed in so; a `Tokens`."""

    def __init__(self, engine: Engine, clock: Clock, policy: CurrentPolicy, provider: Provider, secret: str) -> None:
        self._engine = engine
        self._clock = clock
        self._policy = policy
        self.provider = provider
        self.attempts = Seal(secret, "sign-in attempts")
        self._seal = Seal(secret, "sign-in refresh tokens")

    async def enter(self, person: Person, granted: Granted) -> tuple[str, Principal]:
        """They have signed in; the key that their session names, and who they are. Raises Stranger."""
        agent, now = agent_of(person, self._policy().settings), self._clock.now()
        stored = _Stored(
            agent=agent,
            subject=person.subject,
            email=person.email,
            groups=person.groups,
            session=person.session,
            refresh=self._seal.seal(granted.refresh) if granted.refresh else "",
            signed_in_at=now,
            checked_at=now,
        )
        key = f"{PREFIX}{secrets.token_urlsafe(32)}"
        await self._keep(key, stored)
        return key, _principal(stored)

    async def principal(self, digest: str) -> Principal | None:
        """Who stands behind this key now; None when nobody does any more. Raises EngineUnavailable."""
        if not digest.startswith(PREFIX):
            return None
        found = await self._engine.call("GET", self._key(digest))
        stored = _Stored.model_validate_json(found) if found else None
        if stored is None or await self._was_signed_out(stored) or not self._is_still(stored):
            return None
        return await self._checked(digest, stored)

    async def sign_out(self, said: SignOut) -> bool:
        """The provider has signed out this person, or one sign-in of theirs: what began before now holds no more.

        With a session it is that one, and those of the person that the provider gave no session. The same token again
        changes nothing, so it cannot be kept to sign somebody out later; False says so.
        """
        names = [f"session:{said.session}", f"nameless:{said.subject}"] if said.session else [f"subject:{said.subject}"]
        now = self._clock.now()
        reply = await self._engine.run(
            _SIGN_OUT,
            {"token": self._mark(f"token:{said.token}"), "ended": tuple(map(self._mark, names))},
            {"now": now, "remembered": max(said.good_until - now, 0) + BUSY_MS, "longest": LONGEST_MS},
        )
        return bool(reply == b"OK")

    async def _checked(self, digest: str, stored: _Stored) -> Principal | None:
        settings, now = self.provider.settings, self._clock.now()
        if not stored.refresh:
            return _principal(stored) if now < stored.signed_in_at + _ms(settings.unchecked) else None
        due = stored.checked_at + _ms(settings.recheck)
        if now >= due and await self._engine.call("SET", self._busy(digest), 1, "NX", "PX", BUSY_MS):
            try:
                async with asyncio.timeout(ASKING_SECONDS):
                    return await self._ask_again(digest)
            except (Temporary, TimeoutError) as error:
                await self._engine.call("PEXPIRE", self._busy(digest), AGAIN_MS)
                log.warning("the identity provider cannot be asked", action="recheck_failed", cause=str(error))
        return _principal(stored) if now < due + PATIENCE_MS else None

    async def _ask_again(self, digest: str) -> Principal | None:
        """What the provider says now. Raises ProviderAway.

        What is stored is read once more: whoever asked before has used the refresh token that was read first.
        """
        found = await self._engine.call("GET", self._key(digest))
        if found is None:
            return None
        stored = _Stored.model_validate_json(found)
        if self._clock.now() < stored.checked_at + _ms(self.provider.settings.recheck):
            await self._engine.call("DEL", self._busy(digest))
            return _principal(stored)
        try:
            granted = await self.provider.refresh(self._seal.open(stored.refresh) or "")
            person = await self.provider.person(granted.id_token, nonce=None) if granted.id_token else stored.person
            if person.subject != stored.subject:
                raise Unauthenticated("the provider now says somebody else")
            agent = agent_of(person, self._policy().settings)
        except (Unauthenticated, Forbidden) as error:
            log.warning("somebody is signed out", action="person_gone", agent=stored.agent, cause=error.detail)
            await self._engine.call("DEL", self._key(digest))
            return None
        refresh = self._seal.seal(granted.refresh) if granted.refresh else stored.refresh
        said = {"groups": person.groups, "email": person.email, "session": person.session or stored.session}
        now = stored.model_copy(update={**said, "refresh": refresh, "checked_at": self._clock.now()})
        await self._keep(digest, now)
        await self._engine.call("DEL", self._busy(digest))
        return _principal(now) if agent == now.agent else None

    def _is_still(self, stored: _Stored) -> bool:
        """Whether the configuration still says that they are this agent."""
        try:
            return agent_of(stored.person, self._policy().settings) == stored.agent
        except Stranger:
            return False

    async def _was_signed_out(self, stored: _Stored) -> bool:
        one = f"session:{stored.session}" if stored.session else f"nameless:{stored.subject}"
        names = (one, f"subject:{stored.subject}")
        marks = await self._engine.call("MGET", *map(self._mark, names))
        return any(mark is not None and int(mark) >= stored.signed_in_at for mark in marks)

    async def _keep(self, digest: str, stored: _Stored) -> None:
        await self._engine.call("SET", self._key(digest), stored.model_dump_json(), "PX", LONGEST_MS)

    def _key(self, digest: str) -> str:
        return self._engine.keys("sign_in", digest)

    def _busy(self, digest: str) -> str:
        return self._engine.keys("sign_in", "busy", digest)

    def _mark(self, name: str) -> str:
        return self._engine.keys("sign_in", "ended", name)


def agent_of(person: Person, settings: Settings) -> str:
    """The agent who this person is: by subject where one is written, else by verified address. Raises Stranger."""
    sign_in = settings.sign_in
    if sign_in is None:
        raise Stranger("this desk has no sign-in by an identity provider")
    if sign_in.require_groups and person.groups.isdisjoint(sign_in.require_groups):
        raise Stranger("you are in none of the groups that may use this desk")
    for id_, agent in settings.agents.items():
        if agent.subject and agent.subject == person.subject:
            return id_
    named = [
        id_
        for id_, agent in settings.agents.items()
        if person.email and not agent.subject and folded(agent.email) == person.email
    ]
    if len(named) == 1:
        return named[0]
    if not person.email:
        raise Stranger("the identity provider gives no verified address of yours, by which you could be known here")
    raise Stranger(f"{'several agents have' if named else 'no agent of this desk has'} the address {person.email}")


def _principal(stored: _Stored) -> Principal:
    scopes = frozenset[str](AGENT_SCOPES)
    return Principal(name=f"sign-in:{stored.agent}", scopes=scopes, agent=stored.agent, groups=stored.groups)


def _ms(duration: timedelta) -> int:
    return duration // timedelta(milliseconds=1)
