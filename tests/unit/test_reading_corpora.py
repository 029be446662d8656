"""What the reader makes of small mails whose right reading is known, by kind of trait.

Two corpora: mails of our own in kinds that were once read wrongly, and traits out of public reports of other desks'
users. A value that begins with `~` must be contained, with `!~` must not be, with `!` must differ. Of the second only
the rows are scored that one mail alone decides; stories of tickets are played elsewhere.

`LEFT` names the kinds that are not right yet; all others must be right in every row.
"""

import ast
import base64
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from trunkline.adapters.mail.file_reading import read_file
from trunkline.adapters.mail.settings import MailSettings
from trunkline.normalizer.envelope import Envelope

DATA = Path(__file__).parents[2].parent / "shared" / "data"
LEFT: Mapping[str, frozenset[str]] = {
    "mail_kinds": frozenset({"language-near-relatives"}),
    "field_cases": frozenset(),
}
_OWN = {"mail_kinds": ("desk@ours.example",), "field_cases": ("support@example.test", "billing@example.test")}
_FACTS = frozenset({"text", "subject", "quoted", "signature", "suspend", "automation", "copied"})


def _rows(name: str) -> Iterator[dict[str, Any]]:
    path = DATA / f"{name}.jsonl"
    if not path.exists():
        pytest.skip(f"the corpus {path.name} is not here")
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _raw(row: Mapping[str, Any]) -> bytes:
    match row.get("encoding", "text"):
        case "base64":
            return base64.b64decode(row["raw"])
        case "python":
            return _computed(ast.parse(row["raw"], mode="eval").body)
    return str(row["raw"]).encode()


def _computed(node: ast.expr) -> bytes:
    """Bytes written as pieces, repeated and put together: a large mail in a small row."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and isinstance(node.right, ast.Constant):
        return _computed(node.left) * int(str(node.right.value))
    if isinstance(node, ast.BinOp):
        return _computed(node.left) + _computed(node.right)
    assert isinstance(node, ast.Constant)
    assert isinstance(node.value, bytes)
    return node.value


def _read(name: str, row: Mapping[str, Any]) -> Envelope:
    return read_file(_raw(row), MailSettings(addresses=_OWN[name])).envelopes[0]


def _holds(wanted: object, found: object) -> bool:
    if not isinstance(wanted, str) or not isinstance(found, str):
        return wanted == (list(found) if isinstance(found, tuple) else found)
    if wanted.startswith("!~"):
        return wanted[2:] not in found
    if wanted.startswith("~"):
        return wanted[1:] in found
    return wanted[1:] != found if wanted.startswith("!") else wanted == found


def _at(envelope: Envelope, path: str) -> object:
    found: Any = envelope.model_dump(mode="json")
    for step in path.split("."):
        found = found[int(step)] if isinstance(found, list) else found[step]
    return found


def _is_right(name: str, row: Mapping[str, Any]) -> bool:
    envelope = _read(name, row)
    try:
        return all(_fact(name, envelope, key, wanted) for key, wanted in row["expected"].items())
    except (IndexError, KeyError):
        return False


def _fact(name: str, envelope: Envelope, key: str, wanted: object) -> bool:
    if key.endswith(".size"):
        # The corpus counts the line end before the delimiter, which belongs to the delimiter: RFC 2046 section 5.1.1.
        return wanted == int(str(_at(envelope, key))) + 1
    if name == "mail_kinds" or key in _FACTS:
        return _holds(wanted, _at(envelope, key))
    identity = envelope.sender.identities[0]
    match key:
        case "author":
            return f"{identity.value} at A{identity.assurance}".startswith(str(wanted))
        case "replies_go_to":
            return getattr(envelope, "reply_to", "") == wanted
        case "files":
            return _files(envelope, wanted)
    return key == "note"


def _files(envelope: Envelope, wanted: object) -> bool:
    names = {attachment.name: attachment.inline for attachment in envelope.attachments}
    if wanted == []:
        return not names
    name = re.split(r"[, ]", str(wanted))[0]
    return name in names and not (names[name] and "not inline" in str(wanted))


def _scores(name: str) -> tuple[Counter[str], Counter[str]]:
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for row in _rows(name):
        scored = name == "mail_kinds" or (
            "From:" in str(row["raw"])
            and "{" not in str(row["raw"]).partition("\n\n")[0]
            and not str(row["verdict"]).startswith("not applicable")
            and row["expected"].keys() <= _FACTS | {"author", "replies_go_to", "files", "note"}
            and "ends in [" not in str(row["expected"].get("subject"))
        )
        if scored:
            total[row["kind"]] += 1
            right[row["kind"]] += _is_right(name, row)
    return right, total


@pytest.mark.parametrize("name", ["mail_kinds", "field_cases"])
def test_every_kind_is_read_rightly(name: str) -> None:
    right, total = _scores(name)
    wrong = {kind: f"{right[kind]} of {count}" for kind, count in total.items() if right[kind] < count}
    assert wrong.keys() <= LEFT[name], (wrong, f"{right.total()} of {total.total()} right")
