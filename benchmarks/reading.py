"""How well mails are read: every score of the corpora, beside the libraries that people use for it, in one run.

    python -m pip install --group peers     # optional: the libraries compared with
    python -m benchmarks.reading [--seconds 5]

Each corpus has its own score, `right/counted`; they disagree with each other on taste. A case counts for a reader when
it tells what the case asks for. The libraries get the text as Python's own `email` finds it. The last lines are mails
read in a second by one parser process, beside `email` alone, on the mails of `mail_kinds`.
"""

import argparse
import asyncio
import email.policy
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC
from email.utils import parsedate_to_datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from tests.corpora import charsets, headers, proof, reply_text, traits
from tests.corpora.files import cases, has, rows
from tests.corpora.sentences import UNSEEN, sentences
from trunkline.adapters.mail.sandbox import Sandbox
from trunkline.normalizer.charsets import decode_bytes
from trunkline.normalizer.envelope import raw_from_file
from trunkline.normalizer.language import detect
from trunkline.normalizer.text import html_to_text

Visible = Callable[[str], str]
_SHORT = 3


def peers() -> dict[str, reply_text.Reader]:
    """The readers by name: ours, Python's own, and the libraries that are installed."""
    warnings.simplefilter("ignore")  # some libraries warn of each text
    found: dict[str, reply_text.Reader] = {"email": _text_only(str)}
    if find_spec("mailparser_reply"):
        languages = ["en", "de", "fr", "it", "es", "pl", "nl", "pt", "sv", "da", "cs", "ja", "ko", "zh"]
        parser = import_module("mailparser_reply").EmailReplyParser(languages=languages)
        found["mail-parser-reply"] = _text_only(lambda text: parser.parse_reply(text=text) or "")
    if find_spec("email_reply_parser"):
        found["email-reply-parser"] = _text_only(import_module("email_reply_parser").EmailReplyParser.parse_reply)
    if find_spec("talon"):
        found["talon"] = _talon()
    return {"trunkline": reply_text.read_with_trunkline} | {name: _surviving(read) for name, read in found.items()}


def _surviving(read: reply_text.Reader) -> reply_text.Reader:
    """Some texts break some libraries; a text is then missed."""

    def survives(raw: bytes, case: Mapping[str, Any]) -> Mapping[str, str]:
        try:
            return read(raw, case)
        except Exception as error:  # noqa: BLE001  (whatever a library raises)
            return {"visible": f"broke: {type(error).__name__}"}

    return survives


def _text_only(visible: Visible) -> reply_text.Reader:
    return lambda raw, case: {"visible": visible(_text(raw, case["format"]))}


def _text(raw: bytes, media_type: str) -> str:
    """What a library for plain text is given; HTML as text, by us, since they have nothing for it."""
    if media_type == "text/plain":
        return raw.decode()
    plain, html = ("", raw.decode()) if media_type == "text/html" else reply_text.texts_of(raw)
    return plain or html_to_text(html)


def _talon() -> reply_text.Reader:
    quotations = import_module("talon.quotations")
    extract = import_module("talon.signature.bruteforce").extract_signature

    def read(raw: bytes, case: Mapping[str, Any]) -> dict[str, str]:
        if case["format"] == "text/html":
            return {"visible": html_to_text(quotations.extract_from_html(raw.decode()))}
        reply = quotations.extract_from_plain(_text(raw, case["format"]))
        visible, signature = extract(reply)
        return {"visible": visible or "", "signature": signature or ""}

    return read


def _row(name: str, cells: Iterable[str]) -> None:
    print(f"{name:18}", *(f"{cell:>18}" for cell in cells), flush=True)


def reply_texts(readers: Mapping[str, reply_text.Reader]) -> None:
    """What a person wrote now."""
    for name in reply_text.CORPORA:
        found = [reply_text.scores(name, reader) for reader in readers.values()]
        for corpus in found[0][1]:
            _row(corpus, (f"{right[corpus]}/{counted[corpus]}" for right, counted in found))


def kinds(readers: Mapping[str, reply_text.Reader]) -> None:
    """The text of whole mails, by all; and every fact that the rows ask for, by us."""
    for name in ("mail_kinds", "field_cases"):
        scores = [traits.text_scores(name, lambda raw: traits.read_with_trunkline(raw).text)]
        scores += [
            traits.text_scores(name, lambda raw, read=reader: read(raw, {"format": "message"})["visible"])  # type: ignore[misc]
            for reader in list(readers.values())[1:]
        ]
        _row(name, (f"{right}/{counted}" for right, counted in scores))
        right, counted = traits.scores(name)
        _row("  all facts", [f"{right.total()}/{counted.total()}"])


