"""What mail programs put around an answer, in many languages: only the answer may stay visible."""

import re

import pytest

from trunkline.normalizer.quoting import split_text

# Language, program, the answer, and all that stands below it. The quoted text never carries the language's answer.
GMAIL = {
    "en": "On Mon, Mar 4, 2024 at 3:15 PM Ann Lee <ann@example.org> wrote:",
    "de": "Am Mo., 4. März 2024 um 15:15 Uhr schrieb Ann Lee <ann@example.org>:",
    "fr": "Le lun. 4 mars 2024 à 15:15, Ann Lee <ann@example.org> a écrit :",
    "es": "El lun, 4 mar 2024 a las 15:15, Ann Lee (<ann@example.org>) escribió:",
    "pt": "Em seg., 4 de mar. de 2024 às 15:15, Ann Lee <ann@example.org> escreveu:",
    "it": "Il giorno lun 4 mar 2024 alle ore 15:15 Ann Lee <ann@example.org> ha scritto:",
    "nl": "Op ma 4 mrt 2024 om 15:15 schreef Ann Lee <ann@example.org>:",
    "sv": "Den mån 4 mars 2024 kl 15:15 skrev Ann Lee <ann@example.org>:",
    "da": "Den man. 4. mar. 2024 kl. 15.15 skrev Ann Lee <ann@example.org>:",
    "no": "man. 4. mars 2024 kl. 15:15 skrev Ann Lee <ann@example.org>:",
    "fi": "ma 4. maalisk. 2024 klo 15.15 Ann Lee (ann@example.org) kirjoitti:",
    "et": "Kuupäev E, 4. märts 2024 kell 15:15 kirjutas Ann Lee <ann@example.org>:",
    "pl": "pon., 4 mar 2024 o 15:15 Ann Lee <ann@example.org> napisał(a):",
    "cs": "po 4. 3. 2024 v 15:15 odesílatel Ann Lee <ann@example.org> napsal:",
    "sk": "po 4. 3. 2024 o 15:15 Ann Lee <ann@example.org> napísal(a):",
    "hu": "Ann Lee <ann@example.org> ezt írta (időpont: 2024. márc. 4., H, 15:15):",
    "ro": "În lun., 4 mar. 2024 la 15:15, Ann Lee <ann@example.org> a scris:",
    "tr": "Ann Lee <ann@example.org>, 4 Mar 2024 Pzt, 15:15 tarihinde şunu yazdı:",
    "ru": "пн, 4 мар. 2024 г. в 15:15, Ann Lee <ann@example.org>:",
    "uk": "пн, 4 бер. 2024 р. о 15:15 Ann Lee <ann@example.org> пише:",
    "bg": "На пн, 4.03.2024 г. в 15:15 ч. Ann Lee <ann@example.org> написа:",
    "sr": "пон, 4. мар 2024. у 15:15 Ann Lee <ann@example.org> је написао/ла:",
    "hr": "pon, 4. ožu 2024. u 15:15 Ann Lee <ann@example.org> napisao je:",
    "sl": "V V pon., 4. mar. 2024 ob 15:15 je oseba Ann Lee <ann@example.org> napisala:",
    "lt": "2024-03-04, pr, 15:15 Ann Lee <ann@example.org> rašė:",
    "lv": "pirmd., 2024. g. 4. marts, plkst. 15:15 — lietotājs Ann Lee (<ann@example.org>) rakstīja:",
    "el": "Στις Δευ 4 Μαρ 2024 στις 3:15 μ.μ., ο/η Ann Lee <ann@example.org> έγραψε:",
    "he": "\u202bבתאריך יום ב׳, 4 במרץ 2024 ב-15:15 מאת \u202aAnn Lee\u202c\u200f <ann@example.org\u200f>:\u202c",
    "ar": "في الاثنين، ٤ مارس ٢٠٢٤ في ٣:١٥ م تمت كتابة ما يلي بواسطة Ann Lee <ann@example.org>:",
    "ja": "2024年3月4日(月) 15:15 Ann Lee <ann@example.org>:",
    "zh": "Ann Lee <ann@example.org> 于2024年3月4日周一 15:15写道：",
    "ko": "2024년 3월 4일 (월) 오후 3:15, Ann Lee <ann@example.org>님이 작성:",
    "vi": "Vào Th 2, 4 thg 3, 2024 vào lúc 15:15 Ann Lee <ann@example.org> đã viết:",
    "th": "ในวันที่ จ. 4 มี.ค. 2567 เวลา 15:15 Ann Lee <ann@example.org> เขียนว่า:",
    "id": "Pada tanggal Sen, 4 Mar 2024 pukul 15.15 Ann Lee <ann@example.org> menulis:",
    "ca": "Missatge de Ann Lee <ann@example.org> del dia dl., 4 de març 2024 a les 15:15:",
}

