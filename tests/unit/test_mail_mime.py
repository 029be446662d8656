"""The MIME reader: well-formed mails, the damage that mails really have, and bombs."""

import base64
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.adapters.mail import limits
from trunkline.adapters.mail.bodies import Bodies, find_bodies, part_text
from trunkline.adapters.mail.mime import Part, read_mail
from trunkline.adapters.mail.transfer import decode_transfer
from trunkline.config.errors import Unreadable


def lines(*given: str) -> bytes:
    return "\r\n".join(given).encode()


def leaves(raw: bytes) -> list[tuple[str, bytes]]:
    return [(part.content.value, part.body) for part in read_mail(raw).leaves()]


# Headers


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_line_ends_of_any_kind_part_headers_from_the_body(end: str) -> None:
    mail = read_mail(end.join(["Subject: a", " b", "To: c", "", "body"]).encode())
    assert [(name, value.replace("\r\n", "")) for name, value in mail.headers.fields] == [
        ("subject", " a b"),
        ("to", " c"),
    ]
    assert mail.body == b"body"


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        (b"From someone@x Mon Jan 1 00:00:00 2024\nSubject: a\n\nbody", ["subject"]),
        (b">From someone@x Mon Jan 1 00:00:00 2024\nSubject: a\n\nbody", ["subject"]),
        (b"Subject: a\nlost its indentation\nTo: b\n\nbody", ["subject", "to"]),
        (b"Subject : a\nTo\t: b\n\nbody", ["subject", "to"]),
        (b"\nbody", []),
        (b"no header at all\nbut text", []),
        (b"", []),
        (b"Subject: a", ["subject"]),
    ],
)
def test_damaged_headers_are_read_as_far_as_they_go(raw: bytes, names: list[str]) -> None:
    assert [name for name, _ in read_mail(raw).headers.fields] == names


def test_headers_without_an_empty_line_behind_them_end_where_text_begins() -> None:
    mail = read_mail(b"Subject: a\nHello there\nhow are you\n")
    assert mail.headers.get("subject") == " a"
    assert mail.body == b"Hello there\nhow are you\n"


def test_a_header_that_is_too_long_is_cut() -> None:
    mail = read_mail(b"Subject: " + b"x" * 100_000 + b"\n\nbody")
    assert len(mail.headers.get("subject")) == limits.HEADER
    assert mail.body == b"body"


# Containers


def mixed(*parts: str, boundary: str = "B", head: str = 'Content-Type: multipart/mixed; boundary="B"') -> bytes:
    inner = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    return f"{head}\r\n\r\npreamble\r\n{inner}--{boundary}--\r\nepilogue\r\n".encode()


def test_the_parts_of_a_container_stand_between_its_delimiters() -> None:
    raw = mixed("Content-Type: text/plain\r\n\r\none\r\ntwo", "Content-Type: text/html\r\n\r\n<p>three", "\r\nfour")
    assert leaves(raw) == [("text/plain", b"one\r\ntwo"), ("text/html", b"<p>three"), ("text/plain", b"four")]


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (lambda raw: raw.replace(b"--B--\r\nepilogue\r\n", b""), [b"one", b"two\r\n"]),
        (lambda raw: raw.replace(b"--B\r\n", b"--B  \t\r\n"), [b"one", b"two"]),
        (lambda raw: raw.replace(b"\r\n", b"\n"), [b"one", b"two"]),
        (lambda raw: raw.replace(b'"B"', b'"B'), [b"one", b"two"]),
        (lambda raw: raw.replace(b'"B"', b'"  B  "').replace(b"--B", b"--  B"), [b"one", b"two"]),
        (lambda raw: raw.replace(b'boundary="B"', b"x=y"), [b"one", b"two"]),
        (lambda raw: raw.replace(b'"B"', b'"another"'), [b"one", b"two"]),
        (lambda raw: raw.replace(b"; boundary", b"\r\n boundary"), [b"one", b"two"]),
        (lambda raw: raw.replace(b"preamble\r\n", b""), [b"one", b"two"]),
        (lambda raw: raw + b"--B\r\n\r\nthree\r\n--B--\r\n", [b"one", b"two", b"three"]),
        (lambda raw: raw.replace(b"one", b"--Bone\r\none"), [b"--Bone\r\none", b"two"]),
    ],
    ids=[
        "no last delimiter",
        "blanks behind delimiters",
        "bare line feeds",
        "quote never closed",
        "blanks in the boundary",
        "no boundary announced",
        "another boundary announced",
        "no semicolon",
        "no preamble",
        "parts behind the last delimiter",
        "a line that only begins like a delimiter",
    ],
)
def test_a_damaged_container_still_has_its_parts(damage: Callable[[bytes], bytes], expected: list[bytes]) -> None:
    raw = mixed("Content-Type: text/plain\r\n\r\none", "Content-Type: text/plain\r\n\r\ntwo")
    assert [body for _, body in leaves(damage(raw))] == expected


