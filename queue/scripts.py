"""Loads the engine's scripts: Lua files that lie beside the module that owns them.

A script begins with `#!lua flags=…` and a head that declares its keys and arguments (script_head.py is the manual). The
loader makes locals of them, in the line of the first declaration, so no body knows where a key stands; on the wire they
are KEYS and ARGV, every key among the KEYS, as a cluster wants it. A caller hands a mapping for either and is refused
when its names are others. A line `--#include name.lua` (relative to the including file) is replaced by that file, once
however often it is named, so that shared steps such as the feed append exist once. A script of which any file uses a
name, or a key of a group, that the head does not declare is refused (script_names.py).

An include that is indented stands in a block of Lua: its functions are made when the block is reached (the engine makes
all others with each call, a third of a microsecond each). Nothing outside of the block may include the same file or use
what it binds, but for the file that the block is in.

The files are read with plain paths, because resource look-up fails in an editable install of mapped folders. An error
of the engine names a line of what was loaded; `located` says where that line is written.

Each script begins by asking whether the engine is the one of the workspace: the first key is that of the birth mark,
the first argument the mark that the process knows, empty while it knows none.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

from .script_files import expanded
from .script_head import Head, Item, KeyGroup, demand_names, flat_keys
from .script_names import undeclared

Argument = str | bytes | int
ScriptKeys = Mapping[str, str | KeyGroup | Sequence[str] | Sequence[KeyGroup] | None]
ScriptArguments = Mapping[str, Argument | Sequence[Argument] | None]

STRANGER = "STRANGER"
"""How the error begins that every script answers with when the engine has another mark, or none."""

_GUARD = (
    "if ARGV[1] ~= '' and redis.call('GET', KEYS[1]) ~= ARGV[1] then "
    f"return redis.error_reply('{STRANGER} the engine does not have the mark of the data folder') end "
)
_FIRST = re.compile(r"^--#(?:keys|args) .*$", re.MULTILINE)
_PLACE = re.compile(r"user_script:(\d+)")


class Script:
    """One script as the engine gets it."""

    def __init__(self, name: str, head: Head, source: bytes, places: Sequence[str] = ()) -> None:
        """`places` says of each line where it is written."""
        self.name = name
        self.head = head
        self.source = source
        self.sha1 = hashlib.sha1(source, usedforsecurity=False).hexdigest()
        self._places = places
        self._keys = frozenset(item.name for item in head.keys)
        self._args = frozenset(item.name for item in head.args)
        single = [item for item in head.args if not item.many]
        self._singles = _getter([item.name for item in single])
        self._flags = [at for at, item in enumerate(single) if item.kind == "flag"]
        self._optional = [at for at, item in enumerate(single) if item.optional]
        self._lists = [item.name for item in head.args if item.many]

    @classmethod
    def beside(cls, module_file: str, name: str) -> "Script":
        """The script of this name in the folder of the module; pass `__file__`. Raises ValueError, which names it."""
        path = Path(module_file).with_name(name)
        files = {path: ""}
        places, lines = zip(*expanded(path, files), strict=True)
        if not lines[0].startswith("#!lua"):
            raise ValueError(f"{path}: a script begins with #!lua")
        try:
            head = Head.of(lines)
            body = "\n".join((*map(head.table_local, lines), ""))
            source, declared = _FIRST.subn(lambda _: _GUARD + head.locals(), body, count=1)
            if wrong := next(undeclared(head, files), ""):
                raise ValueError(wrong)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error
        if not declared:
            raise ValueError(f"{path}: a script declares its keys and arguments")
        return cls(name, head, source.encode(), places)

    def wire(self, keys: ScriptKeys, args: ScriptArguments, *, mark_key: str, born: str) -> list[Argument]:
        """How many keys, the keys and the arguments, as EVALSHA takes them. Raises ValueError when a name is wrong."""
        if keys.keys() != self._keys or args.keys() != self._args:
            demand_names(f"the keys of {self.name}", self.head.keys, keys)
            demand_names(f"the arguments of {self.name}", self.head.args, args)
        words: list[Argument] = [0, mark_key]
        for item in self.head.keys:
            value = keys[item.name]
            if isinstance(value, KeyGroup) and value.kind == item.kind:
                words += value.flat
            else:
                words += self._flat(item, value)
        words[0] = len(words) - 1
        words.append(born)
        words += self._arguments(args)
        return words

    def _arguments(self, args: ScriptArguments) -> list[Any]:
        words = list(self._singles(args))
        for at in self._flags:
            words[at] = int(words[at])
        for at in self._optional:
            words[at] = "" if words[at] is None else words[at]
        for name in self._lists:
            listed: Any = args[name]
            words += (len(listed), *listed)
        return words

    def _flat(self, item: Item, value: object) -> Sequence[str]:
        if item.many and isinstance(value, Sequence):
            return [key for each in value for key in flat_keys(self.name, item, each)]
        return () if value is None and item.optional else flat_keys(self.name, item, value)

    def located(self, words: str) -> str:
        """An error of the engine with the file and the line that it means."""
        return _PLACE.sub(lambda found: self._places[int(found[1]) - 1], words)


def _getter(names: Sequence[str]) -> Callable[[ScriptArguments], Iterable[Any]]:
    """The values of these names, quickly."""
    return itemgetter(*names) if len(names) > 1 else lambda given: [given[name] for name in names]
