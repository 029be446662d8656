"""The way to the engine: one place where its address, time-outs and errors are known.

`run` executes a script once: client retries are 0 and the time-out is one second, because the client's defaults repeat
commands that may already have run (a lost reply ran XADD twice). NOSCRIPT alone is repeated, since it proves that
nothing ran. Every error of the engine leaves here as `EngineUnavailable`, `EngineFull` or `ScriptFailed`; all are
temporary.

All keys of a workspace live on one shard, so on a cluster the engine is simply the primary that serves the workspace's
slot; it is looked up at first use and again after MOVED, which like NOSCRIPT proves that nothing ran.

Once `born` is set, only an engine with that birth mark is spoken to: every script compares it before its first step,
and so does every new connection before its first command. While `stranger` says why the engine is not ours
(recognition.py finds that out and lifts it), nothing is asked of it.
"""

import asyncio
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.connection import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import MovedError, NoScriptError, OutOfMemoryError, RedisError, ResponseError

from ..config.errors import EngineFull, EngineUnavailable, ScriptFailed, StrangeEngine
from .keys import Keys
from .multiplexer import Command, Confirm, Greeting, Multiplexer
from .scripts import STRANGER, Argument, Script, ScriptArguments, ScriptKeys

TIMEOUT = 1.0  # seconds for a round trip on the path of an acknowledgement


