"""Messages that are passed on: who wrote the original, whatever program and language passed it on."""

import time
from collections.abc import Callable
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.adapters.mail.file_reading import read_file
from trunkline.adapters.mail.settings import MailSettings
from trunkline.normalizer import originals
from trunkline.normalizer.envelope import Envelope, Original
from trunkline.normalizer.originals import addressees, find_original, without_addressees

SETTINGS = MailSettings(addresses=("support@example.test",))

LANGUAGES = {  # Fwd:, line above, From, Sent, To, Subject
    "en": ("Fwd", "Forwarded message", "From", "Sent", "To", "Subject"),
    "de": ("WG", "Weitergeleitete Nachricht", "Von", "Gesendet", "An", "Betreff"),
    "fr": ("TR", "Message transféré", "De", "Envoyé", "À", "Objet"),
    "es": ("RV", "Mensaje reenviado", "De", "Enviado", "Para", "Asunto"),
    "it": ("I", "Messaggio inoltrato", "Da", "Inviato", "A", "Oggetto"),
    "pt": ("ENC", "Mensagem encaminhada", "De", "Enviado", "Para", "Assunto"),
    "nl": ("Doorst", "Doorgestuurd bericht", "Van", "Verzonden", "Aan", "Onderwerp"),
    "pl": ("PD", "Przekazana wiadomość", "Od", "Wysłano", "Do", "Temat"),
    "cs": ("Fwd", "Přeposlaná zpráva", "Od", "Odesláno", "Komu", "Předmět"),
    "sk": ("Fwd", "Preposlaná správa", "Od", "Odoslané", "Komu", "Predmet"),
    "ru": ("Fwd", "Пересылаемое сообщение", "От", "Отправлено", "Кому", "Тема"),
    "uk": ("Fwd", "Переслане повідомлення", "Від", "Надіслано", "Кому", "Тема"),
    "bg": ("FW", "Препратено съобщение", "От", "Изпратено", "До", "Относно"),
    "tr": ("İLT", "İletilen ileti", "Kimden", "Gönderildi", "Kime", "Konu"),
    "sv": ("VB", "Vidarebefordrat meddelande", "Från", "Skickat", "Till", "Ämne"),
    "da": ("VS", "Videresendt meddelelse", "Fra", "Sendt", "Til", "Emne"),
    "nb": ("VS", "Videresendt melding", "Fra", "Sendt", "Til", "Emne"),
    "fi": ("VL", "Välitetty viesti", "Lähettäjä", "Lähetetty", "Vastaanottaja", "Aihe"),
    "et": ("Edasi", "Edastatud kiri", "Saatja", "Saadetud", "Adressaat", "Teema"),
    "lv": ("Fwd", "Pārsūtīta ziņa", "No", "Nosūtīts", "Kam", "Temats"),
    "lt": ("Fwd", "Persiųsta žinutė", "Nuo", "Išsiųsta", "Kam", "Tema"),
    "ro": ("Fwd", "Mesaj redirecționat", "De la", "Trimis", "Către", "Subiect"),
    "hu": ("TOV", "Továbbított üzenet", "Feladó", "Elküldve", "Címzett", "Tárgy"),
    "el": ("ΠΡΘ", "Προωθημένο μήνυμα", "Από", "Στάλθηκε", "Προς", "Θέμα"),
    "hr": ("Fwd", "Proslijeđena poruka", "Od", "Poslano", "Za", "Predmet"),
    "sl": ("Posr", "Posredovano sporočilo", "Od", "Poslano", "Za", "Zadeva"),
    "he": ("הועבר", "הודעה שהועברה", "מאת", "נשלח", "אל", "נושא"),
    "ar": ("Fwd", "رسالة محولة", "من", "تاريخ الإرسال", "إلى", "الموضوع"),
    "zh": ("转发", "转发的邮件", "发件人", "发送时间", "收件人", "主题"),
    "zh-tw": ("轉寄", "轉寄郵件", "寄件者", "傳送時間", "收件者", "主旨"),
    "ja": ("転送", "転送メッセージ", "差出人", "送信日時", "宛先", "件名"),
    "ko": ("전달", "전달된 메시지", "보낸 사람", "보낸 날짜", "받는 사람", "제목"),
    "vi": ("Fwd", "Thư đã chuyển tiếp", "Từ", "Đã gửi", "Đến", "Chủ đề"),
    "id": ("Trs", "Pesan diteruskan", "Dari", "Dikirim", "Kepada", "Subjek"),
}
MARIA, DATE, SUBJECT, TO = (
    "Maria Lopez <maria@example.org>",
    "Tue, 1 Jul 2003 10:52:37 +0200",
    "Lamp 7",
    "ada@a.example",
)
SAID = "My lamp is broken.\nNote: it is new."


