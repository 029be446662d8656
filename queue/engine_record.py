"""`data/engine.json`: where the embedded engine listens and who it is.

The supervisor writes it, role processes and the command line read it. Before a server is started the record says only
where it will listen, so that it never names a server that is gone for good; the pid follows when the server runs, and
the run id when it serves.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

from ..config.durable_file import replace_file


@dataclass(frozen=True)
class EngineRecord:
    """One run of the server; `pid` and `run_id` are not known until it runs and serves."""

    socket: Path
    pid: int | None = None
    run_id: str | None = None

    @property
    def url(self) -> str:
        """The address as clients take it."""
        return socket_url(self.socket)

    @classmethod
    def read(cls, path: Path) -> "EngineRecord | None":
        """The record, or None when there is none that can be read."""
        try:
            found = json.loads(path.read_bytes())
            return cls(Path(found["socket"]), found["pid"], found["run_id"])
        except (FileNotFoundError, ValueError, TypeError, KeyError):
            return None

    def write(self, path: Path) -> None:
        """Replace the record in one step."""
        replace_file(path, json.dumps(asdict(self) | {"socket": str(self.socket)}).encode())


def socket_url(socket: Path) -> str:
    """The address of an engine that listens on a unix socket."""
    return f"unix://{quote(str(socket))}"
