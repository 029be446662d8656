"""Scripts by name: a head says what a script is handed, the loader makes locals of it, and other names are refused."""

from pathlib import Path
from typing import Any

import pytest

from trunkline.queue.script_files import lines_of
from trunkline.queue.script_head import Group, KeyGroup
from trunkline.queue.script_names import names_of
from trunkline.queue.scripts import Script

QUEUE = "--#group queue\n--#keys entries: HASH (sequence -> payload), order: ZSET\n"
BOTH = "--#include queue.lua\n--#group desk\n--#keys index: ZSET, queue\n"


@pytest.fixture
def module(tmp_path: Path) -> str:
    (tmp_path / "queue.lua").write_text(QUEUE)
    (tmp_path / "desk.lua").write_text(BOTH)
    return str(tmp_path / "module.py")


@pytest.fixture
def queue(module: str) -> KeyGroup:
    return Group.beside(module, "queue.lua", "queue")(entries="E", order="O")


def load(module: str, *lines: str) -> Script:
    """A script of these lines; what a process knows of the files is forgotten."""
    lines_of.cache_clear()
    names_of.cache_clear()
    Path(module).with_name("script.lua").write_text("\n".join(("#!lua", *lines, "")))
    return Script.beside(module, "script.lua")


def locals_of(script: Script) -> str:
    """The line that the loader has written, behind the look at the birth mark."""
    return script.source.decode().splitlines()[1].partition(" end ")[2]


def wire(script: Script, keys: dict[str, Any], args: dict[str, Any]) -> list[Any]:
    return script.wire(keys, args, mark_key="mark", born="born")


def test_keys_become_locals_in_the_order_of_the_head_and_groups_tables(module: str) -> None:
    script = load(module, "--#keys seen: SET, work: queue, desk", "--#include desk.lua")
    assert locals_of(script) == (
        "local seen = KEYS[2] local work = { entries = KEYS[3], order = KEYS[4] } "
        "local desk = { index = KEYS[5], queue = { entries = KEYS[6], order = KEYS[7] } }"
    )


def test_arguments_become_locals_of_their_kind(module: str) -> None:
    script = load(module, "--#args name, now: number (ms), force: flag, plan: json, more?: json")
    assert locals_of(script) == (
        "local name, now, force, plan, more = ARGV[2], tonumber(ARGV[3]), ARGV[4] == '1', cjson.decode(ARGV[5]), "
        "ARGV[6] ~= '' and cjson.decode(ARGV[6]) or nil"
    )


def test_what_travels_is_the_mark_the_keys_and_the_arguments(module: str, queue: KeyGroup) -> None:
    script = load(
        module, "--#keys work: queue, seen: SET", "--#args force: flag, due?, names..., more...", "--#include queue.lua"
    )
    keys = {"seen": "S", "work": queue}
    args = {"names": ["a", b"b"], "more": [], "due": None, "force": True}
    assert wire(script, keys, args) == [4, "mark", "E", "O", "S", "born", 1, "", 2, "a", b"b", 0]


def test_the_last_key_may_be_missing_or_many(module: str, queue: KeyGroup) -> None:
    optional = load(module, "--#keys seen: SET, work?: queue", "--#include queue.lua")
    assert wire(optional, {"seen": "S", "work": None}, {}) == [2, "mark", "S", "born"]
    assert locals_of(optional).endswith("local work = KEYS[3] and { entries = KEYS[3], order = KEYS[4] }")
    many = load(module, "--#keys seen: SET, works...: queue", "--#include queue.lua")
    assert wire(many, {"seen": "S", "works": [queue, queue]}, {}) == [6, "mark", "S", "E", "O", "E", "O", "born"]


def test_the_order_of_a_callers_mapping_does_not_matter(module: str) -> None:
    script = load(module, "--#keys one: SET, two: SET", "--#args first, second")
    expected = [3, "mark", "1", "2", "born", "a", "b"]
    assert wire(script, {"one": "1", "two": "2"}, {"first": "a", "second": "b"}) == expected
    assert wire(script, {"two": "2", "one": "1"}, {"second": "b", "first": "a"}) == expected


@pytest.mark.parametrize(
    ("keys", "args", "words"),
    [
        ({}, {"name": "n"}, "the keys of script.lua: missing: seen, work; unknown: none"),
        (
            {"seen": "S", "work": "W", "worm": "W"},
            {"name": "n"},
            "the keys of script.lua: missing: none; unknown: worm",
        ),
        ({"seen": "S", "work": "W"}, {"nam": "n"}, "the arguments of script.lua: missing: name; unknown: nam"),
        ({"seen": "S", "work": "W"}, {"name": "n"}, "script.lua: work is queue, not str"),
        ({"seen": KeyGroup("queue", {}), "work": "W"}, {"name": "n"}, "script.lua: seen is one key, not queue"),
        ({"seen": "S", "work": KeyGroup("desk", {})}, {"name": "n"}, "script.lua: work is queue, not desk"),
    ],
)
def test_a_caller_whose_names_differ_is_refused(
    module: str, keys: dict[str, Any], args: dict[str, Any], words: str
) -> None:
    script = load(module, "--#keys seen: SET, work: queue", "--#args name", "--#include queue.lua")
    with pytest.raises(ValueError, match="^" + words.replace(".", r"\.") + "$"):
        wire(script, keys, args)


