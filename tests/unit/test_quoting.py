"""Quotations, answers, signatures: what is cut, what stays, and what happens to hostile text."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.normalizer.quoting import REPLY_MARKER, Split, split_html, split_message, split_text

UNKNOWN = "Mnamo 4 Machi saa 15:15, Ann Lee aliandika hivi:"


def test_a_message_without_a_quotation_is_left_alone() -> None:
    assert split_text("Hello,\n\nwhere is it?\n\nAnn\n") == Split(visible="Hello,\n\nwhere is it?\n\nAnn")


def test_nothing_is_lost_by_cutting() -> None:
    split = split_text("Yes.\n\nOn 04/03/2024 15:15, Ann wrote:\n> Shall we?\n\n-- \nBob\n+49 30 1234")
    assert split == Split(
        visible="Yes.", quoted="On 04/03/2024 15:15, Ann wrote:\n> Shall we?", signature="--\nBob\n+49 30 1234"
    )


@pytest.mark.parametrize(
    "below",
    [
        "> On Mar 4, 2024, at 3:15 PM, Ann Lee <ann@example.org> wrote:\n> \n> Shall we?",
        ">>> Ann Lee <ann@example.org> 04.03.2024 15:15 >>>\nShall we?",
        "On Mon, 4 Mar 2024 15:15:00 +0900\nAnn Lee <ann@example.org> wrote:\n\n> Shall we?",
        "Zitat von Ann Lee <ann@example.org>:\n\n> Shall we?",
        "* Ann Lee <ann@example.org> [2024-03-04 15:15]:\n> Shall we?",
        "> Message du 04/03/24 15:15\n> De : Ann <ann@example.org>\n> Objet : Q\n>\n> Shall we?",
        "-----Original-Nachricht-----\nBetreff: Q\nDatum: 2024-03-04T15:15:00+0100\nVon: Ann\n\nShall we?",
        'From: "Ann Lee"\n\nSent: Monday, March 4, 2024 3:15 PM\n\nTo: Bob\n\nSubject: Q\n\nShall we?',
        "Von:\tAnn Lee/Org\nAn:\tBob\nDatum:\t04.03.2024 15:15\nBetreff:\tQ\n\nShall we?",
        "---- On Mon, 04 Mar 2024 15:15:00 +0000 Ann <ann@example.org> wrote ----\n\nShall we?",
        "On Tue, Apr 11, 2017 at 10:07 PM John Smith\n\n<\nmailto:John Smith <john@example.org>\n> wrote:\nShall we?",
        "On Mon, Jan 6, 2025 at 9:15 AM Ann Lee <ann@example.org\n> wrote:\n\n> Shall we?",
        "Am Mo., 6. Jan. 2025 um 09:15 Uhr schrieb Ann Lee <ann@example.org\n>:\n\n> Shall we?",
        "Le lun. 6 janv. 2025 à 09:15, Ann Lee <ann@example.org\n> a écrit :\n\n> Shall we?",
        "On Mon, Jan 6, 2025 at 9:15 AM Ann Lee\n<ann@example.org\n> wrote:\n\n> Shall we?",
        "пн, 6 янв. 2025 г. в 09:15, Ann Lee <ann@example.org\n>:\n\n> Shall we?",
        "On Mon, 06 Jan 2025 09:15:00 +0100 Ann Lee <ann@example.org> wrote\n\nShall we?",
        "On Mon, 06 Jan 2025 09:15:00 +0100\nAnn Lee <ann@example.org> wrote\n\nShall we?",
        "Am Mo, 6. Jan. 2025 09:15 hat Ann Lee <ann@example.org> geschrieben\n\nShall we?",
        "Le 06/01/2025 09:15, Ann Lee <ann@example.org> a écrit\n\nShall we?",
        "06.01.2025 09:15 Ann Lee <ann@example.org> написал(а)\n\nShall we?",
    ],
)
def test_headings_of_many_programs_are_known(below: str) -> None:
    split = split_text(f"Yes, please.\n\n{below}")
    assert split.visible == "Yes, please."
    assert split.quoted.endswith("Shall we?")


@pytest.mark.parametrize("own", ["Yes. ", "Yes--- ", "Yes. - "])
def test_a_heading_glued_to_the_answer_is_parted_from_it(own: str) -> None:
    text = f"{own}On Wed, Apr 4, 2012 at 3:59 PM, bob@example.org wrote:\n> Hi"
    assert split_text(text).visible.rstrip(" -.") == "Yes"


@pytest.mark.parametrize("between", [" ", "\n"])
@pytest.mark.parametrize(
    "heading",
    [
        "-----Original message----- From: ann@example.org Sent: Tuesday, 4 March 2024 To: bob@b.example Subject: Q",
        "________________________________ From: Ann <ann@example.org> Sent: Tuesday, 4 March 2024 To: Bob Subject: Q",
        "-----Ursprüngliche Nachricht----- Von: Ann <ann@example.org> Gesendet: 4. März 2024 An: Bob Betreff: Q",
        "-----Message d'origine----- De : Ann <ann@example.org> Envoyé : mardi 4 mars 2024 15:15 À : Bob Objet : Q",
        "From: Ann <ann@example.org> Sent: Tuesday, March 4, 2024 3:15 PM To: Bob Subject: Q",
        "*From:* Ann <ann@example.org> *Sent:* Tuesday, March 4, 2024 3:15 PM *To:* Bob *Subject:* Q",
    ],
)
def test_copied_headers_in_one_line_are_a_heading(heading: str, between: str) -> None:
    split = split_text(f"ok{between}{heading}\n\nShall we?")
    assert split.visible == "ok"
    assert split.quoted.endswith("Shall we?")


@pytest.mark.parametrize(
    "text",
    [
        "Please change my booking: From: Lyon To: Paris Date: 12 December 2026, 10:30 Subject: train\n\nTwo seats.",
        "I asked Ann <ann@example.org> and that is what she wrote\n\nPlease repair it.",
        "If a\n> b: c\nthen d",
    ],
)
def test_what_only_resembles_a_heading_cuts_nothing(text: str) -> None:
    assert split_text(text).visible == text


def test_an_answer_below_the_quotation_is_what_was_written() -> None:
    assert split_text("On 04/03/2024 15:15, Ann wrote:\n> Shall we?\n\nYes, please.").visible == "Yes, please."


def test_answers_around_the_quotation_are_joined() -> None:
    text = "Hello,\n\nOn 04/03/2024 15:15, Ann wrote:\n> Shall we?\n\nYes, please.\nBob"
    assert split_text(text).visible == "Hello,\n\nYes, please.\nBob"


def test_answers_between_quotations_keep_what_they_answer() -> None:
    text = "Hello,\n\nOn 04/03/2024 15:15, Ann wrote:\n> Blue?\n\nYes.\n\n> Large?\n\nNo.\n\n> Regards\n> Ann"
    split = split_text(text)
    assert split.visible == text.removesuffix("\n\n> Regards\n> Ann")
    assert split.quoted == "> Regards\n> Ann"


def test_a_quoted_line_that_was_torn_apart_is_no_answer() -> None:
    text = "Yes.\n\nOn 04/03/2024 15:15, Ann wrote:\n> See (https://example.org/a\nb=1) of the shop\n> and answer."
    assert split_text(text).visible == "Yes."


def test_a_remark_that_a_person_quotes_themselves_stays() -> None:
    text = "Your page says:\n\n> Out of stock\n\nSince when?"
    assert split_text(text).visible == text


def test_a_long_quotation_without_a_heading_is_cut() -> None:
    assert split_text("> one\n> two\n> three\n> four\n\nMy answer.").visible == "My answer."


@pytest.mark.parametrize(
    "heading",
    [
        "---------- Forwarded message ---------",
        "-------- Weitergeleitete Nachricht --------",
        "---------- Message transféré ----------",
        "-------- Пересылаемое сообщение --------",
        "Begin forwarded message:\n",
        "Anfang der weitergeleiteten Nachricht:\n",
        "Начало переадресованного сообщения:\n",
    ],
)
def test_a_message_passed_on_stays_visible(heading: str) -> None:
    headers = "From: Ann Lee <ann@example.org>\nDate: Mon, Mar 4, 2024 at 3:15 PM\nSubject: Broken\nTo: Bob"
    news = f"{heading}\n{headers}\n\nIt broke."
    assert split_text(news) == Split(visible=news)
    assert split_text(f"Please see below.\n\n{news}") == Split(visible=f"Please see below.\n\n{news}")


def test_the_subject_tells_that_outlook_passes_a_message_on() -> None:
    headers = "Von: Ann <ann@example.org>\nGesendet: Montag, 4. März 2024 15:15\nAn: Bob\nBetreff: Defekt"
    text = f"Please repair it.\n\n{headers}\n\nDefekt."
    assert split_text(text, subject="WG: Defekt").visible == text
    assert split_text(text, subject="AW: Defekt").visible == "Please repair it."


def test_without_words_of_their_own_the_copied_message_stays_visible() -> None:
    text = "From: Ann <ann@example.org>\nSent: Monday, March 4, 2024 3:15 PM\nTo: Bob\nSubject: Broken\n\nIt broke."
    assert split_text(text).visible == text
    assert split_text(f"Sent from my iPhone\n\n{text}").visible.endswith("It broke.")


def test_everything_below_our_marker_is_ours() -> None:
    split = split_text(f"Yes.\n\n{UNKNOWN}\n\n{REPLY_MARKER}\n\nDear Bob, shall we?")
    assert split == Split(visible="Yes.", quoted=f"{UNKNOWN}\n\n{REPLY_MARKER}\n\nDear Bob, shall we?")
    assert split_html(f"<p>Yes.</p><div>{REPLY_MARKER}</div><p>Dear Bob</p>").visible == "Yes."


def test_our_marker_may_be_translated_and_quoted() -> None:
    assert split_text("Ja.\n\n##- Bitte über dieser Zeile antworten -##\nLieber Bob").visible == "Ja."
    assert split_text(f"> {REPLY_MARKER}\n> one\n> two\n> three\n\nYes.").visible == "Yes."


@pytest.mark.parametrize(
    ("text", "signature"),
    [
        ("Hello.\n\n-- \nBob", "--\nBob"),
        ("Hello.\n\n--\n\nBob Smith", "--\n\nBob Smith"),
        ("Hello.\n-Bob", "-Bob"),
        ("Hello.\n\n— Боб", "— Боб"),
        (
            "Hello.\n\nBob Smith\nShop Ltd\n+49 30 1234567\nwww.example.org",
            "Bob Smith\nShop Ltd\n+49 30 1234567\nwww.example.org",
        ),
        ("Hello.\n\n______________________\nlist@example.org\nhttps://example.org/list", None),
    ],
)
def test_signatures_are_cut(text: str, signature: str | None) -> None:
    split = split_text(text)
    assert split.visible == "Hello."
    assert signature is None or split.signature == signature


def test_the_authors_name_begins_a_signature() -> None:
    text = "Hello.\n\nBob Smith\nvia mobile"
    assert split_text(text, author="Smith, Bob").signature == "Bob Smith\nvia mobile"
    assert split_text(text).visible == text


def test_a_signature_alone_stays() -> None:
    assert split_text("--\nBob").visible == "--\nBob"
    assert split_text("Sent from my iPhone").visible == "Sent from my iPhone"


ADDRESS = '<a href="mailto:ann@example.org">ann@example.org</a>'
HTML = {
    "gmail": f"""
        <div>Yes.</div><br><div class="gmail_quote"><div class="gmail_attr">{UNKNOWN}<br></div>
        <blockquote class="gmail_quote">Shall we?</blockquote></div>""",
    "gmail, before 2018": f"""
        <div>Yes.</div><div class="gmail_extra"><div class="gmail_quote">On Mon, Mar 4, 2024 at 3:15 PM, Ann
        &lt;{ADDRESS}&gt; wrote:<br><blockquote class="gmail_quote">Shall we?</blockquote></div></div>""",
    "outlook on the web": """
        <div>Yes.</div><hr style="width:98%"><div id="divRplyFwdMsg"><b>Ukoto:</b> Ann<br><b>Kutuma:</b> Leo</div>
        <div>Shall we?</div>""",
    "outlook on the web, later": """
        <div>Yes.</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> Ann<br><b>Sent:</b> 3/4<br>
        </div><div>Shall we?</div>""",
    "outlook": """
        <div class="WordSection1"><p class="MsoNormal">Yes.</p><div style="border:none;border-top:solid #E1E1E1 1.0pt">
        <p class="MsoNormal"><b>От:</b> Ann &lt;ann@example.org&gt;<br><b>Отправлено:</b> 4 марта 2024 г. 15:15<br>
        <b>Кому:</b> Bob<br><b>Тема:</b> Q</p></div><p class="MsoNormal">Shall we?</p></div>""",
    "outlook for mac": """
        <div>Yes.</div><span id="OLK_SRC_BODY_SECTION"><div>Ann</div><div>Shall we?</div></span>""",
    "outlook express": """
        <p>Yes.</p><div class="OutlookMessageHeader">Ukoto: Ann</div><div>Shall we?</div>""",
    "thunderbird": f"""
        <p>Yes.</p><div class="moz-cite-prefix">{UNKNOWN}<br></div><blockquote type="cite">Shall we?</blockquote>""",
    "apple mail": f"""
        <div>Yes.<br><blockquote type="cite"><div>{UNKNOWN}</div><br><div>Shall we?</div></blockquote></div>""",
    "yahoo": f"""
        <div>Yes.</div><div id="ydp1234abcdyahoo_quoted_1" class="ydp1234abcdyahoo_quoted"><div>{UNKNOWN}</div>
        <p>Shall we?</p></div>""",
    "proton": f"""
        <div>Yes.</div><div class="protonmail_quote">{UNKNOWN}<blockquote type="cite">Shall we?</blockquote></div>""",
    "zoho": f"""
        <div>Yes.</div><div class="zmail_extra"><div>---- {UNKNOWN} ----</div>
        <blockquote id="blockquote_zmail">Shall we?</blockquote></div>""",
    "gmx": f"""
        <div>Yes.</div><div name="quote" style="border-left:2px solid #C3D9E5"><div>{UNKNOWN}</div>Shall we?</div>""",
    "mail.ru": """
        <div>Yes.</div><br>Понедельник, 4 марта 2024, 15:15 +03:00 от Ann &lt;ann@example.org&gt;:<br>
        <blockquote>Shall we?</blockquote>""",
    "yandex": """
        <div>Yes.</div><div>04.03.2024, 15:15, "Ann" &lt;ann@example.org&gt;:</div>
        <blockquote><p>Shall we?</p></blockquote>""",
    "spark": f"""
        <div name="messageBodySection">Yes.</div><div name="messageReplySection">{UNKNOWN}
        <blockquote type="cite">Shall we?</blockquote></div>""",
    "qq": """
        <div>Yes.</div><div>------------------&nbsp;原始邮件&nbsp;------------------</div><div>Shall we?</div>""",
    "hotmail": """
        <div>Yes.</div><div><hr id="stopSpelling">From: ann@example.org<br>Date: Mon, 4 Mar 2024 15:15:00 +0000<br>
        Shall we?</div>""",
    "samsung": """
        <div>Yes.</div><div id="composer_signature">Bob</div><div>-------- Oorspronkelijk bericht --------</div>
        Shall we?""",
}


@pytest.mark.parametrize("html", HTML.values(), ids=HTML)
def test_mail_programs_mark_what_they_quote(html: str) -> None:
    split = split_html(f"<html><body>{html}</body></html>")
    assert split.visible == "Yes."
    assert "Shall we?" in split.quoted


def test_an_answer_inside_gmails_quotation_stays_with_what_it_answers() -> None:
    html = f"""
        <div>Hello</div><div class="gmail_quote"><div class="gmail_attr">{UNKNOWN}</div>
        <blockquote class="gmail_quote">Blue?</blockquote><div>Yes, blue.</div>
        <blockquote class="gmail_quote">Large?</blockquote><div>No.</div></div>"""
    assert split_html(html).visible == f"Hello\n{UNKNOWN}\n\n> Blue?\n\nYes, blue.\n\n> Large?\n\nNo."


def test_gmails_indent_button_quotes_nobody() -> None:
    html = (
        '<div>The address is</div><blockquote class="gmail_quote" style="margin:0 0 0 40px">Main Street 1</blockquote>'
    )
    assert split_html(html).visible == "The address is\n\nMain Street 1"


def test_gmail_passes_a_message_on() -> None:
    html = """
        <div>FYI</div><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>
        From: <b>Ann</b> &lt;ann@example.org&gt;<br>Date: Mon, Mar 4, 2024 at 3:15 PM<br>Subject: Broken<br>To: Bob<br>
        </div><p>It broke.</p></div>"""
    split = split_html(html)
    assert split.visible.startswith("FYI\n---------- Forwarded message ---------")
    assert split.visible.endswith("It broke.")


def test_a_marked_signature_is_cut_wherever_it_stands() -> None:
    html = '<div>Hello.</div><div class="gmail_signature">Bob<br>Shop Ltd</div><div>P.S. It is blue.</div>'
    assert split_html(html) == Split(visible="Hello.\nP.S. It is blue.", signature="Bob\nShop Ltd")


def test_the_html_is_preferred_and_the_text_stands_in_for_it() -> None:
    assert split_message("text", "<p>html</p>").visible == "html"
    assert split_message("text", "<style>p{}</style>").visible == "text"
    assert split_message("text", "").visible == "text"
    assert split_message("", "").visible == ""


@given(st.text(alphabet=st.sampled_from("> \n:@.-_*<>ab1\r\t|＞：\u200f"), max_size=300))
def test_nothing_is_lost_whatever_comes(text: str) -> None:
    split = split_text(text)
    kept = sorted(f"{split.visible}{split.quoted}{split.signature}".replace("\u200f", ""))
    given_characters = sorted(text.replace("\u200f", ""))
    for mark in set(given_characters) - set(" \t\r\n"):
        # Drawn lines and joined addresses may go; every letter stays.
        assert kept.count(mark) == given_characters.count(mark) or mark in "-_*<>.~|＞", mark


@given(
    st.lists(
        st.sampled_from(["> a", "", "b", "On 04/03/2024 15:15, Ann wrote:", "-- ", "From: a@b.c", "___", REPLY_MARKER])
    )
)
def test_visible_text_is_never_made_up(lines: list[str]) -> None:
    split = split_text("\n".join(lines))
    assert set(split.visible.splitlines()) <= {line.rstrip() for line in lines}


@pytest.mark.parametrize(
    "text",
    [
        ">" * 125_000,
        "> a\n" * 30_000,
        "a:\n" * 40_000,
        "From: a\n" * 15_000,
        "On 04/03/2024 15:15, Ann <a@b.c> wrote:\n" * 3_000,
        "> a\nb\n" * 20_000,
        "_____\n" * 20_000,
        "-" * 125_000,
        "a@" * 60_000 + ":",
        ("1." * 200 + ":\n") * 300,
        " " * 125_000 + ":",
        "Sent from my iPhone\n" * 6_000,
        "--\n" * 40_000,
        "<\n" * 60_000,
        "a\n\n" * 40_000,
        ("a" * 390 + "@b:\n") * 300,
        "(" * 125_000,
        "On " * 40_000 + ":",
    ],
    ids=lambda text: repr(text[:12]),
)
def test_hostile_text_takes_linear_time(text: str) -> None:
    began = time.process_time()
    split_text(text)
    assert time.process_time() - began < 2
