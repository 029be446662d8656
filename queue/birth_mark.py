"""The birth mark of a workspace, as it lies in the data folder: `blobs/home`, a random id and how sure it is.

    main:<32 hex>            settled: an engine has this mark too, and no other engine may serve this folder
    main:<32 hex> new        made, and perhaps not yet in an engine; nothing has been acknowledged
    main:<32 hex> adopted    a person wants the engine that is found next to be taken, whatever it knows

The engine has the same id under a key of the workspace; recognition.py compares. Beside it lies `blobs/numbers`: up to
which number tickets may have been given, so that an adopted engine gives none of them again. Both files are fsynced,
and so is their folder. They lie with the blobs because that is the part of the data folder which all processes of a
workspace share. Everything here blocks.
"""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from ..config.durable_file import put_once, replace_file

State = Literal["settled", "new", "adopted"]


@dataclass(frozen=True)
class BirthMark:
    """The id, which begins with the workspace's name, and its state."""

    id: str
    state: State = "settled"

    @classmethod
    def drawn(cls, workspace: str, state: State) -> "BirthMark":
        """One that nobody else has."""
        return cls(f"{workspace}:{secrets.token_hex(16)}", state)

    @classmethod
    def parse(cls, text: str) -> "BirthMark":
        """As it stands in the file; a state that is not known counts as settled, and its mark fits no engine."""
        id_, _, state = text.strip().partition(" ")
        return cls(id_, cast("State", state)) if state in ("new", "adopted") else cls(text.strip())

    @property
    def line(self) -> bytes:
        """As `parse` reads it."""
        return (self.id if self.state == "settled" else f"{self.id} {self.state}").encode() + b"\n"


class MarkFile:
    """The mark and the numbers of one folder of blobs, which need not exist yet."""

    def __init__(self, blobs: Path) -> None:
        self.path = blobs / "home"
        self._numbers = blobs / "numbers"
        self._drafts = blobs / "drafts"

    def read(self) -> BirthMark | None:
        """The mark, or None when the folder has none."""
        try:
            return BirthMark.parse(self.path.read_text(encoding="utf-8", errors="replace"))
        except FileNotFoundError:
            return None

    def read_or_make(self, workspace: str) -> BirthMark:
        """The mark; the first process makes it, and all that start at the same moment get the same one."""
        if (found := self.read()) is not None:
            return found
        put_once(self.path, BirthMark.drawn(workspace, "new").line, self._drafts)
        return BirthMark.parse(self.path.read_text(encoding="utf-8"))

    def put(self, mark: BirthMark) -> None:
        """Write it in place of what is there."""
        self.path.parent.mkdir(mode=0o700, exist_ok=True)
        replace_file(self.path, mark.line)

    def numbers(self) -> int:
        """Up to which number tickets may have been given; 0 when none."""
        try:
            return int(self._numbers.read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            return 0

    def put_numbers(self, highest: int) -> None:
        """Write it down."""
        replace_file(self._numbers, f"{highest}\n".encode())
