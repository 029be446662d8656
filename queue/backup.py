"""Copies engine and blobs so that they fit together, and brings such a copy back.

A backup holds everything that was acknowledged before it began: the snapshot of the engine is taken first, the blobs
are copied after it, and nothing is collected meanwhile, so every blob that the snapshot names is in the copy. It is
made under a draft name and renamed when it is complete. Its layout is that of a data folder, with these files more:

    manifest.json     what it is: workspace, time, how many blobs, which of them were found damaged, names of secrets
    secrets.sealed    the secrets, if it was given any; only a passphrase opens them (config/sealed_secrets.py)
    files.sha256      every file with its hash, as `sha256sum --check` reads it

Both sides carry the birth mark (recognition.py), so what is restored from one backup belongs together.

`restore` checks every hash, then makes a data folder of it, which the next start takes up. For an external engine the
operator loads `engine/appendonlydir/*.rdb` instead. The list of append-only files comes last, when all else is on the
disk, so nothing is started on half of a backup; what breaks off takes away what it has copied. The configuration is not
part of it.
"""

import asyncio
import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import structlog

from ..config.durable_file import copy_synced, hash_of, replace_file, sync_folder, sync_tree
from ..config.errors import EngineUnavailable, Misconfigured, Unreadable
from .blob_collector import collection_lock
from .blob_files import DIGITS, BlobFiles
from .connection import Engine
from .data_folder import ERASED, FORMAT, DataFolder
from .ownership import FileLock
from .snapshot import take_snapshot

log = structlog.get_logger()

LOCK_SECONDS = 60.0
LOOK_SECONDS = 0.1

BASE = Path("engine/appendonlydir/appendonly.aof.1.base.rdb")
AOF_MANIFEST = BASE.with_name("appendonly.aof.manifest")
SEALED = Path("secrets.sealed")
BROUGHT_ALONG = ("secrets", ERASED)


@dataclass(frozen=True)
class Manifest:
    """What a backup says about itself; `taken_at` in ms, `files_sha256` the hash of `files.sha256`.

    `secrets` names those that the desk had, whether they are in it or not, and `erased` the folder beside the desk that
    tells who was erased, which is not in it; an earlier Trunkline did not say either.
    """

    format: int
    workspace: str
    taken_at: int
    blobs: int
    files_sha256: str
    damaged: tuple[str, ...] = ()
    secrets: tuple[str, ...] | None = None
    erased: str = ""


@dataclass(frozen=True)
class Secrecy:
    """The secrets of a desk as a backup takes them along: all their names, and the sealed ones, or nothing."""

    names: tuple[str, ...] = ()
    sealed: bytes = b""


NO_SECRETS = Secrecy()


async def back_up(
    engine: Engine, files: BlobFiles, target: Path, secrecy: Secrecy = NO_SECRETS, erased: str = ""
) -> Manifest:
    """Make a backup in a new folder. Raises Misconfigured when it exists, EngineUnavailable when it cannot be made."""
    lock = await _keep_everything(files)
    try:
        draft = await asyncio.to_thread(_begin, target)
        try:
            taken_at = time.time_ns() // 1_000_000
            await take_snapshot(engine, draft / BASE)
            about = Manifest(FORMAT, engine.keys.workspace, taken_at, 0, "", secrets=secrecy.names, erased=erased)
            return await asyncio.to_thread(_complete, files, draft, target, about, secrecy.sealed)
        finally:
            await asyncio.to_thread(shutil.rmtree, draft, ignore_errors=True)  # of one that was not completed
    except OSError as error:
        raise EngineUnavailable(f"the backup cannot be written: {error}") from error
    finally:
        lock.release()


def verify(source: Path) -> Manifest:
    """Check every file of a backup. Raises Unreadable naming what is missing, damaged or too much."""
    try:
        said = json.loads((source / "manifest.json").read_bytes())
        manifest = Manifest(**_with_tuples(said))
        listing = (source / "files.sha256").read_bytes()
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise Unreadable(f"{source} is not a complete backup: {error}") from error
    if manifest.format > FORMAT:
        raise Misconfigured(f"{source} has format {manifest.format}; this Trunkline knows formats up to {FORMAT}")
    if hashlib.sha256(listing).hexdigest() != manifest.files_sha256:
        raise Unreadable(f"{source}/files.sha256 is damaged")
    wrong = [name for sha, name in _listed(listing) if not _is_intact(source / name, sha)]
    if wrong:
        raise Unreadable(f"{len(wrong)} files of {source} are missing or damaged: {', '.join(wrong[:10])}")
    return manifest


def sealed_in(source: Path) -> bytes:
    """The sealed secrets of a backup; empty when there are none."""
    file = source / SEALED
    return file.read_bytes() if file.exists() else b""


