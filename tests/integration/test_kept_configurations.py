"""Configurations that were in force are kept under their versions, and what was placed by one is placed by it again."""

from typing import TYPE_CHECKING, Any

from trunkline.config.settings import Settings
from trunkline.gateway.channels import read_settings
from trunkline.gateway.command.explaining import explain_ticket
from trunkline.router import kept_configurations
from trunkline.router.kept_configurations import KeptConfigurations

from .conftest import SETTINGS

if TYPE_CHECKING:
    import pytest

    from .conftest import Desk

RULE: dict[str, Any] = {
    "name": "lamps",
    "stage": "place",
    "when": {"keywords": ["lamp"], "any": [{"priority": 2}, {"channel": "test"}]},
    "then": {"queue": "billing"},
    "continue": True,
}


def configured(**changed: Any) -> Settings:
    return Settings.model_validate(SETTINGS | changed)


async def test_a_configuration_comes_back_as_it_was(desk: "Desk") -> None:
    kept = KeptConfigurations(desk.engine, read_settings)
    teams = {"money": {"members": ["ada"], "queues": ["billing"]}}
    settings = configured(rules=[RULE], teams=teams, undo={"test": "3s"})
    assert await kept.keep(settings, 1_000)

    again = await kept.settings(settings.version)

    assert again is not None
    assert again.version == settings.version
    assert again.rules == settings.rules
    assert await kept.settings("unknown") is None


async def test_the_times_tell_which_was_in_force_and_the_same_twice_is_one(desk: "Desk") -> None:
    kept = KeptConfigurations(desk.engine, read_settings)
    one, other = configured(), configured(rules=[])
    for settings, at in ((one, 1_000), (one, 2_000), (other, 3_000), (one, 4_000)):
        await kept.keep(settings, at)

    assert [(each.since, each.version) for each in await kept.times()] == [
        (1_000, one.version),
        (3_000, other.version),
        (4_000, one.version),
    ]


async def test_only_the_newest_are_kept_and_one_that_is_still_named_stays(
    desk: "Desk", monkeypatch: "pytest.MonkeyPatch"
) -> None:
    monkeypatch.setattr(kept_configurations, "MOST", 2)
    kept = KeptConfigurations(desk.engine, read_settings)
    several = [configured(senders={"messages_per_hour": number}) for number in (1, 2, 3)]
    for at, settings in enumerate((*several[:2], several[0], several[2])):
        await kept.keep(settings, at)

    assert [(await kept.settings(each.version)) is not None for each in several] == [True, False, True]


async def test_what_cannot_be_read_any_more_counts_as_not_kept(desk: "Desk") -> None:
    settings = configured()
    await KeptConfigurations(desk.engine, read_settings).keep(settings, 1)
    await desk.engine.call("HSET", desk.engine.keys("configurations"), settings.version, b"not packed")

    assert await KeptConfigurations(desk.engine, read_settings).settings(settings.version) is None


async def test_a_ticket_is_explained_by_the_rules_that_placed_it(desk: "Desk") -> None:
    kept = KeptConfigurations(desk.engine, read_settings)
    desk.configure(SETTINGS | {"rules": [RULE]})
    await kept.keep(desk.policy.settings, desk.clock.now())
    await desk.write("my lamp is broken")
    await desk.settle()
    desk.configure(SETTINGS)

    told = await explain_ticket(
        desk.engine, desk.reader, desk.policy, "T-1", desk.clock.now(), settings_of=kept.settings
    )

    assert any("recomputed: billing, by lamps, equal: yes" in line for line in told.lines)
