"""What holds for every script of the engine, whoever owns it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("adapters", "desk", "downstream", "gateway", "normalizer", "queue", "router", "web")
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.lua"))
INCLUDED = {
    (path.parent / name).resolve()
    for path in FILES
    for name in re.findall(r"^[ \t]*--#include\s+(\S+)", path.read_text(encoding="utf-8"), re.MULTILINE)
}
NAMES = [str(path.relative_to(ROOT)) for path in FILES]


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_script_begins_with_its_flags_and_an_include_does_not(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith("#!lua") != (path in INCLUDED)


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_time_comes_from_outside_and_nothing_searches_all_keys(path: Path) -> None:
    calls = re.findall(r"redis\.p?call\(\s*(['\"]?)(\w+)", path.read_text(encoding="utf-8"))

    assert [command for quote, command in calls if not quote] == []
    assert {command.upper() for _, command in calls} & {"TIME", "KEYS", "SCAN", "FLUSHDB", "FLUSHALL", "EVAL"} == set()


def test_every_include_exists() -> None:
    assert [path for path in INCLUDED if not path.exists()] == []
    assert FILES
