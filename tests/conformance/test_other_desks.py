"""What other desks recorded, posted and signed as the vendor signs: all of it is taken, and nothing of it is lost."""

from pathlib import Path
from typing import Any

import pytest

from trunkline.config.errors import Unreadable

NEEDS_ENGINE = {"album"}
"""Whose first message is settled by the engine, which is not there."""
FIXTURES = Path(__file__).parents[1] / "fixtures"


def recordings(channel: str) -> list[Path]:
    """What is posted to the channel, as other desks kept it; none where the vendor posts nothing."""
    return sorted(each for each in (FIXTURES / channel).glob("other_desks/*") if each.suffix != ".yaml")


@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
async def test_whatever_is_proven_is_taken_and_then_read_or_set_aside(subject: Any) -> None:
    await subject.adapter.start()
    if subject.card.capability.handing.proof not in {"signature", "token"}:
        return  # as mail: tests/integration/test_mail_webhooks.py
    for path in recordings(subject.card.name):
        known = len(subject.intake.raws)
        status = await subject.post_as(lambda right: right, path.read_bytes())
        assert status == (503 if path.stem in NEEDS_ENGINE else 200), path.stem
        for raw in subject.intake.raws[known:]:
            await _read(subject, raw, path.stem)


async def _read(subject: Any, raw: Any, name: str) -> None:
    try:
        found = await subject.adapter.parse(raw)
    except Unreadable:
        return
    assert bool(found.envelopes) != bool(found.nothing), name
