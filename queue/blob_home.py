"""Makes sure that every process sees the blob folder that belongs to the engine's workspace.

The folder carries an id and the engine's workspace remembers it. A process that sees the same engine and another folder
(a second machine without the shared disk, a wrong `data`) would write blobs that nobody else finds, and is refused. So
is an engine that knows nothing about a folder that holds blobs: it has no references to them, and collecting what
nobody needs would empty the folder.
"""

import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from ..config.errors import Misconfigured
from .blob_files import BlobFiles
from .connection import Engine
from .durable_file import sync_folder, write_synced

InThread = Callable[..., Awaitable[Any]]


def probe(files: BlobFiles) -> None:
    """Make the folder, write a file and read it back. Raises Misconfigured."""
    token = secrets.token_bytes(32)
    draft = files.drafts / f"probe.{token.hex()[:16]}"
    try:
        files.prepare()
        write_synced(draft, token)
        read = draft.read_bytes()
        draft.unlink()
    except OSError as error:
        raise Misconfigured(f"blobs cannot be kept in {files.root}: {error}") from error
    if read != token:
        raise Misconfigured(f"the folder {files.root} gave back something else than was written to it")


async def claim_home(files: BlobFiles, engine: Engine, in_thread: InThread) -> None:
    """Compare the folder's id with what the workspace remembers. Raises Misconfigured."""
    workspace, key = engine.keys.workspace, engine.keys("blobs", "home")
    mark: str = await in_thread(_mark, files, workspace)
    kept = await engine.call("GET", key)
    if kept is None and mark.startswith(f"{workspace}:"):
        if await in_thread(files.empty):
            kept = await engine.call("SET", key, mark, "NX", "GET") or mark.encode()
        else:
            kept = await engine.call("GET", key)  # another process may have claimed it just now, and written
    if kept != mark.encode():
        said = "nothing" if kept is None else f"the folder {kept.decode()}"
        raise Misconfigured(
            f"the folder {files.root} is {mark}, and the engine knows of {said} for the workspace {workspace!r}. All "
            "processes of a workspace must see the same engine and the same data folder: mount the shared folder, "
            "restore the engine that the folder belongs to, or name an empty folder in `data`"
        )


def _mark(files: BlobFiles, workspace: str) -> str:
    """The folder's id; the first process gives it one."""
    home = files.root / "home"
    if not home.exists():
        draft = files.drafts / f"home.{secrets.token_hex(8)}"
        write_synced(draft, f"{workspace}:{secrets.token_hex(16)}\n".encode())
        with suppress(FileExistsError):
            home.hardlink_to(draft)
        draft.unlink()
        sync_folder(files.root)
    return home.read_text(encoding="utf-8").strip()
