"""What the gateway and its parser process say to each other: lengths and bytes, JSON inside, nothing that is executed.

    to the parser    lengths of meta and content · the raw message's facts as JSON · its bytes
    back             outcome and lengths of answer and files · the answer as JSON · the bytes of the files

The answer is the envelopes and the list of files when the mail could be read, else the reason in words.
"""

import json
import struct
from collections.abc import Mapping
from enum import IntEnum

from pydantic import TypeAdapter

from ...normalizer.envelope import Envelope, RawMessage
from ...normalizer.outgoing import Parsed

REQUEST = struct.Struct(">IQ")
RESPONSE = struct.Struct(">BIQ")

_ENVELOPES = TypeAdapter(tuple[Envelope, ...])


class Outcome(IntEnum):
    """What became of one mail."""

    READ = 0
    UNREADABLE = 1
    EXHAUSTED = 2  # it cannot be read in this much memory, and the process ends itself
    BROKE = 3  # an exception that nobody foresaw: the mail is set aside, and the place goes to the log


def encode_request(raw: RawMessage) -> bytes:
    """A mail to read."""
    meta = raw.model_dump_json(exclude={"content"}).encode()
    return REQUEST.pack(len(meta), len(raw.content)) + meta + raw.content


def decode_request(meta: bytes, content: bytes) -> RawMessage:
    """The same again, on the other side."""
    return RawMessage.model_validate_json(meta).model_copy(update={"content": content})


def encode_parsed(parsed: Parsed) -> bytes:
    """A mail that could be read."""
    files = json.dumps([[sha256, len(content)] for sha256, content in parsed.files.items()]).encode()
    answer = _ENVELOPES.dump_json(parsed.envelopes) + b"\n" + files
    blob = b"".join(parsed.files.values())
    return RESPONSE.pack(Outcome.READ, len(answer), len(blob)) + answer + blob


def decode_parsed(answer: bytes, blob: bytes) -> Parsed:
    """The same again, on the other side."""
    envelopes, _, index = answer.rpartition(b"\n")
    files: dict[str, bytes] = {}
    position = 0
    for sha256, size in json.loads(index):
        files[sha256] = blob[position : position + size]
        position += size
    return Parsed(envelopes=_ENVELOPES.validate_json(envelopes), files=files)


def encode_reason(outcome: Outcome, reason: Mapping[str, str]) -> bytes:
    """A mail that could not be read."""
    answer = json.dumps(reason).encode()
    return RESPONSE.pack(outcome, len(answer), 0) + answer
