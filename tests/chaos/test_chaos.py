"""The whole gateway while everything around it is killed, stopped and filled: the guarantees hold.

One seed is one run: what is written, what agents do with what they see, and what is broken when. A longer one:

    CHAOS_SEED=42 CHAOS_MESSAGES=20000 CHAOS_MINUTES=15 pytest tests/chaos/test_chaos.py

What a run leaves behind (history.jsonl, the logs, the data folder) stays in pytest's folder of the test.
"""

import os
from collections import Counter
from pathlib import Path

import pytest

from .checker import check
from .run import Scale, broken_processes, chaos

SCALE = Scale(
    seed=int(os.environ.get("CHAOS_SEED", "1")),
    messages=int(os.environ.get("CHAOS_MESSAGES", "2000")),
    seconds=float(os.environ.get("CHAOS_MINUTES", "1.25")) * 60,
)

pytestmark = [pytest.mark.long, pytest.mark.timeout(SCALE.seconds * 2 + 480), pytest.mark.usefixtures("server_binary")]


async def test_what_was_acknowledged_survives_everything(tmp_path: Path) -> None:
    evidence = await chaos(tmp_path, SCALE)
    violations = check(evidence)
    run = f"seed {SCALE.seed}, everything is in {tmp_path}"
    assert not violations, f"{run}: {len(violations)} violations\n" + "\n".join(map(str, violations[:40]))
    assert [str(fault) for fault in evidence.history.faults() if not fault.held] == [], run
    assert broken_processes(tmp_path) == [], run

    channels = Counter(evidence.messages[each.message].channel for each in evidence.history.attempts())
    assert len(evidence.messages) >= SCALE.messages
    assert min(channels["mail"], channels["http"], channels["chat"]) >= SCALE.messages / 4
    assert {sight.author for sight in evidence.history.sights()} == {"visitor", "agent", "system"}
    assert len({fault.what for fault in evidence.history.faults()}) == 16
    assert {"ok", "temporary", "unreached"} <= {attempt.outcome for attempt in evidence.history.attempts()}
    assert sum((evidence.sink or {}).values()) > SCALE.messages / 10
