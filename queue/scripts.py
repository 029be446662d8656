"""Loads the engine's scripts: Lua files that lie beside the module that owns them.

A script begins with `#!lua flags=…`; a line `--#include name.lua` (relative to the including file) is replaced by that
file, once however often it is named, so that shared steps such as the feed append exist once. The files are read with
plain paths, because resource look-up fails in an editable install of mapped folders.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

_INCLUDE = re.compile(r"^--#include[ \t]+(\S+)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True)
class Script:
    """One script as the engine gets it."""

    name: str
    source: bytes
    sha1: str

    @classmethod
    def beside(cls, module_file: str, name: str) -> "Script":
        """The script of this name in the folder of the module; pass `__file__`."""
        path = Path(module_file).with_name(name)
        source = _expand(path, set()).encode()
        if not source.startswith(b"#!lua"):
            raise ValueError(f"{path}: a script begins with #!lua")
        return cls(name, source, hashlib.sha1(source, usedforsecurity=False).hexdigest())


def _expand(path: Path, seen: set[Path]) -> str:
    def included(match: re.Match[str]) -> str:
        target = (path.parent / match[1]).resolve()
        if target in seen:
            return ""
        seen.add(target)
        return _expand(target, seen)

    return _INCLUDE.sub(included, path.read_text(encoding="utf-8"))
