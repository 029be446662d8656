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

    told = await running.gateway.run("simulate", *words)
    found = json.loads((await running.gateway.run("simulate", *words, "--json")).said[0])

    assert any("support → billing: 1" in line for line in told.said)
    assert found["moved"]["queues"] == [{"from": "support", "to": "billing", "tickets": 1}]
    assert found["reproduced"]["same"] == found["reproduced"]["of"] == found["tickets"] >= 2
    assert not (tmp_path / "file").exists()


async def test_days_that_end_before_they_begin_are_refused(running: Running) -> None:
    refused = await running.gateway.run("simulate", "--from", "2026-02-02", "--to", "2026-02-01")

    assert await refused.ended() == 1
    assert refused.told == ["trunkline: --from must lie before --to"]
