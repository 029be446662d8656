"""A recorded day is played again: the same with its own configuration, and another with a changed one."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from trunkline.config.settings import Settings
from trunkline.gateway.channels import policy_of, read_settings
from trunkline.router.kept_configurations import KeptConfigurations
from trunkline.what_if.recorded_days import RecordedDays
from trunkline.what_if.regime import Regime
from trunkline.what_if.report_json import report_json
from trunkline.what_if.report_lines import report_lines
from trunkline.what_if.simulation import Asked, Simulation

from .conftest import SETTINGS
from .played_day import PlayedDay

if TYPE_CHECKING:
    from .conftest import Desk

pytestmark = pytest.mark.parametrize("desk_url", ["engine_url"], indirect=True)

OFFER_SECONDS = {"test": 300}
AGENTS = {id_: {**facts, "capacity": 2} for id_, facts in SETTINGS["agents"].items()} | {
    "dora": {"name": "Dora", "queues": ["support", "billing"], "languages": ["en"], "capacity": 2}
}
DAY = SETTINGS | {"agents": AGENTS}
CHANGED = DAY | {
    "rules": [
        *SETTINGS["rules"],
        {"name": "parcels", "when": {"keywords": ["parcel"]}, "then": {"queue": "billing", "priority": 1}},
    ]
}


class Killed(Exception):
    """Somebody killed it."""


async def simulation(desk: "Desk", start: int, changed: Mapping[str, Any], file: Path, **told: Any) -> Simulation:
    kept = KeptConfigurations(desk.engine, read_settings)

    async def regime_of(version: str) -> Regime | None:
        settings = await kept.settings(version)
        return Regime(policy_of(settings), OFFER_SECONDS) if settings else None

    asked = Asked(
        start=start,
        end=desk.clock.now() + 1,
        changed=Regime(policy_of(Settings.model_validate(dict(changed))), OFFER_SECONDS),
        kept=await kept.times(),
        regime_of=regime_of,
    )
    return Simulation(RecordedDays(desk.feed, desk.reader, desk.agents), asked, file=file, **told)


async def test_a_day_comes_out_as_it_was_with_its_own_configuration_and_otherwise_with_another(
    desk: "Desk", tmp_path: Path
) -> None:
    desk.configure(DAY)
    await desk.start()
    start, now = desk.clock.now(), desk.clock.now
    await KeptConfigurations(desk.engine, read_settings).keep(desk.policy.settings, start)
    await PlayedDay(desk, 1, gap=40_000).play(13, lunch={"ada": (5, 5)})
    tickets = await desk.tickets()

    found = await (await simulation(desk, start, DAY, tmp_path / "own")).run(now() + 1)
    same, asked = found.reproduced
    assert same == asked == len(tickets) > 8
    waits = {each.name: each for each in found.comparison.waits}["wait, mean"]
    assert abs(waits.before - waits.happened) < 0.05 * waits.happened
    before = found.comparison.before.tickets
    alike = sum(each.agent == before[id_].agent for id_, each in found.comparison.happened.tickets.items())
    assert alike >= 0.9 * len(tickets)
    assert waits.before == waits.after
    assert found.comparison.moves.tickets == []

    def kill(stage: str, share: float) -> None:
        if (stage, share) == ("place", 1.0):
            raise Killed

    file = tmp_path / "changed"
    with pytest.raises(Killed):
        await (await simulation(desk, start, CHANGED, file, told=kill)).run(now() + 1)
    again = await simulation(desk, start, CHANGED, file)
    found = await again.run(now() + 1)
    assert again.goes_on
    assert not file.exists()
    moved = [each.number for each in tickets if each.rules == () and await is_of_a_parcel(desk, each.id)]
    assert {each.number for each in found.comparison.moves.tickets} == {*moved}
    assert moved
    assert found.comparison.moves.queues == {("support", "billing"): len(moved)}
    assert report_json(found)["moved"]["priorities"] == [{"from": 3, "to": 1, "tickets": len(moved)}]
    assert any(line.startswith("  support → billing: ") for line in report_lines(found))


async def is_of_a_parcel(desk: "Desk", ticket: str) -> bool:
    return "parcel" in (await desk.reader.articles(ticket))[0].text
