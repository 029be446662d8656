"""docs/complaints.md names a test for each complaint, and each of them is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "complaints.md").read_text(encoding="utf-8")
FIELD = ROOT.parent / "shared" / "reference" / "field.md"
ITEMS = frozenset({"2", "3", "4", "5", "6", "12", "14", "15"})
UNKNOWN = frozenset({"2923"})  # of zammad: what is reported there could not be found out


def rows() -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line[:2] == "| "][1:]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_a_complaint_has_its_test(row: list[str]) -> None:
    _, _, _, test = row
    path, _, name = test.strip("`").partition("::")
    assert f"def {name}(" in (ROOT / "tests" / path).read_text(encoding="utf-8")


def test_no_report_is_left_out() -> None:
    if not FIELD.exists():
        pytest.skip(f"the list {FIELD.name} is not here")
    listed = FIELD.read_text(encoding="utf-8").partition("## 10.")[2].partition("## 11.")[0]
    lines = [line for line in listed.splitlines() if line.partition(".")[0] in ITEMS]
    assert len(lines) == len(ITEMS)
    numbers = {number for line in lines for number in re.findall(r"#(\d+)", line)}
    assert numbers - set(re.findall(r"#(\d+)", PAGE)) == UNKNOWN
