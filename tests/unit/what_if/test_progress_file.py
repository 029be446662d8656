"""What a simulation has laid aside is there for the next one, and half a line of one that was killed is not."""

from pathlib import Path

from trunkline.what_if.placement import PlacedAgain
from trunkline.what_if.progress_file import ProgressFile
from trunkline.what_if.seen_line import SeenLine

from .made_history import BILLING

LINES = [SeenLine(number, number, "ticket.created", f"t{number}", "router", {"queue": "support"}) for number in (7, 9)]
PLACED = PlacedAgain(ticket="t7", kind=BILLING, rules=("a",), is_same=True, segment="gold", region="eu")


def opened(path: Path, about: str = "these days") -> ProgressFile:
    file = ProgressFile(path, about)
    file.open()
    return file


def test_a_later_run_goes_on_where_an_earlier_one_was(tmp_path: Path) -> None:
    first = opened(tmp_path / "sub" / "file")
    assert not first.goes_on
    first.add_lines(LINES[:1])
    first.close()

    second = opened(tmp_path / "sub" / "file")
    assert (second.goes_on, second.position, second.all_read) == (True, 7, False)
    assert list(second.stored()) == LINES[:1]
    second.add_lines(LINES[1:])
    second.end_lines()
    second.add_placed([PLACED])
    second.close()

    third = opened(tmp_path / "sub" / "file")
    assert (third.position, third.all_read, third.placed) == (9, True, {"t7": PLACED})
    assert list(third.stored()) == LINES
    third.remove()
    assert not (tmp_path / "sub" / "file").exists()


def test_half_a_line_at_the_end_is_left_out_and_written_over(tmp_path: Path) -> None:
    path = tmp_path / "file"
    first = opened(path)
    first.add_lines(LINES)
    first.close()
    path.write_bytes(path.read_bytes()[:-5])

    again = opened(path)
    assert list(again.stored()) == LINES[:1]
    again.add_lines(LINES[1:])
    again.close()

    last = opened(path)
    assert list(last.stored()) == LINES
    last.close()


def test_a_file_that_is_about_something_else_is_begun_anew(tmp_path: Path) -> None:
    first = opened(tmp_path / "file")
    first.add_lines(LINES)
    first.close()

    other = opened(tmp_path / "file", "other days")

    assert not other.goes_on
    assert not list(other.stored())
    other.close()
    assert (tmp_path / "file").read_text() == 'S "other days"\n'
    assert (tmp_path / "file").stat().st_mode & 0o077 == 0
