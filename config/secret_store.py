"""Secrets: from the environment, else from a file of their own, else made up once and kept.

    TRUNKLINE_SECRET_HTTP_FORM   →   data/secrets/http_form   →   generated into that file

A secret is generated only while nothing but this machine can reach the gateway (`allow_generate`); otherwise a missing
one is refused with what to do. Files are created whole and readable by their owner alone (0600, in a folder of 0700);
of several processes that start at once, one makes the secret and all use it. A file that others may read is refused.
The admin token is `TRUNKLINE_ADMIN_TOKEN`, else `data/secrets/admin_token`.

A secret that somebody else knows too, such as a password, is never made up. Nor is one that got lost: beside the
folder, `lost_secrets` names those that a restored desk had and that its backup did not bring. With new ones, answers to
our mails would miss their tickets without a word; so the start is refused until they are given, or the list is deleted.
"""

import os
import re
import secrets as randomness
import stat
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .durable_file import put_once, replace_file
from .errors import Misconfigured
from .problems import Position, Problem, misconfigured

_ADMIN_TOKEN = "admin_token"  # noqa: S105  (its name)
_NAME = r"[a-z0-9][a-z0-9_-]*"
_ABOUT_THE_LOST = """\
# The desk that was restored into this folder had these secrets, and the backup did not bring them along.
# None of them is made up anew. Give them as they were, or delete this file to have new ones."""


def random_text() -> str:
    """What a secret is that only we know: 32 random bytes, as text."""
    return randomness.token_urlsafe(32)


@dataclass(frozen=True)
class Secret:
    """A secret by name; `make` makes one up, and is None where somebody else knows it too, such as a password.

    `loss` says to an operator what it means when there is another one in its place, `origin` where to get one.
    """

    name: str
    make: Callable[[], str] | None = random_text
    origin: str = "ask who runs the other side"
    loss: str = "whoever knows the old one has to be given the new one"


ADMIN_TOKEN = Secret(_ADMIN_TOKEN, loss="programs that use the admin token have to be given the new one")
BACKUP_PASSPHRASE = Secret("backup_passphrase", make=None)
"""Seals the secrets in backups, and is not among them."""


class Secrets:
    """The secrets of one gateway, by name; `folder` is `data/secrets`."""

    def __init__(self, folder: Path, environ: Mapping[str, str], allow_generate: bool) -> None:
        self._folder = folder
        self._environ = {name.upper(): value for name, value in environ.items()}
        self._allow_generate = allow_generate
        self.lost_list = folder.with_name("lost_secrets")

    def get(self, secret: Secret) -> str:
        """The secret. Raises Misconfigured when there is none and none may be made up."""
        return self._known(secret.name) or self._generated(secret)

    def find(self, secret: Secret) -> str:
        """The secret, or nothing. Raises Misconfigured for a file that others may read."""
        return self._known(secret.name)

    def position(self, secret: Secret) -> Position:
        """Where the secret stands: the variable of the environment that gives it, else its file."""
        name = variable(secret.name)
        return Position(name if self._environ.get(name, "").strip() else str(self._folder / secret.name))

    def gathered(self, needed: Collection[Secret]) -> dict[str, str]:
        """Those of these that there are, and all that lie in the folder, by name. Raises Misconfigured."""
        kept = {path.name for path in self._folder.glob("*") if re.fullmatch(_NAME, path.name)}
        names = ({secret.name for secret in needed} | kept) - {BACKUP_PASSPHRASE.name}
        return {name: value for name in sorted(names) if (value := self._known(name))}

    def keep(self, values: Mapping[str, str]) -> None:
        """Put secrets into the folder; what is there already stays."""
        for name, value in values.items():
            variable(name)  # a name, and no path that leads elsewhere
            self._put(name, value)

    def renew(self, secret: Secret, value: str) -> bool:
        """Write another value into the file of a secret; False where the environment gives it, so that it stays."""
        if self._environ.get(variable(secret.name), "").strip():
            return False
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(self._folder / secret.name, f"{value}\n".encode())
        return True

    def list_lost(self, names: Iterable[str]) -> None:
        """Make up none of these, until they are given or the list is deleted."""
        self.lost_list.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(self.lost_list, "\n".join([_ABOUT_THE_LOST, *names, ""]).encode())

    def admin_token(self) -> str:
        """The token that may do everything."""
        return self.get(ADMIN_TOKEN)

    def require(self, needed: Collection[Secret]) -> None:
        """Have all of these, or raise Misconfigured naming every one that is missing."""
        if problems := self.lacking(needed):
            raise misconfigured(problems)
        for each in needed:
            self.get(each)

    def lacking(self, needed: Iterable[Secret]) -> list[Problem]:
        """Those of these that are not there and are not made up either, or that are there and may not be used."""
        problems: list[Problem] = []
        for each in needed:
            try:
                problems += [] if self._known(each.name) or self._makes(each) else [self._missing(each)]
            except Misconfigured as error:
                problems += error.facts["problems"]
        return problems

    def _makes(self, secret: Secret) -> bool:
        return self._allow_generate and secret.make is not None and secret.name not in self._lost()

    def _lost(self) -> list[str]:
        try:
            lines = self.lost_list.read_text("utf-8").splitlines()
        except FileNotFoundError:
            return []
        return [line.strip() for line in lines if not line.startswith("#")]

    def _known(self, name: str) -> str:
        return self._environ.get(variable(name), "").strip() or self._kept(name)

    def _kept(self, name: str) -> str:
        path = self._folder / name
        try:
            with path.open("rb") as file:
                mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
                content = file.read(65536)
        except FileNotFoundError:
            return ""
        if mode & 0o077:
            found, remedy = f"a secret that others may read (mode {mode:04o})", f"chmod 600 {path}"
            raise misconfigured([Problem(Position(str(path)), found, "mode 0600", remedy)])
        if not content.strip():
            raise misconfigured([Problem(Position(str(path)), "an empty file", "a secret", "fill or remove it")])
        return content.decode("utf-8", "replace").strip()

    def _generated(self, secret: Secret) -> str:
        if secret.make is None or not self._makes(secret):
            raise misconfigured([self._missing(secret)])
        self._put(secret.name, secret.make())
        return self._kept(secret.name)

    def _put(self, name: str, value: str) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        put_once(self._folder / name, f"{value}\n".encode())

    def _missing(self, secret: Secret) -> Problem:
        path = self._folder / secret.name
        lost = secret.name in self._lost()
        ours = "it is made up only while all listeners are loopback"
        if lost:
            ours = f"or, to have new ones made up, delete {self.lost_list}: {secret.loss}"
        why = secret.origin if secret.make is None else ours
        remedy = f"set {variable(secret.name)}, or write it to that file with mode 0600; {why}"
        found = "no secret, but the desk that was restored here had one" if lost else "no secret"
        return Problem(Position(str(path)), found, f"the secret {secret.name}", remedy)


def variable(name: str) -> str:
    """The environment variable of a secret."""
    if not re.fullmatch(_NAME, name):
        raise ValueError(f"not the name of a secret: {name!r}")
    return "TRUNKLINE_ADMIN_TOKEN" if name == _ADMIN_TOKEN else f"TRUNKLINE_SECRET_{name.upper().replace('-', '_')}"
