"""What the code makes of public corpora. Each has its own score; they disagree with each other on taste.

The floors are what is reached. What is missed is mostly taste, and deliberate:

* talon-signature wants `Thanks, Bob` cut as a signature, talon-html wants it kept; it is kept.
* talon-eml keeps `Sent from my iPhone`, the others cut it; it is cut.
* talon-html compares HTML with HTML; here quotations that stay visible are marked with `> `.
* mime_header keeps obsolete routes and blanks inside addresses, against RFC 5322 section 4.4.
* phone_numbers was made for made-up numbering plans in two cases.
"""

import base64
import email
import email.policy
import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from trunkline.normalizer.addresses import parse_addresses
from trunkline.normalizer.encoded_words import decode_words
from trunkline.normalizer.phone import e164, normalise
from trunkline.normalizer.quoting import Split, split_html, split_message, split_text
from trunkline.normalizer.text import html_to_text

DATA = Path(__file__).parents[2].parent / "shared" / "data"


def _cases(name: str) -> Iterator[tuple[bytes, dict[str, Any]]]:
    path = DATA / f"{name}.jsonl"
    if not path.exists():
        pytest.skip(f"the public corpus {path.name} is not here")
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            case = json.loads(line)
            yield base64.b64decode(case["raw_b64"]), case["expected"]


def _split(raw: bytes, expected: dict[str, Any]) -> Split:
    author = str(expected.get("sender", ""))
    if expected["format"] == "text/plain":
        return split_text(raw.decode(), author="" if "@" in author else author)
    if expected["format"] == "text/html":
        return split_html(raw.decode())
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    return split_message(text.get_content() if text else "", html.get_content() if html else "")


def _holds(check: dict[str, Any], split: Split, seconds: float) -> bool:
    if check["on"] == "seconds":
        return bool(seconds <= check["value"])
    found, wanted = str(getattr(split, check["on"])), str(check["value"] or "").replace("\r\n", "\n")
    if wanted.lstrip().startswith("<html"):
        wanted, check = html_to_text(wanted), {"op": "eq_nospace"}
    match check["op"]:
        case "eq" | "eq_strip":
            return found.strip() == wanted.strip()
        case "eq_nospace":
            return re.sub(r"\s", "", found) == re.sub(r"\s", "", html_to_text(wanted) if "<" in wanted else wanted)
        case "contains":
            return wanted in found
        case "absent":
            return wanted not in found
        case "matches":
            return re.search(wanted, found, re.MULTILINE) is not None
    raise AssertionError(f"unknown check {check['op']}")


@pytest.mark.parametrize(
    ("name", "floors"),
    [
        ("reply_text_github", {"github": 22}),
        ("reply_text_zapier", {"zapier": 18}),
        (
            "reply_text_talon",
            {"talon-text": 50, "talon-html": 24, "talon-signature": 24, "talon-eml": 9},
        ),
    ],
)
def test_answers_are_told_from_what_they_quote(name: str, floors: dict[str, int]) -> None:
    score: Counter[str] = Counter()
    for raw, expected in _cases(name):
        if "conditions" in expected:
            continue
        began = time.process_time()
        split = _split(raw, expected)
        seconds = time.process_time() - began
        score[expected["corpus"]] += all(_holds(check, split, seconds) for check in expected["checks"])
    assert all(score[corpus] >= floor for corpus, floor in floors.items()), score


def test_addresses_are_read_as_another_parser_reads_them() -> None:
    score = Counter(
        _wanted(expected["expected"]) == [(box.name, box.address, box.group) for box in _boxes(raw)]
        for raw, expected in _cases("mime_header")
        if expected["field"] == "address"
    )
    assert score[True] >= 56, score


def _boxes(raw: bytes) -> list[Any]:
    return [box for box in parse_addresses(raw.decode("utf-8", "surrogateescape")) if box.address]


def _wanted(expected: dict[str, Any]) -> list[tuple[str, str, str]]:
    groups = expected.get("Group") or [{"name": None, "addresses": expected.get("List", [])}]
    return [
        (box["name"] or "", box["address"], group["name"] or "")
        for group in groups
        for box in group["addresses"]
        if box["address"]
    ]


def test_unstructured_headers_are_read_as_another_parser_reads_them() -> None:
    score = Counter(
        expected["expected"] == decode_words(re.split(r"\r?\n(?![ \t])", raw.decode())[0]).strip()
        for raw, expected in _cases("mime_header")
        if expected["field"] == "unstructured"
    )
    assert score[True] >= 29, score


def test_phone_numbers_get_their_international_form() -> None:
    cases = [(raw.decode(), expected) for raw, expected in _cases("phone_numbers")]
    written = sum(e164(text, expected["region"]) == expected["e164"] for text, expected in cases)
    keys = [normalise(text, expected["region"]) for text, expected in cases]
    assert written >= 127, (written, len(cases))
    # A key is given only to numbers that can exist, and it is never another number.
    assert sum(key is not None for key in keys) >= 113
    assert all(key in {None, e164(text, expected["region"])} for key, (text, expected) in zip(keys, cases, strict=True))
