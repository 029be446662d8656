"""Commands that people are told to type begin with what they have typed themselves."""

import sys
from pathlib import Path

import pytest

from trunkline.gateway.command.program import command, program
from trunkline.gateway.configuration import BUILT_IN, configure


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with the example in its usual place, and the program in .venv/bin."""
    for place in (tmp_path / "config", tmp_path / ".venv" / "bin"):
        place.mkdir(parents=True)
    (tmp_path / "config" / "example.yaml").write_text(BUILT_IN.read_text())
    (tmp_path / ".venv" / "bin" / "trunkline").touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setattr(sys, "argv", [".venv/bin/trunkline", "serve"])
    return tmp_path


def test_started_by_its_path_it_is_named_by_its_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert program() == ".venv/bin/trunkline"
    monkeypatch.setattr(sys, "argv", [str(folder / ".venv" / "bin" / "trunkline")])
    assert program() == ".venv/bin/trunkline"
    monkeypatch.chdir("/usr")
    assert program() == str(folder / ".venv" / "bin" / "trunkline")


def test_where_the_path_leads_to_it_the_name_is_enough(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(folder / ".venv" / "bin"))
    assert program() == "trunkline"


def test_started_in_another_way_it_has_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/bin/pytest"])
    assert program() == "trunkline"


def test_a_command_names_the_configuration_when_it_would_not_find_it(folder: Path) -> None:
    example = Path("config/example.yaml")
    assert command("tail", configure(example, {})) == ".venv/bin/trunkline tail"
    assert command("tail", configure(folder / example, {})) == ".venv/bin/trunkline tail"
    mine = folder / "my desk.yaml"
    mine.write_text(BUILT_IN.read_text())
    assert command("tail", configure(mine, {})) == ".venv/bin/trunkline tail --config 'my desk.yaml'"
