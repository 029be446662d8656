"""Whether this process can do its work. `/livez`: it runs. `/readyz`: it is ready; 503 with what is missing if not.

Ready means: everything is started and nothing is being stopped, the engine answers and is safe, the gate of intake is
open, and the workspace's clock agrees with the engine's. A vendor that cannot be reached, or refuses our credentials,
does not count: messages wait for it, and nobody would be helped by taking a gateway out of service for it. It is among
the warnings, with the channel, the account and what to do; its words are on the board and in the log.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from aiohttp import hdrs, web

from ..config.errors import Temporary
from ..queue.clock import Clock
from ..queue.connection import Engine
from .intake_gate import IntakeGate

Hindrances = Callable[[], Awaitable[Sequence[str]]]
"""What keeps messages of single accounts from coming or leaving, a sentence each. Raises EngineUnavailable."""


async def _none() -> Sequence[str]:
    return ()


_NOT_KEPT = {hdrs.CACHE_CONTROL: "no-store"}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What is well; `reasons` say in words what is not."""

    started: bool
    engine: bool
    intake: bool
    clock: bool
    reasons: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    @property
    def ready(self) -> bool:
        """All of it."""
        return self.started and self.engine and self.intake and self.clock


class Readiness:
    """The last service to start, and so the first to stop."""

    def __init__(self, engine: Engine, gate: IntakeGate, clock: Clock, hindrances: Hindrances = _none) -> None:
        self._engine = engine
        self._hindrances = hindrances
        self._clock = clock
        self._gate = gate
        self._started = False

    async def start(self) -> None:
        """Everything else is started."""
        self._started = True

    async def stop(self) -> None:
        """Everything else is about to stop."""
        self._started = False

    async def look(self) -> Verdict:
        """How it is now."""
        trouble = await self._trouble()
        reasons = ["starting or stopping"] * (not self._started)
        reasons += [reason for reason in (trouble, self._gate.reason, self._clock.trouble) if reason]
        return Verdict(
            started=self._started,
            engine=not trouble,
            intake=not self._gate.reason,
            clock=not self._clock.trouble,
            reasons=tuple(reasons),
            warnings=(*["filling"] * bool(self._gate.fullness.warning), *([] if trouble else await self._hindered())),
        )

    async def _hindered(self) -> Sequence[str]:
        try:
            return await self._hindrances()
        except Temporary:
            return ()

    async def _trouble(self) -> str:
        try:
            await self._engine.answers()
        except Temporary as error:
            return error.detail
        return ""


class HealthFace:
    """The pages for those who watch processes."""

    def __init__(self, readiness: Readiness) -> None:
        self._readiness = readiness

    def mount(self, application: web.Application) -> None:
        """Add the routes."""
        application.router.add_get("/livez", self.live)
        application.router.add_get("/readyz", self.ready)

    async def live(self, _: web.Request) -> web.Response:
        """An answer at all says it."""
        return web.json_response({"status": "alive"}, headers=_NOT_KEPT)

    async def ready(self, _: web.Request) -> web.Response:
        """What is checked, without causes, which are for the log: anybody may ask here."""
        verdict = await self._readiness.look()
        names = ("started", "engine", "intake", "clock")
        checks = {name: getattr(verdict, name) for name in names}
        status = "ready" if verdict.ready else "not ready"
        body = {"status": status, "checks": checks, "warnings": list(verdict.warnings)}
        return web.json_response(body, status=200 if verdict.ready else 503, headers=_NOT_KEPT)