def test_a_container_that_nothing_delimits_is_shown_as_text() -> None:
    assert leaves(b"Content-Type: multipart/mixed; boundary=B\n\nHello\n") == [("text/plain", b"Hello\n")]


def test_the_same_boundary_inside_loses_no_part() -> None:
    raw = mixed(
        'Content-Type: multipart/alternative; boundary="B"\r\n',
        "Content-Type: text/plain\r\n\r\none",
        "Content-Type: application/pdf\r\n\r\ntwo",
    )
    assert {b"one", b"two"} <= {body for _, body in leaves(raw)}


def test_an_inner_container_without_end_does_not_swallow_what_follows_it() -> None:
    raw = mixed(
        'Content-Type: multipart/alternative; boundary="B2"\r\n\r\n--B2\r\n\r\none\r\n--B2\r\n\r\ntwo',
        "Content-Type: text/plain\r\n\r\nthree",
    )
    assert [body for _, body in leaves(raw)] == [b"one", b"two", b"three"]


def test_a_mail_in_a_mail_stays_whole() -> None:
    raw = mixed("Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ninner body")
    assert leaves(raw) == [("message/rfc822", b"Subject: inner\r\n\r\ninner body")]


def test_parts_of_a_digest_are_mails() -> None:
    raw = mixed("\r\nSubject: a\r\n\r\nb", head='Content-Type: multipart/digest; boundary="B"')
    assert leaves(raw) == [("message/rfc822", b"Subject: a\r\n\r\nb")]


@pytest.mark.parametrize("value", ["text", "", ";", "/", "no type at all", "text/plain/", "=?utf-8?q?x?="])
def test_a_type_that_is_none_is_plain_text(value: str) -> None:
    assert leaves(f"Content-Type: {value}\n\nbody".encode()) == [("text/plain", b"body")]


# Transfer encodings

TEXT = "Grüße aus Köln, это тест\r\n".encode() * 20


@pytest.mark.parametrize(
    ("encoded", "encoding"),
    [
        (base64.encodebytes(TEXT), "base64"),
        (base64.encodebytes(TEXT), " BASE64 (as usual)"),
        (base64.b64encode(TEXT), "base64"),
        (base64.b64encode(TEXT).rstrip(b"="), "base64"),
        (base64.encodebytes(TEXT).replace(b"\n", b"\r\n \r\n"), "base64"),
        (base64.b64encode(TEXT).replace(b"A", b"A!*-"), "base64"),
        (base64.b64encode(TEXT[:100]) + b"\n" + base64.b64encode(TEXT[100:]), "base64"),
        (base64.encodebytes(TEXT) + b"\n-- \nA footer, that a list put behind\n", "base64"),
        (TEXT, "8bit"),
        (TEXT, "x-unheard-of"),
    ],
)
def test_what_was_encoded_comes_back(encoded: bytes, encoding: str) -> None:
    assert decode_transfer(encoded, encoding).removesuffix(b"\n") in {TEXT, TEXT.removesuffix(b"\n")}


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        b"--==\nContent-ase64\n\n--==\n",
        b"Hello\n\nWhere is it?\nMaria\n",
        b"--x\nContent-Type: text/plain\n\nRoom 5.\n--x--\n",
    ],
)
def test_a_text_that_a_server_decoded_without_saying_so_is_read(text: bytes) -> None:
    assert decode_transfer(text, "base64") == text


