"""What bytes are is told by how they begin, whatever is said of them."""

import pytest

from trunkline.normalizer.content_types import bitmap_type, told_type

PNG, JPEG, PDF = b"\x89PNG\r\n\x1a\n....", b"\xff\xd8\xff\xe0...", b"%PDF-1.7\n"
MP4, HEIC, M4A = b"\0\0\0\x18ftypmp42....", b"\0\0\0\x18ftypheic....", b"\0\0\0\x20ftypM4A ...."
OGG, WEBM, ZIP, WAV = b"OggS\0\x02...", b"\x1aE\xdf\xa3....", b"PK\x03\x04....", b"RIFF\x24\0\0\0WAVEfmt "
OCTETS = "application/octet-stream"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize(
    ("head", "said", "told"),
    [
        (PNG, "", "image/png"),
        (PNG, "image/jpeg", "image/png"),
        (PNG, "text/html", "image/png"),
        (JPEG, "IMAGE/JPEG; q=1", "image/jpeg"),
        (PDF, OCTETS, "application/pdf"),
        (MP4, "video/mp4", "video/mp4"),
        (MP4, "audio/mp4", "audio/mp4"),
        (MP4, "image/png", "video/mp4"),
        (HEIC, "", "image/heic"),
        (M4A, "audio/x-m4a", "audio/x-m4a"),
        (OGG, "audio/ogg; codecs=opus", "audio/ogg"),
        (OGG, "video/ogg", "video/ogg"),
        (WEBM, "audio/webm", "audio/webm"),
        (ZIP, DOCX, DOCX),
        (ZIP, "text/plain", "application/zip"),
        (WAV, "", "audio/wav"),
        (b"#!AMR\n", "", "audio/amr"),
        (b"ID3\x04", "audio/mp3", "audio/mp3"),
        (b"<html>", "image/png", OCTETS),
        (b"<html>", "application/pdf", OCTETS),
        (b"<html>", "text/html", "text/html"),
        (b"a,b\n1,2\n", "text/csv", "text/csv"),
        (b"hello", "no type at all", OCTETS),
        (b"", "image/gif", OCTETS),
        (b"", "", OCTETS),
    ],
)
def test_a_type_is_told_by_the_beginning_and_else_by_what_was_said(head: bytes, said: str, told: str) -> None:
    assert told_type(head, said) == told


def test_only_common_bitmaps_are_pictures() -> None:
    assert bitmap_type(PNG) == "image/png"
    assert [bitmap_type(each) for each in (HEIC, PDF, b"", b"<svg>")] == [None] * 4
