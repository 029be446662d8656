"""How long a sound or a film plays, from its header."""

from io import BytesIO

import pytest

from tests.films import box, header, sound
from trunkline.normalizer.mp4_duration import duration_of


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize(
    ("length", "scale", "milliseconds"), [(90_500, 1000, 90_500), (441_001, 44_100, 10_001), (1, 1, 1000)]
)
def test_the_length_is_told_in_milliseconds(version: int, length: int, scale: int, milliseconds: int) -> None:
    assert duration_of(BytesIO(sound(length, scale, version=version))) == milliseconds


def test_a_box_to_the_end_of_the_file_is_read() -> None:
    film = bytearray(box(b"moov", header(5000, 1000)))
    film[:4] = bytes(4)
    assert duration_of(BytesIO(bytes(film))) == 5000


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"ID3\x04",
        b"\0\0\0\x04moov",
        b"\0\0\0\x01moov\0\0\0\0\0\0\0\x01" + bytes(40),
        b"\xff\xff\xff\xffmoov" + bytes(40),
        box(b"moov", b""),
        box(b"moov", box(b"mvhd", b"\0\0")),
        box(b"moov", header(1000, 0)),
        box(b"moov", header(0, 1000)),
        box(b"free", b"") * 2000 + box(b"moov", header(1000, 1000)),
    ],
)
def test_what_is_broken_has_no_length(content: bytes) -> None:
    assert duration_of(BytesIO(content)) is None


@pytest.mark.parametrize("end", range(0, 1200, 7))
def test_a_file_that_breaks_off_is_no_error(end: int) -> None:
    whole = sound(90_500, 1000)
    assert duration_of(BytesIO(whole[:end])) in (None, 90_500)
