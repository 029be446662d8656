"""Encoded words as the RFC writes them, and as mail shows them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.normalizer.charsets import codec_name, decode_bytes
from trunkline.normalizer.encoded_words import decode_words


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ("Saying Hello", "Saying Hello"),
        ("=?ISO-8859-1?Q?Keld_J=F8rn?= Simonsen", "Keld Jørn Simonsen"),
        ("=?utf-8?B?4oKs?=", "€"),
        ("=?US-ASCII*EN?Q?Keith?=", "Keith"),
        ("=?utf-8?Q?a?= \r\n =?utf-8?Q?b?=", "ab"),
        ("=?utf-8?Q?a?==?utf-8?Q?b?=", "ab"),
        ("a =?utf-8?Q?b?= c", "a b c"),
        ("F=?utf-8?Q?=C3=BC?=r", "Für"),
        ("[SPAM]=?utf-8?Q?a?=", "[SPAM] a"),
        ("=?utf-8?Q?=E2=82?= =?utf-8?Q?=AC?=", "€"),
        ("=?utf-8?B?4oKs4o?= =?utf-8?B?Ks?=", "€€"),
        ("=?utf-8?B?4oKs4oKs", "€€"),
        ("=?utf-8?Q?why??=", "why?"),
        ("=?utf-8?Q?why?=20not?=", "why? not"),
        ("=?iso-8859-1?q?this is text?=", "this is text"),
        ("=?utf-8?Q?Hello\r\n _there?=", "Hello there"),
        ("=?utf-8?B?SGVs\n bG8=?=", "Hello"),
        ("=?gb2312?B?xOO6ww==?=", "你好"),
        ("=?x-unknown?Q?=C3=BC?=", "ü"),
        ("=?utf-8?Q?=FC?=", "ü"),
        ("=?utf-8?Q?of_room five\r\n (broken)?=", "of room five (broken)"),
        ("=?utf-8?Q?of_room\r\n _five?=", "of room five"),
        ("=?ISO-2022-JP?B?GyRCLSEwTBsoQg==?=", "①位"),
        ("=?ISO-2022-JP?B?jbKToYnUjnE=?=", "佐藤花子"),
        ("caf\udcc3\udca9 \udce9", "café é"),
        ("=? =?utf-8 =?utf-8? =", "=? =?utf-8 =?utf-8? ="),
        ("=?utf-8?Q?a =?utf-8?Q?b?=", "=?utf-8?Q?a b"),
        ("=?utf-8?B?A?=", ""),
        ("a\r\n\tb", "a b"),
    ],
)
def test_headers_read_as_they_were_meant(header: str, text: str) -> None:
    assert decode_words(header) == text


@given(st.text(alphabet=st.sampled_from("=?uqQB8-_ \r\n*41\udc80é"), max_size=120))
def test_nothing_raises(header: str) -> None:
    decode_words(header).encode("utf-8")


@pytest.mark.parametrize("piece", ["=?u?q?x", "=?u?q?=41?=", "=?", "?=41", "=?u?b?QQ", "=?u?q?a?= "])
def test_hostile_headers_take_linear_time(piece: str) -> None:
    began = time.process_time()
    decode_words(piece * 40_000)
    decode_words(piece * 40_000 + "?=")
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("UTF-8", "utf-8"),
        ('"utf8"', "utf-8"),
        ("iso-8859-1", "cp1252"),
        ("GB2312", "gb18030"),
        ("ks_c_5601-1987", "cp949"),
        ("cp-850", "cp850"),
        ("windows_1251", "cp1251"),
        ("base64", None),
        ("zlib", None),
        ("unicode_escape", None),
        ("no-such-set", None),
        ("", None),
    ],
)
def test_character_sets_are_known_by_their_many_names(name: str, codec: str | None) -> None:
    assert codec_name(name) == codec


@given(
    st.binary(max_size=80), st.sampled_from(["utf-8", "us-ascii", "utf-7", "utf-16", "iso-2022-jp", "hz", "big5", "?"])
)
def test_bytes_are_always_readable(data: bytes, charset: str) -> None:
    decode_bytes(data, charset).encode("utf-8", "surrogatepass")
