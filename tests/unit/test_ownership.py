"""Who owns a folder: one process, which is named; its children do not keep the lock."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from trunkline.config.errors import Misconfigured
from trunkline.queue.ownership import FileLock, own


def test_the_second_owner_is_refused_naming_the_first(tmp_path: Path) -> None:
    lock = own(tmp_path / "lock")

    with pytest.raises(Misconfigured, match=rf"pid {os.getpid()}, owns {tmp_path}"):
        own(tmp_path / "lock")
    lock.release()
    own(tmp_path / "lock").release()


def test_an_owner_that_has_not_signed_yet_is_refused_as_well(tmp_path: Path) -> None:
    lock = FileLock.take(tmp_path / "lock")
    assert lock is not None

    with pytest.raises(Misconfigured, match="pid unknown"):
        own(tmp_path / "lock")
    lock.release()


def test_a_lock_can_be_shared_but_not_taken_by_one_who_wants_it_alone(tmp_path: Path) -> None:
    shared = [FileLock.take(tmp_path / "lock", shared=True) for _ in range(2)]
    assert None not in shared
    assert FileLock.take(tmp_path / "lock") is None

    for lock in shared:
        assert lock is not None
        lock.release()
    alone = FileLock.take(tmp_path / "lock")
    assert alone is not None
    assert FileLock.take(tmp_path / "lock", shared=True) is None
    alone.release()


KILLED_WITH_A_CHILD = """
import os, signal, subprocess, sys
from pathlib import Path
from trunkline.queue.ownership import own

lock = own(Path(sys.argv[1]))
if sys.argv[2] == "fork":
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(tell, b".")
        os.read(0, 1)  # ends with the test's end of the pipe
        os._exit(0)
    os.read(told, 1)  # it runs, and so has closed its copy
else:
    child = subprocess.Popen(["cat"]).pid
print(child, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("way", ["fork", "program"])
def test_a_child_of_a_killed_owner_does_not_keep_the_lock(tmp_path: Path, way: str) -> None:
    command = [sys.executable, "-c", KILLED_WITH_A_CHILD, str(tmp_path / "lock"), way]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        child = int(owner.stdout.readline())
        owner.wait()
        os.kill(child, 0)  # it still runs

        own(tmp_path / "lock").release()


def test_a_server_to_which_the_lock_was_handed_keeps_it(tmp_path: Path) -> None:
    lock = FileLock.take(tmp_path / "lock")
    assert lock is not None
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=(lock.descriptor,)) as server:
        lock.hand_over()
        assert FileLock.take(tmp_path / "lock") is None
        server.kill()

    again = FileLock.take(tmp_path / "lock")
    assert again is not None
    again.release()
