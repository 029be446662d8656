"""Runs of the command, forked from a process that has loaded the program already.

Loading the program takes a processor a second, and the tests run it some hundred times. One process for each process of
the tests loads it once and forks for each run; the fork has the words, the folder, the environment and the pipes of the
run, and goes through the program's entry point to its end. What a fork cannot show, that the program loads by itself,
is tried with runs of the installed program (`Gateway(cold=True)`), which are also all runs where there is no
`pidfd_open`.

This file is both sides: `Forking` asks, and `python forking.py SOCKET` is the process that forks.
"""

import asyncio
import atexit
import contextlib
import importlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
import zoneinfo
from collections.abc import Mapping, Sequence
from pathlib import Path

POSSIBLE = hasattr(os, "pidfd_open")
LARGEST = 1 << 20
_GATEWAY = Path(__file__).parents[2] / "gateway"


class Forked:
    """A run, as asyncio's subprocesses are."""

    def __init__(self, pid: int, news: socket.socket, out: asyncio.StreamReader, err: asyncio.StreamReader) -> None:
        self.pid, self.stdout, self.stderr = pid, out, err
        self.returncode: int | None = None
        self._ended = asyncio.create_task(self._end(news))

    async def _end(self, news: socket.socket) -> int:
        with news:
            self.returncode = int(await asyncio.get_running_loop().sock_recv(news, 16) or -signal.SIGKILL)
        return self.returncode

    async def wait(self) -> int:
        """Its exit status, or less than nothing for the signal that ended it."""
        return await asyncio.shield(self._ended)

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        if self.returncode is None:
            os.kill(self.pid, number)


class Forking:
    """The process that forks, started with the first run; it ends with ours."""

    def __init__(self) -> None:
        self._path = ""

    async def run(self, words: Sequence[str], folder: Path, environ: Mapping[str, str]) -> Forked:
        """The command with these words."""
        asked = json.dumps([list(words), str(folder), dict(environ)]).encode()
        outputs = [os.pipe(), os.pipe()]
        news = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        news.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LARGEST)
        news.connect(self._path or self._start())
        socket.send_fds(news, [asked], [outputs[0][1], outputs[1][1]])
        for _, written in outputs:
            os.close(written)
        news.setblocking(False)
        loop = asyncio.get_running_loop()
        pid = int(await loop.sock_recv(news, 16))
        return Forked(pid, news, *[await _reader(read) for read, _ in outputs])

    def _start(self) -> str:
        path = os.path.join(tempfile.mkdtemp(prefix="tl-"), "forking")
        words = [sys.executable, __file__, path]
        started = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert started.stdout is not None
        assert started.stdout.readline() == b"ready\n"
        atexit.register(started.communicate)
        self._path = path
        return path


FORKING = Forking()


async def _reader(read: int) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, os.fdopen(read, "rb"))
    return reader


def _serve(path: str) -> None:
    """Fork until our standard input ends."""
    for module in sorted(_GATEWAY.rglob("*.py")):
        parts = module.relative_to(_GATEWAY).with_suffix("").parts
        importlib.import_module(".".join(("trunkline.gateway", *parts)))
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(path)
    listener.listen(64)
    waiting = selectors.DefaultSelector()
    waiting.register(listener, selectors.EVENT_READ)
    waiting.register(sys.stdin, selectors.EVENT_READ)
    os.write(1, b"ready\n")
    while True:
        for key, _ in waiting.select():
            if key.fileobj is sys.stdin:
                os._exit(0)
            elif key.fileobj is listener:
                _fork(listener, waiting)
            else:
                _told(waiting, key)


def _fork(listener: socket.socket, waiting: selectors.BaseSelector) -> None:
    news, _ = listener.accept()
    asked, outputs, _, _ = socket.recv_fds(news, LARGEST, 2)
    pid = os.fork()
    if pid == 0:
        for key in list(waiting.get_map().values()):
            if isinstance(key.fileobj, int):
                os.close(key.fileobj)
                key.data[1].close()
        waiting.close()
        listener.close()
        news.close()
        _run(*json.loads(asked), outputs)
    for output in outputs:
        os.close(output)
    news.send(str(pid).encode())
    waiting.register(os.pidfd_open(pid), selectors.EVENT_READ, (pid, news))


def _told(waiting: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
    pid, news = key.data
    _, status = os.waitpid(pid, 0)
    waiting.unregister(key.fileobj)
    assert isinstance(key.fileobj, int)
    os.close(key.fileobj)
    with news, contextlib.suppress(OSError):
        news.send(str(os.waitstatus_to_exitcode(status)).encode())


def _run(words: list[str], folder: str, environ: dict[str, str], outputs: list[int]) -> None:
    """The command, in the fork; does not come back."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, given in enumerate([nothing, *outputs]):
        os.dup2(given, number)
        os.close(given)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    zoneinfo.reset_tzpath()  # PYTHONTZPATH is read when the module is loaded
    sys.argv = ["trunkline", *words]
    os._exit(_status_of_main())


def _status_of_main() -> int:
    from trunkline.gateway.command.main import main

    status = 0
    try:
        main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001  (as the interpreter would)
        traceback.print_exc()
        status = 1
    atexit._run_exitfuncs()
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    return status


if __name__ == "__main__":
    _serve(sys.argv[1])
