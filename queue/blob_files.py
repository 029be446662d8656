"""The files of the blobs: `<first digit>/<second digit>/<sha256>`, each complete and on the disk once it has its name.

A content is written beside, fsynced, renamed, and its folder is fsynced; so a name never stands for a part. Writing
what is there already only touches and fsyncs it. Everything here blocks and is called in threads; many writes at once
share the journal's commits, which makes eight threads about three times as fast as one.
"""

import hashlib
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from ..config.durable_file import replace_file, sync_folder, write_synced
from ..config.errors import Misconfigured, Unreadable

DIGITS = "0123456789abcdef"
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


class BlobFiles:
    """The files below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.drafts = root / "drafts"
        self._known: set[Path] = set()  # folders whose own names are on the disk

    def prepare(self) -> None:
        """Make the folder."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.drafts.mkdir(mode=0o700, exist_ok=True)
        sync_folder(self.root.parent)
        sync_folder(self.root)

    def probe(self) -> None:
        """Make the folder, write a file and read it back. Raises Misconfigured."""
        token = secrets.token_bytes(32)
        draft = self.drafts / f"probe.{token.hex()[:16]}"
        try:
            self.prepare()
            write_synced(draft, token)
            read = draft.read_bytes()
            draft.unlink()
        except OSError as error:
            raise Misconfigured(f"blobs cannot be kept in {self.root}: {error}") from error
        if read != token:
            raise Misconfigured(f"the folder {self.root} gave back something else than was written to it")

    def path(self, sha: str) -> Path:
        """Where a blob lies. Raises Unreadable for what is no sha256, so that no name can lead elsewhere."""
        if not _SHA256.match(sha):
            raise Unreadable(f"{sha[:80]!r} is no name of a blob")
        return self.root / sha[0] / sha[1] / sha

    def write(self, sha: str, content: bytes) -> None:
        """Returns when the content and its name are on the disk."""
        path = self.path(sha)
        self._ensure(path.parent)
        if _touch(path, len(content)):
            sync_folder(path.parent)
        else:
            replace_file(path, content, self.drafts)

    def draft(self) -> tuple[BinaryIO, Path]:
        """A file to write into, which has no name of a blob yet; the caller closes and removes it."""
        path = self.drafts / f".{secrets.token_hex(16)}"
        return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"), path

    def adopt(self, draft: Path, sha: str, size: int) -> None:
        """Make a draft a blob, as `write` does."""
        path = self.path(sha)
        self._ensure(path.parent)
        if not _touch(path, size):
            _sync_file(draft)
            draft.replace(path)
        sync_folder(path.parent)

    def read(self, sha: str) -> bytes:
        """The content. Raises Unreadable when it is missing or not what its name says."""
        with self.open(sha) as file:
            content = file.read()
        if hashlib.sha256(content).hexdigest() != sha:
            raise Unreadable(f"the blob {sha} is damaged")
        return content

    def read_part(self, sha: str, offset: int, length: int) -> bytes:
        """Some bytes of it, fewer when it ends before. Raises Unreadable when it is missing."""
        with self.open(sha) as file:
            file.seek(offset)
            return file.read(length)

    def open(self, sha: str) -> BinaryIO:
        """The file, for reading in parts. Raises Unreadable when it is missing."""
        try:
            return self.path(sha).open("rb")
        except FileNotFoundError as error:
            raise Unreadable(f"the blob {sha} is missing") from error

    def size(self, sha: str) -> int:
        """Its bytes. Raises Unreadable when it is missing."""
        try:
            return self.path(sha).stat().st_size
        except FileNotFoundError as error:
            raise Unreadable(f"the blob {sha} is missing") from error

    def remove(self, names: list[str]) -> None:
        """Returns when the files are gone for good; what is gone already does not matter."""
        paths = [self.path(sha) for sha in names]
        for path in paths:
            path.unlink(missing_ok=True)
        for folder in {path.parent for path in paths if path.parent.exists()}:
            sync_folder(folder)

    def names(self, first: str, *, untouched_for: float = 0.0) -> Iterator[str]:
        """The blobs whose name begins with this digit and that were written at least so many seconds ago."""
        before = time.time() - untouched_for
        for second in DIGITS:
            with suppress(FileNotFoundError), os.scandir(self.root / first / second) as entries:
                for entry in entries:
                    if _SHA256.match(entry.name) and entry.stat().st_mtime <= before:
                        yield entry.name

    def empty(self) -> bool:
        """Whether there is no blob at all."""
        return not any(True for first in DIGITS for _ in self.names(first))

    def clear_drafts(self, *, untouched_for: float) -> None:
        """Remove what writers that were killed left half written."""
        before = time.time() - untouched_for
        for draft in self.drafts.iterdir():
            with suppress(FileNotFoundError):
                if draft.stat().st_mtime <= before:
                    draft.unlink()

    def _ensure(self, folder: Path) -> None:
        if folder not in self._known:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            sync_folder(folder.parent)
            sync_folder(self.root)
            self._known.add(folder)


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _touch(path: Path, size: int) -> bool:
    """Make the file young and put it on the disk again; False when there is none, or not of this size."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        if os.fstat(descriptor).st_size != size:
            return False
        os.utime(descriptor)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return True
