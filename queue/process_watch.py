"""Watches one process by its id, whether it is our child or not.

Where the system has pidfds (Linux 5.3) the end is an event and a signal can never hit another process that got the
same id. Elsewhere the process is looked at every fifth of a second.
"""

import asyncio
import os
import select
import signal
import subprocess
from contextlib import suppress

LOOK_SECONDS = 0.2


class WatchedProcess:
    """A process that is alive when this is made (else ProcessLookupError); `child` is given for our own, to reap it."""

    def __init__(self, pid: int, child: "subprocess.Popen[bytes] | None" = None) -> None:
        self.pid = pid
        self._child = child
        self._ended = asyncio.Event()
        self._watching = False
        self._descriptor = _open(pid)
        if self._descriptor is None and child is None:
            os.kill(pid, 0)

    @property
    def alive(self) -> bool:
        """Whether it still runs; a zombie does not."""
        if self._ended.is_set():
            return False
        if self._child is not None:
            return self._child.poll() is None
        if self._descriptor is not None:
            return not _readable(self._descriptor)
        return _exists(self.pid)

    async def gone(self) -> None:
        """Returns when it has ended."""
        if self._descriptor is None:
            while self.alive:  # noqa: ASYNC110 (there is no event to wait for)
                await asyncio.sleep(LOOK_SECONDS)
            return
        if not self._watching and not self._ended.is_set():
            self._watching = True
            asyncio.get_running_loop().add_reader(self._descriptor, self._noticed)
        await self._ended.wait()

    def _noticed(self) -> None:
        self._unwatch()
        if self._child is not None:
            self._child.wait()
        self._ended.set()

    def send(self, number: signal.Signals) -> None:
        """Send a signal; a process that has ended is left in peace."""
        with suppress(ProcessLookupError):
            if self._descriptor is not None:
                signal.pidfd_send_signal(self._descriptor, number)
            else:
                os.kill(self.pid, number)

    def close(self) -> None:
        """Stop watching."""
        self._unwatch()
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _unwatch(self) -> None:
        if self._watching and self._descriptor is not None:
            asyncio.get_running_loop().remove_reader(self._descriptor)
        self._watching = False


def runs(pid: int) -> bool:
    """Whether a process of this id is alive now."""
    try:
        descriptor = _open(pid)
    except ProcessLookupError:
        return False
    if descriptor is None:
        return _exists(pid)
    try:
        return not _readable(descriptor)
    finally:
        os.close(descriptor)


def _open(pid: int) -> int | None:
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        raise
    except (AttributeError, OSError):  # not this system, or forbidden by a sandbox
        return None


def _readable(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
