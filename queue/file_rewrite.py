"""Has the engine write its append-only files anew, from what it holds now.

Until then they repeat every command since the last rewrite, and so the words of what was erased meanwhile. On return
the old files are gone. An engine that keeps no such files, or does not let us ask (a managed one), has nothing done to
it, and that is what is answered: whoever runs it sees to its files.
"""

import asyncio

from ..config.errors import EngineUnavailable, ScriptFailed
from .connection import Engine

LOOK_SECONDS = 0.05
TRIES = 20


async def rewrite_files(engine: Engine) -> bool:
    """Returns when the files are new; False when they are not ours to rewrite. Raises EngineUnavailable."""
    for _ in range(TRIES):
        facts = await _idle(engine)
        if facts.get("aof_enabled") != "1":
            return False
        try:
            await engine.call("BGREWRITEAOF")
        except ScriptFailed as error:
            if "progress" in error.detail:  # the engine has begun one of its own meanwhile
                continue
            return False
        if (await _idle(engine)).get("aof_last_bgrewrite_status") == "ok":
            return True
        raise EngineUnavailable("the engine could not rewrite its append-only files; its log says why")
    raise EngineUnavailable("the engine rewrites its append-only files all the time")


async def _idle(engine: Engine) -> dict[str, str]:
    """What it says of its files when no rewrite is under way or waits for its turn."""
    while True:
        said: bytes = await engine.call("INFO", "persistence")
        facts = dict(line.split(":", 1) for line in said.decode().split("\r\n") if ":" in line)
        if facts.get("aof_rewrite_in_progress") != "1" and facts.get("aof_rewrite_scheduled") != "1":
            return facts
        await asyncio.sleep(LOOK_SECONDS)