def test_a_short_encoded_text_above_a_longer_footer_is_read() -> None:
    footer = b"This list is kept by x.\nTo leave it, write to y.\nBye.\n"
    assert decode_transfer(base64.encodebytes(b"two cups of coffee") + footer, "base64").startswith(
        b"two cups of coffee"
    )


@pytest.mark.parametrize(
    ("encoded", "expected"),
    [
        (b"a=3Db", b"a=b"),
        (b"a=3db", b"a=b"),
        (b"soft=\r\nbreak", b"softbreak"),
        (b"soft=  \r\nbreak", b"softbreak"),
        (b"end  \r\nline", b"end\r\nline"),
        (b"bad =ZZ escape", b"bad =ZZ escape"),
        (b"end=", b"end"),
        (b"caf=C3=A9", "café".encode()),
        (b"raw \xc3\xa9", "raw é".encode()),
    ],
)
def test_quoted_printable_is_read_even_when_damaged(encoded: bytes, expected: bytes) -> None:
    assert decode_transfer(encoded, "Quoted-Printable") == expected


@pytest.mark.parametrize(
    "line", [b"12;34;5=3B6\r\n", b"soft=\n", b"blank \r\nblank\t\n", b"x" * 1000 + b"=20\n", b"\n"]
)
@pytest.mark.parametrize("count", [1, 20_000])
def test_a_long_quoted_printable_text_is_read_as_a_short_one(line: bytes, count: int) -> None:
    assert decode_transfer(line * count, "quoted-printable") == decode_transfer(line, "quoted-printable") * count


def test_a_long_uuencoded_file_is_read_to_its_end() -> None:
    assert decode_transfer(b"begin 644 a\n" + b"#86)C\n" * 50_000 + b"end\n#86)C\n", "uuencode") == b"abc" * 50_000


@pytest.mark.parametrize(
    ("encoded", "expected"),
    [
        (b"begin 644 a.txt\n#86)C\n`\nend\n", b"abc"),
        (b"#86)C\n", b"abc"),
        (b"begin 644 a.txt\n#86)CXX\n \nend\n", b"abc"),
        (b"begin 644 a\n\xff\xff\xff\nend", b""),
    ],
)
def test_uuencode_is_read_even_when_damaged(encoded: bytes, expected: bytes) -> None:
    assert decode_transfer(encoded, "x-uuencode") == expected


@given(st.binary(max_size=2000), st.sampled_from(["base64", "quoted-printable", "x-uuencode", "7bit", "\ud800"]))
def test_no_bytes_break_an_encoding(raw: bytes, encoding: str) -> None:
    assert isinstance(decode_transfer(raw, encoding), bytes)


# What is text, and what a file

PLAIN = "Content-Type: text/plain\r\n\r\nplain"
HTML = "Content-Type: text/html\r\n\r\n<b>html</b>"
PDF = "Content-Type: application/pdf; name=a.pdf\r\n\r\npdf"
PICTURE = "Content-Type: image/png\r\nContent-ID: <p>\r\nContent-Disposition: inline\r\n\r\npng"


def container(kind: str, *parts: str) -> str:
    boundary = f"={kind}{len(''.join(parts))}"
    return (
        f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'
        + "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
        + f"--{boundary}--"
    )


def sorted_into(bodies: Bodies) -> tuple[list[str], list[str], list[str]]:
    def types(parts: list[Part]) -> list[str]:
        return [part.content.value for part in parts]

    return types(bodies.text), types(bodies.html), types(bodies.files)


