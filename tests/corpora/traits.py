"""Small mails whose right reading is known, by kind of trait.

Two corpora: mails of our own in kinds that were once read wrongly, and traits out of public reports of other desks'
users. Of the second only the rows are scored that one mail alone decides; stories of tickets are played elsewhere.
"""

import ast
import base64
import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from trunkline.adapters.mail.file_reading import read_file
from trunkline.adapters.mail.settings import MailSettings
from trunkline.normalizer.envelope import Envelope

from .files import rows

_OWN = {"mail_kinds": ("desk@ours.example",), "field_cases": ("support@example.test", "billing@example.test")}
_FACTS = frozenset({"text", "subject", "quoted", "signature", "suspend", "automation", "copied"})


def raw_of(row: Mapping[str, Any]) -> bytes:
    """The mail of a row."""
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
    return read_file(raw_of(row), MailSettings(addresses=_OWN[name])).envelopes[0]


def holds(wanted: object, found: object) -> bool:
    """A value that begins with `~` must be contained, with `!~` must not be, with `!` must differ."""
    if not isinstance(wanted, str) or not isinstance(found, str):
        return wanted == (list(found) if isinstance(found, tuple) else found)
    if wanted.startswith("!~"):
        return wanted[2:] not in found
    if wanted.startswith("~"):
        return wanted[1:] in found
    return wanted[1:] != found if wanted.startswith("!") else wanted == found


def text_scores(name: str, read: Callable[[bytes], str]) -> tuple[int, int]:
    """How many rows that ask for the text are right in that, by a reader that tells nothing else; and how many ask."""
    asked = [row for row in rows(name) if is_scored(name, row) and "text" in row["expected"]]
    return sum(holds(row["expected"]["text"], read(raw_of(row))) for row in asked), len(asked)


def read_with_trunkline(raw: bytes) -> Envelope:
    """The envelope, for a desk with the addresses of both corpora."""
    own = tuple(address for addresses in _OWN.values() for address in addresses)
    return read_file(raw, MailSettings(addresses=own)).envelopes[0]


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
        return holds(wanted, _at(envelope, key))
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


def is_scored(name: str, row: Mapping[str, Any]) -> bool:
    """One mail alone decides the row."""
    return name == "mail_kinds" or (
        "From:" in str(row["raw"])
        and "{" not in str(row["raw"]).partition("\n\n")[0]
        and not str(row["verdict"]).startswith("not applicable")
        and row["expected"].keys() <= _FACTS | {"author", "replies_go_to", "files", "note"}
        and "ends in [" not in str(row["expected"].get("subject"))
    )


def scores(name: str) -> tuple[Counter[str], Counter[str]]:
    """For each kind how many rows are right, and how many were counted."""
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for row in rows(name):
        if is_scored(name, row):
            total[row["kind"]] += 1
            right[row["kind"]] += _is_right(name, row)
    return right, total
