"""HTML as readable text."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.normalizer.html_tokens import MAX_HTML
from trunkline.normalizer.text import html_lines, html_to_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Hello</p><p>World</p>", "Hello\n\nWorld"),
        ("<p>one<p>two", "one\n\ntwo"),
        ("<div>a</div><div><br></div><div>b<br></div><div>c</div>", "a\n\nb\nc"),
        ("a<br/>b<br>c", "a\nb\nc"),
        ("<p class=MsoNormal>a</p><p class=MsoNormal>&nbsp;</p><p class=MsoNormal>b</p>", "a\n\nb"),
        ("<h1>Title</h1>text", "Title\n\ntext"),
        ("<ul><li>one<li>two<ul><li>in</ul></ul>", "* one\n* two\n  * in"),
        ("<ol><li>one</li><li>two</li></ol>", "1. one\n2. two"),
        ("<table><tr><th>Item<th>Price<tr><td>Cup</td><td>3</td></tr></table>", "Item | Price\nCup | 3"),
        ("<table><tr><th>From: </th><td>Ann</td></tr></table>", "From: Ann"),
        ("<pre>a\n  b\n\nc</pre>", "a\n  b\n\nc"),
        ('<div style="white-space: pre-wrap">a\n  b</div>', "a\n  b"),
        ("a\n  b\tc", "a b c"),
        ("<b>bo</b>ld <i>it</i>", "bold it"),
        ("one<hr>two", "one\n* * *\ntwo"),
        ("a &lt; b &amp; c&euro; &#x41;&#66;", "a < b & c€ AB"),
        ("a < b, x <3 you", "a < b, x <3 you"),
        ("a&nbsp;b\u200bc\ufeff", "a bc"),
        ("می‌خواهم 👩‍💻", "می‌خواهم 👩‍💻"),
        ("Look&zwnj;&nbsp;&zwnj;&nbsp;&#8199;&#65279; here", "Look here"),
        ('<a href="https://example.org/">example.org</a>', "example.org"),
        ('<a href="https://example.org/a?b=1">here</a>', "here (https://example.org/a?b=1)"),
        ('<a href="mailto:ann@example.org">ann@example.org</a>', "ann@example.org"),
        ('<a href="mailto:ann@example.org?subject=x">Ann</a>', "Ann (ann@example.org)"),
        ('<a href="javascript:alert(1)">x</a> <a href="#top">y</a>', "x y"),
        ('<img alt="A big sale"><img alt="logo.png"><img alt="😀">', "[A big sale]😀"),
        ('<div style="display:none">hidden</div>shown', "shown"),
        ('<div style="max-height:0px;overflow:hidden">hidden</div><span class="preheader">hidden</span>shown', "shown"),
        ('<p style="DISPLAY : NONE">hidden<p>shown', "shown"),
        ("<style>p{}</style><script>if (a<b) '</p>'</script><title>t</title>shown<textarea>x</textarea>", "shown"),
        ("<!--[if mso]><p>no</p><![endif]--><!-->shown<![if !mso]>, too<![endif]>", "shown, too"),
        ("<?xml version='1.0'?><o:p>shown</o:p>", "shown"),
        ('<a title="a>b" href="https://example.org">x</a>', "x (https://example.org)"),
        ("<div>open <div>never</div> closed", "open\nnever\nclosed"),
        ("", ""),
    ],
)
def test_html_reads_as_people_see_it(html: str, text: str) -> None:
    assert html_to_text(html) == text


@pytest.mark.parametrize(
    "html",
    [
        "<html><head><title>Note</title><body><p>Shown.</p></body></html>",
        "<html><head><meta charset='utf-8'><head><body><div>Shown.</div></body></html>",
        "<head><style>p{color:red}</style><div>Shown.</div>",
        "<head><base href='x'>Shown.",
        "<head><link rel=stylesheet href=x><table><tr><td>Shown.</table>",
        "<head><title>Note<body><p>Shown.</p>",
        "<head><style>p{color:red}</head><body><p>Shown.</p></body>",
        "<script>track()<p>Shown.</p>",
        "<head><!--[if gte mso 9]><xml><o:PixelsPerInch>96</o:PixelsPerInch></xml><![endif]--><p>Shown.",
        "<head><xml><o:PixelsPerInch>96</o:PixelsPerInch></xml></head><p>Shown.</p>",
        "<head><noscript><style>p{}</style></noscript><b>Shown.</b>",
        "<svg><path d='M0 0'><p>Shown.</p>",
        "<svg><g><text>axis</text><g><div>Shown.</div>",
        "<math><mi>x<table><tr><td>Shown.</td></tr></table>",
        "<math><mrow><b>Shown.</b>",
        "<select><option>Mr<option>Mrs<p>Shown.</p>",
        "<datalist id=a><option>Mr</option><div>Shown.</div>",
        "<object data='plan.svg'><p>Shown.</p></object>",
        "<object data='plan.svg'>Shown.</object>",
        "<video src=x><track src=y>Shown.</video>",
        "<audio controls><source src=x><p>Shown.</p></audio>",
        "<canvas id=c>Shown.</canvas>",
        "<map name=m><area href=x><p>Shown.</p></map>",
        "<template><p>Shown.</p></template>",
    ],
)
def test_what_is_left_open_or_cannot_be_played_loses_no_text(html: str) -> None:
    assert html_to_text(html) == "Shown."


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<tr><td>Order<td><td><tr><td>&nbsp;<td>4711<td>&nbsp;", "Order\n4711"),
        ("<tr><td><img src=spacer.gif><td>Order<td><br><td>4711", "Order\n4711"),
        ("<tr><td>a<td><p>b</p><td>c", "a\n\nb\n\nc"),
        ("<tr><td>a</td><td> </td><td>c</td></tr>", "a | c"),
        ("<tr><td>Order:<td><td>4711", "Order: 4711"),
        ('<tr><td>a<td><a href="https://example.org">example.org</a>', "a | example.org"),
        ("<tr><td>a<td><svg><path></svg><td>b", "a | b"),
    ],
)
def test_an_empty_cell_leaves_no_bar(html: str, text: str) -> None:
    assert html_to_text(f"<table>{html}</table>") == text


def test_hidden_text_is_shown_when_there_is_no_other() -> None:
    assert html_to_text('<div style="display:none">only this</div>') == "only this"


def test_quotations_are_left_unmarked_unless_asked_for() -> None:
    assert html_to_text("a<blockquote>b</blockquote>c") == "a\n\nb\n\nc"


def test_pictures_inside_the_html_do_not_use_up_its_size() -> None:
    html = f'<p>first</p><img src="data:image/png;base64,{"A" * MAX_HTML}"><p>last</p>'
    assert html_to_text(html) == "first\n\nlast"


@given(st.text(alphabet=st.sampled_from("<>/ab=\"' !-?&#;\n\u200c"), max_size=200))
def test_nothing_raises(html: str) -> None:
    html_to_text(html)


_PIECES = ["<div>", "</div>", "<p>", "</p>", "<td>", "<tr>", "<li>", "<ul>", "<a>", "</a>", "<pre>", "<br>", "x"]


@given(st.lists(st.sampled_from(_PIECES)))
def test_no_word_gets_lost_between_tags(pieces: list[str]) -> None:
    assert html_to_text(" ".join(pieces)).count("x") == pieces.count("x")


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 20_000 + "x" + "</div>" * 20_000,
        "<table><tr><td>" * 8_000,
        "<font size=1><p>" * 8_000,
        "<b>" * 250 + "<p>" * 40_000,
        "<blockquote>" * 10_000,
        "<td>a" * 25_000,
        "<li>" * 30_000,
        "<a href=x>" * 12_000,
        "<a<" * 40_000,
        '<a "' * 32_000,
        '<a ">' * 25_000,
        "<!--" * 30_000,
        "<style>" * 17_000,
        "<script><i>" * 12_000,
        "<title>" * 17_000,
        "<svg><p>" * 12_000,
        "<head><b>x" * 12_000,
        "<" * 125_000,
        "</b>" * 32_000,
        "&" * 125_000,
        "&#" + "9" * 100_000,
        '<p style="' + "display:" * 15_000 + '">x',
        "<x " + "y " * 50_000 + ">",
        " " * 125_000,
        "\u200c" * 125_000,
        "<pre>" + "\n" * 125_000,
    ],
    ids=lambda html: repr(html[:12]),
)
def test_hostile_html_takes_linear_time(html: str) -> None:
    began = time.process_time()
    html_lines(html)
    assert time.process_time() - began < 2