def test_the_keys_of_a_group_are_named_and_refused_in_the_same_way(module: str, queue: KeyGroup) -> None:
    desk = Group.beside(module, "desk.lua", "desk")
    made = desk(queue=queue, index="I")
    assert made.flat == ("I", "E", "O")
    assert made["index"] == "I"
    with pytest.raises(KeyError):
        made["queue"]
    with pytest.raises(ValueError, match="group desk: missing: queue; unknown: none"):
        desk(index="I")
    with pytest.raises(ValueError, match="group desk: queue is queue, not str"):
        desk(index="I", queue="Q")


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["--#keys a: SET b: SET"], "a list of `name: kind .note.` is expected, not: a: SET b: SET"),
        (["--#args a: hash"], "a: an argument is one of text, number, flag, json, not hash"),
        (["--#keys a...: SET, b: SET"], "only the last key may be missing or many"),
        (["--#args a..., b"], "lists are the last arguments"),
        (["--#keys work: queue"], "work: no included file declares the group queue"),
        (["return 1"], "a script declares its keys and arguments"),
    ],
)
def test_a_head_that_cannot_be_meant_is_refused_by_name(module: str, lines: list[str], words: str) -> None:
    with pytest.raises(ValueError, match=r"script\.lua: " + words):
        load(module, *lines)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["return redis.call('GET', work.entries)"], r"script\.lua:4: work is not declared by the head, and bound"),
        (
            ["local function add(queue)", "  return queue.ready", "end"],
            r"script\.lua:5: the keys of queue .* no ready",
        ),
        (["--#include claim.lua"], r"claim\.lua:2: the keys of queue that the head declares have no claimed"),
        (["--#include wish.lua"], r"wish\.lua:1: wished is not declared by the head, and bound nowhere"),
    ],
)
def test_what_the_head_does_not_declare_is_refused_by_file_and_name(module: str, lines: list[str], words: str) -> None:
    folder = Path(module).parent
    (folder / "claim.lua").write_text("local function claim(queue)\n  return queue.claimed\nend\n")
    (folder / "wish.lua").write_text("redis.call('SADD', wished, 1)\n")
    with pytest.raises(ValueError, match=r"script\.lua: " + words):
        load(module, "--#keys queue", "--#include queue.lua", *lines)


def test_what_is_bound_or_stands_in_a_text_or_a_comment_is_not_taken_for_a_key(module: str) -> None:
    body = [
        "local function each(other, name) return other.ready, 'work.entries' end -- work.entries",
        "local found = { ready = 1, [queue.order] = queue.entries }",
        "for i, queue_of in pairs(found) do queue_of.lost = i end",
    ]
    load(module, "--#keys queue", "--#include queue.lua", *body)


def test_an_error_of_the_engine_is_told_by_file_and_line(module: str) -> None:
    script = load(module, "-- Why.", "--#keys a: SET", "--#include queue.lua", "return a .. nil")
    lines = script.source.decode().splitlines()
    assert lines[5] == "return a .. nil"
    assert script.located("ERR user_script:6: nil, on @user_script:4.") == "ERR script.lua:5: nil, on @queue.lua:1."


def test_an_indented_include_stands_in_its_block_and_is_known_there_alone(module: str) -> None:
    folder = Path(module).parent
    (folder / "act.lua").write_text("--#include words.lua\nlocal function act() return said end\n")
    (folder / "words.lua").write_text("local said = 'done'\n")
    (folder / "find.lua").write_text("local function find() return act() end\n")
    body = ["if now > 0 then", "  --#include act.lua", "  return act()", "end"]
    source = load(module, "--#args now: number", *body).source.decode().splitlines()
    assert source[2:] == [body[0], "local said = 'done'", "local function act() return said end", *body[2:]]
    with pytest.raises(ValueError, match=r"find\.lua:1: act is not declared by the head, and bound nowhere"):
        load(module, "--#args now: number", "--#include find.lua", *body)
    with pytest.raises(ValueError, match=r"script\.lua:7: words\.lua is included in the block at script\.lua:4"):
        load(module, "--#args now: number", *body, "--#include words.lua")
    load(module, "--#args now: number", "--#include words.lua", *body)


def test_names_that_are_shared_become_a_local_where_they_are_declared(module: str) -> None:
    script = load(module, "--#args now: number", "--#names active: new, open", "return active.new")
    assert script.source.decode().splitlines()[2] == "local active = { 'new', 'open', new = true, open = true }"
    assert script.head.names == {"active": ("new", "open")}
