"""One process from start to end.

Order: signals, engine, services, then it is ready and says so. At the end the services stop in reverse and the engine
last. A second signal ends it at once; the embedded engine is then asked to end too, and what was acknowledged is on the
disk in any case.
"""

import asyncio
import os
from collections.abc import Callable, Sequence

import structlog

from ..config.quantities import HostPort
from ..queue.service import Service
from .assembly import Assembly
from .channels import needed_secrets
from .configuration import Configuration
from .engine_source import EngineSource, SharedEngine, engine_for_owner, engine_to_run
from .open_files import take_all_files
from .service_order import InOrder, Later
from .services import Role, services_of
from .shutdown import Shutdown

log = structlog.get_logger()

INTERRUPTED = 130

Greet = Callable[[HostPort, HostPort], None]
"""Called when everything is ready, with the addresses of HTTP and SMTP."""


def run(role: Role, configuration: Configuration, greet: Greet) -> None:
    """Run a role until it is asked to end. Raises Misconfigured or EngineUnavailable when it cannot start."""
    prepare(configuration)
    source = engine_for_owner(configuration) if role == "serve" else SharedEngine(configuration)
    asyncio.run(serve(role, configuration, source, greet))


def prepare(configuration: Configuration) -> None:
    """The data folder and the secrets, so that what is missing is told at once. Raises Misconfigured."""
    configuration.folder.prepare()
    configuration.secrets.require(needed_secrets(configuration.settings))


def run_engine(configuration: Configuration, greet: Callable[[str], None]) -> None:
    """Run nothing but the engine until asked to end. Raises Misconfigured or EngineUnavailable."""
    asyncio.run(_serve_engine(engine_to_run(configuration), greet))


async def serve(
    role: Role,
    configuration: Configuration,
    source: EngineSource,
    greet: Greet,
    *,
    first: Callable[[Assembly], Sequence[Service]] = lambda _: (),
    further: Callable[[Assembly], Sequence[Service]] = lambda _: (),
) -> None:
    """The life of a process with services; `first` gives those that start before all others, `further` after them."""
    take_all_files()
    shutdown = _shutdown(source)
    services = InOrder([])

    async def start() -> None:
        nonlocal services
        assembly = Assembly(configuration, await source.start())
        last = Later(lambda: further(assembly))
        services = InOrder([*first(assembly), *services_of(role, assembly), last])
        await services.start()
        log.info("ready", action="ready", role=role, config=assembly.settings.version, **_addresses(role, assembly))
        greet(assembly.http_address, assembly.smtp_address)

    try:
        if await shutdown.unless_asked(start()):
            await shutdown.wait()
            log.info("stopping", action="stopping", role=role)
    finally:
        await services.stop()
        await source.stop()
    log.info("stopped", action="stopped", role=role)


def _addresses(role: Role, assembly: Assembly) -> dict[str, str]:
    served = {"serve": ("http", "smtp"), "web": ("http",), "smtp": ("smtp",), "worker": ()}[role]
    return {name: str(getattr(assembly, f"{name}_address")) for name in served}


async def _serve_engine(source: EngineSource, greet: Callable[[str], None]) -> None:
    take_all_files()
    shutdown = _shutdown(source)

    async def start() -> None:
        greet(await source.start())
        log.info("ready", action="ready", role="engine")

    try:
        if await shutdown.unless_asked(start()):
            await shutdown.wait()
    finally:
        await source.stop()
    log.info("stopped", action="stopped", role="engine")


def _shutdown(source: EngineSource) -> Shutdown:
    def at_once() -> None:
        source.abandon()
        os._exit(INTERRUPTED)

    shutdown = Shutdown(at_once)
    shutdown.listen()
    return shutdown
