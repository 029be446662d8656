"""What is hardly meant in a configuration: one thing, with its place and what to do."""

from dataclasses import dataclass
from typing import Literal

from .problems import Position


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is hardly meant."""

    position: Position
    level: Literal["error", "warning"]
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.position}: {self.level}: {self.message}" + (f"; {self.remedy}" if self.remedy else "")
