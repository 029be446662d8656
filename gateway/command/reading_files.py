"""`trunkline parse`: messages from files, read as the channel reads them, without engine and without transport facts.

One envelope a line. What the channel knows to be for nobody is a line `{"file": …, "nothing": …}`. What cannot be read
is a line `{"file": …, "error": …}`, and does not stop the rest.
"""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ...config.errors import Misconfigured, TrunklineError
from ...config.settings import Settings
from ...normalizer.outgoing import Parsed
from ..channels import CARDS


@dataclass(frozen=True)
class Line:
    """One line of the result."""

    text: str
    failed: bool = False


class FileReader:
    """Reads files of one channel. Raises Misconfigured for a channel that is not configured or reads no files."""

    def __init__(self, settings: Settings, channel: str, *, source: str = "") -> None:
        self._read = _reader(settings, channel, source)

    def lines(self, name: str) -> Iterator[Line]:
        """The envelopes of a file, or why there are none; `-` is the standard input."""
        try:
            content = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
            read = self._read(content)
        except TrunklineError as error:
            yield _failed(name, error.detail)
        except OSError as error:
            yield _failed(name, (error.strerror or str(error)).lower())
        else:
            yield from (Line(envelope.model_dump_json()) for envelope in read.envelopes)
            if read.nothing:
                yield Line(json.dumps({"file": name, "nothing": read.nothing}, ensure_ascii=False))


def _failed(name: str, cause: str) -> Line:
    return Line(json.dumps({"file": name, "error": cause}, ensure_ascii=False), failed=True)


def _reader(settings: Settings, channel: str, account: str) -> Callable[[bytes], Parsed]:
    card, section = CARDS.get(channel), settings.channels.get(channel)
    if card is None or section is None:
        known = ", ".join(settings.channels) or "none"
        raise Misconfigured(f"no channel {channel!r} is configured; there are: {known}")
    if account and account not in card.accounts(section):
        raise Misconfigured(f"there is no source {account!r}; there are: {', '.join(card.accounts(section))}")
    read = card.read_file
    if read is None:
        raise Misconfigured(f"messages of the channel {channel} cannot be read from files")
    return lambda content: read(content, section, account)
