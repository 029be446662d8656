"""Every script and every place that runs one agree on names, also where no test passes by."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeGuard

import pytest

from trunkline.queue.script_head import Head
from trunkline.queue.scripts import Script

from .test_layout import ROOT, files_below, modules, top_folders

SCRIPTS = [path for folder in top_folders() for path in files_below(folder, "*.lua")]
LOCALS = re.compile(
    r"^[ \t]+local (?!function)([\w, ]+)|function ?\w*\(([\w, ]*)\)|\bfor ([\w, ]+?) (?:in|=) ", re.MULTILINE
)
GIVEN = {"arguments": {"lane", "token", "sequence", "release"}}  # of an entry, whoever claimed it


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_no_body_knows_where_a_key_or_an_argument_stands(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "KEYS" not in text
    assert "ARGV" not in text
    if text.startswith("#!lua"):
        Script.beside(str(path), path.name)  # its head is well formed and its groups are declared


def hidden(text: str) -> set[str]:
    """Names of a head to which a function or a loop gives another meaning; the body may, once it has read them."""
    head = Head.of(text.splitlines())
    names = {item.name for item in (*head.keys, *head.args)}
    return {word for words in LOCALS.findall(text) for word in re.findall(r"\w+", ",".join(words))} & names


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_no_function_hides_a_name_of_the_head(path: Path) -> None:
    assert hidden(path.read_text(encoding="utf-8")) == set()


def test_a_hidden_name_is_found() -> None:
    head = "--#keys active: SET\n--#args most, lines...\n"
    assert hidden(head + "local active = 1\nfor _, each in ipairs(lines) do\n  most(each)\nend") == set()
    assert hidden(head + "local function tell(text, most)\n  local was, active = 1, 2\nend") == {"most", "active"}
    assert hidden(head + "for _, lines in ipairs(all) do\nend") == {"lines"}


Run = tuple[int, Script, set[str], set[str]]
"""Line, script, and the names of the keys and of the arguments that it is run with."""


class Module:
    """The calls of one module that run a script, and what the names in it stand for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.above = {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}
        self.scripts = dict(self._scripts())

    def _scripts(self) -> Iterator[tuple[str, Script]]:
        for node in self.tree.body:
            match node:
                case ast.Assign(
                    targets=[ast.Name(name)],
                    value=ast.Call(ast.Attribute(ast.Name("Script"), "beside"), [_, ast.Constant(str(file))]),
                ):
                    yield name, Script.beside(str(self.path), file)

    def runs(self) -> Iterator[Run]:
        for node in ast.walk(self.tree):
            match node:
                case ast.Call(ast.Attribute(_, "run"), [ast.Name(name), keys, args]) if name in self.scripts:
                    yield node.lineno, self.scripts[name], self.names(keys), self.names(args)
                case ast.Call(ast.Attribute(_, "_run"), [ast.Name(name), _, args]) if name in self.scripts:
                    keys, more = self._handed_on(node)
                    yield node.lineno, self.scripts[name], self.names(keys), more | self.names(args)

    def _handed_on(self, call: ast.Call) -> tuple[ast.expr, set[str]]:
        """The keys and the arguments that the method `_run` of a class adds to those of its caller."""
        (inner,) = (each for each in ast.walk(self._method("_run", call)) if is_run(each))
        _, keys, args = inner.args
        assert isinstance(args, ast.Dict)
        return keys, {str(ast.literal_eval(key)) for key in args.keys if key is not None}

    def names(self, node: ast.expr) -> set[str]:
        """The keys of the mapping that an expression makes. Raises LookupError when this test cannot tell."""
        if isinstance(node, ast.Dict):
            named = {str(ast.literal_eval(key)) for key in node.keys if key is not None}
            spread = (value for key, value in zip(node.keys, node.values, strict=True) if key is None)
            return named.union(*map(self.names, spread))
        if isinstance(node, ast.Attribute) and node.attr in GIVEN:
            return GIVEN[node.attr]
        found = list(map(self.names, self._meant(node)))
        if not found or any(names != found[0] for names in found):
            raise LookupError(f"{self.path}:{node.lineno}: {ast.unparse(node)}")
        return found[0]

    def _meant(self, node: ast.expr) -> list[ast.expr]:
        """The expressions that this one may stand for."""
        match node:
            case ast.IfExp(body=body, orelse=orelse):
                return [body, orelse]
            case ast.Call(ast.Attribute(ast.Name("self"), name)):
                returns = (each for each in ast.walk(self._method(name, node)) if isinstance(each, ast.Return))
                return [each.value for each in returns if each.value is not None]
            case ast.Name(name) | ast.Attribute(ast.Name("self"), name):
                return self._assigned(node, name)
        return []

    def _assigned(self, node: ast.AST, name: str) -> list[ast.expr]:
        """What a name of the function, the class or the module was set to, or is given by callers."""
        while (node := self.above[node]) is not self.tree:
            if isinstance(node, ast.AsyncFunctionDef) and name in parameters(node):
                return list(self._passed(node, name))
            if isinstance(node, ast.AsyncFunctionDef | ast.ClassDef) and (found := list(assignments(node, name))):
                return found
        return list(assignments(self.tree, name))

    def _passed(self, function: ast.AsyncFunctionDef, name: str) -> Iterator[ast.expr]:
        place = parameters(function).index(name) - 1  # behind self
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == function.name:
                yield from node.args[place : place + 1]
                yield from (keyword.value for keyword in node.keywords if keyword.arg == name)

    def _method(self, name: str, node: ast.AST) -> ast.AST:
        """The method of the class in which the node stands."""
        while not isinstance(node, ast.ClassDef):
            node = self.above[node]
        (found,) = (each for each in node.body if getattr(each, "name", "") == name)
        return found


def parameters(function: ast.AsyncFunctionDef) -> list[str]:
    return [each.arg for each in (*function.args.args, *function.args.kwonlyargs)]


def assignments(scope: ast.AST, name: str) -> Iterator[ast.expr]:
    for node in ast.walk(scope):
        match node:
            case ast.Assign(targets=[target], value=value) | ast.AnnAssign(target=target, value=value):
                if value is not None and ast.unparse(target) in (name, f"self.{name}"):
                    yield value


def is_run(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "run"


@cache
def callers() -> list[Module]:
    return [module for path in modules() if (module := Module(path)).scripts]


@pytest.mark.parametrize("module", callers(), ids=lambda module: name_of(module.path))
def test_a_caller_names_the_keys_and_arguments_of_the_head(module: Module) -> None:
    ran = set[str]()
    for line, script, keys, args in module.runs():
        ran.add(script.name)
        assert keys == {item.name for item in script.head.keys}, f"{name_of(module.path)}:{line} {script.name}"
        assert args == {item.name for item in script.head.args}, f"{name_of(module.path)}:{line} {script.name}"
    assert ran == {script.name for script in module.scripts.values()}


def test_every_script_has_a_caller() -> None:
    loaded = {script.name for module in callers() for script in module.scripts.values()}
    assert loaded == {path.name for path in SCRIPTS if path.read_text(encoding="utf-8").startswith("#!lua")}
