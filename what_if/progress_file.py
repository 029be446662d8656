"""A file in which a simulation lays aside what it has read, so that one that was killed goes on where it was.

Each line is a letter and JSON: what it is about (`S`), a line of the feed (`L`), that all were read (`E`), a ticket
placed again (`P`). It is appended to and flushed in pages; half a line at its end is left out. No words of customers
stand in it. A file that is about something else, another period or another configuration, is begun anew.
"""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from .history import Kind
from .placement import PlacedAgain
from .seen_line import SeenLine


class ProgressFile:
    """One file. Raises OSError when it cannot be written."""

    def __init__(self, path: Path, about: str) -> None:
        self._path = path
        self._about = about
        self._file: IO[str] | None = None
        self._whole = 0
        self.position: int | None = None
        """Of the last line of the feed that was laid aside."""
        self.all_read = False
        self.placed: dict[str, PlacedAgain] = {}

    @property
    def goes_on(self) -> bool:
        """Whether something of an earlier run was found."""
        return self.position is not None

    def open(self) -> None:
        """Take what there is, and append to it from now on."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._whole = self._read()
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
        os.ftruncate(descriptor, self._whole)
        os.lseek(descriptor, 0, os.SEEK_END)
        self._file = os.fdopen(descriptor, "w", encoding="utf-8")
        if not self._whole:
            self._write("S", self._about)
            self._file.flush()

    def add_lines(self, lines: Iterable[SeenLine]) -> None:
        """Some lines more were read."""
        for line in lines:
            self._write("L", line)
        self._flush()

    def stored(self) -> Iterator[SeenLine]:
        """The lines of the feed that an earlier run laid aside, in their order."""
        if self.goes_on:
            with self._path.open("rb") as file:
                for text in _whole_lines(file, self._whole):
                    if text[:1] == b"L":
                        yield SeenLine.from_json(text[2:].decode())

    def end_lines(self) -> None:
        """All were read."""
        self.all_read = True
        self._write("E", None)
        self._flush()

    def add_placed(self, several: Iterable[PlacedAgain]) -> None:
        """Some tickets more were placed again."""
        for each in several:
            self.placed[each.ticket] = each
            self._write("P", [each.ticket, each.kind, each.rules, each.is_same, each.segment, each.region])
        self._flush()

    def close(self) -> None:
        """It stays as it is."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def remove(self) -> None:
        """It is needed no more."""
        self.close()
        self._path.unlink(missing_ok=True)

    def _read(self) -> int:
        """See what there is in a file that is about the same; returns how many bytes its whole lines are."""
        try:
            file = self._path.open("rb")
        except FileNotFoundError:
            return 0
        with file:
            if file.readline() != f"S {json.dumps(self._about)}\n".encode():
                return 0
            whole = file.tell()
            for text in _whole_lines(file, None):
                whole += len(text)
                self._take(text[:1].decode(), text[2:])
        return whole

    def _take(self, letter: str, text: bytes) -> None:
        match letter:
            case "L":
                self.position = int(text[1 : text.index(b",")])
            case "E":
                self.all_read = True
            case "P":
                ticket, (queue, priority, language, required, preferred), rules, same, segment, region = json.loads(
                    text
                )
                kind = Kind(queue, priority, language, tuple(required), tuple(preferred))
                self.placed[ticket] = PlacedAgain(
                    ticket=ticket, kind=kind, rules=tuple(rules), is_same=same, segment=segment, region=region
                )

    def _write(self, letter: str, value: Any) -> None:
        assert self._file is not None
        self._file.write(f"{letter} {json.dumps(value, ensure_ascii=False, separators=(',', ':'))}\n")

    def _flush(self) -> None:
        assert self._file is not None
        self._file.flush()


def _whole_lines(file: IO[bytes], until: int | None) -> Iterator[bytes]:
    """The lines that end, up to this many bytes."""
    for text in file:
        if not text.endswith(b"\n") or (until is not None and file.tell() > until):
            return
        yield text
