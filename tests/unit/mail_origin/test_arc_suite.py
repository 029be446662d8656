"""Every case of the public ARC suite (RFC 8617), where a chain that says itself that it was broken fails."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from trunkline.adapters.mail.origin.arc import check_arc
from trunkline.adapters.mail.origin.signed_message import read_signed

from .zone import ZoneLookup

SUITE = Path(__file__).parents[3].parent / "shared" / "data" / "arc_suite.jsonl"
CASES = [json.loads(line) for line in SUITE.read_text("utf-8").splitlines()] if SUITE.exists() else []


@pytest.mark.skipif(not CASES, reason=f"the public corpus {SUITE.name} is not here")
def test_the_suite_is_whole() -> None:
    assert len(CASES) == 171


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in CASES])
async def test_the_verdict_is_the_one_of_the_suite(case: Mapping[str, Any]) -> None:
    expected = case["expected"]
    lookup = ZoneLookup({name: [{"TXT": text}] for name, text in expected["txt_records"].items()})
    verdict = await check_arc(lookup, read_signed(base64.b64decode(case["raw_b64"])))
    assert verdict.result == (expected["cv"] or "Fail").lower(), verdict.reason
