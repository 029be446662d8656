"""A mark of facts: stands for what a page is told from, so that one can tell without telling it whether it has changed.

It changes when any field of any of the facts does, and is the same in every process. Facts are frozen records of
moments, words and numbers; a field that is not compared (a function) is none. What changes by the mere passing of time
is none: a view holds moments (`at`, `since`, `due`, a time zone), and who shows it tells them from now.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import fields, is_dataclass

from pydantic import BaseModel


def mark_of(*facts: object) -> str:
    """The mark of these facts. Raises TypeError for what is no fact, such as a function."""
    return hashlib.sha256(json.dumps(facts, default=_parts).encode()).hexdigest()[:20]


def _parts(value: object) -> object:
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value) if field.compare}
    if isinstance(value, BaseModel | Mapping):
        return dict(value)
    if isinstance(value, Set):
        return sorted(value)
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return list(value)
    raise TypeError(f"{type(value).__name__} is no fact that a page is told from")
