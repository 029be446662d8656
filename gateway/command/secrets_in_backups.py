"""What becomes of secrets when a desk is backed up and restored.

A backup names all secrets of its desk. It takes them along only sealed with the passphrase `backup_passphrase`; without
that it says which ones stay behind. What a restored desk has lost is listed beside its secrets, and the start then
refuses to make it up (config/secret_store.py), unless a person has asked for new ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ...config.errors import Misconfigured
from ...config.sealed_secrets import seal, unseal
from ...config.secret_store import BACKUP_PASSPHRASE, Secret, variable
from ...queue.backup import Manifest, Secrecy
from ..channels import needed_secrets
from ..configuration import Configuration


@dataclass(frozen=True)
class Packed:
    """Secrets for a backup, and those that it does not take along."""

    secrecy: Secrecy
    left_behind: Sequence[str]


def packed(configuration: Configuration) -> Packed:
    """The secrets as a backup takes them along. Raises Misconfigured for a passphrase that is too short."""
    needed, secrets = needed_secrets(configuration.settings), configuration.secrets
    found, passphrase = secrets.gathered(needed), secrets.find(BACKUP_PASSPHRASE)
    names = tuple(sorted({*found, *(secret.name for secret in needed)}))
    taken = found if passphrase else {}
    sealed = seal(taken, passphrase) if passphrase else b""
    return Packed(Secrecy(names, sealed), [name for name in names if name not in taken])


def opened(configuration: Configuration, sealed: bytes) -> dict[str, str]:
    """The secrets of a backup by name. Raises Misconfigured without the right passphrase."""
    passphrase = configuration.secrets.find(BACKUP_PASSPHRASE)
    if not passphrase:
        raise Misconfigured(
            f"the secrets of this backup are sealed; set {variable(BACKUP_PASSPHRASE.name)} to its passphrase, or do "
            "without them: --new-secrets"
        )
    return unseal(sealed, passphrase)


def lost(configuration: Configuration, manifest: Manifest, values: dict[str, str]) -> list[Secret]:
    """The secrets of the desk in the backup that are neither in it nor here."""
    needed = {secret.name: secret for secret in needed_secrets(configuration.settings)}
    had = [name for name, secret in needed.items() if secret.make] if manifest.secrets is None else manifest.secrets
    named = [needed.get(name, Secret(name)) for name in had]
    return [secret for secret in named if secret.name not in values and not configuration.secrets.find(secret)]
