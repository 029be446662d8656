"""Foreseen traffic is read from a file, or refused with the line and what is wrong there."""

from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from trunkline.config.errors import Invalid
from trunkline.gateway.command.main import app
from trunkline.what_if.given_traffic import given_history

from .made_history import settings

EXAMPLE = Path(__file__).parents[3] / "config" / "example.yaml"
HEAD = "from,queue,tickets,minutes,priority,skills\n"
ROWS = "2026-12-01T09:00,support,200,8\n2026-12-01T09:30,billing,50,4,1,refunds b@2\n"


def written(folder: Path, text: str) -> Path:
    file = folder / "traffic.csv"
    file.write_text(text)
    return file


def test_means_are_met_and_the_same_file_gives_the_same_days(tmp_path: Path) -> None:
    file = written(tmp_path, HEAD + ROWS)
    found = given_history(file, settings(), ZoneInfo("Europe/Berlin"))
    support = [each for each in found.passages.values() if each.episodes[0].kind.queue == "support"]
    work = [(each.episodes[0].ended_at or 0) - each.arrived_at for each in support]

    assert 150 < len(support) < 250
    assert 6 < sum(work) / len(work) / 60_000 < 10
    assert found.start == 1_796_112_000_000  # 08:00 in UTC
    assert {each.episodes[0].kind[1:] for each in found.passages.values() if each not in support} == {
        (1, "unknown", ("b@2", "refunds"), ())
    }
    assert given_history(file, settings(), ZoneInfo("Europe/Berlin")) == found


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("queue,tickets,minutes\n", ":1: there is no column from; the first line names from, queue, tickets, minutes"),
        (HEAD, ":2: there is no row; each is a half hour"),
        (HEAD + "soon,support,1,1\n", ":2: found 'soon' under from, expected a time such as 2026-12-01T09:00"),
        (HEAD + "2026-12-01T09:00,sales,1,1\n", ":2: there is no queue 'sales'; there are: support, billing"),
        (HEAD + ROWS + "2026-12-01T09:00,support,many,1\n", ":4: found 'many' under tickets, expected a number from"),
        (HEAD + "2026-12-01T09:00,support,1,-3\n", ":2: found '-3' under minutes, expected a number from 0 to 10,000"),
        (HEAD + "2026-12-01T09:00,support,1,1,5\n", ":2: found '5' under priority, expected 1 to 4"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(Invalid) as refused:
        given_history(written(tmp_path, text), settings(), UTC)
    assert told in refused.value.detail


def test_a_plan_for_a_file_needs_no_desk(tmp_path: Path) -> None:
    file = written(tmp_path, HEAD + "2026-12-01T09:00,support,20,8\n")
    result = CliRunner().invoke(app, ["plan", "--given", str(file), "--config", str(EXAMPLE)])

    assert result.exit_code == 0, result.output
    assert "support: work" in result.stdout
    assert "Tue  09:00-" in result.stdout
    absent = CliRunner().invoke(app, ["plan", "--given", str(tmp_path / "none.csv"), "--config", str(EXAMPLE)])
    assert isinstance(absent.exception, Invalid)
    assert absent.exception.detail.endswith("none.csv: no such file or directory")
