"""The public suites of SPF (RFC 7208) and ARC (RFC 8617): what is not as they have it, in words, empty when it is."""

from collections.abc import Mapping
from typing import Any

from trunkline.adapters.mail.origin.arc import check_arc
from trunkline.adapters.mail.origin.signed_message import read_signed
from trunkline.adapters.mail.origin.spf import check_spf

from ..unit.mail_origin.zone import ZoneLookup


async def spf_mistake(case: Mapping[str, Any]) -> str:
    """The verdict, and for a failure the explanation that it should give."""
    verdict = await check_spf(ZoneLookup(case["zonedata"]), case["host"], case["mailfrom"], case["helo"])
    allowed = case["result"] if isinstance(case["result"], list) else [case["result"]]
    if verdict.result not in allowed:
        return f"{verdict.result} is not {' or '.join(allowed)}: {verdict.reason}"
    explanation = case.get("explanation", "DEFAULT").replace("DEFAULT", "")
    right = verdict.result != "fail" or verdict.explanation == explanation
    return "" if right else f"explained as {verdict.explanation!r}, not {explanation!r}"


async def arc_mistake(raw: bytes, case: Mapping[str, Any]) -> str:
    """The verdict on the chain; one that says itself that it was broken fails."""
    lookup = ZoneLookup({name: [{"TXT": text}] for name, text in case["txt_records"].items()})
    verdict, wanted = await check_arc(lookup, read_signed(raw)), (case["cv"] or "Fail").lower()
    return "" if verdict.result == wanted else f"{verdict.result} is not {wanted}: {verdict.reason}"
