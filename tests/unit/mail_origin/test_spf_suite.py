"""Every case of the public SPF suite (RFC 7208), with the explanations it asks for."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from trunkline.adapters.mail.origin.spf import check_spf

from .zone import ZoneLookup

SUITE = Path(__file__).parents[3].parent / "shared" / "data" / "spf_suite.jsonl"
CASES = [json.loads(line) for line in SUITE.read_text("utf-8").splitlines()] if SUITE.exists() else []


@pytest.mark.skipif(not CASES, reason=f"the public corpus {SUITE.name} is not here")
def test_the_suite_is_whole() -> None:
    assert len(CASES) == 203


@pytest.mark.parametrize("case", [pytest.param(case["expected"], id=case["id"]) for case in CASES])
async def test_the_verdict_is_the_one_of_the_suite(case: Mapping[str, Any]) -> None:
    lookup = ZoneLookup(case["zonedata"])
    verdict = await check_spf(lookup, case["host"], case["mailfrom"], case["helo"])
    allowed = case["result"] if isinstance(case["result"], list) else [case["result"]]
    assert verdict.result in allowed, verdict.reason
    expected = case.get("explanation", "DEFAULT")
    if verdict.result == "fail":
        assert verdict.explanation == ("" if expected == "DEFAULT" else expected)
