"""A changed configuration is tried on what the running desk has recorded, from the command line."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from .conftest import Running
from .gateway import EXAMPLE
from .mails import deliver, written

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """The example's configuration with one rule more."""
    rule = "rules:\n  - { name: parcels, when: { keywords: [parcel] }, then: { queue: billing, priority: 1 } }"
    file = tmp_path / "new.yaml"
    file.write_text(EXAMPLE.read_text().replace("\nrules:", f"\n{rule}", 1))
    return file


async def test_a_rule_more_is_tried_on_the_mails_of_today(running: Running, changed: Path, tmp_path: Path) -> None:
    for number, text in enumerate(("My parcel is lost.", "My lamp is broken.")):
        await deliver(running.gateway, written(text, sender=f"w{number}@example.org", subject=text))
        await running.api.until("ticket.created", lambda event, text=text: event["data"]["ticket"]["subject"] == text)
    yesterday, tomorrow = (f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}" for days in (-1, 1))
    words = ("--config", str(changed), "--from", yesterday, "--to", tomorrow, "--progress", str(tmp_path / "file"))

    page = tmp_path / "report.html"
    told = await running.gateway.run("simulate", *words, "--html", str(page))
    found = json.loads((await running.gateway.run("simulate", *words, "--json")).said[0])

    assert any("support → billing: 1" in line for line in told.said)
    assert found["moved"]["queues"] == [{"from": "support", "to": "billing", "tickets": 1}]
    assert found["reproduced"]["same"] == found["reproduced"]["of"] == found["tickets"] >= 2
    assert not (tmp_path / "file").exists()
    assert "support" in page.read_text()


async def test_the_rules_are_checked_by_what_came(running: Running, changed: Path) -> None:
    ahead = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}"
    words = ("--config", str(changed), "--traffic", "--from", "2026-01-01", "--to", ahead)
    told = await running.gateway.run("check", *words)

    assert await told.ended() == 0
    assert 'the rule "refunds go to billing" matches none of 2 recorded tickets' in told.transcript
    assert "2 doubts about the rules by the traffic of these days (2 tickets)" in told.said[-1]


async def test_a_plan_names_pools_and_who_was_there(running: Running) -> None:
    told = await running.gateway.run("plan", "--keep", "0.9", "--zone", "Europe/Berlin", "--json")
    found = json.loads(told.said[0])

    assert found[0]["queue"] == "support"
    assert sum(each["needed"] for each in found[0]["half_hours"]) >= 1
