"""Bytes whose character set is wrong, unknown or unnamed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.corpora import charsets
from trunkline.normalizer.charsets import codec_name, decode_bytes
from trunkline.normalizer.iso_2022_jp import decode_iso_2022_jp

UNNAMED = {
    "Здравствуйте, когда придёт мой заказ? Жду уже неделю.": ("cp1251", "koi8_r", "iso8859_5"),
    "Где мой заказ?": ("cp1251", "koi8_r"),
    "ВЕРНИТЕ ДЕНЬГИ": ("cp1251",),
    "тест": ("cp1251", "koi8_r"),
    "мама мыла раму": ("cp1251", "koi8_r"),
    "Заказ №4711 для Ann Lee: где он?": ("cp1251",),
    "Де моє замовлення, я чекаю вже тиждень": ("cp1251", "koi8_u"),
    "Къде е моята поръчка?": ("cp1251",),
    "Где је моја поруџбина?": ("cp1251",),
    "注文した商品がまだ届いていません。": ("cp932", "euc_jp", "iso2022_jp"),
    "佐藤花子": ("cp932",),
    "ランプ 4711 が壊れました。 Please help": ("cp932", "euc_jp", "iso2022_jp"),
    "안녕하세요, 주문이 아직 오지 않았습니다.": ("cp949",),
    "주문 확인": ("cp949",),
    "我的订单什么时候能到？已经等了一周了。": ("gb2312",),
    "订单问题": ("gb2312",),
    "我的訂單什麼時候會到？已經等了一週了。": ("big5",),
    "Πού είναι η παραγγελία μου; Περιμένω μια εβδομάδα.": ("cp1253",),
    "איפה ההזמנה שלי? אני מחכה כבר שבוע.": ("cp1255",),
    "أين طلبي؟ أنا أنتظر منذ أسبوع.": ("cp1256",),
    "คำสั่งซื้อของฉันอยู่ที่ไหน": ("cp874",),
}


@pytest.mark.parametrize(("text", "codec"), [(text, codec) for text, codecs in UNNAMED.items() for codec in codecs])
@pytest.mark.parametrize("charset", ["", "us-ascii", "x-nobody-knows", "8bit"])
def test_text_without_a_known_set_is_read_as_what_it_looks_like(text: str, codec: str, charset: str) -> None:
    assert decode_bytes(text.encode(codec), charset) == text
    assert decode_bytes((f"{text}\r\n" * 300).encode(codec), charset) == f"{text}\r\n" * 300


@pytest.mark.parametrize(
    "text",
    [
        "Könnten Sie bitte prüfen, ob das Päckchen schon fort ist? Größe M, 12 €",
        "Où est ma commande passée à l’été ? Déjà réglée…",
        "¿Dónde está mi pedido? Llevo una semana",
        "Onde está a encomenda? Não chegou ainda",
        "Hvor er pakken min på vei? Ærlig talt",
        "Þórður Æðarson á Íslandi",
        "“Quoted” – text",
        "Straße", "É", "åäö ÅÄÖ", "ÄÖÜäöüß", "ÆØÅ æøå", "ÉTÉ ÀÉÈÊ", "€€€€€€", "££££ ££", "¿¿¿¡¡¡", "«»«»", "“””„…",
    ],
)  # fmt: skip
@pytest.mark.parametrize("charset", ["", "us-ascii", "iso-8859-1", "windows-1252", "utf-8"])
def test_western_text_stays_what_it_is(text: str, charset: str) -> None:
    assert decode_bytes(text.encode("cp1252"), charset) == text


def test_markup_and_links_are_no_western_text() -> None:
    style = "<html><head><style>p{color:red;font-family:Arial}</style></head><body><p class=MsoNormal style='margin:0'>"
    for text, codec in (("注文した商品がまだ届いていません。", "cp932"), ("Где мой заказ?", "koi8_r")):
        assert decode_bytes(f"{style}{text}</p>".encode(codec)) == f"{style}{text}</p>"
    linked = "Мой заказ по адресу http://shop.example/orders/4711?id=77 не пришёл"
    assert decode_bytes(linked.encode("cp1251")) == linked
    assert decode_bytes((style + "Grüße").encode("cp1252")) == f"{style}Grüße"


def test_a_named_set_is_believed_unless_the_bytes_look_like_nothing_in_it() -> None:
    assert decode_bytes("Где мой заказ?".encode("cp1251"), "iso-8859-1") == "Где мой заказ?"
    assert decode_bytes("Ãäå".encode("cp1252"), "iso-8859-1") == "Ãäå"
    assert decode_bytes("ГОСТ".encode("koi8-r"), "koi8-r") == "ГОСТ"
    assert decode_bytes("模".encode("gb2312"), "gb2312") == "模"


def test_codes_of_a_terminal_and_a_label_of_utf_16_change_no_text() -> None:
    assert decode_bytes("Größe: \x1b(B\x1b[m 4".encode(), "utf-8") == "Größe: \x1b(B\x1b[m 4"
    assert decode_bytes("Größe: \x1b(B\x1b[m 4".encode()) == "Größe: \x1b(B\x1b[m 4"
    assert decode_bytes("<meta charset=utf-16>Größe".encode(), "utf-16") == "<meta charset=utf-16>Größe"
    assert decode_bytes("Größe".encode("utf-16-be"), "utf-16") == "Größe"


@pytest.mark.parametrize(("codecs", "text"), charsets.texts(), ids=str)
def test_customers_sentences_are_read_under_any_label(codecs: list[str], text: str) -> None:
    cases = [*charsets.declared(codecs, text), *charsets.undeclared(codecs, text), *charsets.mistaken(codecs, text)]
    assert [case for case in cases if decode_bytes(case.data, case.label) != text] == []


def test_a_set_that_cannot_be_meant_is_not_believed() -> None:
    assert decode_bytes("Где мой заказ?".encode("cp1251"), "utf-8") == "Где мой заказ?"
    assert decode_bytes("grüße aus".encode(), "iso-2022-jp") == "grüße aus"
    assert decode_bytes("grüße aus".encode("cp1252"), "iso-2022-jp") == "grüße aus"
    assert decode_bytes("注文の件".encode("cp932"), "iso-2022-jp") == "注文の件"
    assert decode_bytes("注文の件です。".encode("euc_jp"), "iso-2022-jp") == "注文の件です。"
    assert decode_bytes("Wir grüßen, ".encode() + b"\xc3", "utf-8") == "Wir grüßen, \ufffd"


@pytest.mark.parametrize(
    ("names", "codec"),
    [
        ("gb_2312-80 GB_2312-80 csgb2312 cn-gb chinese x-gbk gb2312 cp936", "gb18030"),
        ("windows-31j x-sjis ms_kanji shift-jis csShiftJIS cp932 sjis-win", "cp932"),
        ("x-windows-949 ks_c_5601-1987 ks_c_5601-1989 korean uhc euc-kr ksc5601", "cp949"),
        ("iso-10646-ucs-2 unicode ucs-2", "utf-16"),
        ("cp50220 cp50221 csISO2022JP", "iso2022_jp"),
        ("eucjp-ms eucJPms x-euc-jp cp51932", "euc_jp"),
        ("koi8-ru", "koi8_u"),
        ("koi8 koi", "koi8_r"),
        ("win-1251 windows1251 win1251 cp-1251 windows_1251 x-cp1251 ansi-1251 CP1251", "cp1251"),
        ("windows1252 win-1252 latin1 iso8859_1 iso-8859-1:1987", "cp1252"),
        ("dos-862 ibm862", "cp862"),
        ("dos866 ibm866 cp866", "cp866"),
        ("x-x-big5 cn-big5 big5 big5-eten", "big5hkscs"),
        ("iso8859_15 iso-885915 iso_8859-15", "iso8859-15"),
        ("macintosh mac x-mac-roman", "mac_roman"),
        ("utf8 unicode-1-1-utf-8", "utf-8"),
    ],
)
def test_names_that_mail_really_carries_are_known(names: str, codec: str) -> None:
    found = {name: codec_name(name) for name in names.split()}
    assert {name: (known or "").replace("-", "_") for name, known in found.items()} == dict.fromkeys(
        found, codec.replace("-", "_")
    )


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\x1b$B-!0L\x1b(B", "①位"),
        (b"\x1b$B-j\x1b(B 4711 \x1b$BCmJ8\x1b(B", "㈱ 4711 注文"),
        (b"\x1b$B-!\nok", "①\nok"),
        (b"\x1b(I1\x1b(B\x1b$B-!\x1b(B", "ｱ①"),
        (b"\x1b$@F|K\x1b(J", "日\ufffd"),
        (b"plain", "plain"),
        (b"\x1b$B0", "\ufffd"),
    ],
)
def test_iso_2022_jp_holds_what_nec_and_ibm_added(data: bytes, text: str) -> None:
    read = decode_iso_2022_jp(data)
    assert read == text or ("\ufffd" in text and len(read) <= len(text) + 1)


@given(st.binary(max_size=300), st.sampled_from(["", "iso-2022-jp", "utf-8", "gb2312", "us-ascii", "big5"]))
def test_no_bytes_break_it(data: bytes, charset: str) -> None:
    assert isinstance(decode_bytes(data, charset), str)
    assert isinstance(decode_iso_2022_jp(data), str)