# Without an address, as Thunderbird and Apple Mail write when they know the person.
NAMED = {
    "en": "On 04/03/2024 15:15, Ann Lee wrote:",
    "en-apple": "On Mar 4, 2024, at 3:15 PM, Ann Lee wrote:",
    "de": "Am 04.03.24 um 15:15 schrieb Ann Lee:",
    "fr": "Le 04/03/2024 à 15:15, Ann Lee a écrit :",
    "es": "El 4/3/24 a las 15:15, Ann Lee escribió:",
    "pt": "Em 04/03/2024 15:15, Ann Lee escreveu:",
    "it": "Il 04/03/2024 15:15, Ann Lee ha scritto:",
    "nl": "Op 04-03-2024 om 15:15 schreef Ann Lee:",
    "ru": "04.03.2024 15:15, Ann Lee пишет:",
    "uk": "04.03.2024 15:15, Ann Lee пише:",
    "pl": "W dniu 4.03.2024 o 15:15, Ann Lee pisze:",
    "cs": "Dne 04. 03. 24 v 15:15 Ann Lee napsal(a):",
    "sv": "Den 2024-03-04 kl. 15:15, skrev Ann Lee:",
    "da": "Den 04.03.2024 kl. 15.15 skrev Ann Lee:",
    "tr": "04.03.2024 15:15 tarihinde Ann Lee yazdı:",
    "ro": "Pe 04.03.2024 15:15, Ann Lee a scris:",
    "hu": "2024. 03. 04. 15:15 keltezéssel, Ann Lee írta:",
    "fi": "Ann Lee kirjoitti 4.3.2024 klo 15.15:",
    "el": "Στις 4/3/2024 3:15 μ.μ., ο Ann Lee έγραψε:",
    "zh": "在 2024/3/4 15:15, Ann Lee 写道:",
}

OUTLOOK = {
    "en": ("From: Ann Lee <ann@example.org>", "Sent: Monday, March 4, 2024 3:15 PM", "To: Shop", "Subject: Order"),
    "de": ("Von: Ann Lee <ann@example.org>", "Gesendet: Montag, 4. März 2024 15:15", "An: Shop", "Betreff: Bestellung"),
    "fr": ("De : Ann Lee <ann@example.org>", "Envoyé : lundi 4 mars 2024 15:15", "À : Shop", "Objet : Commande"),
    "es": ("De: Ann Lee <ann@example.org>", "Enviado: lunes, 4 de marzo de 2024 15:15", "Para: Shop", "Asunto: Pedido"),
    "pt": (
        "De: Ann Lee <ann@example.org>",
        "Enviado: segunda-feira, 4 de março de 2024 15:15",
        "Para: Shop",
        "Assunto: P",
    ),
    "it": ("Da: Ann Lee <ann@example.org>", "Inviato: lunedì 4 marzo 2024 15:15", "A: Shop", "Oggetto: Ordine"),
    "nl": ("Van: Ann Lee <ann@example.org>", "Verzonden: maandag 4 maart 2024 15:15", "Aan: Shop", "Onderwerp: Order"),
    "sv": ("Från: Ann Lee <ann@example.org>", "Skickat: den 4 mars 2024 15:15", "Till: Shop", "Ämne: Order"),
    "da": ("Fra: Ann Lee <ann@example.org>", "Sendt: 4. marts 2024 15:15", "Til: Shop", "Emne: Ordre"),
    "fi": ("Lähettäjä: Ann Lee <ann@example.org>", "Lähetetty: maanantai 4. maaliskuuta 2024 15.15", "Aihe: T"),
    "et": (
        "Saatja: Ann Lee <ann@example.org>",
        "Saadetud: esmaspäev, 4. märts 2024 15:15",
        "Adressaat: Shop",
        "Teema: T",
    ),
    "pl": ("Od: Ann Lee <ann@example.org>", "Wysłano: poniedziałek, 4 marca 2024 15:15", "Do: Shop", "Temat: Z"),
    "cs": ("Od: Ann Lee <ann@example.org>", "Odesláno: pondělí 4. března 2024 15:15", "Komu: Shop", "Předmět: O"),
    "hu": ("Feladó: Ann Lee <ann@example.org>", "Elküldve: 2024. március 4., hétfő 15:15", "Címzett: Shop", "Tárgy: R"),
    "ro": ("De la: Ann Lee <ann@example.org>", "Trimis: luni, 4 martie 2024 15:15", "Către: Shop", "Subiect: C"),
    "tr": ("Kimden: Ann Lee <ann@example.org>", "Gönderildi: 4 Mart 2024 Pazartesi 15:15", "Kime: Shop", "Konu: S"),
    "ru": (
        "От: Ann Lee <ann@example.org>",
        "Отправлено: понедельник, 4 марта 2024 г. 15:15",
        "Кому: Shop",
        "Тема: Заказ",
    ),
    "uk": ("Від: Ann Lee <ann@example.org>", "Надіслано: понеділок, 4 березня 2024 р. 15:15", "Кому: Shop", "Тема: З"),
    "el": ("Από: Ann Lee <ann@example.org>", "Στάλθηκε: Δευτέρα, 4 Μαρτίου 2024 3:15 μμ", "Προς: Shop", "Θέμα: Π"),
    "he": ("מאת: Ann Lee <ann@example.org>", "נשלח: יום שני 04 מרץ 2024 15:15", "אל: Shop", "נושא: הזמנה"),
    "ja": ("差出人: Ann Lee <ann@example.org>", "送信日時: 2024年3月4日 15:15", "宛先: Shop", "件名: 注文"),
    "zh": ("发件人: Ann Lee <ann@example.org>", "发送时间: 2024年3月4日 15:15", "收件人: Shop", "主题: 订单"),
    "zh-tw": (
        "寄件者： Ann Lee <ann@example.org>",
        "寄件日期： 2024年3月4日 下午 03:15",
        "收件者： Shop",
        "主旨： 訂單",
    ),
    "ko": (
        "보낸 사람: Ann Lee <ann@example.org>",
        "보낸 날짜: 2024년 3월 4일 월요일 오후 3:15",
        "받는 사람: Shop",
        "제목: 주문",
    ),
    "unknown": ("Ukoto: Ann Lee <ann@example.org>", "Kutuma: 4 Machi 2024 15:15", "Kwenda: Shop", "Kichwa: Agizo"),
}