@pytest.mark.parametrize(
    ("raw", "text", "html", "files"),
    [
        (PLAIN, ["text/plain"], ["text/plain"], []),
        (HTML, ["text/html"], ["text/html"], []),
        (PDF, [], [], ["application/pdf"]),
        ("Content-Type: text/markdown\r\n\r\nx", ["text/markdown"], ["text/markdown"], []),
        (container("alternative", PLAIN, HTML), ["text/plain"], ["text/html"], []),
        (container("alternative", HTML), ["text/html"], ["text/html"], []),
        (container("alternative", PLAIN), ["text/plain"], ["text/plain"], []),
        (container("mixed", PLAIN, PDF, PLAIN), ["text/plain"] * 2, ["text/plain"] * 2, ["application/pdf"]),
        (container("mixed", PLAIN, PICTURE), ["text/plain"], ["text/plain"], ["image/png"]),
        (
            container("alternative", PLAIN, container("related", HTML, PICTURE)),
            ["text/plain"],
            ["text/html"],
            ["image/png"],
        ),
        (
            container("mixed", container("alternative", PLAIN, HTML), PDF, PLAIN),
            ["text/plain", "text/plain"],
            ["text/html", "text/plain"],
            ["application/pdf"],
        ),
        (
            container("alternative", PLAIN, container("mixed", HTML, PDF, PLAIN)),
            ["text/plain"],
            ["text/html", "text/plain"],
            ["application/pdf"],
        ),
        (
            container("mixed", PLAIN, PLAIN.replace("plain\r", "plain; name=notes.txt\r")),
            ["text/plain"],
            ["text/plain"],
            ["text/plain"],
        ),
        (
            container("mixed", "Content-Disposition: attachment\r\n" + PLAIN),
            [],
            [],
            ["text/plain"],
        ),
        (
            container("alternative", PLAIN, HTML, "Content-Type: text/calendar\r\n\r\nBEGIN"),
            ["text/plain"],
            ["text/html"],
            ["text/calendar"],
        ),
        (
            container("signed", PLAIN, "Content-Type: application/pgp-signature\r\n\r\nx"),
            ["text/plain"],
            ["text/plain"],
            ["application/pgp-signature"],
        ),
    ],
)
def test_parts_are_sorted_as_mail_programs_show_them(
    raw: str, text: list[str], html: list[str], files: list[str]
) -> None:
    assert sorted_into(find_bodies(read_mail(raw.encode()))) == (text, html, files)


def test_html_between_plain_texts_is_shown_with_them() -> None:
    bodies = find_bodies(read_mail(container("mixed", PLAIN, HTML, PLAIN).encode()))
    assert bodies.plain.split() == ["plain", "html", "plain"]
    assert bodies.markup.split() == ["<pre>plain</pre>", "<b>html</b>", "<pre>plain</pre>"]


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        ("text/plain; charset=koi8-r", "привет".encode("koi8-r"), "привет"),
        ("text/plain; charset=iso-2022-jp", "日本".encode("iso-2022-jp"), "日本"),
        ("text/plain; charset=utf-16", "hi".encode("utf-16"), "hi"),
        ("text/plain", "grüße".encode(), "grüße"),
        ("text/plain; charset=us-ascii", "grüße".encode("latin-1"), "grüße"),
        ("text/plain; charset=x-nobody-knows", "grüße".encode(), "grüße"),
        ("text/plain; format=flowed", b"one \ntwo\n> three \n> four\n-- \nMaria", "one two\n> three four\n-- \nMaria"),
        ("text/plain; format=flowed; delsp=yes", b"one \ntwo", "onetwo"),
        ("text/plain; charset=utf-8", b"\xef\xbb\xbfhi\r\nyou\0", "hi\nyou"),
        ("text/html", b'<meta charset="windows-1251">' + "да".encode("cp1251"), '<meta charset="windows-1251">да'),
    ],
)
def test_text_is_read_in_the_character_set_that_was_meant(head: str, body: bytes, expected: str) -> None:
    assert part_text(read_mail(f"Content-Type: {head}\n\n".encode() + body)) == expected


# Bombs


