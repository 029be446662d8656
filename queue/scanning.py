"""Goes through a large hash or sorted set in small steps, beside everything else.

What is there from beginning to end is found, perhaps twice; what comes or goes meanwhile may be found or not.
"""

from collections.abc import AsyncIterator

from .connection import Engine

AT_ONCE = 500


async def scan(engine: Engine, command: str, key: str) -> AsyncIterator[tuple[bytes, bytes]]:
    """Fields and values (`HSCAN`), or members and scores (`ZSCAN`). Raises EngineUnavailable."""
    cursor: bytes | int = 0
    while True:
        cursor, flat = await engine.call(command, key, cursor, "COUNT", AT_ONCE)
        for name, value in zip(flat[::2], flat[1::2], strict=True):
            yield name, value
        if int(cursor) == 0:
            return
