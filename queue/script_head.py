"""The head of a script: the names of its keys and arguments, and the locals that the loader makes of them.

    --#keys queue: work_queue, codes: HASH (conversation -> record), log?: conversation_log
    --#args now: number, record, force: flag (beyond capacity, by hand), due?: number, files...

A line is a list of `name: kind (note)`; a head may have several of either, and their order is that of the wire.

Keys: a kind in capitals is what lies under the key, for the reader; any other is a group, and without a kind the group
is called as the key. A group is declared once, in a file that is included for it, by `--#group name` and the `--#keys`
behind that; it may hold groups. Its local is a table (`queue.ready`); in Python it is a `KeyGroup`.

Arguments: `text` (when nothing is said), `number`, `flag` (true or false), `json` (decoded in the script).

Names that scripts and Python share stand in one line, `--#names active: new, open`. The local, in this line, is a list
that has each name as a key too; Python reads it with `names_beside`.

How many: `name?` may be None; an argument is then `''` (a number nil), a key nil. `name...` is a list. A key of either
sort is the last one; lists are the last arguments, and each travels behind its length.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

_DECLARATION = re.compile(r"--#(keys|args|group|names)[ \t]+(.*?)[ \t]*")
_ITEM = re.compile(r"([a-z_]\w*)(\?|\.\.\.|)(?:: ([A-Za-z]\w*))?(?: \([^()]*\))?(?:, |$)")
_READ = {"text": "{}", "number": "tonumber({})", "flag": "{} == '1'", "json": "cjson.decode({})"}


@dataclass(frozen=True)
class Item:
    """One name of a head."""

    name: str
    kind: str
    optional: bool = False
    many: bool = False

    @property
    def group(self) -> str:
        """The kind of group that a key stands for; empty when it is one key."""
        return "" if self.kind.isupper() else self.kind


class KeyGroup:
    """The keys of a group, by name; `flat` is what travels."""

    __slots__ = ("_keys", "flat", "kind")

    def __init__(self, kind: str, keys: Mapping[str, "str | KeyGroup"]) -> None:
        self.kind = kind
        self._keys = keys
        self.flat: tuple[str, ...] = tuple(
            name for key in keys.values() for name in (key.flat if isinstance(key, KeyGroup) else [key])
        )

    def __getitem__(self, name: str) -> str:
        """The key of this name. Raises KeyError, also for a group within."""
        if isinstance(key := self._keys[name], KeyGroup):
            raise KeyError(name)
        return key


@dataclass(frozen=True)
class Group:
    """The declaration of a group."""

    name: str
    items: Sequence[Item]

    @property
    def names(self) -> list[str]:
        """The names of its keys."""
        return [item.name for item in self.items]

    @classmethod
    def beside(cls, module_file: str, file: str, name: str) -> "Group":
        """The group that a file in the folder of the module declares; pass `__file__`."""
        return Head.of(Path(module_file).with_name(file).read_text(encoding="utf-8").splitlines()).groups[name]

    def __call__(self, **keys: str | KeyGroup) -> KeyGroup:
        """Its keys, by the names that are declared. Raises ValueError."""
        demand_names(f"group {self.name}", self.items, keys)
        for item in self.items:
            flat_keys(f"group {self.name}", item, keys[item.name])
        return KeyGroup(self.name, {item.name: keys[item.name] for item in self.items})


def names_beside(module_file: str, file: str, table: str) -> tuple[str, ...]:
    """The table of names that a file in the folder of the module declares; pass `__file__`."""
    return Head.of(Path(module_file).with_name(file).read_text(encoding="utf-8").splitlines()).names[table]


@dataclass(frozen=True)
class Head:
    """What a script declares, with the groups of the files that it includes."""

    keys: Sequence[Item]
    args: Sequence[Item]
    groups: Mapping[str, Group]
    names: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, lines: Iterable[str]) -> "Head":
        """Read the declarations. Raises ValueError."""
        keys, args, groups = list[Item](), list[Item](), dict[str, list[Item]]()
        tables = dict[str, tuple[str, ...]]()
        into = keys
        declared = filter(None, (_DECLARATION.fullmatch(line) for line in lines if line.startswith("--#")))
        for what, words in (found.groups() for found in declared):
            if what == "group":
                into = groups[words] = []
            elif what == "keys":
                into += _items(words, of_keys=True)
            elif what == "args":
                into = keys
                args += _items(words, of_keys=False)
            elif what == "names":
                table, _, listed = words.partition(": ")
                tables[table] = tuple(item.name for item in _items(listed, of_keys=False))
        head = cls(keys, args, {name: Group(name, items) for name, items in groups.items()}, tables)
        head._demand_order()
        return head

    def _demand_order(self) -> None:
        if any(item.optional or item.many for item in self.keys[:-1]):
            raise ValueError("only the last key may be missing or many")
        if [item.many for item in self.args] != sorted(item.many for item in self.args):
            raise ValueError("lists are the last arguments")

    def locals(self) -> str:
        """Lua that makes a local of each name, in one line. Raises ValueError for a group that nobody declares.

        The first key and the first argument are the loader's own.
        """
        return " ".join([*self._key_locals(), *self._argument_locals()])

    def table_local(self, line: str) -> str:
        """Lua that makes a local of the names that a line declares; any other line as it is."""
        found = _DECLARATION.fullmatch(line) if line.startswith("--#names") else None
        if not found:
            return line
        table = found[2].partition(": ")[0]
        listed, keyed = (", ".join(map(pattern.format, self.names[table])) for pattern in ("'{}'", "{} = true"))
        return f"local {table} = {{ {listed}, {keyed} }}"

    def _key_locals(self) -> Iterator[str]:
        at = 2
        for item in self.keys:
            width = self._width(item)
            if item.many:
                fill = f"{item.name}[#{item.name} + 1] = {self._key(item, (f'i + {n}' for n in count()))}"
                yield f"local {item.name} = {{}} for i = {at}, #KEYS, {width} do {fill} end"
            else:
                there = f"KEYS[{at}] and " if item.optional else ""
                yield f"local {item.name} = {there}{self._key(item, map(str, count(at)))}"
            at += width

    def _key(self, item: Item, places: Iterator[str]) -> str:
        if not item.group:
            return f"KEYS[{next(places)}]"
        return "{ " + ", ".join(f"{each.name} = {self._key(each, places)}" for each in self._members(item)) + " }"

    def _width(self, item: Item) -> int:
        return sum(map(self._width, self._members(item))) if item.group else 1

    def _members(self, item: Item) -> Sequence[Item]:
        if item.group not in self.groups:
            raise ValueError(f"{item.name}: no included file declares the group {item.group}")
        return self.groups[item.group].items

    def _argument_locals(self) -> Iterator[str]:
        single = [item for item in self.args if not item.many]
        if single:
            values = (_read(item, f"ARGV[{at}]") for at, item in enumerate(single, 2))
            yield f"local {', '.join(item.name for item in single)} = {', '.join(values)}"
        if len(single) < len(self.args):
            yield f"local _at = {len(single) + 2}"
        for item in self.args[len(single) :]:
            fill = f"for i = 1, tonumber(ARGV[_at]) do {item.name}[i] = {_read(item, 'ARGV[_at + i]')} end"
            yield f"local {item.name} = {{}} {fill} _at = _at + 1 + #{item.name}"


def demand_names(what: str, items: Iterable[Item], given: Mapping[str, object]) -> None:
    """Raises ValueError when the names are not those of the items."""
    names = {item.name for item in items}
    missing, unknown = ", ".join(sorted(names - given.keys())), ", ".join(sorted(given.keys() - names))
    if missing or unknown:
        raise ValueError(f"{what}: missing: {missing or 'none'}; unknown: {unknown or 'none'}")


def flat_keys(what: str, item: Item, key: object) -> Sequence[str]:
    """What travels for a key. Raises ValueError when it is given for a group, or a group for it or for another one."""
    if isinstance(key, KeyGroup):
        if key.kind == item.kind:
            return key.flat
    elif isinstance(key, str) and not item.group:
        return (key,)
    given = key.kind if isinstance(key, KeyGroup) else type(key).__name__
    raise ValueError(f"{what}: {item.name} is {item.group or 'one key'}, not {given}")


def _items(words: str, *, of_keys: bool) -> Iterator[Item]:
    at = 0
    while at < len(words):
        if not (found := _ITEM.match(words, at)):
            raise ValueError(f"a list of `name: kind (note)` is expected, not: {words[at:]}")
        name, many, kind = found.groups()
        if not of_keys and (kind or "text") not in _READ:
            raise ValueError(f"{name}: an argument is one of {', '.join(_READ)}, not {kind}")
        yield Item(name, kind or (name if of_keys else "text"), many == "?", many == "...")
        at = found.end()


def _read(item: Item, place: str) -> str:
    value = _READ[item.kind].format(place)
    return f"{place} ~= '' and {value} or nil" if item.optional and item.kind == "json" else value