def nested(depth: int) -> bytes:
    return b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth))


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (nested(2000), "deeper"),
        (b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n\n" * 50_000, "parts"),
        (nested(15) + b"--b14\n\n\n" * 50_000, "parts"),
        (b"a: b\n" * 100_000 + b"\n", "headers"),
        (b"x" * 300_000 + b": a\n\n", "headers"),
        (b"Subject: a\n" + b" folded\n" * 100_000, "headers"),
        (
            b"Content-Type: multipart/mixed; boundary=b\n\n" + (b"--b\n" + b"a: b\n" * 30_000 + b"\n\n") * 10,
            "headers",
        ),
    ],
)
def test_a_bomb_is_unreadable_and_found_in_no_time(raw: bytes, reason: str) -> None:
    began = time.process_time()
    with pytest.raises(Unreadable, match=reason):
        read_mail(raw)
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--bx\n" * 1_000_000,
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"\n" * 5_000_000,
        b"Content-Type: text/plain" + b"; a*0=x" * 2_000 + b"\n\nbody",
        b"Content-Type: text/plain; a=" + b"(" * 15_000 + b"\n\nbody",
        b'Content-Type: text/plain; a="' + b"\\" * 15_000 + b"\n\nbody",
        b"Content-Type: " + b"a/" * 8_000 + b"\n\nbody",
        b"Content-Type: " + b"= \t" * 5_000 + b"\n\nbody",
        b"Content-Transfer-Encoding: base64\n\n" + b"=" * 3_000_000,
        b"Content-Transfer-Encoding: base64\n\n" + b"A===" * 700_000,
        b"Content-Transfer-Encoding: quoted-printable\n\n" + b" " * 3_000_000 + b"x",
        b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=" * 3_000_000,
    ],
)
def test_what_looks_like_a_bomb_is_read_in_no_time(raw: bytes) -> None:
    began = time.process_time()
    for part in read_mail(raw).leaves():
        assert part.body is not None
    assert time.process_time() - began < 1


_PIECES = st.sampled_from(
    [
        b"--B",
        b"--B--",
        b"\r\n",
        b"\n",
        b"\r",
        b": ",
        b";",
        b'"',
        b"Content-Type: multipart/mixed; boundary=B",
        b"=",
        b" ",
    ]
)


@given(st.lists(st.one_of(_PIECES, st.binary(max_size=20)), max_size=60).map(b"".join))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    mail = read_mail(raw)
    assert sum(len(part.raw) for part in mail.leaves()) <= len(raw)
    bodies = find_bodies(mail)
    assert isinstance(bodies.plain + bodies.markup, str)


# What stands where it should not

TEXT_PART = b"Content-Type: text/plain\n\nRoom 5."


@pytest.mark.parametrize(
    "head",
    [
        b"X-Filter-Trace: AbCdEf\nQrStUvWxYz0123456789\nKlMnOpQrStUvWxYz0123\nEfGhIjKl\nFrom: a@b.c\nSubject: Order\n",
        b"From: a@b.c\nTo: The Desk\n--\n   <desk@b.c>\nSubject: Order\n",
        b"From: a@b.c\nX-Key: ab\ncd\n  ef\ngh\nSubject: Order\n",
        b"From: a@b.c\nX-Report: first\nsecond line of words\nthird line of words\nSubject: Order\n",
        b"---- Forwarded by the gate ----\nFrom: a@b.c\nSubject: Order\n",
        b"From mbox Thu Jan  1 00:00:00 2026\nFrom: a@b.c\nSubject: Order\n",
        b"*** checked ***\nno virus found\nReceived: by x;\n  today\nFrom: a@b.c\nSubject: Order\n",
        b"\n\nFrom: a@b.c\nSubject: Order\n",
    ],
)
def test_headers_go_on_behind_lines_that_are_none(head: bytes) -> None:
    mail = read_mail(head + b"\nRoom 5.")
    assert mail.headers.get("from").strip() == "a@b.c"
    assert mail.headers.get("subject").strip() == "Order"
    assert mail.body == b"Room 5."