def read(subject: str, text: str = "", html: str = "") -> Envelope:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Ada <ada@a.example>", "support@example.test", subject
    if text:
        mail.set_content(text)
    if html and text:
        mail.add_alternative(html, subtype="html")
    elif html:
        mail.set_content(html, subtype="html")
    return read_file(mail.as_bytes(), SETTINGS).envelopes[0]


def told(original: Original) -> tuple[str, str, str, str, str]:
    return original.name, original.address, original.date, original.subject, original.text


EXPECTED = ("Maria Lopez", "maria@example.org", DATE, SUBJECT, SAID)


def headers(language: str, order: str = "from sent to subject", label: str = "{}: ", end: str = "\n") -> str:
    _, _, from_, sent, to, subject = LANGUAGES[language]
    values = {"from": (from_, MARIA), "sent": (sent, DATE), "to": (to, TO), "subject": (subject, SUBJECT)}
    return end.join(label.format(values[name][0]) + values[name][1] for name in order.split()) + end


def plain_gmail(language: str) -> str:
    head = headers(language, "from sent subject to")
    return f"see below\n\n---------- {LANGUAGES[language][1]} ---------\n{head}\n\n{SAID}\n"


def plain_outlook(language: str) -> str:
    return f"see below\n\n________________________________\n{headers(language)}\n{SAID}\n"


def plain_phone(language: str) -> str:
    return f"see below\n\n-----Original Message-----\n{headers(language)}\n{SAID}\n"


def plain_thunderbird(language: str) -> str:
    head = headers(language, "subject sent from to", "{}: \t")
    return f"see below\n\n-------- {LANGUAGES[language][1]} --------\n{head}\n\n\n{SAID}\n"


def plain_apple(language: str) -> str:
    quoted = "\n".join(f"> {line}" for line in (headers(language, "from subject sent to") + "\n" + SAID).split("\n"))
    return f"see below\n\n{LANGUAGES[language][1]}:\n\n{quoted}\n"


def plain_bold(language: str) -> str:
    head = headers(language, label="*{}:* ")
    return f"see below\n\n------------------ {LANGUAGES[language][1]} ------------------\n{head}\n{SAID}\n"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "program", [plain_gmail, plain_outlook, plain_phone, plain_thunderbird, plain_apple, plain_bold]
)
def test_who_wrote_it_is_read_in_every_language(program: Callable[[str], str], language: str) -> None:
    envelope = read(f"{LANGUAGES[language][0]}: {SUBJECT}", program(language))
    assert [told(each) for each in envelope.originals] == [EXPECTED]
    assert envelope.text.startswith("see below")
    assert SAID.split("\n", maxsplit=1)[0] in envelope.text
    assert envelope.originals[0].sent_at == 1_057_049_557_000


def html_gmail(language: str) -> str:
    _, above, from_, sent, to, subject = LANGUAGES[language]
    return (
        f'<div dir="ltr">see below</div><br><div class="gmail_quote"><div dir="ltr" '
        f'class="gmail_attr">---------- {above}'
        f' ---------<br>{from_}: <strong class="gmail_sendername">Maria Lopez</strong> <span dir="auto">&lt;<a href='
        f'"mailto:maria@example.org">maria@example.org</a>&gt;</span><br>{sent}: {DATE}<br>{subject}: {SUBJECT}<br>'
        f'{to}: &lt;<a href="mailto:{TO}">{TO}</a>&gt;<br></div><br><br><div>My lamp is broken.<br>'
        f"Note: it is new.</div></div>"
    )


