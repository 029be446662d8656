"""The names that a Lua file uses and binds, so that a script is refused that uses what its head does not declare.

An engine finds a name that nobody declared only where the line is reached, and a cluster a key that was not declared
only when it lies elsewhere. So each script is read when it is loaded, with the files that it includes:

* a name stands in the head, is bound in one of the files, or is Lua's own;
* what is read of a group of keys, under the name by which the head knows it, is one of its keys.

It is read word by word, not parsed: a name that is bound anywhere counts as bound everywhere; but what a file that is
included in a block binds is known to the files in this block alone, and to the one that the block is in.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import compress
from pathlib import Path
from typing import NamedTuple

from .script_files import lines_of
from .script_head import Head, Item

_NO_CODE = re.compile(r"^#!.*|--.*|'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"")
_NAME = re.compile(r"(?<![\w.:])([A-Za-z_]\w*)(?:\.([A-Za-z_]\w*))?(\s*=(?!=))?")
_LOCALS = re.compile(r"\blocal (?!function)([\w, ]+)|\bfor ([\w, ]+?) (?:in|=) ")
_PARAMETERS = re.compile(r"\bfunction\b ?([\w.]*) ?\(([\w, .]*)\)")
_KEYWORDS = (
    *("and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in", "local", "nil", "not"),
    *("or", "repeat", "return", "then", "true", "until", "while"),
)
_LIBRARY = (
    *("cjson", "cmsgpack", "error", "ipairs", "math", "next", "pairs", "pcall", "redis", "select", "string", "table"),
    *("tonumber", "tostring", "type", "unpack"),
)
_OF_LUA = frozenset((*_KEYWORDS, *_LIBRARY))


class Names(NamedTuple):
    """What one file binds, by `local` or a loop, and as parameters; and what it uses."""

    bound: frozenset[str]
    parameters: frozenset[str]
    uses: Mapping[tuple[str, str], str]
    """Names, each with a key that is read of it; and where first."""


def undeclared(head: Head, files: Mapping[Path, str]) -> Iterator[str]:
    """What the files of a script use that its head does not declare.

    `files` says of each where the block begins that it is included in, or nothing.
    """
    names = {file: names_of(file) for file in files}
    declared = {item.name for item in (*head.keys, *head.args)} | head.names.keys() | _OF_LUA
    groups = _groups(head, head.keys)
    for file, block in files.items():
        within = (files[each] in ("", block) or files[each].startswith(f"{file.name}:") for each in files)
        known = declared.union(*(each.bound | each.parameters for each in compress(names.values(), within)))
        for (name, field), place in names[file].uses.items():
            if name not in known:
                yield f"{place}: {name} is not declared by the head, and bound nowhere"
            elif field and name in groups and name not in names[file].bound and field not in groups[name]:
                yield f"{place}: the keys of {name} that the head declares have no {field}"


@cache  # most files are included by many scripts
def names_of(path: Path) -> Names:
    """What one file binds and uses."""
    bound, parameters, uses = set[str](), set[str](), dict[tuple[str, str], str]()
    for line in lines_of(path):
        code = _NO_CODE.sub("''", line.text)
        for found in _LOCALS.findall(code):
            bound.update(re.findall(r"\w+", ",".join(found)))
        for function, listed in _PARAMETERS.findall(code):
            if "local function " + function in code:
                bound.add(function)
            parameters.update(re.findall(r"\w+", listed))
        for name, field, is_set in _NAME.findall(code):
            if not (is_set and not field):  # of a table that is written, or a variable that is bound elsewhere
                uses.setdefault((name, "" if is_set else field), line.place)
    return Names(frozenset(bound), frozenset(parameters), uses)


def _groups(head: Head, items: Sequence[Item]) -> Mapping[str, frozenset[str]]:
    """The names of the keys of each group, by the names under which the head knows it."""
    found = dict[str, frozenset[str]]()
    for item in items:
        if item.group:
            members = head.groups[item.group].items
            found |= _groups(head, members)
            found[item.name] = frozenset(each.name for each in members)
    return found
