"""Looks at the embedded engine's append-only files before a server is started on them.

A server that finds no manifest takes itself for a new one: it writes a manifest of its own, and what its files held is
out of sight. So none is started when there are files and no manifest; when the manifest is empty, torn, names a file
that is not there, or does not name one that was written to; or when there is nothing at all although the folder's birth
mark says that an engine has served it. A folder without a settled mark and without files is a new one.

The manifest has a line `file NAME seq N type b|i|h` for each file: base, increments, and history, which may be gone
already (Redis 7, aof.c). A file that it does not name can be left by a server that was killed while it rewrote: a base,
or an increment to which nothing was written yet.
"""

import re
import time
from pathlib import Path

from ..config.durable_file import sync_folder
from ..config.errors import Misconfigured
from .birth_mark import MarkFile
from .data_folder import DataFolder

MANIFEST = "appendonly.aof.manifest"

_LINE = re.compile(r"file (?P<name>\S+) seq \d+ type (?P<kind>[bih])(?: \S+ \S+)*\n")
_INCREMENT = re.compile(r"appendonly\.aof\.\d+\.incr\.aof\Z")


def check_append_only_files(folder: DataFolder) -> None:
    """Raises Misconfigured, with the remedy, when a server would not find what an engine has kept here."""
    trouble = trouble_with(folder)
    if trouble:
        raise Misconfigured(
            f"no engine is started on {folder.engine}, because it would begin anew: {trouble}. Bring the files back "
            "(from a copy of the disk, or a backup by `trunkline restore` into a new folder); with an engine elsewhere "
            "name it in redis.url. To give up what is missing: trunkline engine adopt"
        )


def trouble_with(folder: DataFolder) -> str:
    """What is wrong with the files; empty when nothing is."""
    found = _files(folder.append_only)
    if MANIFEST in found:
        return _trouble_with_manifest(folder.append_only, found)
    if found:
        return f"{folder.append_only} has {len(found)} files and no manifest"
    mark = MarkFile(folder.blobs).read()
    if mark is not None and mark.state == "settled":
        return f"{folder.append_only} is missing, and the folder has served as {mark.id}"
    return ""


def put_aside(folder: DataFolder) -> Path | None:
    """Give the files another name, so that a server can begin anew; the new name, or None when there are none."""
    if not folder.append_only.exists():
        return None
    aside = folder.append_only.with_name(f"{folder.append_only.name}.{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}")
    folder.append_only.rename(aside)
    sync_folder(folder.engine)
    return aside


def _files(folder: Path) -> dict[str, int]:
    """The files of the server, with their sizes; what a rewrite left half done does not count."""
    if not folder.is_dir():
        return {}
    return {each.name: each.stat().st_size for each in folder.iterdir() if not each.name.startswith("temp-")}


def _trouble_with_manifest(folder: Path, found: dict[str, int]) -> str:
    lines = (folder / MANIFEST).read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
    read = [_LINE.fullmatch(line) for line in lines if not line.startswith("#")]
    named = {match["name"]: match["kind"] for match in read if match is not None}
    if None in read or not named:
        return f"{folder / MANIFEST} is {'torn' if lines else 'empty'}"
    missing = [name for name, kind in named.items() if kind != "h" and name not in found]
    if missing:
        return f"{folder / MANIFEST} names {', '.join(missing)}, which is not there"
    left_out = [name for name, size in found.items() if size and _INCREMENT.match(name) and name not in named]
    if left_out:
        return f"{folder / MANIFEST} does not name {', '.join(left_out)}, which was written to"
    return ""
