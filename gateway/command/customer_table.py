"""A table of customers as another program wrote it: its encoding, what stands between values, its rows one by one.

The encoding is told by a mark at the beginning, else it is UTF-8 when all of the file is, else guessed as for messages
from what stands around the first letter that is not; a file that begins as UTF-8 and goes on otherwise is refused with
the line. A row with bytes that are none of the encoding cannot be used, and is told.
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
UNREADABLE = "\ufffd"

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
        self._reader = csv.reader(self._file, delimiter=self.between or _most_of(""), strict=True)
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
            if any(UNREADABLE in cell for cell in cells):
                yield Row(line, fault=f"this holds bytes that are none of {self.encoding}; name the right --encoding")
            elif len(cells) > len(self.header):
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
    if b"\0" in sample:
        return "utf-16-le" if sample[1::2].count(0) >= sample[::2].count(0) else "utf-16-be"
    other = _first_other_than_utf8(path)
    if other is None:
        return "utf-8"
    with path.open("rb") as file:
        file.seek(max(0, other - SAMPLE // 2))
        around = file.read(SAMPLE)
    text = decode_bytes(around)
    return next((each for each in _WITHOUT_MARK if around.decode(each, "replace") == text), "cp1252")


def _first_other_than_utf8(path: Path) -> int | None:
    """Where bytes begin that are no UTF-8, None for nowhere. Raises Misconfigured when there is UTF-8 before them."""
    decoder, read, lines, has_letters = codecs.getincrementaldecoder("utf-8")(), 0, 1, False
    with path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK)
            try:
                has_letters |= not decoder.decode(chunk, final=not chunk).isascii()
            except UnicodeDecodeError as error:
                good = error.object[: error.start]
                if has_letters or not good.isascii():
                    line = lines + good.count(b"\n")
                    raise Misconfigured(
                        f"{path}:{line}: found bytes that are not UTF-8 in a file that begins as "
                        "UTF-8; save it as UTF-8, or name the encoding with --encoding"
                    ) from error
                return read + error.start
            if not chunk:
                return None
            read, lines = read + len(chunk), lines + chunk.count(b"\n")


def _most_of(line: str) -> str:
    outside = "".join(line.split('"')[::2])
    return max(_BETWEEN, key=lambda sign: (outside.count(sign), sign == ","))


def _uneven(found: int, columns: int, between: str) -> str:
    sign = {"\t": "a tab", ",": "a comma"}.get(between, between)
    return f"{found} values for {columns} columns; put quotation marks around values that hold {sign}"
