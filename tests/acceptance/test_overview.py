"""The page that follows one message through the folders is made by the product as it is."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def headings(page: str) -> list[str]:
    return [line for line in page.splitlines() if line.startswith("## ")]


def test_the_overview_can_be_made_anew_and_has_the_stages_that_are_published() -> None:
    made = subprocess.run([sys.executable, "docs/walk.py"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    assert headings(made.stdout) == headings((ROOT / "docs" / "overview.md").read_text(encoding="utf-8"))
