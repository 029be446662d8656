"""Secrets: from the environment, else from a file of their own, else made up once and kept.

    TRUNKLINE_SECRET_HTTP_FORM   →   data/secrets/http_form   →   generated into that file

A secret is generated only while nothing but this machine can reach the gateway (`allow_generate`); otherwise a missing
one is refused with what to do. Files are created whole and readable by their owner alone (0600, in a folder of 0700);
of several processes that start at once, one makes the secret and all use it. A file that others may read is refused.
The admin token is `TRUNKLINE_ADMIN_TOKEN`, else `data/secrets/admin_token`.

The signing secret of an HTTP source is made up as `whsec_` and the base64 of 32 bytes (Standard Webhooks, "Signature
scheme", asks for 24 to 64).
"""

import base64
import os
import re
import secrets as randomness
import stat
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path

from .problems import Position, Problem, misconfigured

_SIGNING = "whsec_"
_ADMIN_TOKEN = "admin_token"  # noqa: S105  (its name)
REPLY_TOKEN = "reply_token"  # noqa: S105  (its name)
CHAT_TOKEN = "chat_token"  # noqa: S105  (its name)


def http_source(source: str) -> str:
    """The name of the signing secret of an HTTP source."""
    return f"http_{source}"


def chat_site(site: str) -> str:
    """The name of the secret with which the server of a chat's page signs who its users are."""
    return f"chat_{site}"


class Secrets:
    """The secrets of one gateway, by name; `folder` is `data/secrets`."""

    def __init__(self, folder: Path, environ: Mapping[str, str], allow_generate: bool) -> None:
        self._folder = folder
        self._environ = {name.upper(): value for name, value in environ.items()}
        self._allow_generate = allow_generate

    def get(self, name: str) -> str:
        """The secret of this name. Raises Misconfigured when there is none and none may be made up."""
        return self._known(name) or self._generated(name)

    def admin_token(self) -> str:
        """The token that may do everything."""
        return self.get(_ADMIN_TOKEN)

    def reply_token_key(self) -> bytes:
        """The key of the reply tokens in our addresses."""
        return self.get(REPLY_TOKEN).encode()

    def given(self, name: str) -> str:
        """A secret that somebody else knows too, such as a password, and that is therefore never made up."""
        known = self._known(name)
        if not known:
            raise misconfigured([self._missing(name, "ask who runs the other side")])
        return known

    def require(self, names: Collection[str]) -> None:
        """Have all of these, or raise Misconfigured naming every one that is missing."""
        if not self._allow_generate:
            missing = [name for name in names if not self._known(name)]
            if missing:
                raise misconfigured(map(self._missing, missing))
        for name in names:
            self.get(name)

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

    def _generated(self, name: str) -> str:
        if not self._allow_generate:
            raise misconfigured([self._missing(name)])
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self._folder / f".{name}.{os.getpid()}.{randomness.token_hex(4)}"
        try:
            _write(draft, _made_up(name))
            with suppress(FileExistsError):  # another process was quicker: its secret counts
                (self._folder / name).hardlink_to(draft)
        finally:
            draft.unlink(missing_ok=True)
        _sync_folder(self._folder)
        return self._kept(name)

    def _missing(self, name: str, why: str = "it is made up only while all listeners are loopback") -> Problem:
        path = self._folder / name
        remedy = f"set {variable(name)}, or write it to that file with mode 0600; {why}"
        return Problem(Position(str(path)), "no secret", f"the secret {name}", remedy)


def variable(name: str) -> str:
    """The environment variable of a secret."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
        raise ValueError(f"not the name of a secret: {name!r}")
    return "TRUNKLINE_ADMIN_TOKEN" if name == _ADMIN_TOKEN else f"TRUNKLINE_SECRET_{name.upper().replace('-', '_')}"


def _made_up(name: str) -> str:
    if name.startswith("http_"):
        return _SIGNING + base64.b64encode(randomness.token_bytes(32)).decode()
    return randomness.token_urlsafe(32)


def _write(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
