"""A secret that lies in the engine: made when it is first asked for, the same for ever, and in every backup.

For digests and codes that have to mean the same in all processes and after a restore. Nothing is written where it is
there already, so it can be asked for while the engine is full.
"""

import secrets

from .connection import Engine


async def engine_secret(engine: Engine, key: str) -> bytes:
    """The secret under this key, 64 hexadecimal digits. Raises EngineUnavailable."""
    found = await engine.call("GET", key)
    if found is None:
        await engine.call("SET", key, secrets.token_hex(32), "NX")
        found = await engine.call("GET", key)
    return bytes(found)