def html_outlook(language: str) -> str:
    head = headers(language, label="<b>{}:</b> ", end="<br>").replace(MARIA, "Maria Lopez &lt;maria@example.org&gt;")
    return (
        f'<p>see below</p><hr style="display:inline-block;width:98%"><div id="divRplyFwdMsg" dir="ltr"><font>{head}'
        "</font><div>&nbsp;</div></div><div>My lamp is broken.<br>Note: it is new.</div>"
    )


def html_word(language: str) -> str:
    head = headers(language, label="<b>{}:</b> ", end="<br>").replace(MARIA, "Maria Lopez &lt;maria@example.org&gt;")
    return (
        '<div class="WordSection1"><p class="MsoNormal">see below</p><p class="MsoNormal">&nbsp;</p><div><div '
        'style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal">'
        f"{head}</p></div></div><p class=MsoNormal>&nbsp;</p><p class=MsoNormal>My lamp is broken.<br>"
        f"Note: it is new.</p></div>"
    )


def html_apple(language: str) -> str:
    lines = [line.replace("<", "&lt;") for line in headers(language, "from subject sent to").strip().split("\n")]
    head = "".join(f"<div><b>{line.partition(': ')[0]}: </b>{line.partition(': ')[2]}<br></div>" for line in lines)
    return (
        f'see below<br><div><br><blockquote type="cite"><div>{LANGUAGES[language][1]}:</div><br>{head}<br>'
        "<div>My lamp is broken.<br>Note: it is new.</div></blockquote></div>"
    )


def html_thunderbird(language: str) -> str:
    rows = [line.replace("<", "&lt;") for line in headers(language, "subject sent from to").strip().split("\n")]
    table = "".join(f"<tr><th>{row.partition(': ')[0]}: </th><td>{row.partition(': ')[2]}</td></tr>" for row in rows)
    return (
        f'<p>see below</p><div class="moz-forward-container"><br>-------- {LANGUAGES[language][1]} --------<table '
        f'class="moz-email-headers-table"><tbody>{table}</tbody></table><br><br>My lamp is broken.<br>'
        f"Note: it is new.</div>"
    )


