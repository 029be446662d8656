"""Which engine a process uses: one of its own, the one of the data folder, or the one that `redis.url` names.

`serve` and `engine` own the embedded engine of a data folder; other roles and commands only attach to it. With
`redis.url` nobody starts an engine; one that does not answer is told with the setting and what to do.
"""

import os

from ..config.errors import EngineUnavailable, Misconfigured, Temporary
from ..config.problems import Problem, misconfigured
from ..config.settings import Settings
from ..queue.attach import attach
from ..queue.connection import Engine
from ..queue.embedded import Supervisor
from ..queue.server_binary import ServerBinary
from .configuration import Configuration

ROLE_PATIENCE = 30.0  # seconds; under a process manager all roles start at the same moment
COMMAND_PATIENCE = 2.0


class OwnEngine:
    """The embedded engine, ours."""

    def __init__(self, configuration: Configuration) -> None:
        settings = configuration.settings
        self.supervisor = Supervisor(
            configuration.folder.root, binary=_named_binary(settings), maxmemory=settings.engine.maxmemory
        )

    async def start(self) -> str:
        """The address; returns when the engine serves. Raises Misconfigured or EngineUnavailable."""
        await self.supervisor.start()
        return self.supervisor.url

    async def stop(self) -> None:
        """Shut it down in order."""
        await self.supervisor.stop()

    def abandon(self) -> None:
        """There is no time left: ask it to end, and do not wait; what was acknowledged is fsynced."""
        if self.supervisor.pid is not None:
            os.kill(self.supervisor.pid, 15)


class SharedEngine:
    """Somebody else's engine: that of the data folder's owner, or the one of `redis.url`."""

    def __init__(self, configuration: Configuration, *, patience: float = ROLE_PATIENCE) -> None:
        self._configuration = configuration
        self._patience = patience

    async def start(self) -> str:
        """The address; returns when the engine answers. Raises Misconfigured or EngineUnavailable."""
        if self._configuration.is_embedded:
            return await attach(self._configuration.folder.root, patience=self._patience)
        return await _answering(self._configuration)

    async def stop(self) -> None:
        """It goes on without us."""

    def abandon(self) -> None:
        """It goes on without us."""


EngineSource = OwnEngine | SharedEngine


def engine_for_owner(configuration: Configuration) -> EngineSource:
    """The engine of `serve`."""
    return OwnEngine(configuration) if configuration.is_embedded else SharedEngine(configuration)


def engine_to_run(configuration: Configuration) -> OwnEngine:
    """The engine of `engine`. Raises Misconfigured when there is none to run."""
    if not configuration.is_embedded:
        raise Misconfigured(
            "redis.url names an engine, so there is none to run here; leave `trunkline engine` out, or remove redis.url"
        )
    return OwnEngine(configuration)


async def _answering(configuration: Configuration) -> str:
    """The address of `redis.url`. Raises EngineUnavailable, with place and remedy, when nobody answers there."""
    settings = configuration.settings
    engine = Engine(settings.redis.url, configuration.keys)
    try:
        await engine.answers()
    except Temporary as error:
        raise EngineUnavailable(
            f"{settings.where('redis', 'url')}: the engine of redis.url cannot be used: "
            f"{error.detail.rstrip('.')}. Start it, or name another in redis.url or TRUNKLINE_REDIS__URL; "
            "without redis.url Trunkline runs an engine of its own"
        ) from error
    finally:
        await engine.close()
    return settings.redis.url


def _named_binary(settings: Settings) -> ServerBinary | None:
    path = settings.engine.binary
    if path is None:
        return None
    if not path.is_file() or not os.access(path, os.X_OK):
        found = f"{path}, which cannot be run"
        expected = "the path of a redis-server or valkey-server program"
        raise misconfigured([Problem(settings.where("engine", "binary"), found, expected)])
    return ServerBinary(path, "as configured")
