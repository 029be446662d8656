"""Answers that stand where a quotation is expected, and quotations that are news: neither is cut."""

import pytest

from trunkline.normalizer.pointing import points_below
from trunkline.normalizer.quoting import REPLY_MARKER, FirstMail, split_html, split_text

HEADING = "On 2026-08-02 12:12, Example Desk wrote:"
OUTLOOK = (
    "From: Example Desk <support@example.test>\nSent: Friday, November 27, 2026 9:00 AM\nTo: Ann Lee <ann@a.example>\n"
    "Subject: Re: Lamp\n\nWhich model?\nModel L-7\nRegards\nAda"
)
GMAIL = (
    "On Fri, 27 Nov 2026 at 09:00, Example Desk <support@example.test> wrote:\n> Which model?\n> Model L-7\n> Regards"
)


# Paragraphs that are only set in


@pytest.mark.parametrize(
    "attributes",
    [
        'style="margin:0 0 0 40px;border:none;padding:0px"',
        'style="margin: 0px 0px 0px 40px; border: none; padding: 0px;"',
        'style="border:0;margin-left:30px"',
        'style="margin-left:3em"',
        'style="MARGIN-RIGHT: 0px" dir=ltr',
        "",
    ],
)
@pytest.mark.parametrize("own", ["<p>Hello,</p>", "<div>I have a problem.</div>"])
def test_a_paragraph_set_in_by_a_button_is_the_persons_own(own: str, attributes: str) -> None:
    html = f"{own}<blockquote {attributes}><div>My order never arrived.</div></blockquote><p>Ann</p>"
    split = split_html(html)
    assert split.visible.endswith("\n\nMy order never arrived.\n\nAnn")
    assert split.quoted == ""


@pytest.mark.parametrize(
    "quotation",
    [
        '<blockquote style="border-left:2px solid blue;margin-left:5px">old</blockquote>',
        '<BLOCKQUOTE style="BORDER-LEFT: #000000 2px solid; MARGIN-LEFT: 5px">old</BLOCKQUOTE>',
        '<blockquote style="border:none;border-left:solid #CCCCCC 1.0pt;padding:0in">old</blockquote>',
        "<blockquote type=cite>old</blockquote>",
        '<blockquote cite="mid:x@y">old</blockquote>',
        "<blockquote class=some-quote>old</blockquote>",
        "<p>Am 04.03.24 um 15:15 schrieb Ann Lee:</p><blockquote>old</blockquote>",
        f"<p>{HEADING}</p><blockquote style='margin:0 0 0 .8ex'>old</blockquote>",
    ],
)
def test_a_quotation_with_a_bar_or_a_heading_is_cut(quotation: str) -> None:
    split = split_html(f"<p>Yes, new.</p>{quotation}")
    assert split.visible == "Yes, new."
    assert split.quoted.endswith("> old")


# Inside the quotation of our own mail


@pytest.mark.parametrize("own", ["", "Thanks!\n\n"])
def test_what_is_written_above_our_marker_inside_the_quotation_is_an_answer(own: str) -> None:
    split = split_text(f"{own}{HEADING}\n> The serial is 4711.\n>\n> {REPLY_MARKER}\n>\n> Hello,\n> could you?")
    assert split.visible == f"{own}The serial is 4711."
    assert "could you?" in split.quoted


@pytest.mark.parametrize(
    "html",
    [
        f"<blockquote type=cite><div>{HEADING}</div><div>4711</div><div>{REPLY_MARKER}</div>Hello</blockquote>",
        f"<div class=gmail_quote><div class=gmail_attr>{HEADING}</div>"
        f"<blockquote class=gmail_quote>4711<br>{REPLY_MARKER}<br>Hello</blockquote></div>",
    ],
)
def test_so_it_is_in_html(html: str) -> None:
    assert "4711" in split_html(html).visible


@pytest.mark.parametrize(
    "quotation",
    [
        f"{HEADING}\n> {REPLY_MARKER}\n>\n> Hello, serial?\n>> old",
        f"{HEADING}\n> On 3 Aug 2026 at 10:00, Ann <ann@a.example> wrote:\n>> old\n>> {REPLY_MARKER}\n> x",
        f"{HEADING}\n> Hello, serial?\n>> old\n>> {REPLY_MARKER}",
    ],
)
def test_older_mails_inside_the_quotation_are_no_answers(quotation: str) -> None:
    assert split_text(f"Hi\n\n{quotation}").visible == "Hi"


@pytest.mark.parametrize(
    "quotation",
    [f"{HEADING}\n> {REPLY_MARKER}\n>\n> 4711 in May\n>\n> Hello", f"{REPLY_MARKER}\n\nHello\n4711", "> one\n> 4711"],
)
@pytest.mark.parametrize("own", ["", "Sent from my iPhone\n\n", "-- \nAnn Lee\n\n"])
def test_nobody_sends_a_mail_to_say_nothing(own: str, quotation: str) -> None:
    assert "4711" in split_text(f"{own}{quotation}").visible


# Words that point below


