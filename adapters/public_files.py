"""Addresses at which a vendor fetches a file of an answer: `<public address>/files/<token>`.

For vendors that take no bytes with a message. A token names the answer, the sha256 of the file and when it ends, under
a keyed check (HMAC-SHA256, the key lies in the engine): whoever has it can read that one file until then, and nobody
can make up another. It is good in all processes, and after a restore. It says nothing of the file but its digest.
"""

import base64
import hmac
import re
from typing import Protocol
from uuid import UUID

from ..config.errors import NotFound
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.engine_secret import engine_secret

DAY_MS = 86_400_000
_HOUR_MS = 3_600_000  # ends on the hour, so that what is sent again soon is the same
_END, _CHECK = 7, 32
_LENGTH = 16 + 32 + _END + _CHECK  # a multiple of three: every bit of a token counts
_TOKEN = re.compile(rf"[A-Za-z0-9_-]{{{_LENGTH // 3 * 4}}}\Z", re.ASCII)


class FileAddresses(Protocol):
    """Makes addresses of files."""

    async def address(self, base: str, article: str, sha256: str, lifetime: int = DAY_MS) -> str:
        """Where a vendor fetches this file of this answer, below our public address `base`; for milliseconds."""


class PublicFiles:
    """Makes and reads the addresses of a workspace."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._secret = b""

    async def address(self, base: str, article: str, sha256: str, lifetime: int = DAY_MS) -> str:
        """As `FileAddresses`. Raises EngineUnavailable, and ValueError for an article or digest that is none."""
        end = (self._clock.now() // _HOUR_MS + 1) * _HOUR_MS + lifetime
        said = UUID(article).bytes + bytes.fromhex(sha256) + end.to_bytes(_END, "big")
        token = base64.urlsafe_b64encode(said + await self._check(said)).decode()
        return f"{base}/files/{token}"

    async def named(self, token: str) -> tuple[str, str]:
        """The article and the sha256 of the file. Raises NotFound for a token that is not ours, or has ended."""
        whole = _bytes_of(token)
        said, check = whole[:-_CHECK], whole[-_CHECK:]
        if not hmac.compare_digest(check, await self._check(said)):
            raise NotFound("there is no such file")
        article, sha256, end = said[:16], said[16:-_END], said[-_END:]
        if self._clock.now() >= int.from_bytes(end, "big"):
            raise NotFound("there is no such file")
        return str(UUID(bytes=article)), sha256.hex()

    async def _check(self, said: bytes) -> bytes:
        if not self._secret:
            self._secret = await engine_secret(self._engine, self._engine.keys("files", "secret"))
        return hmac.digest(self._secret, b"trunkline public file\0" + said, "sha256")


def _bytes_of(token: str) -> bytes:
    """Raises NotFound."""
    if not _TOKEN.match(token):
        raise NotFound("there is no such file")
    return base64.urlsafe_b64decode(token)
