"""Where things lie in the data folder, and which format it has.

    data/
      format            the version of this layout; a newer one than ours is refused
      supervisor.lock   held by the one process that owns the engine, its pid inside
      engine.lock       held by the server process itself, and by its children
      engine.json       where the engine listens and who it is
      engine/           0700: socket, append-only files, log
      blobs/            see blobs.py; and the birth mark, see birth_mark.py
      erased/           who was erased, in no backup: router/erasure/ledger.py

The folder is made with mode 0700. One that others may write to is refused, because whoever can rename `engine/` owns
the engine. The socket lies in `engine/`; when its path is over 100 bytes (the system takes 107, Linux unix(7)), it
lies in a 0700 folder below $XDG_RUNTIME_DIR or the temporary folder instead, named after the data folder.
"""

import hashlib
import os
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..config.durable_file import replace_file
from ..config.errors import Misconfigured

FORMAT = 2  # which the records in the engine have, too: router/stored_format.py
ERASED = "erased"
LONGEST_SOCKET_PATH = 100  # bytes


@dataclass(frozen=True)
class DataFolder:
    """The names of the things in one data folder; `root` is absolute and without links."""

    root: Path

    @classmethod
    def at(cls, path: Path) -> "DataFolder":
        """The folder of this name, which need not exist yet."""
        return cls(path.expanduser().resolve())

    @property
    def format(self) -> Path:
        """The version of the layout."""
        return self.root / "format"

    @property
    def engine(self) -> Path:
        """What the server keeps: its append-only files, and where it fits the socket."""
        return self.root / "engine"

    @property
    def blobs(self) -> Path:
        """Contents named by their hash."""
        return self.root / "blobs"

    @property
    def append_only(self) -> Path:
        """The server's append-only files and their manifest."""
        return self.engine / "appendonlydir"

    @property
    def record(self) -> Path:
        """Where the engine listens and who it is."""
        return self.root / "engine.json"

    @property
    def supervisor_lock(self) -> Path:
        """Held by the process that owns the engine."""
        return self.root / "supervisor.lock"

    @property
    def engine_lock(self) -> Path:
        """Held by the server process."""
        return self.root / "engine.lock"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.engine / "engine.log"

    def prepare(self) -> None:
        """Make the folder if need be, and check that it is ours to use. Raises Misconfigured."""
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.root.stat().st_mode & stat.S_IWOTH:
                raise Misconfigured(f"everybody may write to the data folder {self.root}; run: chmod o-w {self.root}")
            self.check_format()
            if self._format() != str(FORMAT):
                replace_file(self.format, f"{FORMAT}\n".encode())
            _private_folder(self.engine)
        except OSError as error:
            raise Misconfigured(f"the data folder {self.root} cannot be used: {error}") from error

    def check_format(self) -> None:
        """Refuse a folder of a newer Trunkline. Raises Misconfigured."""
        found = self._format()
        if found is not None and (not found.isdecimal() or int(found) > FORMAT):
            raise Misconfigured(
                f"the data folder {self.root} has format {found[:20]!r} and this Trunkline knows formats up to "
                f"{FORMAT}; run the newer Trunkline that wrote it, or name another folder in `data`"
            )

    def _format(self) -> str | None:
        try:
            return self.format.read_text(encoding="ascii", errors="replace").strip()
        except FileNotFoundError:
            return None

    def socket(self) -> Path:
        """Where the engine is to listen; the folder exists and is private. Raises Misconfigured."""
        inside = self.engine / "redis.sock"
        if len(os.fsencode(inside)) <= LONGEST_SOCKET_PATH:
            return inside
        outside = _runtime_folder() / f"trunkline-{hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]}"
        if len(os.fsencode(outside / "redis.sock")) > LONGEST_SOCKET_PATH:
            raise Misconfigured(f"{self.root} is too long a name for a socket, and so is the runtime folder {outside}")
        try:
            _private_folder(outside)
        except OSError as error:
            raise Misconfigured(f"the runtime folder {outside} cannot be used: {error}") from error
        return outside / "redis.sock"


def _runtime_folder() -> Path:
    named = os.environ.get("XDG_RUNTIME_DIR", "")
    return Path(named) if named and Path(named).is_dir() else Path(tempfile.gettempdir())


def _private_folder(folder: Path) -> None:
    """Make it 0700, or refuse one that somebody else has put there."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise Misconfigured(f"{folder} must be a folder that belongs to the user who runs Trunkline; remove it")
    if stat.S_IMODE(found.st_mode) != stat.S_IRWXU:
        folder.chmod(stat.S_IRWXU)