@pytest.mark.parametrize(
    "own",
    [
        "see below", "Please see my answers below in red.", "Answers inline.", "My comments are in blue.",
        "Hello Ada,\n\nsee inline.\n\nBest regards\nAnn", "Replies below...", "answers in red",
        "Antworten siehe unten.", "Meine Antworten stehen in rot im Text.", "Siehe unten",
        "Hallo, Antworten weiter unten.\n\nGruß\nAnn", "Bonjour, mes réponses ci-dessous en rouge.",
        "Voir ci-dessous.", "Mis respuestas abajo en rojo.", "Respondo más abajo.", "Respostas abaixo, em vermelho.",
        "Risposte in rosso qui sotto.", "Vedi sotto", "Zie mijn antwoorden hieronder.", "Svar nedan i rött",
        "Se svar nedenfor.", "Vastaukset alla.", "Odpowiedzi poniżej.", "Odpovědi níže.", "Ответы ниже.",
        "Мои комментарии красным.", "Відповіді нижче", "Cevaplarım aşağıda.", "回答は以下の通りです。",
        "赤字で回答しました。", "见下文红色回复", "答复如下：", "아래에 답변드립니다.", "الردود أدناه باللون الأحمر",
        "תשובותיי למטה באדום", "Válaszok lent.", "Răspunsurile mai jos.", "Οι απαντήσεις παρακάτω.",
    ],
)  # fmt: skip
@pytest.mark.parametrize("below", [OUTLOOK, GMAIL], ids=["outlook", "gmail"])
def test_nothing_is_cut_when_the_answers_are_said_to_stand_below(own: str, below: str) -> None:
    assert split_text(f"{own}\n\n{below}").visible == f"{own}\n\n{below}"


@pytest.mark.parametrize(
    "own",
    [
        "Yes, thank you.",
        "See the numbers below:\nSerial 4711\nModel L-9\nBought in May in Lyon at the shop",
        "I have answered in the portal.",
        "As I wrote below the form, the lamp is broken.\nPlease repair it and send it back to me soon, it is urgent.",
        "Merci pour votre réponse.",
        "Gracias por su respuesta.",
        "Grazie per la risposta.",
        "Спасибо за ответ.",
        "Thanks for your reply, all is well now.",
        "",
        "answers below. " * 100,
    ],
)
def test_other_words_point_nowhere(own: str) -> None:
    assert not points_below(own)


# First mails

FIRST = FirstMail(writer="ann@a.example", name="Ann Lee", ours=("example.test",))
BOB = "Bob <bob@b.example>"


def block(sender: str = BOB, recipient: str = "Ann Lee <ann@a.example>") -> str:
    return (
        f"From: {sender}\nSent: Friday, November 27, 2026 8:00 AM\nTo: {recipient}\nSubject: Lamp\n\nA refund, please."
    )


@pytest.mark.parametrize(
    "quotation",
    [
        f"On Fri, 27 Nov 2026 at 08:00, {BOB} wrote:\n> A refund, please.",
        f"Le ven. 27 nov. 2026 à 08:00, {BOB} a écrit :\n> A refund, please.",
        "Am 27.11.2026 um 08:00 schrieb Bob:\n> A refund, please.",
        "> A refund, please.\n> 1\n> 2\n> 3",
        block(),
        f"-----Original Message-----\n{block()}",
        block("Ann Lee <ann@a.example>", BOB),
    ],
)
def test_a_first_mail_that_quotes_others_passes_them_on(quotation: str) -> None:
    assert split_text(f"Please help.\n\n{quotation}", first=FIRST).visible == f"Please help.\n\n{quotation}"
    assert split_text(f"Please help.\n\n{quotation}").visible == "Please help."


@pytest.mark.parametrize(
    "quotation",
    [
        '<div class="gmail_quote"><div class="gmail_attr">On Fri, Nov 27, 2026 Bob &lt;bob@b.example&gt; wrote:</div>'
        '<blockquote class="gmail_quote">A refund.</blockquote></div>',
        "<blockquote type=cite><div>On 27 Nov 2026, at 08:00, Bob &lt;bob@b.example&gt; wrote:</div>A refund.",
        '<div id="divRplyFwdMsg"><b>From:</b> Bob &lt;bob@b.example&gt;<br><b>Sent:</b> Friday</div><p>A refund.</p>',
        '<div class="yahoo_quoted"><div>On Friday, Bob &lt;bob@b.example&gt; wrote:</div>A refund.</div>',
    ],
)
def test_so_does_html(quotation: str) -> None:
    html = f"<div>Please help.</div>{quotation}"
    assert split_html(html, first=FIRST).visible.endswith("A refund.")
    assert split_html(html).visible == "Please help."


@pytest.mark.parametrize(
    "quotation",
    [
        "On Fri, 27 Nov 2026 at 08:00, Desk <desk@example.test> wrote:\n> A refund, please.",
        "On Fri, 27 Nov 2026 at 08:00, Ann Lee <ann@a.example> wrote:\n> A refund, please.",
        "On Fri, 27 Nov 2026 at 08:00, Ann Lee wrote:\n> A refund, please.",
        f"{HEADING}\n> {REPLY_MARKER}\n> A refund, please.",
        block("Desk <support+x@example.test>"),
        block("Ann Lee <ann@a.example>"),
        block(recipient="Support <support@example.test>"),
    ],
)
def test_what_we_wrote_or_got_and_what_the_writer_repeats_is_no_news(quotation: str) -> None:
    assert split_text(f"Hello?\n\n{quotation}", first=FIRST).visible == "Hello?"