@pytest.mark.parametrize(
    "body",
    [
        b"Hello,\nplease send it.\nFrom: Lyon\nTo: Paris\n",
        b"Hello,\nplease send it.\nTo: Paris\nand come soon\n",
        b"\nHello\nFrom: Lyon\nTo: Paris\n",
        b"Hello\n\nFrom: Lyon\nTo: Paris\n",
    ],
)
def test_text_is_not_taken_for_headers(body: bytes) -> None:
    assert read_mail(b"Subject: x\nFrom: a@b.c\n" + body).body.strip() == body.strip()
    parts = read_mail(b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" + body + b"--b--\n").parts
    assert parts[0].body.strip() == body.strip()


NESTED_TEXT = b"Content-Type: multipart/mixed; boundary=n\n\n--n\n" + TEXT_PART + b"\n--n--\n"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"Room 5.\n\n--b\nContent-Type: a/b\n\nx\n--b--\n", "Room 5."),
        (b"--b\nContent-Type: a/b\n\nx\n--b--\n\nRoom 5.\n", "Room 5."),
        (b"Room 5.\n--b\nContent-Type: a/b\n\nx\n--b--\nand 6.\n", "Room 5.\nand 6."),
        (b"Room 5.\n--b\nContent-Type: text/plain\n\n \n--b--\n", "Room 5."),
        (b"--b\nContent-Type: text/plain\n\n> --\n--b--\nRoom 5.\n", "> --\nRoom 5."),
        (b"not this\n--b\n" + TEXT_PART + b"\n--b--\nnor this\n", "Room 5."),
        (b"This is a multi-part message in MIME format.\n--b\nContent-Type: a/b\n\nx\n--b--\n", ""),
        (b"--b\nContent-Type: a/b\n\nx\n--b--\n", ""),
        (b"--b\nContent-Type: a/b\n\nx\n--b--\n\nRoom 5.\n--b\nContent-Type: a/b\n\nx\n", "Room 5."),
        (b"--B\n" + TEXT_PART + b"\n--b\nContent-Type: a/b\n\nx\n--b--\n", "Room 5."),
        (
            b'--b--\nContent-Type: text/plain; charset="Room 5.\n\n--b\n',
            '--b--\nContent-Type: text/plain; charset="Room 5.',
        ),
        (b"--b-\n" + NESTED_TEXT + b"\n--b\nContent-Type: a/b\n\nx\n--b--\n", "Room 5."),
    ],
)
def test_text_outside_of_the_parts_counts_when_no_part_says_anything(body: bytes, text: str) -> None:
    mail = read_mail(b"Content-Type: multipart/mixed; boundary=b\n\n" + body)
    assert find_bodies(mail).plain.strip() == text
    assert find_bodies(mail).markup == ""


@pytest.mark.parametrize("inner", [b'"x----"', b"x----"])
def test_a_boundary_that_begins_with_the_one_outside_loses_nothing(inner: bytes) -> None:
    mail = read_mail(
        b'Content-Type: multipart/mixed; boundary="x--"\n\n'
        b"--x--\nContent-Type: multipart/mixed; boundary=" + inner + b"\n\n"
        b"--x----\n" + TEXT_PART + b"\n--x----\n" + TEXT_PART + b"\n--x------\n"
        b"--x--\nContent-Type: a/b\n\nfile\n--x----\n"
    )
    assert find_bodies(mail).plain == "Room 5.\nRoom 5."
    assert [part.content.value for part in find_bodies(mail).files] == ["a/b"]


@pytest.mark.parametrize(
    ("charset", "text"),
    [("windows-1251", "Где мой заказ?"), ("gb2312", "订单问题"), ("shift_jis", "注文の件"), ("utf-8", "Größe"),
     ("iso-2022-jp", "注文の件"),
     ("iso-8859-2", "Zażółć gęślą")],
)  # fmt: skip
@pytest.mark.parametrize("folded", [b"", b"\n more"])
def test_raw_bytes_of_headers_are_in_the_set_of_the_text(charset: str, text: str, folded: bytes) -> None:
    raw = text.encode(charset)
    mail = read_mail(
        b"Subject: " + raw + folded + b"\nContent-Type: multipart/mixed; boundary=b\n\n"
        b"--b\nContent-Type: text/plain;\n charset=" + charset.encode() + b"\n\nx\n"
        b'--b\nContent-Type: a/b; name="' + raw + b'.pdf"\n\nx\n--b--\n'
    )
    assert mail.headers.get("subject").replace("\r\n", "").strip() == text + folded.decode().strip("\n")
    assert mail.parts[1].content.parameters["name"] == f"{text}.pdf"
