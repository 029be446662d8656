"""A file that is fetched later has its place, its name and its state from the beginning."""

import pytest

from trunkline.normalizer.envelope import Attachment
from trunkline.normalizer.later_files import as_fetched, later_file, missing_file
from trunkline.normalizer.outgoing import Fetched

PNG = b"\x89PNG\r\n\x1a\n...."
SHA = "a" * 64


def fetched(file: Attachment, head: bytes, **told: str) -> Attachment:
    return as_fetched(file, Fetched(**told), sha256=SHA, size=9, head=head)


def test_a_file_waits_under_what_it_is_fetched_by() -> None:
    file = later_file("AgAD", name="../bills/5.pdf", media_type="Application/PDF", size=7)
    assert (file.state, file.fetch, file.sha256, file.size) == ("fetching", "AgAD", "", 7)
    assert (file.name, file.media_type) == ("5.pdf", "application/pdf")


@pytest.mark.parametrize(
    ("kind", "media_type", "name"),
    [("photo", "image/jpeg", "photo.jpg"), ("voice", "audio/ogg", "voice.ogg"), ("file", "", "file")],
)
def test_a_file_without_a_name_is_called_by_what_it_is(kind: str, media_type: str, name: str) -> None:
    assert later_file("id", kind=kind, media_type=media_type).name == name


@pytest.mark.parametrize("reference", ["", "x" * 5000])
def test_a_file_without_a_usable_reference_is_missing_from_the_beginning(reference: str) -> None:
    file = later_file(reference, kind="photo")
    assert (file.state, file.fetch, file.problem) == ("missing", "", "the channel does not say where it is")


def test_what_is_fetched_has_its_bytes_and_is_still_known_by_its_reference() -> None:
    file = fetched(later_file("id", name="a.png", media_type="image/png", size=99), PNG)
    assert file == Attachment(name="a.png", media_type="image/png", size=9, sha256=SHA, fetch="id")


def test_the_name_of_the_vendor_counts_only_where_ours_has_no_ending() -> None:
    assert fetched(later_file("id", name="mine.png"), PNG, name="theirs.jpg").name == "mine.png"
    assert fetched(later_file("id", name="file"), PNG, name="../theirs.jpg").name == "theirs.jpg"
    assert fetched(later_file("id", name="file"), PNG, name="theirs").name == "file.png"


def test_the_type_is_told_by_the_bytes_and_else_by_the_message_before_the_server() -> None:
    assert fetched(later_file("id", media_type="image/png"), b"<html>").media_type == "application/octet-stream"
    assert fetched(later_file("id", media_type="text/csv"), b"a", media_type="text/html").media_type == "text/csv"
    assert fetched(later_file("id"), b"a", media_type="text/csv; charset=x").media_type == "text/csv"


def test_why_a_file_is_missing_is_one_line_and_it_can_be_tried_again() -> None:
    file = missing_file(later_file("id"), "no\nmore\u202e" + "!" * 999)
    assert (file.state, file.fetch) == ("missing", "id")
    assert file.problem.startswith("no more!")
    assert len(file.problem) == 300
