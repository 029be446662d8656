"""Commands for customers: `erase` and `export` for one of them, `import` and `export-table` for tables of many."""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from ...config.errors import Misconfigured
from . import customer_tables
from .options import ConfigOption, say, with_parts, write

if TYPE_CHECKING:
    from ...router.erasure.erasure import Erasure
    from ...router.erasure.erasure_record import ErasureRecord
    from ..assembly import Assembly

LOOK_SECONDS = 0.5
ACTOR = "command"

commands = typer.Typer(no_args_is_help=True, help="What is kept of people.")
commands.add_typer(customer_tables.commands)

Customer = Annotated[str, typer.Argument(help="The customer's id, that of any of their records.")]
Confirm = Annotated[
    str | None, typer.Option(help="Their id, name or address, so that nothing is asked.", show_default=False)
]
Reason = Annotated[str, typer.Option(help="Why; do not name the person, it stays.", show_default=False)]


@commands.command()
def erase(customer: Customer, confirm: Confirm = None, reason: Reason = "", config: ConfigOption = None) -> None:
    """Erase a person for good: what they said, what they were called, what was answered. Waits until it is done."""

    async def ordered(parts: "Assembly") -> "ErasureRecord":
        erasure = parts.erasure
        word = confirm if confirm is not None else await _asked(erasure, customer)
        order = await erasure.order(customer, confirm=word, actor=ACTOR, reason=reason)
        say(f"nobody finds them any more; the rest is erased now, as {order.id}")
        return await _done(erasure, order.id)

    record = with_parts(config, ordered)
    counts = record.erased
    write(f"{record.id}  {counts.records} records, {counts.tickets} tickets, {counts.articles} articles")
    if not record.files_rewritten:
        say("the engine's own files are not ours to rewrite: have them written anew, and old snapshots removed")


@commands.command()
def export(
    customer: Customer,
    out: Annotated[
        Path | None, typer.Option(help="Write it to this new file; else to the standard output.", show_default=False)
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Write everything that is kept of a person as one JSON document; `trunkline schema person` prints its schema."""

    async def written(parts: "Assembly") -> None:
        from ...router.person_export import PersonExports

        document = PersonExports(parts.engine, parts.clock, parts.reader).export(customer)
        first = await anext(document)
        with _opened(out) as file:
            file.write(first)
            async for part in document:
                file.write(part)

    with_parts(config, written)
    if out is not None:
        say(f"{out} has it; only you can read it")


@contextmanager
def _opened(out: Path | None) -> Iterator[BinaryIO]:
    """Where the document goes. Raises Misconfigured when the file is there already, or cannot be made."""
    if out is None:
        yield sys.stdout.buffer
        return
    try:
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Misconfigured(f"{out} cannot be made: {error}; name a new file") from error
    with open(descriptor, "wb") as file:
        yield file


async def _asked(erasure: "Erasure", customer: str) -> str:
    preview = await erasure.preview(customer)
    counts, still_open = preview.erased, preview.open_tickets
    say(f"{counts.records} records and {counts.articles} articles in {counts.tickets} tickets would go for good;")
    say(f"{still_open} of the tickets are open and would be closed")
    word: str = await asyncio.to_thread(typer.prompt, "who is meant? their id, name or address", err=True)
    return word


async def _done(erasure: "Erasure", id_: str) -> "ErasureRecord":
    """The erasure when a worker has done it."""
    while True:
        record = await erasure.erasure(id_)
        if record.state == "done":
            return record
        await asyncio.sleep(LOOK_SECONDS)
