"""Where the keys of `Idempotency-Key` are claimed and the answers kept: in the engine, so that all processes share it.

A claim is one script, so of many requests with one key exactly one goes ahead. Ages are counted in engine time and
swept with each claim, a few at a time; no TTL is trusted, because a clock that steps forward would make us forget, and
do things twice. What is kept: the answer of each write that carried a key, for a day.
"""

import hashlib
import json
from base64 import b64decode
from collections.abc import Collection

from ...queue.clock import Clock
from ...queue.connection import Engine
from ...queue.scanning import scan
from ...queue.script_head import Group
from ...queue.scripts import Script, ScriptArguments
from ...web.idempotency import CLAIM_SECONDS, KEEP_SECONDS, Claimed, Done, InProgress, packed
from ...web.problem import problem

_CLAIM = Script.beside(__file__, "idempotency_claim.lua")
_RENEW = Script.beside(__file__, "idempotency_renew.lua")
_SETTLE = Script.beside(__file__, "idempotency_settle.lua")
_FORGET = Script.beside(__file__, "idempotency_forget.lua")
_REQUESTS = Group.beside(__file__, "idempotency.lua", "idempotency")

_GONE = packed(problem(410, "gone", "it was done, and whom it was about was erased since"))


class EngineIdempotencyStore:
    """Keys and answers of a workspace; an `IdempotencyStore`."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        requests = _REQUESTS(known=engine.keys("idempotency"), expiry=engine.keys("idempotency", "until"))
        self._keys = {"requests": requests}

    async def claim(self, key: str, fingerprint: str, owner: str) -> Claimed | InProgress | Done:
        """Claim the key for this owner, or tell what is known of it. Raises EngineUnavailable, EngineFull."""
        asked: ScriptArguments = {"digest": _digest(key), "fingerprint": fingerprint, "owner": owner}
        ends: ScriptArguments = {"now": self._clock.now(), "expires": self._claim_ends()}
        reply = await self._engine.run(_CLAIM, self._keys, {**asked, **ends})
        match reply[0]:
            case b"DONE":
                return Done(reply[1].decode(), bytes(reply[2]))
            case b"IN_PROGRESS":
                return InProgress(reply[1].decode())
            case _:
                return Claimed()

    async def renew(self, key: str, owner: str) -> None:
        """Claim it for CLAIM_SECONDS more, if the claim is still this owner's."""
        claim: ScriptArguments = {"digest": _digest(key), "owner": owner, "expires": self._claim_ends()}
        await self._engine.run(_RENEW, self._keys, claim)

    async def keep(self, key: str, owner: str, answer: bytes) -> None:
        """Keep the answer, if the claim is still this owner's."""
        await self._settle(key, owner, self._clock.now() + KEEP_SECONDS * 1000, answer)

    async def release(self, key: str, owner: str) -> None:
        """Free the key, if the claim is still this owner's."""
        await self._settle(key, owner, 0, None)

    async def forget(self, names: Collection[str]) -> None:
        """Answers in which one of these names stands are no longer given; a repeat hears that they are gone."""
        words = [name.encode() for name in names]
        async for digest, known in scan(self._engine, "HSCAN", self._keys["requests"]["known"]):
            head, _, answer = known.partition(b"\0")
            if head.startswith(b"D") and any(word in b64decode(json.loads(answer)["body"]) for word in words):
                told: ScriptArguments = {"digest": digest, "before": known, "now": head + b"\0" + _GONE}
                await self._engine.run(_FORGET, self._keys, told)

    def _claim_ends(self) -> int:
        return self._clock.now() + CLAIM_SECONDS * 1000

    async def _settle(self, key: str, owner: str, expires: int, answer: bytes | None) -> None:
        args: ScriptArguments = {"digest": _digest(key), "owner": owner, "expires": expires, "answer": answer}
        await self._engine.run(_SETTLE, self._keys, args)


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()
