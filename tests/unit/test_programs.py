"""What the machine lacks is skipped with its reason, and fails where everything is to be there."""

from pathlib import Path

import pytest

from ..programs import missing, program


def installed(folder: Path, name: str) -> Path:
    made = folder / name
    made.touch(mode=0o700)
    return made


def test_the_first_program_that_is_installed_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    second = installed(tmp_path, "chromium-browser")
    assert program("chromium", "chromium-browser") == str(second)
    first = installed(tmp_path, "chromium")
    assert program("chromium", "chromium-browser") == str(first)


@pytest.mark.parametrize("ci", ["", "false"])
def test_a_program_that_is_not_there_skips_the_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ci: str) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CI", ci)
    with pytest.raises(pytest.skip.Exception, match="gcc or strace is not installed"):
        program("gcc", "strace")


def test_nothing_may_be_missing_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="there are no fonts"):
        missing("there are no fonts")