def html_yahoo(language: str) -> str:
    lines = headers(language).strip().replace("<", "&lt;").replace("\n", "</div><div>")
    return (
        f'<div>see below</div><div class="yahoo_quoted"><div>----- {LANGUAGES[language][1]} -----'
        f"</div><div>{lines}</div>"
        "<div><br></div><div>My lamp is broken.<br>Note: it is new.</div></div>"
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("program", [html_gmail, html_outlook, html_word, html_apple, html_thunderbird, html_yahoo])
def test_who_wrote_it_is_read_in_html_too(program: Callable[[str], str], language: str) -> None:
    envelope = read(f"{LANGUAGES[language][0]}: {SUBJECT}", html=program(language))
    assert [told(each) for each in envelope.originals] == [EXPECTED]
    assert envelope.text.startswith("see below")
    assert "My lamp is broken." in envelope.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            'FYI\n\n-------- Пересылаемое сообщение --------\n01.07.2003, 10:52, "Мария" '
            "<maria@example.org>:\n\nНе горит."
            "\n-------- Конец пересылаемого сообщения --------\n",
            ("Мария", "maria@example.org", "01.07.2003, 10:52", "", "Не горит."),
        ),
        (
            '请处理\n\n------------------ 原始邮件 ------------------\n发件人: "玛丽"<maria@example.org>;\n发送时间: '
            "2003年7月1日"
            '(星期二) 中午12:00\n收件人: "ada"<ada@a.example>;\n主题: 灯\n\n灯坏了。\n',
            ("玛丽", "maria@example.org", "2003年7月1日(星期二) 中午12:00", "灯", "灯坏了。"),
        ),
        (
            "Begin forwarded message:\n\nFrom: maria@example.org\nDate: 1 July 2003 at 10:52:37 "
            "CEST\nTo: Ada <ada@a.example>,\n"
            "    Boris <boris@a.example>\nSubject: Lamp\nReply-To: maria@example.org\n\nDear Ada: broken.\n",
            ("", "maria@example.org", "1 July 2003 at 10:52:37 CEST", "Lamp", "Dear Ada: broken."),
        ),
        (
            "-------- Original message --------\nFrom: Maria <maria@example.org> \nDate: 01/07/2003  "
            "10:52  (GMT+01:00) \n"
            "To: ada@a.example \nSubject: Lamp \n\nBroken.\n",
            ("Maria", "maria@example.org", "01/07/2003 10:52 (GMT+01:00)", "Lamp", "Broken."),
        ),
        (
            "From: Maria [mailto:maria@example.org]\nSent: Tuesday, July 1, 2003 10:52 AM\nTo: Ada\n"
            "Subject: Lamp\n\nBroken.",
            ("Maria", "maria@example.org", "Tuesday, July 1, 2003 10:52 AM", "Lamp", "Broken."),
        ),
        (
            "From: Lopez, Maria\nSent: Tuesday, July 1, 2003 10:52 AM\nTo: Ada\nSubject: Lamp\n\nBroken.",
            ("Lopez, Maria", "", "Tuesday, July 1, 2003 10:52 AM", "Lamp", "Broken."),
        ),
        (
            "Frå: Maria <maria@example.org>\nSendt den: 1.7.2003 10:52\nTel: ada@a.example\nSak: Lampa\n\nØydelagd.",
            ("Maria", "maria@example.org", "1.7.2003 10:52", "Lampa", "Øydelagd."),
        ),
    ],
)
def test_other_shapes(text: str, expected: tuple[str, ...]) -> None:
    assert [told(each) for each in read("Fwd: x", text).originals] == [expected]


def test_a_message_within_a_message_is_told_of_too() -> None:
    inner = "---------- Forwarded message ---------\nFrom: Li <li@example.net>\nSubject: first\n\nHello."
    envelope = read(
        "Fwd: x", f"FYI\n\n---------- Forwarded message ---------\nFrom: {MARIA}\nSubject: second\n\nLook:\n\n{inner}"
    )
    assert [(each.address, each.subject) for each in envelope.originals] == [
        ("maria@example.org", "second"),
        ("li@example.net", "first"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Dear team,\n\nName: Maria\nOrder: 7\nTo: be sent on Monday\n\nThanks",
        "From: Berlin\nTo: Hamburg\n\nPlease book it.",
        "Subject: to change\nDate: 1.7.\n\nWe meet.",
        "I forwarded the message: nothing came back.",
        "----- Order 7 -----\nFrom Monday on: closed",
        "On 1 Jul 2003 Maria <maria@example.org> wrote:\n> Hello\n\nI agree.",
    ],
)
def test_what_only_looks_like_it(text: str) -> None:
    assert read("Question", text).originals == ()


def attached(*mails: bytes, text: str = "see attached", kind: str = "message/rfc822", name: str = "") -> Envelope:
    parts = [f"--b\r\nContent-Type: text/plain\r\n\r\n{text}".encode()] if text else []
    filename = f'\r\nContent-Disposition: attachment; filename="{name}"' if name else ""
    parts += [f"--b\r\nContent-Type: {kind}{filename}\r\n\r\n".encode() + mail for mail in mails]
    head = b"From: ada@a.example\r\nSubject: two\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    return read_file(head + b"\r\n".join([*parts, b"--b--\r\n"]), SETTINGS).envelopes[0]


