"""Names of keys: `tl:{workspace}:…`.

All keys of a workspace carry the same hash tag and so live on one shard of a cluster, which lets one script touch them.
"""

import re
from dataclasses import dataclass

_WORKSPACE = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}\Z")


@dataclass(frozen=True)
class Keys:
    """Makes the key names of one workspace: `keys("ticket", id)` is `tl:{main}:ticket:<id>`."""

    workspace: str

    def __post_init__(self) -> None:
        if not _WORKSPACE.match(self.workspace):
            raise ValueError(f"a workspace is 1 to 63 of a-z 0-9 _ - and begins with a-z or 0-9: {self.workspace!r}")

    def __call__(self, *parts: str) -> str:
        return ":".join((f"tl:{{{self.workspace}}}", *parts))
