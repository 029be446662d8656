"""Writes files so that they survive a power cut: the file is fsynced, given its name, and the folder is fsynced.

Everything here blocks; callers in the event loop use a thread.
"""

import asyncio
import errno
import hashlib
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from .errors import EngineFull, EngineUnavailable, Temporary

PART = 1 << 20  # bytes

Result = TypeVar("Result")


def replace_file(path: Path, content: bytes, drafts: Path | None = None) -> None:
    """Put the content under this name; a reader sees the old content or the new, never a part."""
    with _draft_of(path, content, drafts) as draft:
        draft.replace(path)
    sync_folder(path.parent)


def put_once(path: Path, content: bytes, drafts: Path | None = None) -> None:
    """Put the content under this name unless there is a file; of several processes at once, one does."""
    with _draft_of(path, content, drafts) as draft, suppress(FileExistsError):
        path.hardlink_to(draft)
    sync_folder(path.parent)


@contextmanager
def _draft_of(path: Path, content: bytes, drafts: Path | None) -> Iterator[Path]:
    """A file with the content, beside the path or in the folder for drafts, that is gone in the end."""
    draft = (drafts or path.parent) / f".{path.name}.{secrets.token_hex(8)}"
    try:
        write_synced(draft, content)
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def write_synced(path: Path, content: bytes) -> None:
    """Make a new file, readable by its owner only, that is on the disk when this returns; its name may not be yet."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Put the names in the folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(root: Path) -> None:
    """Put the names in this folder and all folders below it on the disk."""
    for folder, _, _ in os.walk(root):
        sync_folder(Path(folder))


def hash_of(path: Path) -> str:
    """The sha256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def copy_synced(source: Path, target: Path) -> str:
    """Copy into a new file, making its folders, and fsync it; returns the sha256 of what was copied."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    digest = hashlib.sha256()
    with source.open("rb") as reader, open(descriptor, "wb") as writer:
        while part := reader.read(PART):
            digest.update(part)
            writer.write(part)
        writer.flush()
        os.fsync(descriptor)
    return digest.hexdigest()


async def in_thread(work: Callable[..., Result], *args: object) -> Result:
    """Do file work beside the event loop; what goes wrong with the disk is a temporary error."""
    try:
        return await asyncio.to_thread(work, *args)
    except OSError as error:
        raise trouble_of(error) from error


def trouble_of(error: OSError) -> Temporary:
    """What a failed file operation means to the sender of a message: our own trouble, and it may pass."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return EngineFull(f"the disk is full: {error}")
    return EngineUnavailable(f"the data folder cannot be used: {error}")
