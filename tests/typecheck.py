"""Runs mypy and makes sure that it has looked at every source file.

The folders reach mypy through the links in `typings/`; where links are not checked out it would read one file and be
content. So it must say that it checked at least as many files as there are; it counts the namespace folders as well.
The programs beside the product, in `docs/` and `benchmarks/`, are looked at too.

    python tests/typecheck.py
"""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROGRAMS = sorted(str(path.relative_to(ROOT)) for name in ("benchmarks", "docs") for path in (ROOT / name).glob("*.py"))


def source_files() -> int:
    """How many Python files the declared packages hold."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = settings["tool"]["setuptools"]["packages"]
    return sum(len(list((ROOT / Path(*name.split(".")[1:])).glob("*.py"))) for name in packages)


def mypy(*files: str) -> "subprocess.CompletedProcess[str]":
    """Looks at these files, without any at the packages of the settings."""
    words = [sys.executable, "-m", "mypy", *files]
    run = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    sys.stdout.write(run.stdout)
    return run


def main() -> str | int:
    """The exit code of mypy, or what is wrong with its run."""
    run = mypy()
    checked = re.search(r"(\d+) source files?\)?\s*\Z", run.stdout)
    found = int(checked[1]) if checked else 0
    if run.returncode == 0 and found < source_files():
        return f"mypy checked {found} of {source_files()} source files; are the links in typings/ checked out?"
    return run.returncode or mypy(*PROGRAMS).returncode


if __name__ == "__main__":
    sys.exit(main())
