"""Locks on files: who owns a folder, and whether a server still lives on it.

A lock is a BSD flock: it belongs to the open file, so the system drops it when the last process that holds the file
ends, however it ends (Linux flock(2)). It is not inherited by programs that we run, except where one is handed over on
purpose, nor by plain forks such as those of multiprocessing: they close their copy at once. Lock files are never
removed, because two processes could then hold locks on two files of one name.
"""

import fcntl
import os
import weakref
from pathlib import Path

from ..config.errors import Misconfigured


class FileLock:
    """A lock that is held from `take` until `release`, or `hand_over`."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        _held.add(self)

    @classmethod
    def take(cls, path: Path, *, shared: bool = False) -> "FileLock | None":
        """The lock, or None while somebody else holds it. Never waits."""
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        except OSError:
            os.close(descriptor)
            raise
        return cls(descriptor)

    def sign(self) -> None:
        """Write our pid into the file, for whoever is refused."""
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let others have it."""
        fcntl.flock(self.descriptor, fcntl.LOCK_UN)
        self.hand_over()

    def hand_over(self) -> None:
        """Close our copy; a process that inherited the file keeps the lock."""
        _held.discard(self)
        os.close(self.descriptor)


def own(path: Path) -> FileLock:
    """The lock of the one owner, signed. Raises Misconfigured naming the pid of the one that holds it."""
    lock = FileLock.take(path)
    if lock is None:
        holder = path.read_text(encoding="ascii", errors="replace").strip() or "unknown"
        raise Misconfigured(
            f"another Trunkline process, pid {holder}, owns {path.parent}; stop it, or name another folder in `data`"
        )
    lock.sign()
    return lock


_held: "weakref.WeakSet[FileLock]" = weakref.WeakSet()


def _forget_after_fork() -> None:
    for lock in list(_held):
        lock.hand_over()


os.register_at_fork(after_in_child=_forget_after_fork)
