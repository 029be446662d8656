"""Loads the engine's scripts: Lua files that lie beside the module that owns them.

A script begins with `#!lua flags=…`; a line `--#include name.lua` (relative to the including file) is replaced by that
file, once however often it is named, so that shared steps such as the feed append exist once. The files are read with
plain paths, because resource look-up fails in an editable install of mapped folders.

Each script begins by asking whether the engine is the one of the workspace: `Engine.run` adds the key of the birth mark
and the mark that the process knows, both of which are taken off again before the script proper sees keys and arguments.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

STRANGER = "STRANGER"
"""How the error begins that every script answers with when the engine has another mark, or none."""

_GUARD = f"""do
  local born = table.remove(ARGV)
  if redis.call('GET', table.remove(KEYS)) ~= born and born ~= '' then
    return redis.error_reply('{STRANGER} the engine does not have the mark of the data folder')
  end
end
"""
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
        head, _, body = _expand(path, set()).partition("\n")
        if not head.startswith("#!lua"):
            raise ValueError(f"{path}: a script begins with #!lua")
        source = f"{head}\n{_GUARD}{body}".encode()
        return cls(name, source, hashlib.sha1(source, usedforsecurity=False).hexdigest())


def _expand(path: Path, seen: set[Path]) -> str:
    def included(match: re.Match[str]) -> str:
        target = (path.parent / match[1]).resolve()
        if target in seen:
            return ""
        seen.add(target)
        return _expand(target, seen)

    return _INCLUDE.sub(included, path.read_text(encoding="utf-8"))
