"""Refuses an engine that could lose what it has acknowledged.

Looked at: append-only file with fsync at every write, no eviction, fsync also while the file is rewritten, version,
and replication without confirmation (a failover would lose writes that no replica has). On a cluster every primary is
looked at, since slots can move to any of them. An engine whose settings cannot be read counts as unsafe. A missing
memory limit loses nothing, but leaves the watermarks without a measure, and is only advised against.

`start` refuses; `run_once`, every 30 s, reports to a callback so that intake can be refused while the engine is unsafe.
`durability: relaxed` turns refusals into warnings, except for a version that cannot run our scripts. While the engine
does not answer the last verdict stands: intake then fails by itself.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from ..config.errors import EngineUnavailable, Misconfigured
from .connection import TIMEOUT, Engine
from .server_binary import MINIMUM
from .service import Periodic

log = structlog.get_logger()

CHECK_SECONDS = 30.0

_REQUIRED = {
    "appendonly": ("yes", "acknowledged writes are only in memory; CONFIG SET appendonly yes"),
    "appendfsync": ("always", "a killed engine loses acknowledged writes; CONFIG SET appendfsync always"),
    "no-appendfsync-on-rewrite": ("no", "writes go unsynced during a rewrite; CONFIG SET no-appendfsync-on-rewrite no"),
    "maxmemory-policy": ("noeviction", "a full engine drops records; CONFIG SET maxmemory-policy noeviction"),
}


@dataclass(frozen=True)
class Danger:
    """One thing about an engine that is not as it must be, and what to do about it."""

    what: str
    remedy: str
    grave: bool = True  # whether the engine is refused for it
    waivable: bool = True  # whether `durability: relaxed` accepts it

    def __str__(self) -> str:
        return f"{self.what}: {self.remedy}"


def judge(settings: Mapping[str, str] | None, facts: Mapping[str, Any], *, replicas: int) -> list[Danger]:
    """The dangers of one server, from its settings (None when it does not show them) and its INFO."""
    return [*_of_version(facts), *_of_replication(facts, replicas), *_of_settings(settings)]


def _of_version(facts: Mapping[str, Any]) -> list[Danger]:
    product = "valkey" if "valkey_version" in facts else "redis"
    version = str(facts.get(f"{product}_version", "0.0"))
    major, minor = (int(part) for part in version.split(".")[:2])
    if (major, minor) >= MINIMUM[product]:
        return []
    return [Danger(f"{product} {version}", "use Redis 7.0 or Valkey 7.2, or newer", waivable=False)]


def _of_replication(facts: Mapping[str, Any], replicas: int) -> list[Danger]:
    if facts.get("role") == "slave":
        return [Danger("this engine is a replica", "name its primary in `redis.url`", waivable=False)]
    connected = [key for key, value in facts.items() if _is_replica(key, value)]
    if connected and replicas == 0:
        remedy = "a failover would lose acknowledged writes; set `durability.replicas: 1`, or more"
        return [Danger(f"{len(connected)} replicas, and none need confirm a write", remedy)]
    return []


def _is_replica(key: str, value: Any) -> bool:
    """A replica that is only fetching a snapshot (a backup) is not yet `online`, and cannot take over."""
    is_entry = key.startswith("slave") and key[5:].isdecimal() and isinstance(value, dict)
    return is_entry and value.get("state") == "online"


def _of_settings(settings: Mapping[str, str] | None) -> list[Danger]:
    if settings is None:
        return [Danger("its settings cannot be read", "allow CONFIG GET for our user, or use an engine that allows it")]
    dangers = [
        Danger(f"{name} is {settings.get(name, 'unknown')}", remedy)
        for name, (wanted, remedy) in _REQUIRED.items()
        if settings.get(name) != wanted
    ]
    if settings.get("maxmemory") == "0":
        dangers.append(Danger("maxmemory is 0", "give it a limit: CONFIG SET maxmemory 2gb", grave=False))
    return dangers


async def dangers_of(server: Redis, *, replicas: int = 0) -> list[Danger]:
    """The dangers of this one server. Raises the client's errors when it does not answer."""
    facts = await server.info("server", "replication")
    return judge(await _settings(server), facts, replicas=replicas)


async def _settings(server: Redis) -> Mapping[str, str] | None:
    try:
        found = await server.config_get(*_REQUIRED, "maxmemory")
    except ResponseError:  # renamed, forbidden by the ACL, or not offered by a managed service
        return None
    return {str(name): str(value) for name, value in found.items()} or None


class Safety:
    """Watches the engine; `report` hears after every look which dangers make it refused (none: it is safe)."""

    def __init__(
        self, engine: Engine, *, relaxed: bool = False, report: Callable[[Sequence[Danger]], None] = lambda _: None
    ) -> None:
        self._engine = engine
        self._relaxed = relaxed
        self._report = report
        self._turns = Periodic("safety", self.run_once, CHECK_SECONDS)
        self._warned: frozenset[Danger] = frozenset()

    async def start(self) -> None:
        """Look once, then every 30 s. Raises Misconfigured with all remedies, or EngineUnavailable."""
        refused = await self.run_once()
        if refused:
            raise Misconfigured(
                "the engine could lose what it acknowledged. "
                + "; ".join(str(danger) for danger in refused)
                + ". To run with this risk set `durability: relaxed`."
            )
        await self._turns.start()

    async def stop(self) -> None:
        """Look no more."""
        await self._turns.stop()

    async def run_once(self) -> Sequence[Danger]:
        """Look at every primary; returns and reports what makes the engine refused. Raises EngineUnavailable."""
        dangers = await self._dangers()
        refused = [danger for danger in dangers if danger.grave and not (self._relaxed and danger.waivable)]
        for danger in dangers - self._warned:
            log.warning("the engine is not as it should be", action="engine_unsafe", danger=str(danger))
        self._warned = frozenset(dangers)
        self._report(refused)
        return refused

    async def _dangers(self) -> frozenset[Danger]:
        found: list[Danger] = []
        try:
            async with await self._engine.client() as own:
                for address in await _primaries(own):
                    async with self._client_at(address) as server:
                        found += await dangers_of(server, replicas=self._engine.replicas)
        except (RedisError, OSError, TimeoutError) as error:
            raise EngineUnavailable(f"the engine's settings could not be checked: {error}") from error
        return frozenset(found)

    def _client_at(self, address: Mapping[str, Any]) -> Redis:
        pool = self._engine.pool(TIMEOUT)
        pool.connection_kwargs.update(address)
        return Redis.from_pool(pool)


async def _primaries(server: Redis) -> list[dict[str, Any]]:
    """Where the primaries of the cluster are; for an engine on its own one entry that changes nothing."""
    facts = await server.info("cluster")
    if not facts.get("cluster_enabled"):
        return [{}]
    slots = await server.execute_command("CLUSTER", "SLOTS")  # type: ignore[no-untyped-call]
    primaries = {(_text(primary[0]), int(primary[1])) for _, _, primary, *_ in slots}
    return [{"host": host, "port": port} if host else {"port": port} for host, port in sorted(primaries)]


def _text(value: bytes | str | None) -> str:
    return value.decode() if isinstance(value, bytes) else value or ""
