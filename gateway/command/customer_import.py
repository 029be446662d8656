"""`trunkline customers import`: a table of customers into their records.

Each row is one step of the engine, whole or not at all. A row that cannot be used is told with its line and what to do,
and the others are read all the same. Who is meant follows from the ids in other systems, then the addresses and numbers
of the row; so the same file again changes nothing. Rows are written some at a time, those about the same person one
after the other, and the file is never in memory as a whole.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass

from ...config.errors import Conflict
from ...router.customer_writing import CustomerWriting, Entered, Entry
from .customer_columns import RowReader
from .customer_table import Row, Table

AT_ONCE = 256


@dataclass
class Counts:
    """How rows ended."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    wrong: int = 0

    @property
    def rows(self) -> int:
        """How many there were."""
        return self.new + self.changed + self.unchanged + self.wrong

    def count(self, entered: Entered) -> None:
        """One that could be used."""
        if entered.is_new:
            self.new += 1
        elif entered.is_changed:
            self.changed += 1
        else:
            self.unchanged += 1

    def sentence(self, *, dry: bool) -> str:
        """All of it in words."""
        done = "would be " if dry else ""
        return (
            f"{self.rows:,} rows: {self.new:,} {done}new, {self.changed:,} {done}changed, "
            f"{self.unchanged:,} as they were, {self.wrong:,} wrong"
        )


@dataclass(frozen=True, kw_only=True)
class Import:
    """One import; `tell` hears of a line and what is to be said of it, `progress` of bytes read and the counts."""

    table: Table
    reader: RowReader
    writing: CustomerWriting
    actor: str
    dry: bool
    tell: Callable[[int, str], None]
    progress: Callable[[int, Counts], None]

    async def run(self) -> Counts:
        """Read it to the end. Raises EngineUnavailable, EngineFull; what was written before stays."""
        counts, waiting, keys = Counts(), list[tuple[Row, Entry]](), set[str]()
        for row, entry in self._entries(counts):
            theirs = {each.key for each in entry.identities} | {
                f"{place}:{value}" for place, value in entry.values.items() if place.startswith("external_ids.")
            }
            if keys & theirs or len(waiting) >= AT_ONCE:
                await self._write(waiting, counts)
                waiting, keys = [], set()
            waiting.append((row, entry))
            keys |= theirs
        await self._write(waiting, counts)
        return counts

    def _entries(self, counts: Counts) -> Iterator[tuple[Row, Entry]]:
        for row in self.table.rows():
            entry, faults = (Entry(), [row.fault]) if row.fault else self.reader.entry(row.cells)
            if not faults:
                yield row, entry
                continue
            counts.wrong += 1
            for fault in faults:
                self.tell(row.line, fault)

    async def _write(self, entries: list[tuple[Row, Entry]], counts: Counts) -> None:
        for part in self._apart(entries, await self.writing.known([entry for _, entry in entries])):
            await self._write_part(part, counts)
        self.progress(self.table.read, counts)

    @staticmethod
    def _apart(entries: list[tuple[Row, Entry]], known: Sequence[Set[str]]) -> Iterator[list[tuple[Row, Entry]]]:
        """In parts, none of which has two rows that lead to one person: of those the last one holds."""
        part, people = list[tuple[Row, Entry]](), set[str]()
        for each, theirs in zip(entries, known, strict=True):
            if people & theirs:
                yield part
                part, people = [], set()
            part.append(each)
            people |= theirs
        yield part

    async def _write_part(self, entries: list[tuple[Row, Entry]], counts: Counts) -> None:
        for row, entered in await asyncio.gather(*(self._one(*each) for each in entries)):
            if isinstance(entered, Conflict):
                counts.wrong += 1
                self.tell(row.line, f"{entered.detail}; merge the two, or correct the row")
                continue
            counts.count(entered)
            if entered.related:
                self.tell(row.line, "its addresses are those of several customers; people decide whether they are one")

    async def _one(self, row: Row, entry: Entry) -> tuple[Row, Entered | Conflict]:
        try:
            return row, await self.writing.enter(entry, actor=self.actor, dry=self.dry)
        except Conflict as error:
            return row, error