def other(name: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = (
        f"Märia {name} <{name}@example.org>",
        "ada@a.example",
        f"Lampe {name} größer",
    )
    mail["Date"] = DATE
    mail.set_content(f"{name} is broken.\n")
    mail.add_attachment(b"1", maintype="image", subtype="png", filename="lamp.png")
    return mail.as_bytes()


@pytest.mark.parametrize(
    ("kind", "name"), [("message/rfc822", ""), ("application/octet-stream", "Mail.EML"), ("message/rfc822", "a.eml")]
)
def test_attached_mails_are_told_of_in_order(kind: str, name: str) -> None:
    envelope = attached(other("li"), other("maria"), kind=kind, name=name)
    assert [(each.name, each.address, each.subject, each.text, each.attached) for each in envelope.originals] == [
        ("Märia li", "li@example.org", "Lampe li größer", "li is broken.", True),
        ("Märia maria", "maria@example.org", "Lampe maria größer", "maria is broken.", True),
    ]
    assert len(envelope.attachments) == 2
    assert envelope.text == "see attached"
    assert envelope.originals[0].sent_at == 1_057_049_557_000


def test_a_mail_that_says_nothing_else_says_what_the_attached_one_says() -> None:
    text = attached(other("li"), text="").text
    assert text.startswith(
        "From: Märia li <li@example.org>\nDate: Tue, 01 Jul 2003 10:52:37 +0200\nTo: ada@a.example\n"
    )
    assert text.endswith("Subject: Lampe li größer\n\nli is broken.")


def test_the_mail_that_a_server_returns_is_not_passed_on_by_anybody() -> None:
    report = (
        b"From: MAILER-DAEMON@example.org\r\nTo: support@example.test\r\nSubject: Undelivered\r\n"
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nIt failed.\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nAction: failed\r\n"
        b"--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: support@example.test\r\nSubject: Re\r\n\r\nHi\r\n--b--\r\n"
    )
    assert read_file(report, SETTINGS).envelopes[0].originals == ()


def test_an_answer_to_us_quotes_and_passes_nothing_on() -> None:
    text = f"Yes.\n\nFrom: support@example.test\nSent: {DATE}\nTo: maria@example.org\nSubject: Lamp [T-7]\n\nDid you?\n"
    assert read("Re: Lamp [T-7]", text).originals == ()


@given(st.text(alphabet="From: To Subject>-\n@.ab*：\u200b<", max_size=400))
def test_nothing_raises(text: str) -> None:
    find_original(text)


@pytest.mark.parametrize(
    "line", ["From: a\n", "---- forwarded\n", "> a: b\n", "a" * 1000 + ":\n", "From: a@b.example\nx\n"]
)
def test_time_is_linear(line: str) -> None:
    started = time.process_time()
    find_original(line * 20_000)
    assert time.process_time() - started < 5


@pytest.mark.parametrize("line", ["From: x,", "> From: x,", "To: x,", "Foo: x,", "Begin forwarded message:\nTo: x,"])
def test_each_line_is_looked_at_once_however_many_headers_there_seem_to_be(
    line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, label = list[str](), originals._label
    monkeypatch.setattr(originals, "_label", lambda text: (looked.append(text), label(text))[1])
    text = f"{line}\n" * 5_000
    assert originals.find_original(text) is None
    assert len(looked) <= text.count("\n")


@pytest.mark.parametrize(
    ("to", "left"),
    [
        ("Maria <maria@example.org>", ""),
        ("Desk <desk@example.test>, Lopez, Maria <Maria@Example.org>; Bob [mailto:bob@example.org]", None),
        ("maria@example.org; bob@example.org", "bob@example.org"),
        ("bob@example.org", "bob@example.org"),
        ("mmaria@example.org, Maria", "mmaria@example.org, Maria"),
        ("bob@example.org, Maria <maria@example.org>, Mar", "bob@example.org"),
    ],
)
def test_a_recipient_is_taken_out_with_the_name_and_all_others_stay(to: str, left: str | None) -> None:
    expected = "Desk <desk@example.test>; Bob [mailto:bob@example.org]" if left is None else left
    assert without_addressees(to, {"maria@example.org"}) == expected
    assert "maria@example.org" not in addressees(expected)
