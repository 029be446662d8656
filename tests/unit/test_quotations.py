"""What a reply quotes, who may see it, and that our own reader cuts it again when the answer to the answer comes."""

from html import escape
from typing import Any

import pytest

from trunkline.adapters.mail.composing import Composer
from trunkline.adapters.mail.mime import read_mail
from trunkline.adapters.mail.settings import Quote
from trunkline.normalizer.envelope import Assurance
from trunkline.normalizer.interleaved import answers_between
from trunkline.normalizer.outgoing import Outgoing
from trunkline.normalizer.quotations import Quoted, quotation
from trunkline.normalizer.quoting import split_message
from trunkline.router.quotations import MOST, quotable
from trunkline.router.records import Article, Author

MARIA, BEA = "maria@example.org", "bea@example.net"
FIRST = Quoted(
    author="Maria", address=MARIA, at=1_795_000_000_000, text="My lamp is broken.\n\nIt is from 2019.", answered=False
)
LAST = Quoted(author="", address=MARIA, at=1_795_100_000_000, text="> Which model?\nThe L-7.", answered=True)
OWN = "Thank you, that works.\n\nHow long is it guaranteed?"


def sent(quote: Quote = "all", **changes: Any) -> Outgoing:
    given: dict[str, Any] = {
        "article_id": "0193512e-aaaa-7000-8000-000000000002", "external_id": "a@example.test", "ticket_id": "t",
        "number": "T-1042", "channel": "mail", "account": "desk@example.test", "to": MARIA, "subject": "Lamp",
        "text": "Dear Maria,\n\nturn it on and off again.\n\nAda", "quoted": (LAST, FIRST), "in_reply_to": "2@x",
        "references": ("2@x",), "created_at": 1_795_200_000_000,
    }  # fmt: skip
    return Outgoing(**(given | changes))


def mailed(quote: Quote = "all", **changes: Any) -> str:
    """The text of our mail."""
    composer = Composer(addresses=("desk@example.test",), name="Desk", key=b"k", quote=quote)
    (leaf, *_) = read_mail(composer.compose(sent(**changes)).content).leaves()
    return leaf.body.decode().replace("\r\n", "\n").rstrip()


def test_the_newest_message_stands_first_below_the_answer() -> None:
    assert mailed().endswith(
        "Ada\n\n<maria@example.org>, 2026-11-19 14:53 UTC:\n> > Which model?\n> The L-7.\n\n"
        "Maria <maria@example.org>, 2026-11-18 11:06 UTC:\n> My lamp is broken.\n>\n> It is from 2019."
    )


def test_how_much_is_quoted_is_a_choice() -> None:
    assert "L-7" in mailed("last")
    assert "2019" not in mailed("last")
    assert mailed("none").endswith("Ada")
    assert mailed(automatic=True).endswith("Ada")


def test_html_quotes_the_same() -> None:
    composer = Composer(addresses=("desk@example.test",), name="Desk", key=b"k", quote="all")
    *_, html = read_mail(composer.compose(sent(html="<p>Dear Maria</p>")).content).leaves()
    assert b'<blockquote type="cite">My lamp is broken.<br><br>It is from 2019.</blockquote>' in html.body
    assert b"&gt; Which model?" in html.body


def plain(mail: str) -> tuple[str, str]:
    return f"{OWN}\n\nOn Fri, Nov 27, 2026 at 9:00 AM Desk <desk@example.test> wrote:\n" + "\n".join(
        f"> {line}".rstrip() for line in mail.split("\n")
    ), ""


def gmail(mail: str) -> tuple[str, str]:
    wrote = "On Fri, Nov 27, 2026 at 9:00 AM Desk &lt;desk@example.test&gt; wrote:<br>"
    heading = f'<div dir="ltr" class="gmail_attr">{wrote}</div>'
    style = "margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex"
    quotation = f'<blockquote class="gmail_quote" style="{style}">{broken(escape(mail))}</blockquote>'
    return plain(mail)[0], f'<div dir="ltr">{broken(OWN)}</div><br><div class="gmail_quote">{heading}{quotation}</div>'


def apple(mail: str) -> tuple[str, str]:
    own = "".join(f"<div>{line or '<br>'}</div>" for line in OWN.split("\n"))
    heading = "<div>On 27. Nov 2026, at 09:00, Desk &lt;desk@example.test&gt; wrote:</div><br>"
    quotation = f'<blockquote type="cite">{heading}<div><div>{broken(escape(mail))}</div></div></blockquote>'
    return plain(mail)[0], f"<html><body>{own}<div><br>{quotation}</div></body></html>"


def outlook(mail: str) -> tuple[str, str]:
    own, old = (
        "".join(f'<p class="MsoNormal">{escape(line) or "&nbsp;"}</p>' for line in text.split("\n"))
        for text in (OWN, mail)
    )
    people = "From: Desk &lt;desk@example.test&gt;<br>Sent: Friday, November 27, 2026 9:00 AM<br>To: Maria<br>"
    style = "border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"
    heading = f'<div style="{style}"><p class="MsoNormal">{people}Subject: Re: Lamp</p></div>'
    return "", f'<div class="WordSection1">{own}{heading}{old}</div>'


