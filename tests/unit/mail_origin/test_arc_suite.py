"""Every case of the public ARC suite (RFC 8617), where a chain that says itself that it was broken fails."""

import base64
from collections.abc import Mapping
from typing import Any

import pytest

from ...corpora.files import has, rows
from ...corpora.proof import arc_mistake

CASES = list(rows("arc_suite")) if has("arc_suite") else []


@pytest.mark.skipif(not CASES, reason="the public corpus arc_suite.jsonl is not here")
def test_the_suite_is_whole() -> None:
    assert len(CASES) == 171


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in CASES])
async def test_the_verdict_is_the_one_of_the_suite(case: Mapping[str, Any]) -> None:
    assert await arc_mistake(base64.b64decode(case["raw_b64"]), case["expected"]) == ""
