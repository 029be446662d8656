"""What a person wrote now, by the public corpora of three libraries (GitHub's, Zapier's, Mailgun's).

A case asks for facets of a text or a mail: `visible`, `signature`, `quoted`. A reader tells those that it knows of; a
case that asks it for others is not counted for it.
"""

import email
import email.policy
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from typing import Any

from trunkline.normalizer.quoting import Split, split_html, split_message, split_text
from trunkline.normalizer.text import html_to_text

from .files import cases

CORPORA = ("reply_text_github", "reply_text_zapier", "reply_text_talon")

Reader = Callable[[bytes, Mapping[str, Any]], Mapping[str, str]]


def read_with_trunkline(raw: bytes, case: Mapping[str, Any]) -> dict[str, str]:
    """Every facet, as the normaliser has it."""
    split = _split(raw, case)
    return {"visible": split.visible, "signature": split.signature, "quoted": split.quoted}


def _split(raw: bytes, case: Mapping[str, Any]) -> Split:
    author = str(case.get("sender", ""))
    if case["format"] == "text/plain":
        return split_text(raw.decode(), author="" if "@" in author else author)
    if case["format"] == "text/html":
        return split_html(raw.decode())
    return split_message(*texts_of(raw))


def texts_of(raw: bytes) -> tuple[str, str]:
    """The plain and the HTML text of a mail, as the standard library finds them."""
    mail = email.message_from_bytes(raw, _class=EmailMessage, policy=email.policy.default)
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    return text.get_content() if text else "", html.get_content() if html else ""


def scores(name: str, reader: Reader) -> tuple[Counter[str], Counter[str]]:
    """For each corpus in the file how many cases are right, and how many were counted."""
    right: Counter[str] = Counter()
    counted: Counter[str] = Counter()
    for raw, case in cases(name):
        if "conditions" in case:
            continue
        began = time.process_time()
        facets = reader(raw, case)
        seconds = time.process_time() - began
        if all(check["on"] in {*facets, "seconds"} for check in case["checks"]):
            counted[case["corpus"]] += 1
            right[case["corpus"]] += all(_holds(check, facets, seconds) for check in case["checks"])
    return right, counted


def _holds(check: dict[str, Any], facets: Mapping[str, str], seconds: float) -> bool:
    if check["on"] == "seconds":
        return bool(seconds <= check["value"])
    found, wanted = facets[check["on"]], str(check["value"] or "").replace("\r\n", "\n")
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