def broken(text: str) -> str:
    return text.replace("\n", "<br>")


def outlook_plain(mail: str) -> tuple[str, str]:
    head = "-----Original Message-----\nFrom: Desk <desk@example.test>\nSent: Friday, November 27, 2026 9:00 AM\n"
    return f"{OWN}\n\n{head}To: Maria <maria@example.org>\nSubject: Re: Lamp\n\n{mail}", ""


def untouched(mail: str) -> tuple[str, str]:
    return f"{OWN}\n\n{mail}", ""


@pytest.mark.parametrize("quote", ["last", "all"])
@pytest.mark.parametrize("program", [plain, gmail, apple, outlook, outlook_plain, untouched])
def test_an_answer_above_our_mail_is_cut_from_it_whatever_program_quotes_it(program: Any, quote: Quote) -> None:
    mail = mailed(quote)
    split = split_message(*program(mail), subject="Re: Lamp [T-1042]", author="Maria")
    assert split.visible == OWN
    ours = f"{sent().text}\n\n{quotation(sent().quoted)}"
    assert answers_between(split.quoted, ours) == ""


@pytest.mark.parametrize("program", [plain, gmail, outlook_plain])
def test_an_answer_between_our_lines_is_found_in_spite_of_what_we_quoted(program: Any) -> None:
    mail = mailed().replace("off again.\n", "off again.\nI did that twice already.\n")
    split = split_message(*program(mail), subject="Re: Lamp", author="Maria")
    answers = answers_between(split.quoted, f"{sent().text}\n\n{quotation(sent().quoted)}")
    assert "I did that twice already." in answers or "I did that twice already." in split.visible
    assert "L-7" not in answers


# Who may see it

ADA = Author(kind="agent", name="Ada", id="ada")


def article(id_: str, **facts: Any) -> Article:
    author = Author(kind="customer", name="Maria", identity=f"email:{MARIA}", assurance=Assurance.ORIGIN)
    given = {
        "id": id_,
        "ticket": "t",
        "kind": "message",
        "channel": "mail",
        "author": author,
        "text": id_,
        "created_at": 1,
    }
    return Article.model_validate(given | facts)


def reply(id_: str, **facts: Any) -> Article:
    return article(id_, kind="reply", author=ADA, to=MARIA, **facts)


def quoted(*articles: Article, recipients: tuple[str, ...] = (MARIA,)) -> list[str]:
    found = quotable(list(reversed(articles)), recipients, "mail")
    return [each.article + "*" * each.answered for each in found]


def test_what_came_since_our_last_answer_is_what_this_one_answers() -> None:
    assert quoted(article("a"), reply("b"), article("c"), article("d")) == ["d*", "c*", "b", "a"]
    assert quoted(article("a"), article("b"), reply("c")) == ["c", "b*", "a"]
    assert quoted(reply("a")) == ["a"]


@pytest.mark.parametrize(
    "facts",
    [
        {"kind": "note", "author": ADA},
        {"author": Author(kind="customer", identity=f"email:{MARIA}")},  # unproven
        {"author": Author(kind="customer", identity=f"email:{BEA}", assurance=Assurance.ORIGIN)},  # somebody else
        {"kind": "reply", "author": ADA, "to": BEA},
        {"kind": "reply", "author": Author(kind="system"), "to": MARIA},
        {"kind": "reply", "author": ADA, "to": MARIA, "repeats": ("x",)},
        {"channel": "api"},  # words of ours about what she wants
        {"text": ""},
    ],
)
def test_nothing_is_quoted_that_whoever_gets_it_has_not_seen(facts: dict[str, Any]) -> None:
    assert quoted(article("hers"), article("other", **facts), article("last")) == ["last*", "hers*"]


def test_several_see_only_what_each_of_them_has_seen() -> None:
    to_both = article("both", copied=[{"address": BEA}])
    from_bea = article("bea", author=Author(kind="customer", identity=f"email:{BEA}", assurance=Assurance.ORIGIN))
    articles = (article("alone"), to_both, from_bea, reply("answer", copied=[{"address": BEA}]))
    assert quoted(*articles, recipients=(MARIA, BEA)) == ["answer", "both*"]
    assert quoted(*articles) == ["answer", "both*", "alone"]


def test_who_does_not_get_the_answer_cannot_say_that_others_have_seen_their_message() -> None:
    bea = Author(kind="customer", identity=f"email:{BEA}", assurance=Assurance.ORIGIN)
    forged = article("forged", author=bea, copied=[{"address": MARIA}])
    assert quoted(article("hers"), forged) == ["hers*"]
    assert quoted(article("hers", copied=[{"address": BEA}]), forged, recipients=(MARIA, BEA)) == ["forged*", "hers*"]


def test_a_long_conversation_is_cut() -> None:
    assert len(quoted(*(article(str(number)) for number in range(MOST + 5)))) == MOST
