"""How many SMS a text is."""

import pytest

from trunkline.normalizer.sms_segments import Segments, segments_of


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", Segments("GSM-7", 0, 160)),
        ("a" * 160, Segments("GSM-7", 1, 0)),
        ("a" * 161, Segments("GSM-7", 2, 145)),
        ("a" * 306, Segments("GSM-7", 2, 0)),
        ("a" * 307, Segments("GSM-7", 3, 152)),
        ("€" * 80, Segments("GSM-7", 1, 0)),
        ("a" * 159 + "€", Segments("GSM-7", 2, 145)),
        ("a" * 152 + "€" + "a" * 20, Segments("GSM-7", 2, 131)),
        ("äöüÄÖÜß ñ Ω @", Segments("GSM-7", 1, 147)),
        ("ç", Segments("UCS-2", 1, 69, "ç")),
        ("Ç", Segments("GSM-7", 1, 159)),
        ("ж" * 70, Segments("UCS-2", 1, 0, "ж")),
        ("ж" * 71, Segments("UCS-2", 2, 63, "ж")),
        ("ж" * 134, Segments("UCS-2", 2, 0, "ж")),
        ("😀" * 35, Segments("UCS-2", 1, 0, "😀")),
        ("ж" * 66 + "😀" + "ж" * 10, Segments("UCS-2", 2, 55, "ж😀")),
        ("It’s “fine”", Segments("UCS-2", 1, 59, "’“”")),
    ],
)
def test_parts_are_counted_as_carriers_bill_them(text: str, segments: Segments) -> None:
    assert segments_of(text) == segments