def header_fields() -> None:
    """Headers, by us and by Python's own reader where it has one."""
    own: dict[str, headers.Read] = {"address": _addresses, "date": _date}
    for field, read in headers.READ.items():
        scores = [headers.missed(field, each) for each in (read, own.get(field)) if each is not None]
        _row(f"header {field}"[:18], (f"{count - len(wrong)}/{count}" for wrong, count in scores))


def _addresses(header: str) -> object:
    try:
        field: Any = email.policy.default.header_factory("to", " ".join(header.split()))
    except (AttributeError, IndexError):  # Python 3.11 breaks on some
        return None
    return [
        (address.display_name, address.addr_spec, group.display_name or "")
        for group in field.groups
        for address in group.addresses
    ]


def _date(header: str) -> object:
    try:
        date = parsedate_to_datetime(header)
    except (ValueError, TypeError):
        return None
    return headers.moment(date if date.tzinfo else date.replace(tzinfo=UTC))


async def proofs() -> None:
    """SPF and ARC by their suites."""
    spf = [await proof.spf_mistake(row["expected"]) for row in rows("spf_suite")]
    arc = [await proof.arc_mistake(raw, case) for raw, case in cases("arc_suite")]
    for name, mistakes in (("spf suite", spf), ("arc suite", arc)):
        _row(name, [f"{mistakes.count('')}/{len(mistakes)}"])


def character_sets() -> None:
    """Sentences in the sets of their languages, under no label, a wrong one, and the right one."""
    sentences = charsets.texts()
    for name, make in (("undeclared", charsets.undeclared), ("wrong", charsets.mistaken), ("right", charsets.declared)):
        cases = [case for codecs, text in sentences for case in make(codecs, text)]
        right = sum(decode_bytes(case.data, case.label) == case.text for case in cases)
        _row(f"charset {name}", [f"{right}/{len(cases)}"])


def languages() -> None:
    """Customers' sentences; each language counts the same. More: `benchmarks.language`."""
    short = [row for row in (*sentences(), *sentences(UNSEEN)) if len(row[1].split()) == _SHORT]
    for name, rows_ in (("language", sentences()), ("  unseen", sentences(UNSEEN)), ("  three words", short)):
        told: dict[str, Counter[str]] = {}
        for code, text in rows_:
            found = detect(text).code
            told.setdefault(code, Counter())[
                found if found == "unknown" else "right" if found == code else "wrong"
            ] += 1
        share = {
            what: sum(100 * each[what] / each.total() for each in told.values()) / len(told)
            for what in ("right", "wrong")
        }
        _row(name, [f"{share['right']:.1f} % right", f"{share['wrong']:.1f} % wrong"])


async def speed(seconds: float) -> None:
    """Mails a second through one parser process, and through Python's reader alone in this one."""
    mails = [traits.raw_of(row) for row in rows("mail_kinds")]
    mails = [mail for mail in mails if len(mail) < 100_000]
    raws = [raw_from_file(mail, "mail", external_id="x") for mail in mails]
    sandbox = Sandbox(("desk@ours.example",), b"k" * 32)
    try:
        ours = await _rate(lambda number: sandbox.parse(raws[number % len(raws)]), seconds)
    finally:
        await sandbox.stop()

    async def library(number: int) -> None:
        with suppress(LookupError):  # a set of characters that Python does not know
            reply_text.texts_of(mails[number % len(mails)])

    theirs = await _rate(library, seconds)
    _row("mails a second", [f"{ours:.0f}", f"{theirs:.0f}"])


async def _rate(read: Callable[[int], Any], seconds: float) -> float:
    await read(0)
    began, count = time.perf_counter(), 0
    while (passed := time.perf_counter() - began) < seconds:
        await read(count)
        count += 1
    return count / passed


def main() -> None:
    """Print the scores."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=5)
    given = options.parse_args()
    readers = peers()
    _row("", readers)
    if not has("mail_kinds"):
        sys.exit("the public corpora are not on this machine")
    reply_texts(readers)
    kinds(readers)
    header_fields()
    asyncio.run(proofs())
    character_sets()
    languages()
    asyncio.run(speed(given.seconds))


if __name__ == "__main__":
    main()
