"""`trunkline customers import` and `export-table`: a table into the records, and the records into a table."""

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from .options import ConfigOption, say, with_parts, write

if TYPE_CHECKING:
    from ...router.customer_writing import CustomerWriting
    from ..assembly import Assembly
    from .customer_columns import RowReader
    from .customer_import import Counts
    from .customer_table import Table

commands = typer.Typer()


@commands.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="The table: values between commas, semicolons or tabs.")],
    map_: Annotated[
        list[str] | None,
        typer.Option("--map", help="COLUMN=WHAT, such as 'E-Mail 1=email' or Tier=fields.plan; WHAT - leaves it out."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")] = False,
    assurance: Annotated[
        Literal["A0", "A1", "A2", "A3", "A4"],
        typer.Option(help="How well it proves whose the addresses are: A4 is the company's own directory."),
    ] = "A4",
    country: Annotated[str | None, typer.Option(help="The country of numbers without its code, such as DE.")] = None,
    encoding: Annotated[str, typer.Option(help="The encoding, where the guess is wrong.")] = "",
    config: ConfigOption = None,
) -> None:
    """Read a table of customers into their records. Status 1 when a row could not be used.

    The same file again changes nothing. Where a row is wrong, its line says why, and the others are read all the same.
    """
    from ...config.errors import Misconfigured
    from ...normalizer.envelope import Assurance
    from .customer_columns import Columns, RowReader, columns_of
    from .customer_table import Table

    pairs = [each.rpartition("=")[::2] for each in map_ or ()]
    if wrong := [target for column, target in pairs if not column]:
        raise Misconfigured(f"--map takes COLUMN=WHAT, not {wrong[0]!r}")

    async def read(parts: "Assembly") -> "Counts":
        columns: Columns = columns_of(table.header, dict(pairs), parts.settings.customer_fields)
        for column in columns.unused:
            say(f"the column {column!r} is left out; --map says what it is")
        reader = RowReader(
            columns=columns,
            declared=parts.settings.customer_fields,
            country=country,
            assurance=Assurance(int(assurance[1:])),
            evidence=f"the directory {file.name}",
        )
        return await _import(table, file, reader, parts.writing, dry=dry_run)

    with Table(file, encoding) as table:
        counts = with_parts(config, read)
    write(f"{file}: {counts.sentence(dry=dry_run)}")
    if counts.wrong:
        raise typer.Exit(1)


async def _import(
    table: "Table", file: Path, reader: "RowReader", writing: "CustomerWriting", *, dry: bool
) -> "Counts":
    from .customer_import import Import

    bar = _Bar(table)
    with bar:
        work: Import = Import(
            table=table,
            reader=reader,
            writing=writing,
            actor=f"import:{file.name}",
            dry=dry,
            tell=lambda line, words: bar.above(f"{file}:{line}: {words}"),
            progress=bar.show,
        )
        return await work.run()


@commands.command("export-table")
def export_table(
    file: Annotated[Path | None, typer.Argument(help="Where to; left out, the standard output.")] = None,
    config: ConfigOption = None,
) -> None:
    """Write all customers into a table that the import reads again."""
    from .customer_export import export

    async def wrote(parts: "Assembly") -> int:
        opened = file.open("w", encoding="utf-8-sig", newline="") if file else nullcontext(sys.stdout)
        with opened as into:
            return await export(parts.reader.directory, parts.settings.customer_fields, into)

    count = with_parts(config, wrote)
    say(f"{count:,} customers")


class _Bar:
    """How far an import is, on a terminal; elsewhere nothing but what is said above it."""

    def __init__(self, table: "Table") -> None:
        self._size = max(1, table.size)
        self._shown = sys.stderr.isatty()

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self._clear()

    def show(self, read: int, counts: "Counts") -> None:
        """So far."""
        if self._shown:
            part = min(1.0, read / self._size)
            done = "█" * round(30 * part)
            typer.echo(f"\r{done:░<30} {part:4.0%} {counts.rows:,} rows, {counts.wrong:,} wrong", nl=False, err=True)

    def above(self, words: str) -> None:
        """Something to read."""
        self._clear()
        say(words)

    def _clear(self) -> None:
        if self._shown:
            typer.echo("\r\x1b[K", nl=False, err=True)
