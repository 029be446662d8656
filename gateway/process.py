"""One process from start to end.

Order: log, signals, engine, services, then it is ready and says so. At the end the services stop in reverse and the
engine last. A second signal ends it at once; the embedded engine is then asked to end too, and what was acknowledged is
on the disk in any case.
"""

import asyncio
import os
import signal
from collections.abc import Callable
from importlib.util import find_spec

import structlog

from ..config.secret_store import REPLY_TOKEN
from .assembly import Assembly
from .channels import secret_names
from .configuration import Configuration
from .ending import Ending
from .engine_source import EngineSource, SharedEngine, engine_for_owner, engine_to_run
from .reloading import Reloading
from .running import InOrder
from .services import Role, services_of

log = structlog.get_logger()

Greet = Callable[[Assembly], None]
"""Called when everything is ready."""


def run(role: Role, configuration: Configuration, greet: Greet) -> None:
    """Run a role until it is asked to end. Raises Misconfigured or EngineUnavailable when it cannot start."""
    source = engine_for_owner(configuration) if role == "serve" else SharedEngine(configuration)
    configuration.secrets.require(["admin_token", REPLY_TOKEN, *secret_names(configuration.settings)])
    _in_loop(lambda: _run(role, configuration, source, greet))


def run_engine(configuration: Configuration, greet: Callable[[str], None]) -> None:
    """Run nothing but the engine until asked to end. Raises Misconfigured or EngineUnavailable."""
    source = engine_to_run(configuration)
    _in_loop(lambda: _run_engine(source, greet))


def _in_loop(work: Callable[[], object]) -> None:
    """uvloop when it is installed (the extra `fast`)."""
    factory = None
    if find_spec("uvloop") is not None:
        import uvloop

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(work())  # type: ignore[arg-type]
