"""A server is never started where it would take itself for a new one although an engine has lived there."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from trunkline.config.errors import Misconfigured
from trunkline.queue.append_only_files import MANIFEST, check_append_only_files, put_aside
from trunkline.queue.birth_mark import BirthMark, MarkFile
from trunkline.queue.connection import Engine
from trunkline.queue.data_folder import DataFolder
from trunkline.queue.embedded import Supervisor
from trunkline.queue.keys import Keys

pytestmark = pytest.mark.usefixtures("server_binary")


@pytest.fixture
def folder(short_folder: Path) -> DataFolder:
    return DataFolder.at(short_folder / "data")


@pytest.fixture
async def lived(folder: DataFolder) -> DataFolder:
    """A folder in which an engine has kept something, even after a rewrite of its files."""
    supervisor = Supervisor(folder.root)
    await supervisor.start()
    engine = Engine(supervisor.url, Keys("main"))
    try:
        await engine.call("SET", "before", 1)
        await engine.call("BGREWRITEAOF")
        while b"aof_rewrite_in_progress:1" in await engine.call("INFO", "persistence"):
            pass
        await engine.call("SET", "after", 1)
    finally:
        await engine.close()
        await supervisor.stop()
    return folder


def increment(folder: DataFolder) -> Path:
    (found,) = folder.append_only.glob("*.incr.aof")
    return found


def rewritten(folder: DataFolder, change: Callable[[str], str]) -> None:
    manifest = folder.append_only / MANIFEST
    manifest.write_text(change(manifest.read_text()))


FAULTS: dict[str, tuple[Callable[[DataFolder], object], str]] = {
    "manifest gone": (lambda folder: (folder.append_only / MANIFEST).unlink(), "files and no manifest"),
    "manifest empty": (lambda folder: rewritten(folder, lambda _: ""), "is empty"),
    "manifest torn": (lambda folder: rewritten(folder, lambda text: text[:-3]), "is torn"),
    "manifest overwritten": (lambda folder: rewritten(folder, lambda text: "\0" * len(text)), "is torn"),
    "a line lost": (
        lambda folder: rewritten(folder, lambda text: "".join(text.splitlines(keepends=True)[:1])),
        "does not name",
    ),
    "a file gone": (lambda folder: increment(folder).unlink(), "is not there"),
}


@pytest.mark.parametrize(("fault", "said"), FAULTS.values(), ids=FAULTS)
async def test_no_server_is_started_on_files_that_it_would_not_find(
    lived: DataFolder, fault: Callable[[DataFolder], object], said: str
) -> None:
    fault(lived)
    before = {path: path.read_bytes() for path in lived.append_only.iterdir()}

    for _ in range(2):  # the refused start let go of the folder
        with pytest.raises(Misconfigured, match=f"{said}.*trunkline engine adopt"):
            await Supervisor(lived.root).start()
    assert {path: path.read_bytes() for path in lived.append_only.iterdir()} == before


@pytest.mark.parametrize("empty", [True, False])
async def test_nothing_at_all_is_no_new_engine_where_one_has_served(lived: DataFolder, empty: bool) -> None:
    MarkFile(lived.blobs).put(BirthMark("main:0"))
    shutil.rmtree(lived.append_only)
    if empty:
        lived.append_only.mkdir()

    with pytest.raises(Misconfigured, match="has served as main:0"):
        await Supervisor(lived.root).start()


@pytest.mark.parametrize("state", ["new", "adopted"])
async def test_a_folder_whose_mark_no_engine_has_yet_may_begin(folder: DataFolder, state: str) -> None:
    folder.prepare()
    MarkFile(folder.blobs).put(BirthMark.parse(f"main:0 {state}"))

    check_append_only_files(folder)


async def test_what_a_killed_rewrite_leaves_behind_is_no_trouble(lived: DataFolder) -> None:
    (lived.append_only / "temp-rewriteaof-bg-1.aof").write_text("half")
    (lived.append_only / "appendonly.aof.9.base.rdb").write_text("complete, and not named yet")
    (lived.append_only / "appendonly.aof.9.incr.aof").write_text("")
    rewritten(lived, lambda text: f"{text}file appendonly.aof.1.incr.aof seq 1 type h\n")

    check_append_only_files(lived)


async def test_files_that_were_put_aside_are_kept_and_a_server_begins_anew(lived: DataFolder) -> None:
    (lived.append_only / MANIFEST).unlink()
    kept = increment(lived).read_bytes()

    aside = put_aside(lived)

    assert aside is not None
    assert (aside / "appendonly.aof.2.incr.aof").read_bytes() == kept
    assert put_aside(lived) is None
    supervisor = Supervisor(lived.root)
    await supervisor.start()
    await supervisor.stop()
