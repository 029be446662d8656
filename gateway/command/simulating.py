"""What `simulate`, `plan` and `check --traffic` do with the parts of a desk: configurations, file, bar."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import tzinfo
from pathlib import Path

from ...config.errors import Invalid
from ...config.findings import Finding
from ...what_if.given_traffic import given_history
from ...what_if.recorded_days import RecordedDays
from ...what_if.regime import Regime
from ...what_if.simulation import Asked, Simulated, Simulation, Told
from ...what_if.staffing import PoolPlan, Staffing
from ...what_if.traffic_check import TrafficCheck
from ..assembly import Assembly
from ..channels import offer_seconds, policy_of
from ..configuration import Configuration

STAGES = {
    "read": "reading the feed",
    "place": "placing the tickets again",
    "play": "playing the days as they were",
    "try": "playing them with the change",
    "rules": "trying the rules",
    "staff": "trying so many agents",
}
WIDTH = 30
FOLDER = "simulations"


async def asked_of(parts: Assembly, start: int, end: int) -> Asked:
    """These days, and the configuration that the command was given."""

    async def regime_of(version: str) -> Regime | None:
        settings = await parts.configurations.settings(version)
        return Regime(policy_of(settings), offer_seconds()) if settings is not None else None

    return Asked(
        start=start,
        end=end,
        changed=Regime(parts.policy(), offer_seconds()),
        kept=await parts.configurations.times(),
        regime_of=regime_of,
    )


async def simulate(parts: Assembly, start: int, end: int, file: Path | None) -> Simulated:
    """Simulate, with a bar where somebody looks on. Raises EngineUnavailable."""
    with shown_bar() as told:
        return await (await _simulation(parts, start, end, file, told)).run(parts.clock.now())


async def plan(
    parts: Assembly, start: int, end: int, file: Path | None, *, share: float, zone: tzinfo
) -> list[PoolPlan]:
    """Plan, with a bar where somebody looks on. Raises EngineUnavailable."""
    with shown_bar() as told:
        simulation = await _simulation(parts, start, end, file, told)
        return await simulation.plan(parts.clock.now(), share=share, zone=zone)


def plan_of_file(configuration: Configuration, file: Path, *, share: float, zone: tzinfo) -> list[PoolPlan]:
    """Plan for traffic that a file foresees. Raises Invalid."""
    settings = configuration.settings
    try:
        history = given_history(file, settings, zone)
    except (OSError, UnicodeDecodeError) as error:
        why = str(getattr(error, "strerror", None) or "it is not UTF-8")
        raise Invalid(f"{file}: {why[:1].lower()}{why[1:]}") from error
    with shown_bar() as told:
        staffing = Staffing(history, Regime(policy_of(settings), offer_seconds()), share=share, zone=zone)
        return staffing.plan(lambda done: told("staff", done))


async def check_traffic(parts: Assembly, start: int, end: int) -> tuple[list[Finding], int]:
    """What recorded traffic says of the rules, and of how many tickets. Raises EngineUnavailable."""
    check = TrafficCheck(parts.settings)
    with shown_bar() as told:
        async for share, facts in RecordedDays(parts.feed, parts.reader, parts.agents).opened(start, end):
            check.add(facts)
            told("rules", share)
    return list(check.findings()), check.tickets


async def _simulation(parts: Assembly, start: int, end: int, file: Path | None, told: Told) -> Simulation:
    asked = await asked_of(parts, start, end)
    place = file or parts.configuration.folder.root / FOLDER / asked.about
    return Simulation(RecordedDays(parts.feed, parts.reader, parts.agents), asked, file=place, told=told)


@contextmanager
def shown_bar() -> Iterator[Told]:
    """What is to be told how far it is; it shows a bar where somebody looks on."""
    bar = Bar() if sys.stderr.isatty() else None
    try:
        yield bar.told if bar else _untold
    finally:
        if bar:
            bar.end()


def _untold(_stage: str, _share: float) -> None:
    """Nobody looks on."""


class Bar:
    """A bar on the error output, one line that is written over."""

    def __init__(self) -> None:
        self._shown = ""

    def told(self, stage: str, share: float) -> None:
        """So much of a stage is done, from 0 to 1."""
        full = round(share * WIDTH)
        line = f"{STAGES.get(stage, stage):<32} {'█' * full}{'·' * (WIDTH - full)} {share:4.0%}"
        if line != self._shown:
            self._shown = line
            sys.stderr.write(f"\r{line}")
            sys.stderr.flush()

    def end(self) -> None:
        """Leave a line without it."""
        if self._shown:
            sys.stderr.write(f"\r{' ' * len(self._shown)}\r")
            sys.stderr.flush()