def restore(source: Path, data: Path, first: Callable[[Manifest], None] = lambda _: None) -> Manifest:
    """Make a data folder of a backup; it must be absent, or empty but for `secrets` and `erased`.

    Raises Unreadable, Misconfigured. `first` is called before anything lies in the folder that a start could take up.
    """
    manifest = verify(source)
    root = DataFolder.at(data).root
    try:
        if root.exists() and list(_restored(root)):
            raise Misconfigured(
                f"{root} is not empty; a backup is restored into a new data folder: name one (TRUNKLINE_DATA, `data`)"
            )
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            first(manifest)
            _copy_back(source, root)
        except BaseException:
            _take_away(root)
            raise
    except OSError as error:
        remedy = "nothing of the backup is left there; see to the cause (it may be full), or name another folder"
        raise Misconfigured(
            f"{source} cannot be restored into {root}: {error}; {remedy}, then restore again"
        ) from error
    return manifest


def _copy_back(source: Path, root: Path) -> None:
    names = {name for _, name in _listed((source / "files.sha256").read_bytes())} - {str(SEALED), str(AOF_MANIFEST)}
    for name in sorted(names, key=str(BASE).__ne__):  # first that with which alone no server is started
        copy_synced(source / name, root / name)
    sync_tree(root)
    copy_synced(source / AOF_MANIFEST, root / AOF_MANIFEST)
    sync_folder((root / AOF_MANIFEST).parent)


def _restored(root: Path) -> Iterator[Path]:
    """What lies in a data folder but for what is brought there by other ways."""
    return (each for each in root.iterdir() if each.name not in BROUGHT_ALONG)


def _take_away(root: Path) -> None:
    for each in list(_restored(root)):
        shutil.rmtree(each, ignore_errors=True) if each.is_dir() else each.unlink()


def _begin(target: Path) -> Path:
    """The folder that becomes the backup when it is complete."""
    draft = target.with_name(f"{target.name}.part")
    if target.exists() or draft.exists():
        raise Misconfigured(f"{target} or {draft} exists; name a new folder for the backup, or remove it")
    try:
        draft.mkdir(mode=0o700, parents=True)
        (draft / BASE).parent.mkdir(parents=True)
    except OSError as error:
        raise Misconfigured(f"no backup can be written to {target}: {error}") from error
    return draft


async def _keep_everything(files: BlobFiles) -> FileLock:
    """Holds off the collector, after its run."""
    give_up = time.monotonic() + LOCK_SECONDS
    while (lock := collection_lock(files, shared=True)) is None:
        if time.monotonic() > give_up:
            raise EngineUnavailable("blobs are being collected and it does not come to an end")
        await asyncio.sleep(LOOK_SECONDS)
    return lock


def _complete(files: BlobFiles, draft: Path, target: Path, about: Manifest, sealed: bytes) -> Manifest:
    """Copy the blobs beside the snapshot, write the listing, and give the backup its name."""
    replace_file(draft / AOF_MANIFEST, f"file {BASE.name} seq 1 type b\n".encode())
    replace_file(draft / "format", f"{FORMAT}\n".encode())
    copy_synced(files.root / "home", draft / "blobs" / "home")
    listing = [(hash_of(draft / name), str(name)) for name in (BASE, AOF_MANIFEST, Path("format"), Path("blobs/home"))]
    if sealed:
        replace_file(draft / SEALED, sealed)
        listing.append((hash_of(draft / SEALED), str(SEALED)))
    before, damaged = len(listing), []
    for sha in (sha for first in DIGITS for sha in files.names(first)):
        name = files.path(sha).relative_to(files.root)
        if copy_synced(files.path(sha), draft / "blobs" / name) == sha:
            listing.append((sha, f"blobs/{name}"))
        else:
            damaged.append(sha)
            log.error("a blob is damaged and is left out of the backup", action="blob_damaged", blob=sha)
            (draft / "blobs" / name).unlink()
    content = "".join(f"{sha}  {name}\n" for sha, name in listing).encode()
    manifest = replace(
        about,
        blobs=len(listing) - before,
        files_sha256=hashlib.sha256(content).hexdigest(),
        damaged=tuple(damaged),
    )
    replace_file(draft / "files.sha256", content)
    replace_file(draft / "manifest.json", json.dumps(asdict(manifest), indent=2).encode())
    sync_tree(draft)
    draft.rename(target)
    sync_folder(target.parent)
    return manifest


def _with_tuples(said: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}


def _listed(listing: bytes) -> Iterator[tuple[str, str]]:
    for line in listing.decode().splitlines():
        sha, _, name = line.partition("  ")
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise Unreadable(f"the backup names a file outside itself: {name!r}")
        yield sha, name


def _is_intact(file: Path, sha: str) -> bool:
    try:
        return hash_of(file) == sha
    except OSError:
        return False
