"""Which ledger of erasures a restored desk goes by, so that nobody comes back who was erased since the backup.

The ledger lies beside the desk and in no backup (router/erasure/ledger.py). A restored desk needs it as it is now: it
is where the configuration says, or is named with `--erased`, or lies where the desk had it when the backup was made.
Where it is nowhere, only a person can say to do without.
"""

from pathlib import Path

from ...config.durable_file import copy_synced, sync_folder
from ...config.errors import Misconfigured
from ...queue.backup import Manifest
from ..configuration import Configuration


def bring_ledger(configuration: Configuration, manifest: Manifest, named: Path | None, *, unknown: bool) -> None:
    """Bring the ledger to where the desk looks for it. Raises Misconfigured when there is none."""
    target = configuration.erasure_ledger
    source = named or Path(manifest.erased or target)
    if named is not None and not named.is_dir():
        raise Misconfigured(f"--erased {named} is no folder; name the folder `erased` of the desk that was backed up")
    if source.is_dir() and source != target:
        _copy(source, target)
    if manifest.erased and not target.is_dir() and not unknown:
        raise Misconfigured(
            f"it is not known who was erased since this backup was made: neither {target} nor {manifest.erased} is "
            "there. Bring the folder here from the desk or from a copy of it, or name it: --erased FOLDER. Without it "
            "everybody who was erased meanwhile is back: --erased-unknown"
        )


def _copy(source: Path, target: Path) -> None:
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    for file in source.glob("[!.]*.json"):
        if not (target / file.name).exists():
            copy_synced(file, target / file.name)
    sync_folder(target)