FRAMED = [
    "-----Original Message-----",
    "-----Ursprüngliche Nachricht-----",
    "-----Message d'origine-----",
    "-----Mensaje original-----",
    "-----Mensagem original-----",
    "-----Messaggio originale-----",
    "-----Oorspronkelijk bericht-----",
    "-----Исходное сообщение-----",
    "-----Wiadomość oryginalna-----",
    "-----Původní zpráva-----",
    "-----Eredeti üzenet-----",
    "-----Orijinal Mesaj-----",
    "-----Mesaj original-----",
    "-----Ursprungligt meddelande-----",
    "-----Alkuperäinen viesti-----",
    "------------------ 原始邮件 ------------------",
    "-------- 元のメッセージ --------",
    "-----원본 메시지-----",
    "-----Αρχικό μήνυμα-----",
    "-----הודעה מקורית-----",
    "---- Ann Lee wrote ----",
    "---- On Mon, 04 Mar 2024 15:15:00 +0000 Ann Lee <ann@example.org> wrote ----",
    "------- Original Message -------",
]

DEVICES = [
    "Sent from my iPhone",
    "Sent from my Samsung Galaxy smartphone.",
    "Sent from Outlook for Android<https://aka.ms/AAb9ysg>",
    "Get Outlook for iOS<https://aka.ms/o0ukef>",
    "Sent from Yahoo Mail on Android",
    "Sent from Yahoo Mail for iPhone",
    "Sent from Mail for Windows 10",
    "Sent with Proton Mail secure email.",
    "Von meinem iPhone gesendet",
    "Gesendet von Mail für Windows 10",
    "Von meinem Samsung Galaxy Smartphone gesendet.",
    "Diese Nachricht wurde von meinem Android-Gerät mit WEB.DE Mail gesendet.",
    "Envoyé de mon iPhone",
    "Envoyé depuis mon smartphone Samsung Galaxy.",
    "Obtenir Outlook pour iOS",
    "Enviado desde mi iPhone",
    "Enviado do meu iPhone",
    "Inviato da iPhone",
    "Inviato dal mio telefono Huawei",
    "Verstuurd vanaf mijn iPhone",
    "Skickat från min iPhone",
    "Sendt fra min iPhone",
    "Lähetetty iPhonesta",
    "Saadetud minu iPhone'ist",
    "Wysłane z iPhone’a",
    "Odesláno z iPhonu",
    "Elküldve az iPhone-omról",
    "Trimis de pe iPhone",
    "iPhone'umdan gönderildi",
    "Отправлено с iPhone",
    "Отправлено из мобильной Яндекс Почты",
    "Отправлено из Почты Mail.ru для Android",
    "Надіслано з iPhone",
    "Изпратено от моя iPhone",
    "Στάλθηκε από το iPhone μου",
    "נשלח מה-iPhone שלי",
    "أُرسلت من الـ iPhone",
    "iPhoneから送信",
    "发自我的iPhone",
    "從我的 iPhone 傳送",
    "나의 iPhone에서 보냄",
    "Đã gửi từ iPhone của tôi",
    "ส่งจาก iPhone ของฉัน",
]


