"""`trunkline engine adopt`: a person accepts the engine that is there for the data folder, and gives up another.

First it is said what is there and what going on means; then engine and folder get a new mark, so that the engine that
is given up is refused if it ever comes back, and so is every process that began with it. An embedded engine whose files
cannot be found (append_only_files.py) does not run: its files are put aside, and the next start begins with an empty
engine. No ticket number that may have been given is given again.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from ...config.errors import EngineUnavailable, Misconfigured
from ...queue.append_only_files import put_aside, trouble_with
from ...queue.birth_mark import BirthMark, MarkFile
from ...queue.blob_files import DIGITS, BlobFiles
from ...queue.connection import Engine
from ...queue.ownership import own
from ...queue.recognition import Recognition, last_ticket_number
from ..configuration import Configuration
from ..engine_source import COMMAND_PATIENCE, SharedEngine
from .program import command


@dataclass(frozen=True, kw_only=True)
class Found:
    """What is there: the folder's side, and the engine's; `url` is empty when no engine runs."""

    mark: BirthMark | None
    numbers: int
    blobs: int
    url: str
    trouble: str
    kept: str = ""
    last_ticket: int = 0

    @property
    def fits(self) -> bool:
        """Whether there is nothing to adopt."""
        return bool(self.url) and self.mark == BirthMark(self.kept)


async def look(configuration: Configuration) -> Found:
    """Look at both sides, changing nothing. Raises Misconfigured when there is no engine that could be adopted."""
    folder = configuration.folder
    folder.prepare()
    url = await _running(configuration)
    trouble = "" if url else trouble_with(folder)
    if not url and not trouble:
        raise Misconfigured(
            f"no engine runs on {folder.root}, and its files are sound; start "
            f"`{command('engine', configuration)}`, and adopt it while it runs"
        )
    file = MarkFile(folder.blobs)
    mark, numbers, blobs = await asyncio.to_thread(lambda: (file.read(), file.numbers(), _counted(folder.blobs)))
    kept, last = await _known_by(Engine(url, configuration.keys)) if url else ("", 0)
    return Found(mark=mark, numbers=numbers, blobs=blobs, url=url, trouble=trouble, kept=kept, last_ticket=last)


def meaning(found: Found, configuration: Configuration) -> list[str]:
    """What is there, and what going on means."""
    folder = configuration.folder
    mark = found.mark.id if found.mark else "no mark"
    numbers = f"; ticket numbers up to T-{found.numbers} may have been given" if found.numbers else ""
    kept = found.kept or "it knows nothing of this workspace"
    engine = f"{kept}, with {found.last_ticket:,} tickets opened" if found.url else found.trouble
    if not found.url:
        engine += "; these files are put aside, and the next start begins with an empty engine"
    return [
        f"The data folder {folder.root}: {mark}, {found.blobs:,} files of messages and attachments{numbers}.",
        f"The engine: {engine}.",
        "If you go on:",
        "  - This engine and this folder belong together. The engine that the folder had is refused if it comes back.",
        "  - What only that engine held is given up: tickets, customers, messages not filed yet, tokens, sign-ins.",
        "  - Files that this engine does not name are removed, from an hour after the next start on. Copy",
        f"    {folder.blobs} now if the other engine may be found again.",
        f"  - The next ticket is T-{max(found.numbers, found.last_ticket) + 1}.",
        "  - Every process of Trunkline that runs has to be started again.",
    ]


async def adopt(found: Found, configuration: Configuration) -> str:
    """Do it, and say what was done. Raises Misconfigured when another process owns the folder's engine."""
    folder = configuration.folder
    mark = BirthMark.drawn(configuration.keys.workspace, "adopted")
    if not found.url:
        owned = own(folder.supervisor_lock)
        try:
            aside = await asyncio.to_thread(put_aside, folder)
            await asyncio.to_thread(MarkFile(folder.blobs).put, mark)
        finally:
            owned.release()
        return f"the next start begins with an empty engine{f'; the files lie in {aside}' if aside else ''}"
    await asyncio.to_thread(MarkFile(folder.blobs).put, mark)
    engine = Engine(found.url, configuration.keys, replicas=configuration.settings.durability.replicas)
    try:
        await Recognition(engine, BlobFiles(folder.blobs)).start()
    finally:
        await engine.close()
    return f"engine and folder are {mark.id} now; start every process of Trunkline again"


async def _running(configuration: Configuration) -> str:
    try:
        return await SharedEngine(configuration, patience=COMMAND_PATIENCE).start()
    except EngineUnavailable:
        if configuration.is_embedded:
            return ""
        raise


async def _known_by(engine: Engine) -> tuple[str, int]:
    """The engine's mark, and its last ticket number."""
    try:
        return await engine.mark(), await last_ticket_number(engine)
    finally:
        await engine.close()


def _counted(blobs: Path) -> int:
    return sum(1 for first in DIGITS for _ in BlobFiles(blobs).names(first))
