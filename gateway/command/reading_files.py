"""`trunkline parse`: messages from files, read as the channel reads them, without engine and without transport facts.

One envelope a line. What the channel knows to be for nobody is a line `{"file": …, "nothing": …}`. What cannot be read
is a line `{"file": …, "error": …}`, and does not stop the rest. A channel that is not configured is read as if it were,
and what else a reader should know goes beside the result.
"""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from posixpath import normpath
from typing import Any

from ...adapters.card import Card
from ...config.errors import Misconfigured, TrunklineError
from ...config.settings import Settings
from ...normalizer.outgoing import Parsed
from ..channels import CARDS


@dataclass(frozen=True)
class Line:
    """One line of the result, or a remark beside it."""

    text: str
    failed: bool = False
    beside: bool = False


class FileReader:
    """Reads files of one channel; `remark` is what to know before. Raises Misconfigured for one that reads no files."""

    def __init__(self, settings: Settings, channel: str, *, source: str = "") -> None:
        self._read, self.remark = _reader(settings, channel, source)

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
            if read.remark:
                yield Line(f"{name}: {read.remark}", beside=True)
            if read.nothing:
                yield Line(json.dumps({"file": name, "nothing": read.nothing}, ensure_ascii=False))


def _failed(name: str, cause: str) -> Line:
    return Line(json.dumps({"file": name, "error": cause}, ensure_ascii=False), failed=True)


def _reader(settings: Settings, channel: str, account: str) -> tuple[Callable[[bytes], Parsed], str]:
    """What reads a file, and what is to be known of it before. Raises Misconfigured."""
    card = CARDS.get(channel)
    if card is None:
        close = get_close_matches(channel, CARDS, n=1)
        known = f"did you mean {close[0]}?" if close else f"there are: {', '.join(CARDS)}"
        raise Misconfigured(f"there is no channel {channel!r}; {known}")
    section, remark = settings.channels.get(channel), ""
    if section is None:
        section, remark = _assumed(card)
    if account and account not in card.accounts(section):
        raise Misconfigured(f"there is no source {account!r}; there are: {', '.join(card.accounts(section))}")
    read = card.read_file
    if read is None:
        raise Misconfigured(f"messages of the channel {channel} cannot be read from files")
    return (lambda content: read(content, section, account)), remark


def _assumed(card: Card) -> tuple[Any, str]:
    """A section for a channel that is not configured, and what is said of it."""
    page = normpath(f"docs/channels/{card.capability.page or f'{card.name}.md'}")
    how = f"the configuration has no channels.{card.name} ({page} says how it is written)"
    if card.assumed is None:
        raise Misconfigured(f"{how}, and without it nothing can be read")
    section = card.settings.model_validate(card.assumed)
    accounts = ", ".join(card.accounts(section))
    return section, f"{how}; read as if for {accounts}" if accounts else f"{how}; read for whatever account it names"
