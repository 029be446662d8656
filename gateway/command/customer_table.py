"""A table of customers as another program wrote it: its encoding, what stands between values, its rows one by one.

The encoding is told by a mark at the beginning, else it is UTF-8 when all of the file is, else guessed as for messages.
Between values stands what Excel names (`sep=;`), else whatever the first line has most of: semicolons, tabs, commas or
bars. The file is read as it is worked on, so it may be of any length.
"""

import codecs
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Self

from ...config.errors import Misconfigured
from ...normalizer.charsets import decode_bytes

CHUNK = 1024 * 1024
SAMPLE = 64 * 1024
LONGEST_CELL = 64 * 1024

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_WITHOUT_MARK = (
    *("cp1252", "cp1251", "koi8-r", "iso8859-5", "cp1253", "cp1255", "cp1256", "cp874"),
    *("cp932", "euc-jp", "cp949", "gb18030", "big5"),
)
_BETWEEN = ";\t,|"


@dataclass(frozen=True)
class Row:
    """One row: the line of the file that it begins in, and its values; or why it cannot be read."""

    line: int
    cells: Sequence[str] = ()
    fault: str = ""


class Table:
    """A table that is being read; a context manager that closes it."""

    def __init__(self, path: Path, encoding: str = "") -> None:
        """Raises Misconfigured when the file cannot be read, or has no first line."""
        try:
            self.encoding = codecs.lookup(encoding or encoding_of(path)).name
            self._bytes = path.open("rb")
            self._file = TextIOWrapper(self._bytes, encoding=self.encoding, errors="replace", newline="")
        except (OSError, LookupError) as error:
            raise Misconfigured(f"{path}: {error}") from error
        self.size = path.stat().st_size
        first = self._file.readline()
        named = first.strip().lower().removeprefix("\ufeff")
        self._above = 1 if named.startswith("sep=") else 0
        self.between = named[4:5] if self._above else _most_of(first)
        if not self._above:
            self._file.seek(0)
        csv.field_size_limit(LONGEST_CELL)
        self._reader = csv.reader(self._file, delimiter=self.between or _most_of(""))
        self.header = [cell.strip().removeprefix("\ufeff") for cell in next(self._reader, [])]
        if not any(self.header):
            raise Misconfigured(f"{path}: the first line names no columns")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    @property
    def read(self) -> int:
        """Bytes that were read."""
        return self._bytes.tell()

    def rows(self) -> Iterator[Row]:
        """The rows; empty ones are passed over."""
        while True:
            line = self._above + self._reader.line_num + 1
            try:
                cells = next(self._reader, None)
            except csv.Error as error:
                yield Row(line, fault=f"this cannot be read: {error}; a quotation mark may be missing")
                continue
            if cells is None:
                return
            if len(cells) > len(self.header):
                yield Row(line, fault=_uneven(len(cells), len(self.header), self.between))
            elif any(cell.strip() for cell in cells):
                yield Row(line, cells)


def encoding_of(path: Path) -> str:
    """The encoding of a file. Raises OSError."""
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return encoding
    if _is_utf8(path):
        return "utf-8"
    text = decode_bytes(sample)
    return next((each for each in _WITHOUT_MARK if sample.decode(each, "replace") == text), "cp1252")


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _most_of(line: str) -> str:
    outside = "".join(line.split('"')[::2])
    return max(_BETWEEN, key=lambda sign: (outside.count(sign), sign == ","))


def _uneven(found: int, columns: int, between: str) -> str:
    sign = {"\t": "a tab", ",": "a comma"}.get(between, between)
    return f"{found} values for {columns} columns; put quotation marks around values that hold {sign}"
