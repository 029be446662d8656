"""Where the public corpora stand: in a folder beside the repository, which not every machine has."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[2].parent / "shared" / "data"


def has(name: str) -> bool:
    """The corpus is on this machine."""
    return (DATA / f"{name}.jsonl").exists()


def rows(name: str) -> Iterator[dict[str, Any]]:
    """The rows of a corpus. Raises FileNotFoundError."""
    with (DATA / f"{name}.jsonl").open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def cases(name: str) -> Iterator[tuple[bytes, dict[str, Any]]]:
    """Bytes, and what they should be read as. Raises FileNotFoundError."""
    for row in rows(name):
        yield base64.b64decode(row["raw_b64"]), row["expected"]
