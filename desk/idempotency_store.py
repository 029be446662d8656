"""Where the keys of `Idempotency-Key` are claimed and the answers kept: in the engine, so that all processes share it.

A claim is one script, so of many requests with one key exactly one goes ahead. Ages are counted in engine time and
swept with each claim, a few at a time; no TTL is trusted, because a clock that steps forward would make us forget, and
do things twice. What is kept: the answer of each write that carried a key, for a day.
"""

import hashlib

from ..queue.clock import Clock
from ..queue.connection import Argument, Engine
from ..queue.scripts import Script
from ..web.idempotency import CLAIM_SECONDS, KEEP_SECONDS, Claimed, Done, InProgress

_CLAIM = Script.beside(__file__, "idempotency_claim.lua")
_SETTLE = Script.beside(__file__, "idempotency_settle.lua")


class EngineIdempotencyStore:
    """Keys and answers of a workspace; an `IdempotencyStore`."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._keys = [engine.keys("idempotency"), engine.keys("idempotency", "until")]

    async def claim(self, key: str, fingerprint: str, owner: str) -> Claimed | InProgress | Done:
        """Claim the key for this owner, or tell what is known of it. Raises EngineUnavailable, EngineFull."""
        now = self._clock.now()
        args: list[Argument] = [_digest(key), fingerprint, owner, now, now + CLAIM_SECONDS * 1000]
        reply = await self._engine.run(_CLAIM, self._keys, args)
        match reply[0]:
            case b"DONE":
                return Done(reply[1].decode(), bytes(reply[2]))
            case b"IN_PROGRESS":
                return InProgress(reply[1].decode())
            case _:
                return Claimed()

    async def keep(self, key: str, owner: str, answer: bytes) -> None:
        """Keep the answer, if the claim is still this owner's."""
        until = self._clock.now() + KEEP_SECONDS * 1000
        await self._engine.run(_SETTLE, self._keys, [_digest(key), owner, until, answer])

    async def release(self, key: str, owner: str) -> None:
        """Free the key, if the claim is still this owner's."""
        await self._engine.run(_SETTLE, self._keys, [_digest(key), owner, 0, b""])


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()
