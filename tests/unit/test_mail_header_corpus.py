"""Scores on a public corpus of mail headers (stalwartlabs/mail-parser), per kind of field.

The corpus has a taste of its own, which is left out of the comparison: the language of a parameter. Of Received headers
only the date is read. Its reading of C's asctime dates is wrong (`Fri Feb 07 10:18:12 2003` as day 7 of the
month 2 of the year 1910), and counts against us here.
"""

import base64
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from trunkline.adapters.mail.content_header import parse_content
from trunkline.adapters.mail.dates import parse_date
from trunkline.adapters.mail.message_ids import parse_ids

CORPUS = Path(__file__).parents[2].parent / "shared" / "data" / "mime_header.jsonl"


def content(header: str) -> object:
    found = parse_content(header)
    return found and (found.main, found.sub or None, dict(found.parameters))


def expected_content(expected: dict[str, Any] | None) -> object:
    if expected is None:
        return None
    given = dict(expected.get("attributes") or [])
    return (
        expected["c_type"],
        expected["c_subtype"],
        {name: value for name, value in given.items() if not name.endswith("-language")},
    )


def moment(date: datetime | None) -> object:
    if date is None:
        return None
    offset = date.utcoffset()
    assert offset is not None
    return (*date.timetuple()[:6], int(offset.total_seconds() // 60))


def expected_moment(expected: dict[str, Any] | None) -> object:
    if expected is None:
        return None
    minutes = expected["tz_hour"] * 60 + expected["tz_minute"]
    fields = ("year", "month", "day", "hour", "minute", "second")
    return (*(expected[name] for name in fields), -minutes if expected["tz_before_gmt"] else minutes)


def way(header: str) -> object:
    found = parse_date(header) if ";" in header else None
    return found and found.timetuple()[1:5]


def expected_way(expected: dict[str, Any]) -> object:
    date = expected.get("date")
    return date and (date["month"], date["day"], date["hour"], date["minute"])


@pytest.mark.parametrize(
    ("field", "read", "wanted", "floor"),
    [
        ("content_type", content, expected_content, 101 / 103),
        ("date", lambda header: moment(parse_date(header)), expected_moment, 38 / 40),
        ("id", parse_ids, lambda expected: expected or [], 10 / 11),
        ("received", way, expected_way, 176 / 180),
    ],
)
def test_score_of(field: str, read: Callable[[str], object], wanted: Callable[[Any], object], floor: float) -> None:
    if not CORPUS.exists():
        pytest.skip("the public corpora are not here")
    cases = [json.loads(line) for line in CORPUS.read_text().splitlines()]
    cases = [case for case in cases if case["expected"]["field"] == field]
    missed = []
    for case in cases:
        header = base64.b64decode(case["raw_b64"]).decode("ascii", "surrogateescape")
        got, want = read(header), wanted(case["expected"]["expected"])
        if got != want:
            missed.append(f"{header.strip()[:200]!r}\n  wanted {want}\n  got    {got}")
    score = 1 - len(missed) / len(cases)
    assert score >= floor, f"{score:.3f} of {len(cases)}\n" + "\n".join(missed)
