"""Which last lines of a message are its signature, and which drawn lines and names are what the person says."""

import pytest

from trunkline.normalizer.quoting import split_text


@pytest.mark.parametrize(
    ("text", "author"),
    [
        ("Hello,\n\nquestion one\n--\nquestion two\n--\nquestion three", ""),
        ("Log:\n-----\nstart ok\nstop failed\n-----\nWhat now", "Ann Lee"),
        ("Here is my config:\n---\nname: lamp\ncolor: red\n---\nIt does not load", "Ann Lee"),
        ("Heading\n=======\nSome Words\nOther Words", "Ann Lee"),
        ("Step one\n~~~~~~~~\nPress it\nStep two\n~~~~~~~~\nRelease it", ""),
        ("Query:\nSELECT a\n--\nFROM b", ""),
        ("Query:\nselect a from b;\n--\ndelete from c;", ""),
        ("Name\n----\nAnna\nBert", "Ann Lee"),
        ("| a | b |\n|---|---|\n| 1 | 2 |\nplease check", ""),
        ("Hello\n\n----------\n\nSecond Topic\n\nThe bulb is dead too.", "Ann Lee"),
        ("Erstens die Lampe.\n-----\nZweitens die Birne.\n-----\nDrittens die Rechnung.", "Ann Lee"),
        ("ログです\n----------\nエラー\n----------\nお願いします", ""),
        ("Ordered:\n\nLamp\n----\nBulb\n----\nCable", "Ann Lee"),
        ("Please do this.\n--\nAnd then do that, it is important.", "Ann Lee"),
        ("I was helped by\n\n- Maria", "Ann Lee"),
        ("Which one do you have?\n- Red", "Ann Lee"),
        ("We met two people.\n\n- Maria", "Ann Lee"),
        ("The file is here.\n/etc", ""),
        ("Git says:\n\n$ git log --oneline\n--\nabc123 fix", ""),
        ("Diff:\n--- a/x\n+++ b/x\n-old\n+new", ""),
        ("Total\n=====\n12.50 EUR\n=====\nIs that right", ""),
        ("My list\n\n* * *\n\nsecond part", ""),
        ("Regards,\nAnn", "Ann Lee"),
    ],
)
def test_a_drawn_line_or_a_name_inside_what_is_said_cuts_nothing(text: str, author: str) -> None:
    split = split_text(text, author=author)
    assert (split.visible, split.signature) == (text, "")


@pytest.mark.parametrize(
    ("text", "author", "visible"),
    [
        ("Hello.\n\n-----\nBob Smith\nSales", "", "Hello."),
        ("Hello.\n---\nAnn", "Ann Lee", "Hello."),
        ("Hello.\n____________\nJan de Vries\nDirecteur", "", "Hello."),
        ("Hello.\n-- \nanything goes here", "", "Hello."),
        ("Hello.\n--\nann", "", "Hello."),
        ("Hello.\n-----------\n+49 30 1234567\nwww.x.org", "", "Hello."),
        ("Hello.\n==\nMüller GmbH", "", "Hello."),
        ("Table\n----\nx 1\n----\n\nthanks\n-- \nAnn Lee", "Ann Lee", "Table\n----\nx 1\n----\n\nthanks"),
        ("It is broken.\n- Ann", "Ann Lee", "It is broken."),
        ("It is broken.\n-Bob", "", "It is broken."),
        ("my order is late\n- Ann", "Ann Lee", "my order is late"),
        ("Call me.\n//Bea", "Bea Lind", "Call me."),
        ("Vi ses i morgon\n/Bea", "Bea Lind", "Vi ses i morgon"),
        ("Vi ses i morgon.\n\n/ Anna Karlsson", "", "Vi ses i morgon."),
        ("Where is it?\n\n*-- *\n*Ann Lee*\nLee Ltd", "", "Where is it?"),
        ("Where is it?\n\n**--**\nAnn", "", "Where is it?"),
        ("Where is it?\n\n_--_\n_Ann_", "", "Where is it?"),
        ("Call.\n\nDr. Max Muster, Dipl.-Ing.\nMuster GmbH\nmax@b.example\nwww.b.example", "", "Call."),
        ("Call.\n\nAnna Nowak M.Sc.\nMuster GmbH\nmax@b.example\nwww.b.example", "", "Call."),
        ("Call.\n\nBob Smith, Jr.\nmax@b.example\nwww.b.example", "", "Call."),
        ("Regards,\n--\nAnn", "Ann Lee", "Regards,"),
        ("ありがとう。\n-----\n山田太郎", "山田 太郎", "ありがとう。"),
        ("好的。\n——————\n王小明", "王小明", "好的。"),
    ],
)
def test_a_signature_below_a_line_or_behind_a_mark_is_cut(text: str, author: str, visible: str) -> None:
    split = split_text(text, author=author)
    assert split.visible == visible
    assert split.signature


@pytest.mark.parametrize(
    "name",
    ["Dr. Bea Lind", "Bea Lind, MBA", "Bea Lind Jr.", "Bea Lind, Ph.D., CPA", "Bea Lind (she/her)", "BEA LIND",
     "Bea Lind, Dipl.-Ing."],
)  # fmt: skip
def test_a_name_with_its_titles_begins_the_block_of_contact_data(name: str) -> None:
    block = f"{name}\nHead of Stores\nLind & Co\nbea@b.example\nwww.b.example"
    split = split_text(f"Please call me.\n\n{block}")
    assert (split.visible, split.signature) == ("Please call me.", block)
