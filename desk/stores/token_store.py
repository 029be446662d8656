"""API tokens that operators make and withdraw: `trunkline token`.

The engine holds the SHA-256 of a token, never the token; it is shown once, when it is made. Each has a name that no
other has, because the name stands in the feed and separates idempotency keys. A withdrawn token is refused with the
next request. The admin token is not among them: it comes from the secrets (`desk_tokens`).
"""

import re
from collections.abc import Collection, Sequence
from typing import cast

from pydantic import Field

from ...config.errors import Conflict, Invalid, NotFound
from ...normalizer.envelope import Record
from ...queue.clock import Clock
from ...queue.connection import Engine
from ...queue.script_head import Group
from ...queue.scripts import Script, ScriptArguments
from ...web.tokens import SCOPES, FirstOf, KnownTokens, Principal, Scope, Tokens, digest_of, new_token

ADMIN = "admin"
AGENT_SCOPES: tuple[Scope, ...] = ("tickets:read", "tickets:write", "agents:read", "agents:write", "feed:read")
"""What an agent's own token is given when nothing else is said."""

_CREATE = Script.beside(__file__, "token_create.lua")
_REVOKE = Script.beside(__file__, "token_revoke.lua")
_TOKENS = Group.beside(__file__, "tokens.lua", "tokens")
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}\Z")


class TokenRecord(Record):
    """A token as it is listed."""

    name: str
    scopes: tuple[str, ...]
    agent: str | None = Field(default=None, description="The agent for whom it acts, and for nobody else.")
    created_at: int = Field(description="Milliseconds.")


class TokenStore:
    """The tokens of a workspace; a `Tokens`."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._tokens = _TOKENS(records=engine.keys("tokens"), names=engine.keys("tokens", "names"))
        self._keys = {"tokens": self._tokens}

    async def create(self, name: str, *, scopes: Collection[str], agent: str | None = None) -> str:
        """Make a token; this is the only time it is seen. Raises Invalid, and Conflict when the name is taken."""
        if not _NAME.match(name) or name == ADMIN:
            raise Invalid(f"a token's name is 1 to 63 of a-z 0-9 . _ - and is not {ADMIN}: {name!r}", field="name")
        unknown = sorted(set(scopes) - set(SCOPES))
        if unknown or not scopes:
            found = f"there is no scope {', '.join(unknown)}" if unknown else "a token needs a scope"
            raise Invalid(f"{found}; there are {', '.join(SCOPES)}", field="scopes")
        ordered = tuple(scope for scope in SCOPES if scope in scopes)
        record = TokenRecord(name=name, scopes=ordered, agent=agent, created_at=self._clock.now())
        token = new_token()
        args: ScriptArguments = {"name": name, "digest": digest_of(token), "record": record.model_dump_json()}
        if await self._engine.run(_CREATE, self._keys, args) != b"OK":
            raise Conflict(f"there is a token named {name} already; withdraw it first")
        return token

    async def all(self) -> Sequence[TokenRecord]:
        """All tokens, by name."""
        found = await self._engine.call("HVALS", self._tokens["records"])
        return sorted(map(TokenRecord.model_validate_json, found), key=lambda record: record.name)

    async def revoke(self, name: str) -> None:
        """Withdraw a token. Raises NotFound."""
        if await self._engine.run(_REVOKE, self._keys, {"name": name}) != b"OK":
            raise NotFound(f"there is no token named {name}")

    async def principal(self, digest: str) -> Principal | None:
        """Whose token has this digest; None when nobody's. Raises EngineUnavailable."""
        found = await self._engine.call("HGET", self._tokens["records"], digest)
        if found is None:
            return None
        record = TokenRecord.model_validate_json(cast("bytes", found))
        return Principal(name=record.name, scopes=frozenset(record.scopes), agent=record.agent)


def desk_tokens(admin_token: str, store: Tokens) -> Tokens:
    """The admin token, and those of the store."""
    admin = Principal(name=ADMIN, scopes=frozenset({"admin"}))
    return FirstOf([KnownTokens({admin_token: admin}), store])