@pytest.mark.parametrize("heading", GMAIL.values(), ids=GMAIL)
def test_an_attribution_with_an_address_ends_the_answer(heading: str) -> None:
    split = split_text(f"Yes, thank you.\n\n{heading}\n\n> Shall we send it?\n> Ann\n")
    assert split.visible == "Yes, thank you."
    assert split.quoted.startswith(heading)


@pytest.mark.parametrize("heading", GMAIL.values(), ids=GMAIL)
def test_an_attribution_needs_no_quotation_marks_below_it(heading: str) -> None:
    assert split_text(f"Yes, thank you.\n{heading}\n\nShall we send it?\n\nAnn\n").visible == "Yes, thank you."


@pytest.mark.parametrize("heading", GMAIL.values(), ids=GMAIL)
def test_an_attribution_may_be_wrapped(heading: str) -> None:
    at = heading.find("<") if "<" in heading else heading.find("(")
    if heading[:at].strip():
        heading = f"{heading[:at].rstrip()}\n{heading[at:]}"
    split = split_text(f"Yes, thank you.\n\n{heading}\n\n> Shall we send it?\n")
    assert split.visible == "Yes, thank you."


@pytest.mark.parametrize("heading", NAMED.values(), ids=NAMED)
def test_an_attribution_may_name_the_person_only(heading: str) -> None:
    assert split_text(f"Yes, thank you.\n\n{heading}\n> Shall we send it?\n").visible == "Yes, thank you."
    assert split_text(f"Yes, thank you.\n\n{heading}\n\nShall we send it?\n").visible == "Yes, thank you."


@pytest.mark.parametrize("headers", OUTLOOK.values(), ids=OUTLOOK)
def test_copied_headers_end_the_answer(headers: tuple[str, ...]) -> None:
    block = "\n".join(headers)
    split = split_text(f"Yes, thank you.\n\n{block}\n\nShall we send it?\n")
    assert (split.visible, split.quoted) == ("Yes, thank you.", f"{block}\n\nShall we send it?")
    ruled = split_text(f"Yes, thank you.\n\n________________________________\n{block}\n\nShall we send it?\n")
    assert ruled.visible == "Yes, thank you."
    bold = re.sub(r"(?m)^(.*?[:：])", r"*\1*", block)
    assert split_text(f"Yes, thank you.\n\n{bold}\n\nShall we send it?\n").visible == "Yes, thank you."


@pytest.mark.parametrize("line", FRAMED)
def test_a_framed_line_ends_the_answer(line: str) -> None:
    assert split_text(f"Yes, thank you.\n\n{line}\n\nShall we send it?\n").visible == "Yes, thank you."


@pytest.mark.parametrize("line", DEVICES)
def test_the_line_of_a_device_is_a_signature(line: str) -> None:
    split = split_text(f"Yes, thank you.\n\n{line}\n\nOn 04/03/2024 15:15, Ann Lee wrote:\n> Shall we send it?\n")
    assert (split.visible, split.signature) == ("Yes, thank you.", line)


@pytest.mark.parametrize(
    "text",
    [
        "My iPhone does not send mail any more.",
        "Hello,\n\nthe parcel was sent to the wrong phone shop.",
        "Mein iPhone hat die Nachricht nicht gesendet, was nun?",
        "Мой iPhone не отправляет почту.",
        "Hello,\n\nI wrote to you on 4 March 2024:\n\nnobody answered.",
        "Wir treffen uns am 12.03.2024 um 14:30, folgende Themen:\n\n1. Preise\n2. Termine",
        "My data:\n\nName: Ann Lee\nEmail: ann@example.org\nPhone: +49 30 12345\nOrder: 1234\nDate: 4 March 2024 15:15",
        "From: Berlin\nTo: Paris\nDate: 12.03.2024 10:30\n\nPlease change this booking.",
        "Please write to bob@example.org or ann@example.org before 2025, these are the items:\n\n- a cup\n- a plate",
        "The error is:\n\n> Error 500: see https://example.org/log\n\nWhat now?",
        "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----",
        "Two questions:\n- price\n- colour",
        "The steps:\n\n---\n\n1. Open the box. Is it empty?\n2. Close it.",
        "注文番号は次のとおりです：\n12345",
        "Номер заказа от 04.03.2024: 12345\nГде он?",
    ],
)
def test_what_a_person_wrote_stays(text: str) -> None:
    split = split_text(text)
    assert (split.visible, split.quoted, split.signature) == (text, "", "")
