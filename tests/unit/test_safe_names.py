"""Names that strangers give to their files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.normalizer.safe_names import safe_line, safe_name


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("report.pdf", "report.pdf"),
        ("отчёт за март.docx", "отчёт за март.docx"),
        ("../../etc/passwd", "passwd"),
        ("..\u200b/\u200b.htaccess", "htaccess"),
        ("C:\\Users\\ann\\invoice.pdf", "invoice.pdf"),
        ("／etc／shadow", "shadow"),
        ("..⧵..∕x.sh", "x.sh"),
        ("photo\u202egnp.exe", "photognp.exe"),
        ("nul.txt", "_nul.txt"),
        ("COM1", "_COM1"),
        ("console.log", "console.log"),
        ("a<b>:c?.txt", "a_b__c_.txt"),
        ("two\r\nlines\x00.txt", "two lines.txt"),
        ("注文　番号.pdf", "注文　番号.pdf"),
        ("e\u0301te\u0301.png", "été.png"),
        ("  .bashrc. ", "bashrc"),
        ("folder/", "folder"),
        ("Order_225/2385/5648.pdf", "Order_225_2385_5648.pdf"),
        ("AC/DC.mp3", "AC_DC.mp3"),
        ("1／2.pdf", "1_2.pdf"),
        ("a/../b.pdf", "b.pdf"),
        ("~/.ssh/id", "id"),
        ("./a/b.pdf", "b.pdf"),
        ("\\\\host\\share\\b.pdf", "b.pdf"),
        ("file:///home/ann/b.pdf", "b.pdf"),
        ("", "attachment"),
        ("../..", "attachment"),
        ("\ud800", "attachment"),
    ],
)
def test_names_are_made_safe_to_show(given_name: str, shown: str) -> None:
    assert safe_name(given_name) == shown


def test_long_names_keep_their_suffix() -> None:
    assert safe_name("x" * 300 + ".jpeg") == "x" * 115 + ".jpeg"
    assert len(safe_name("語" * 300 + ".jpeg").encode()) <= 240


@given(st.text(max_size=400))
def test_a_safe_name_is_a_plain_one_and_stays_as_it_is(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe) <= 120
    assert len(safe.encode()) <= 240
    assert not set(safe) & set('/\\<>:"|?*\x00\n\r\u202e\u200b')
    assert safe == safe.strip(". ")
    assert safe_name(safe) == safe


def test_a_line_has_no_controls_and_no_towers_of_marks() -> None:
    assert safe_line("a\u202eb\r\nc\u2028d\u200be") == "ab c de"
    assert safe_line("Z" + "\u0334" * 100) == "Z" + "\u0334" * 4
    assert safe_line("x" * 5000) == "x" * 1000
