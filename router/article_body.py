"""The texts of an article: in its record when they are short, else the beginning there and all of them in a blob."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..normalizer.envelope import Envelope
from .records import json_bytes

INLINE_CHARACTERS = 1024


@dataclass(frozen=True, kw_only=True)
class Body:
    """The texts of an article: inline when they are short, else the beginning and the blob that holds all."""

    fields: Mapping[str, Any]
    blob: str = ""


def body_of(envelope: Envelope) -> dict[str, str]:
    """The texts of a message."""
    return {name: getattr(envelope, name) for name in ("text", "quoted", "signature", "html")}


def is_long(texts: Mapping[str, str]) -> bool:
    """Whether the texts are more than an engine should hold."""
    return sum(map(len, texts.values())) > INLINE_CHARACTERS


def packed_body(texts: Mapping[str, str]) -> bytes:
    """The texts as the blob holds them."""
    return json_bytes(texts)


def article_body(texts: Mapping[str, str], blob: str) -> Body:
    """The fields of the texts, given the blob that holds them (empty when they are short)."""
    if not blob:
        return Body(fields={name: text for name, text in texts.items() if text or name == "text"})
    return Body(fields={"text": texts["text"][:INLINE_CHARACTERS], "truncated": True}, blob=blob)
