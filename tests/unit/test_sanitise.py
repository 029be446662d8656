"""What is left of a stranger's HTML: nothing that runs, nothing that is loaded, and what they wanted to say."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from trunkline.desk.pages.flatten_html import DEEPEST, FORMATTING, MOST_TAGS, flat_html
from trunkline.desk.pages.sanitise import TAGS, TILE, sanitise
from trunkline.normalizer.content_types import bitmap_type

from ..xss_corpus import CANARY, MAILS, STRINGS

ATTRIBUTES = {
    *("dir", "lang", "title", "href", "target", "rel", "src", "alt", "width", "height", "colspan", "rowspan", "align"),
    *("valign", "span", "start", "type", "reversed", "value", "datetime", "open"),
}
VOID = {"br", "col", "hr", "img", "wbr"}
PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


class Reading(HTMLParser):
    """Reads HTML in a way of its own, and objects to what must not be there."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.deepest = 0
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        for name, value in attrs:
            assert name in ATTRIBUTES, (tag, name)
            if name == "src":
                assert tag == "img"
                assert value == TILE or re.match(
                    r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+\Z", value or ""
                )
            if name == "href":
                assert re.match(r"\s*(https?://|mailto:)", value or "", re.IGNORECASE), value
        given = dict(attrs)
        if tag == "a":
            assert (given["target"], given["rel"]) == ("_blank", "noopener noreferrer nofollow")
        if tag not in VOID:
            self.open.append(tag)
            self.deepest = max(self.deepest, len(self.open))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data!r}")

    handle_decl = handle_pi = unknown_decl = handle_comment


OPENS = 'target="_blank" rel="noopener noreferrer nofollow"'


def in_order(html: str) -> str:
    """The HTML with what is added to links in one order; nh3 has none."""
    return html.replace('rel="noopener noreferrer nofollow" target="_blank"', OPENS)


def harmless(html: str) -> str:
    """What is left, looked through, and the same when it goes through again."""
    left = in_order(sanitise(html).html)
    reading = Reading(left)
    assert reading.open == []
    assert in_order(sanitise(left).html) == left
    return left


def test_the_corpus_is_large_enough_to_mean_something() -> None:
    assert len(STRINGS) >= 200
    assert len(MAILS) >= 80
    assert all(CANARY in text or "alert(" in text or "{{" in text for text in STRINGS)


@pytest.mark.parametrize("html", [*STRINGS, *MAILS])
def test_nothing_hostile_is_left(html: str) -> None:
    left = harmless(html)
    assert "<script" not in left.lower()


def test_a_canary_is_only_left_where_a_person_must_click() -> None:
    for html in MAILS:
        without_links = re.sub(r'href="[^"]*"', "", sanitise(html).html)
        assert not re.search(rf'=\s*"[^"]*{CANARY}', without_links)


PIECES = st.one_of(
    st.sampled_from([f"<{tag}>" for tag in sorted(TAGS)]),
    st.sampled_from([f"</{tag}>" for tag in sorted(TAGS)]),
    st.sampled_from(
        ["<svg>", "</svg>", "<math>", "<mi>", "<style>", "</style>", "<!--", "-->", "<![CDATA[", "]]>", "<template>"]
    ),
    st.sampled_from(
        ["<select>", "<option>", "<noscript>", "<title>", "</title>", "<plaintext>", "<table><a>", "<br/>"]
    ),
    st.sampled_from(STRINGS),
    st.sampled_from(['<a href="', "'", '"', ">", "<", "&lt;", "&#x3c;", "&", "=", "/", "\x00", "\ufeff", " onerror="]),
    st.text(max_size=8),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join))
@example("<table><tr><a><td></a><p></table></p>")
@example("<p><a><div><a></div>")
def test_nothing_that_anybody_can_put_together_is_left(html: str) -> None:
    left = sanitise(html).html
    Reading(left)
    again = sanitise(left).html
    Reading(again)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_what_comes_out_of_the_first_pass_is_well_nested(html: str) -> None:
    names = re.findall(r"<(/?)([a-z0-9]+)(?: [^<>]*)?>", flat_html(html, TAGS))
    open_: list[str] = []
    for closing, name in names:
        if closing:
            assert open_.pop() == name
        elif name not in VOID:
            open_.append(name)
    assert open_ == []


