"""What other servers write into Authentication-Results, as it is really written, and what is not believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.adapters.mail.origin.authentication_results import read_results

GMAIL = b""" mx.google.com;\r
       dkim=pass header.i=@example.org header.s=20230601 header.b=JkD/e+3x;\r
       arc=pass (i=1 spf=pass spfdomain=example.org dkim=pass dkdomain=example.org dmarc=pass fromdomain=example.org);\r
       spf=pass (google.com: domain of bounces+7=ab=example.org@list.example designates 192.0.2.1 as permitted sender) \
smtp.mailfrom=bounces+7=ab=example.org@list.example;\r
       dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=example.org\r
"""
MICROSOFT = b""" spf=pass (sender IP is 192.0.2.1)\r
 smtp.mailfrom=example.org; dkim=pass (signature was verified)\r
 header.d=example.org;dmarc=pass action=none header.from=example.org;compauth=pass\r
 reason=100\r
"""


def test_what_gmail_writes() -> None:
    read = read_results(GMAIL)
    assert read is not None
    assert read.authserv_id == "mx.google.com"
    assert [(each.method, each.result) for each in read.results] == [
        ("dkim", "pass"),
        ("arc", "pass"),
        ("spf", "pass"),
        ("dmarc", "pass"),
    ]
    assert read.of("dkim")[0].domain("header.d", "header.i") == "example.org"
    assert read.of("spf")[0].domain("smtp.mailfrom") == "list.example"
    assert read.of("dmarc")[0].domain("header.from") == "example.org"


def test_what_microsoft_writes_names_no_server() -> None:
    read = read_results(MICROSOFT)
    assert read is not None
    assert (read.authserv_id, [each.result for each in read.results]) == ("", ["pass", "pass", "pass", "pass"])


def test_what_microsoft_writes_behind_the_name_of_a_server() -> None:
    read = read_results(b"mx.example.com 1;" + MICROSOFT)
    assert read is not None
    assert [each.result for each in read.of("dmarc")] == ["pass"]


@pytest.mark.parametrize(
    ("value", "server", "results"),
    [
        (b"mx.example.com; none", "mx.example.com", []),
        (b"MX.Example.com 1 ; dmarc = FAIL", "mx.example.com", [("dmarc", "fail")]),
        (b'mx\t1\r\n ; spf/1=pass smtp.mailfrom="a b;c"@example.org', "mx", [("spf", "pass")]),
        (b'mx; dkim=pass reason="a=b@c" header.i="@example.org" header.b="a/b+c="', "mx", [("dkim", "pass")]),
        (b"mx; spf=pass smtp.mailfrom=a=b@x.example smtp.remote-ip=2001:db8::1", "mx", [("spf", "pass")]),
        (b"mx (a (nested \\) one)) ; (dmarc=pass) dmarc=fail (;dmarc=pass)", "mx", [("dmarc", "fail")]),
        (
            b'mx; spf=fail smtp.mailfrom="x; dmarc=pass"@a.example; dmarc=fail',
            "mx",
            [("spf", "fail"), ("dmarc", "fail")],
        ),
        (b"mx;", "mx", []),
    ],
)
def test_forms_of_the_standard(value: bytes, server: str, results: list[tuple[str, str]]) -> None:
    read = read_results(value)
    assert read is not None
    assert (read.authserv_id, [(each.method, each.result) for each in read.results]) == (server, results)


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b";",
        b"; dmarc=pass",
        b" (mx) ; dmarc=pass",
        b"mx.example.com dmarc=pass",
        b"mx.example.com 2; dmarc=pass",
        b"mx.example.com; dmarc",
        b"mx.example.com; dmarc=",
        b"mx.example.com; dmarc=pass header.from",
        b'mx.example.com; dmarc=pass header.from="example.org',
        b"mx.example.com; (never closed; dmarc=pass",
        b'mx.example.com; dmarc="pass"fail"',
        b"two words; dmarc=pass",
        b'"mx.example.com"; dmarc=pass',
        b'"m\\x.example.com"; dmarc=pass',
        b"m\\x.example.com; dmarc=pass",
        b"(x)mx.example.com; dmarc=pass",
        b" (x) mx.example.com 1; dmarc=pass",
        b"mx.ex(x)ample.com; dmarc=pass",
        b"mx@example.com; dmarc=pass",
        b"mx/example.com; dmarc=pass",
        b"\xa0mx.example.com; dmarc=pass",
        b"mx.example.com\xa01; dmarc=pass",
        b"mx.example.com\x1c; dmarc=pass",
        b"mx.example.com; dmarc=pass\xa0header.from=example.org",
        b"mx.example.com; dm\xe4rc=pass",
        b"mx.example.com; dmarc=pass header.from=exa\\mple.org",
        b"mx.example.com; dmarc=pass header.from=a.example header.from=example.org",
        b"mx.example.com; dmarc=pass header.from=a.example Header.From=example.org",
        b"mx.example.com; spf=pass smtp.mailfrom=a=b",
        b"mx.example.com; spf=pass smtp.mailfrom=a@b=c",
        b"mx.example.com; spf=pass smtp.mailfrom=a@b@example.org",
        b'mx.example.com; spf=pass smtp.mailfrom=a"b"@example.org',
        b"mx.example.com; spf=pass reason=a=b@x.example",
        b"mx.example.com; spf=a=b@x.example",
        b'mx.example.com; dmarc="pass" header.from=example.org',
        b"mx.example.com; dmarc/2=pass header.from=example.org",
        b"mx.example.com; dmarc.x=pass header.from=example.org",
    ],
)
def test_what_is_half_readable_is_not_read(value: bytes) -> None:
    assert read_results(value) is None


@given(st.text(alphabet='mx.1;= "()\\\tdmarcpas', max_size=60))
def test_nothing_makes_it_raise(text: str) -> None:
    read_results(text.encode("latin-1"))


@pytest.mark.parametrize("piece", [b"(", b'"', b"a=b ", b"\\", b";", b"=", b'""', b" ", b"a", b"()", b'a="'])
def test_the_time_it_takes_grows_with_its_length(piece: bytes) -> None:
    read_results(b"mx; " + piece * 100_000)
