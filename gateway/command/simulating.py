"""What `simulate` does with the parts of a desk: the configurations that it is played with, its file, its bar."""

import sys
from collections.abc import Mapping
from pathlib import Path

from ...config.errors import Invalid
from ...what_if.recorded_days import RecordedDays
from ...what_if.regime import Regime
from ...what_if.simulation import Asked, Simulated, Simulation
from ..assembly import Assembly
from ..channels import CARDS, policy_of

STAGES = {
    "read": "reading the feed",
    "place": "placing the tickets again",
    "play": "playing the days as they were",
    "try": "playing them with the change",
}
WIDTH = 30
FOLDER = "simulations"


def offer_seconds() -> Mapping[str, int]:
    """How long an offer stands, by channel."""
    return {name: card.capability.offer_time for name, card in CARDS.items()}


async def asked_of(parts: Assembly, start: int, end: int) -> Asked:
    """These days, and the configuration that the command was given. Raises Invalid for no days at all."""
    if start >= end:
        raise Invalid("--from must lie before --to", field="from")

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
    """Simulate, with a bar where somebody looks on. Raises EngineUnavailable, Invalid."""
    asked = await asked_of(parts, start, end)
    place = file or parts.configuration.folder.root / FOLDER / asked.about
    bar = Bar() if sys.stderr.isatty() else None
    days = RecordedDays(parts.feed, parts.reader, parts.agents)
    simulation = Simulation(days, asked, file=place, told=bar.told if bar else lambda _stage, _share: None)
    try:
        return await simulation.run(parts.clock.now())
    finally:
        if bar:
            bar.end()


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
