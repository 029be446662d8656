"""Whether somebody is there for a chat: an available agent, within business hours."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from trunkline.config.calendars import CalendarSettings
from trunkline.config.settings import Settings
from trunkline.gateway.staffing import KEPT_MS, Staffing
from trunkline.queue.clock import ManualClock
from trunkline.router.business_hours import BusinessHours
from trunkline.router.policy import Policy
from trunkline.router.rules import Rules

OFFICE = {
    "zone": "Europe/Tallinn",
    "hours": {"monday-friday": ["09:00-12:30", "13:30-18:00"]},
    "holidays": ["2026-12-24"],
}


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-12-21T06:00", "2026-12-21T07:00"),  # a Monday, before nine in Tallinn
        ("2026-12-21T10:45", "2026-12-21T11:30"),  # lunch
        ("2026-12-21T08:00", "2026-12-21T11:30"),  # open: the next opening is after lunch
        ("2026-12-23T17:00", "2026-12-25T07:00"),  # over the holiday
        ("2026-12-25T17:00", "2026-12-28T07:00"),  # over the weekend
        ("2026-03-27T17:00", "2026-03-30T06:00"),  # summer time begins on the weekend
    ],
)
def test_the_next_opening_is_told_in_the_calendars_own_zone(now: str, opens: str) -> None:
    assert BusinessHours(CalendarSettings.model_validate(OFFICE)).opens_at(at(now)) == at(opens)


def test_a_calendar_that_never_opens_tells_none() -> None:
    calendar = {
        "zone": "UTC",
        "hours": {"monday": "09:00-10:00"},
        "holidays": ["2026-12-21", "2026-12-28", "2027-01-04", "2027-01-11"],
    }
    assert BusinessHours(CalendarSettings.model_validate(calendar)).opens_at(at("2026-12-21T08:00")) is None


class Desk:
    """Agents of whom one can be available."""

    def __init__(self) -> None:
        self.presence = "offline"
        self.looks = 0

    async def all(self, _: Settings) -> list[Any]:
        self.looks += 1
        return [SimpleNamespace(presence="busy"), SimpleNamespace(presence=self.presence)]


def staffing(desk: Any, clock: ManualClock) -> Staffing:
    settings = Settings.model_validate({"queues": {"support": {"fallback": True}}, "calendars": {"office": OFFICE}})
    policy = Policy(settings=settings, rules=Rules(settings))
    return Staffing(desk, clock, lambda: policy)


async def test_somebody_is_there_while_an_agent_is_available_and_they_are_not_asked_each_time() -> None:
    desk, clock = Desk(), ManualClock()
    online = staffing(desk, clock)
    assert [await online(None) for _ in range(3)] == [(False, None)] * 3
    assert desk.looks == 1
    desk.presence = "available"
    clock.advance(KEPT_MS + 1)
    assert await online(None) == (True, None)


async def test_outside_business_hours_nobody_is_there_and_the_next_opening_is_told() -> None:
    desk, clock = Desk(), ManualClock(at("2026-12-21T10:45"))
    desk.presence = "available"
    online = staffing(desk, clock)
    assert await online("office") == (False, at("2026-12-21T11:30"))
    clock.advance(45 * 60_000)
    assert await online("office") == (True, None)