@pytest.mark.parametrize(
    ("html", "depth"),
    [
        ("<div>" * 100_000, DEEPEST),
        ("<b>" * 50_000 + "<p>" * 10_000, DEEPEST),
        ("<p>" + "".join(f"<font lang=a{n}>" for n in range(5000)) + "</p>" + "<p>x</p>" * 5000, FORMATTING + 1),
        ("<table><tr><td>" * 20_000, DEEPEST * 2),
        ("<div><select></div></select>" * 20_000, DEEPEST),
    ],
)
def test_a_tangle_becomes_shallow(html: str, depth: int) -> None:
    reading = Reading(sanitise(html).html)
    assert 0 < reading.deepest <= depth
    assert sum(1 for _ in re.finditer("<", flat_html(html, TAGS))) <= 2 * MOST_TAGS


def test_behind_the_last_tag_only_text_goes_on() -> None:
    left = flat_html("<i>a</i>" * MOST_TAGS + "<i>the end</i>", TAGS)
    assert left.endswith("<i>a</i>the end")


def test_a_mail_still_says_what_it_said() -> None:
    mail = """<html><head><style>p {color: red}</style><title>x</title></head><body bgcolor="#fff">
    <p style="color:red" class="x" id="y" onclick="z()">Dear <b>desk</b>,<br>my lamp &lt;3 is <i>broken</i>.</p>
    <p dir="rtl" lang="ar">مرحبا
    <ul><li>one<li>two</ul><table width="100%" border="1"><tr><td colspan="2" align="right">1<td>2<tr><th>3</table>
    <a href="https://shop.example/a?b=1&amp;c=2" onclick="x">order</a> <a href="mailto:me@example.org">me</a>
    <a href="tel:+123">call</a> <a href="/relative">here</a></body></html>"""
    assert re.sub(r"\s+", " ", harmless(mail)).strip() == (
        "<p>Dear <b>desk</b>,<br>my lamp &lt;3 is <i>broken</i>.</p> "
        '<p dir="rtl" lang="ar">مرحبا </p><ul><li>one</li><li>two</li></ul>'
        '<table width="100%"><tbody><tr><td colspan="2" align="right">1</td><td>2</td></tr><tr><th>3</th></tr></tbody>'
        f'</table> <a href="https://shop.example/a?b=1&amp;c=2" {OPENS}>order</a> '
        f'<a href="mailto:me@example.org" {OPENS}>me</a> <a {OPENS}>call</a> <a {OPENS}>here</a>'
    )


def test_pictures_that_came_along_are_shown_and_others_are_counted() -> None:
    html = (
        f'<img src="{PIXEL}" alt="a"><img src="cid:logo%40x" alt="b"><img src="CID:unknown"><img src="{PIXEL}x\'">'
        '<img src="https://tracker.example/1.gif" width="1" height="1"><img src="//tracker.example/2.gif"><img alt="c">'
        '<img src="data:image/svg+xml,<svg onload=alert(1)>"><img src="data:text/html,x"><img src="javascript:x">'
    )
    left = sanitise(html, {"logo@x": PIXEL})
    sources = re.findall(r'<img(?: src="([^"]*)")?', left.html)
    assert sources == [PIXEL, PIXEL, TILE, TILE, TILE, TILE, "", TILE, TILE, ""]
    assert left.left_out == 6


def test_a_large_picture_inside_the_html_is_shown_too() -> None:
    large = f"data:image/png;base64,{'QUJD' * 20_000}"
    assert f'src="{large}"' in sanitise(f'<p>x<img width=9 src="{large}" alt=y></p>').html
    assert f'src="{large}"' in sanitise(f"<img src='{large}'>").html


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"\x89PNG\r\n\x1a\nrest", "image/png"),
        (b"\xff\xd8\xff\xe0rest", "image/jpeg"),
        (b"GIF89arest", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPrest", "image/webp"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        (b"RIFF\x00\x00\x00\x00WAVE", None),
        (b"", None),
    ],
)
def test_a_picture_is_what_begins_like_one(content: bytes, media_type: str | None) -> None:
    assert bitmap_type(content) == media_type