class Engine:
    """The engine of one workspace."""

    def __init__(self, url: str, keys: Keys, *, replicas: int = 0, timeout: float = TIMEOUT) -> None:
        self.url = url
        self.keys = keys
        self.replicas = replicas
        self.born = ""  # the mark that the engine must have; none is asked for until it is known
        self.stranger = ""
        self._timeout = timeout
        self._mark_key = keys("blobs", "home")
        self._address: tuple[str, int] | None = None
        self._confirm: Confirm | None = None
        self._multiplexer: Multiplexer | None = None
        self._retired: list[Multiplexer] = []
        self._locating = asyncio.Lock()

    async def run(self, script: Script, keys: ScriptKeys, args: ScriptArguments) -> Any:
        """The reply of the script, as bytes, integers and lists.

        Raises EngineUnavailable or EngineFull; ValueError when the names are not those of the script's head.
        """
        words = script.wire(keys, args, mark_key=self._mark_key, born=self.born)
        return await self.call("EVALSHA", script.sha1, *words, script=script)

    async def call(self, *command: Argument, script: Script | None = None) -> Any:
        """The reply of one command. Raises EngineUnavailable or EngineFull."""
        self._refuse_a_stranger()
        return await self._asked(command, script)

    async def answers(self) -> None:
        """Returns when the engine has answered. Raises EngineUnavailable."""
        await self.call("PING")

    async def mark(self) -> str:
        """The birth mark that the engine has, a stranger too; empty when it has none. Raises EngineUnavailable."""
        try:
            return ((await self._asked(("GET", self._mark_key), None)) or b"").decode()
        except StrangeEngine as error:  # found out by the new connection that this took
            return str(error.facts["kept"])

    def _refuse_a_stranger(self) -> None:
        if self.stranger:
            raise StrangeEngine(self.stranger)

    async def _asked(self, command: Command, script: Script | None) -> Any:
        try:
            return await self._attempt(command, script)
        except OutOfMemoryError as error:
            raise EngineFull(f"the engine is full: {error}") from error
        except (RedisError, OSError, TimeoutError) as error:
            if str(error).startswith(STRANGER):
                kept = str(error).removeprefix(STRANGER).strip()
                self.stranger = self.stranger or "another engine answers than the one of the data folder"
                raise StrangeEngine(self.stranger, kept=kept) from error
            name, words = (str(command[0]), str(error)) if script is None else (script.name, script.located(str(error)))
            kind, what = (ScriptFailed, "refused") if _is_refusal(error) else (EngineUnavailable, "did not answer")
            raise kind(f"the engine {what} {name}: {type(error).__name__}: {words}") from error

    async def _attempt(self, command: Command, script: Script | None, moves: int = 3) -> Any:
        try:
            return await (await self._route()).execute(command)
        except NoScriptError:
            if script is None:
                raise
            await (await self._route()).execute(("SCRIPT", "LOAD", script.source))
            return await (await self._route()).execute(command)
        except MovedError as moved:
            if moves == 0:
                raise
            self._retire((moved.host, moved.port))
            return await self._attempt(command, script, moves - 1)
        except (OSError, TimeoutError, RedisError):
            if self._address is not None:
                self._retire(None)  # the shard may have failed over: look it up again next time
            raise

    async def _route(self) -> Multiplexer:
        if self._multiplexer is None:
            async with self._locating:
                if self._multiplexer is None:
                    await self._locate()
                    self._multiplexer = self._connected()
        return self._multiplexer

    def _connected(self) -> Multiplexer:
        return Multiplexer(self.pool(self._timeout), timeout=self._timeout, confirm=self._confirm, greet=self._greet)

    def _greet(self) -> Greeting | None:
        return Greeting(("GET", self._mark_key), self.born.encode(), STRANGER) if self.born else None

    def _retire(self, address: tuple[str, int] | None) -> None:
        """Go to another address, or look it up again when there is none; what is under way ends where it is."""
        if self._multiplexer is not None and address != self._address:
            self._retired.append(self._multiplexer)
            self._address = address
            self._multiplexer = self._connected() if address else None

    async def _locate(self) -> None:
        """Ask the engine what it is: which primary serves our slot, and how it confirms replication."""
        self._address = None
        async with asyncio.timeout(self._timeout * 2), Redis.from_pool(self.pool(self._timeout)) as seed:
            facts = await seed.info("server", "cluster")
            if facts.get("cluster_enabled"):
                if self.url.startswith("unix:"):
                    raise EngineUnavailable(
                        "a node of a cluster is reached by host and port: redis+cluster://host:port"
                    )
                self._address = await _primary(seed, self.keys())
            if self.replicas:
                self._confirm = Confirm.by_replicas(self.replicas, fsynced=_has_waitaof(facts))

    def pool(self, timeout: float | None) -> ConnectionPool:
        """A pool to where the workspace lives; `timeout` in seconds, None for blocking reads.

        Whether it is a cluster is asked of the engine, so a scheme that says so is for the reader.
        """
        pool = ConnectionPool.from_url(
            self.url.replace("+cluster://", "://", 1),
            retry=Retry(NoBackoff(), 0),
            socket_timeout=timeout,
            socket_connect_timeout=self._timeout,
            protocol=2,
        )
        if self._address is not None:
            pool.connection_kwargs.update(host=self._address[0], port=self._address[1])
        return pool

    async def client(self, *, blocking: bool = False) -> Redis:
        """A plain client of its own for look-ups and blocking reads; the caller closes it. Raises EngineUnavailable."""
        self._refuse_a_stranger()
        try:
            await self._route()
        except (RedisError, OSError, TimeoutError) as error:
            raise EngineUnavailable(f"the engine cannot be found: {type(error).__name__}: {error}") from error
        return Redis.from_pool(self.pool(None if blocking else self._timeout))

    async def close(self) -> None:
        """Wait for what is under way and close."""
        for multiplexer in (*self._retired, self._multiplexer):
            if multiplexer is not None:
                await multiplexer.close()
        self._retired, self._multiplexer = [], None


# What the engine says of itself, not of the command; the client has no classes of their own for these.
_ITS_OWN_TROUBLE = ("MISCONF", "NOREPLICAS", "BUSY", "UNKILLABLE", "NOAUTH", "NOPERM", "UNBLOCKED")


def _is_refusal(error: BaseException) -> bool:
    return type(error) is ResponseError and not str(error).startswith(_ITS_OWN_TROUBLE)


async def _primary(seed: Redis, key: str) -> tuple[str, int]:
    slot = await seed.execute_command("CLUSTER", "KEYSLOT", key)  # type: ignore[no-untyped-call]
    for first, last, primary, *_ in await seed.execute_command("CLUSTER", "SLOTS"):  # type: ignore[no-untyped-call]
        if first <= slot <= last:
            host = primary[0].decode() if isinstance(primary[0], bytes) else str(primary[0] or "")
            return host or seed.connection_pool.connection_kwargs["host"], int(primary[1])
    raise EngineUnavailable(f"no node of the cluster serves slot {slot}")


def _has_waitaof(facts: dict[str, Any]) -> bool:
    """Since Redis 7.2; Valkey answers 7.2.4 as its Redis version."""
    version = str(facts.get("redis_version", "0")).split(".")
    return (int(version[0]), int(version[1])) >= (7, 2)
