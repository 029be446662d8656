"""Commands that keep a desk safe and bring it back: `backup`, `restore`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import ConfigOption, configured, configured_for_engine, say, with_parts, write

if TYPE_CHECKING:
    from ...config.secret_store import Secret
    from ...queue.backup import Manifest
    from ..configuration import Configuration


commands = typer.Typer()


@commands.command()
def backup(
    target: Annotated[Path, typer.Argument(help="A new folder for the backup.")], config: ConfigOption = None
) -> None:
    """Copy engine, blobs and secrets, consistently, while everything runs; then check the copy.

    Secrets are taken along sealed with TRUNKLINE_SECRET_BACKUP_PASSPHRASE; without it they are left out. The
    configuration is not part of it.
    """
    from ...queue.backup import back_up, verify
    from .secrets_in_backups import packed

    configuration = configured_for_engine(config)
    secrets, ledger = packed(configuration), str(configuration.erasure_ledger)

    with_parts(config, lambda parts: back_up(parts.engine, parts.blobs.files, target, secrets.secrecy, ledger))
    manifest = verify(target)
    carried = len(secrets.secrecy.names) - len(secrets.left_behind)
    damaged = f", {len(manifest.damaged)} damaged blobs left out" if manifest.damaged else ""
    contents = f"workspace {manifest.workspace}, {manifest.blobs} blobs{damaged}, {carried} secrets"
    write(f"{target}: {contents}; every hash was checked")
    if secrets.left_behind:
        _warn_of_left_behind(secrets.left_behind, sealed=bool(secrets.secrecy.sealed))


def _warn_of_left_behind(names: Sequence[str], *, sealed: bool) -> None:
    missing = "they are neither in this command's environment nor in files"
    without = "set TRUNKLINE_SECRET_BACKUP_PASSPHRASE (12 characters or more) to take them along, sealed with it"
    say(f"WITHOUT SECRETS {', '.join(names)}: {missing if sealed else without}")


@commands.command()
def restore(
    source: Annotated[Path, typer.Argument(help="The folder of a backup.")],
    new_secrets: Annotated[
        bool, typer.Option("--new-secrets", help="Do without the secrets of the desk; new ones are made up.")
    ] = False,
    erased: Annotated[
        Path | None,
        typer.Option(help="The ledger of erasures of the desk, data/erased, where it is not found by itself."),
    ] = None,
    erased_unknown: Annotated[
        bool, typer.Option("--erased-unknown", help="Do without the ledger; who was erased meanwhile is back.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Make the data folder of a backup; it must be absent, or empty but for `secrets` and `erased`.

    Sealed secrets are opened with TRUNKLINE_SECRET_BACKUP_PASSPHRASE. Whom the ledger names is erased again by the next
    start. The configuration is not part of a backup.
    """
    from ...queue.backup import restore as bring_back
    from ...queue.backup import sealed_in
    from .ledger_of_backups import bring_ledger
    from .program import command
    from .secrets_in_backups import lost, opened

    configuration = configured(config)
    sealed = b"" if new_secrets else sealed_in(source)
    values = opened(configuration, sealed) if sealed else {}
    gone: list[Secret] = []

    def keep(manifest: "Manifest") -> None:
        bring_ledger(configuration, manifest, erased, unknown=erased_unknown)
        gone.extend(lost(configuration, manifest, values))
        configuration.secrets.keep(values)
        if gone and not new_secrets:
            configuration.secrets.list_lost(secret.name for secret in gone)

    manifest = bring_back(source, configuration.folder.root, keep)
    contents = f"workspace {manifest.workspace}, {manifest.blobs} blobs, {len(values)} secrets"
    write(f"{configuration.folder.root}: {contents}; start it: {command('serve', configuration)}")
    _warn_of_lost(gone, configuration, new_secrets=new_secrets)


def _warn_of_lost(gone: "list[Secret]", configuration: "Configuration", *, new_secrets: bool) -> None:
    for secret in gone:
        say(f"LOST {secret.name}: with a new one, {secret.loss}")
    if gone and new_secrets:
        say("New ones are made up at the start, as you asked.")
    elif gone:
        folder, listed = configuration.folder.root / "secrets", configuration.secrets.lost_list
        say(
            f"Trunkline does not start without them: set TRUNKLINE_SECRET_<NAME> or write them to files in {folder}; "
            f"or delete {listed} to have new ones made up."
        )
