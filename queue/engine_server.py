"""The embedded engine's server process: its settings, how it is run, what it answers.

Everything is passed on the command line, so no file with this machine's paths exists anywhere. Each setting that
guards acknowledged writes is one that `safety.py` checks. Records are hashes with a long field or two and lists of one
long member; the two `listpack` settings let the engine keep them packed, with which a ticket takes 28 % less memory,
while an engine of one's own goes without. The server runs in a session of its own, so that Ctrl-C in a
terminal reaches only the supervisor, which stops the server last; and without our TRUNKLINE_* variables, which may
hold secrets.
"""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from .ownership import FileLock

LOG_KEPT = 4_000_000  # bytes; a longer log is put aside when the server starts
ANSWER_SECONDS = 1.0


def arguments(folder: Path, socket: Path, maxmemory: int) -> list[str]:
    """The settings of the server, as its command line takes them."""
    settings = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "always",
        "no-appendfsync-on-rewrite": "no",
        "aof-load-truncated": "yes",
        "save": "",
        "maxmemory": str(maxmemory),
        "maxmemory-policy": "noeviction",
        "client-output-buffer-limit": "normal 128mb 32mb 30 pubsub 8mb 2mb 30",
        "hash-max-listpack-value": "2048",
        "zset-max-listpack-value": "256",
        "daemonize": "no",
        "supervised": "no",
        "logfile": "",
    }
    return [word for name, value in settings.items() for word in (f"--{name}", value)]


def launch(program: Path, words: list[str], folder: Path, log: Path, lock: FileLock) -> "subprocess.Popen[bytes]":
    """Run the server, which inherits the lock; the caller gives up its copy at once. What it says goes to the log."""
    if log.exists() and log.stat().st_size > LOG_KEPT:
        log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 (the program was chosen by server_binary.py)
            [program, *words],
            cwd=folder,
            env={name: value for name, value in os.environ.items() if not name.startswith("TRUNKLINE_")},
            pass_fds=(lock.descriptor,),
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            umask=0o077,
        )


def said(log: Path, begin: int = 0) -> str:
    """The end of the server's log, at most 64 KiB of what stands behind `begin`."""
    try:
        with log.open("rb") as file:
            file.seek(max(begin, log.stat().st_size - 65536) if begin <= log.stat().st_size else 0)
            return file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""


def sweep(folder: Path) -> None:
    """Remove what a killed rewrite left half done; only for the holder of the engine's lock."""
    for pattern in ("temp-*", "appendonlydir/temp-*"):
        for left in folder.glob(pattern):
            left.unlink(missing_ok=True)


@dataclass(frozen=True)
class Answer:
    """What a server says about itself."""

    pid: int
    run_id: str
    loading: bool
    folder: Path

    def lives_in(self, folder: Path) -> bool:
        """Whether this is the folder that the server writes to."""
        try:
            return self.folder.samefile(folder)
        except OSError:
            return False


def client(socket: Path) -> "Redis":
    """A plain client: one try, one second. The caller closes it."""
    return Redis(
        unix_socket_path=str(socket),
        retry=Retry(NoBackoff(), 0),
        socket_timeout=ANSWER_SECONDS,
        socket_connect_timeout=ANSWER_SECONDS,
    )


async def ask(socket: Path) -> Answer | None:
    """What the server on this socket says, or None when nobody answers. A loading server answers too."""
    try:
        async with client(socket) as server:
            facts = await server.info("server", "persistence")
            folder = str((await server.config_get("dir"))["dir"])
    except (RedisError, OSError, TimeoutError):
        return None
    return Answer(int(facts["process_id"]), str(facts["run_id"]), bool(facts["loading"]), Path(folder))
