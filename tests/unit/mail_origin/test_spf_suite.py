"""Every case of the public SPF suite (RFC 7208), with the explanations it asks for."""

from collections.abc import Mapping
from typing import Any

import pytest

from ...corpora.files import has, rows
from ...corpora.proof import spf_mistake

CASES = list(rows("spf_suite")) if has("spf_suite") else []


@pytest.mark.skipif(not CASES, reason="the public corpus spf_suite.jsonl is not here")
def test_the_suite_is_whole() -> None:
    assert len(CASES) == 203


@pytest.mark.parametrize("case", [pytest.param(case["expected"], id=case["id"]) for case in CASES])
async def test_the_verdict_is_the_one_of_the_suite(case: Mapping[str, Any]) -> None:
    assert await spf_mistake(case) == ""
