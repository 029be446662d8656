"""The mails of the customers: pure, a visit in, a mail out.

They look like mails of people: greetings and closings of the language, signatures, what their phone adds, the answered
text quoted below, for some an HTML part beside the text, for some a photo.
"""

import re
from datetime import datetime
from email.message import EmailMessage
from email.utils import formataddr, parseaddr
from html import escape
from textwrap import wrap

from .chance import chance
from .pictures import broken_lamp
from .visits import Visit

_QUOTED_LINES = 12
_PREFIX = re.compile(r"^(?:re|aw): ", re.IGNORECASE)


def first_letter(visit: Visit, to: str, *, run: str) -> EmailMessage:
    """What somebody writes first; `run` keeps apart the ids of one play and the next."""
    mail = _addressed(visit, to, visit.subject, f"<{run}.{visit.number}@{_domain(visit)}>")
    dice = chance(visit.number, "letter")
    manners = visit.talk.mail
    text = f"{dice.choice(manners.greetings)}\n\n{visit.opening[0]}"
    _write(mail, visit, text, closing=dice.choice(manners.closings))
    if "file" in visit.quirks:
        picture = broken_lamp(visit.number % 4)
        mail.add_attachment(picture, "image", "png", filename=f"IMG_{2000 + visit.number % 800}.png")
    return _with_boundaries(mail)


def reminder(visit: Visit, first: EmailMessage, *, run: str) -> EmailMessage:
    """What somebody writes who has waited too long for an answer."""
    mail = _addressed(visit, str(first["To"]), f"Re: {visit.subject}", f"<{run}.{visit.number}.r@{_domain(visit)}>")
    mail["In-Reply-To"] = mail["References"] = str(first["Message-ID"])
    _write(mail, visit, chance(visit.number, "reminder").choice(visit.talk.angry), closing="")
    return mail


def next_letter(visit: Visit, answered: EmailMessage, text: str, *, run: str, turn: int) -> EmailMessage:
    """What somebody answers to our answer, with the answer quoted."""
    to = parseaddr(str(answered["Reply-To"] or answered["From"]))[1]
    subject = f"Re: {_PREFIX.sub('', str(answered['Subject']))}"
    mail = _addressed(visit, to, subject, f"<{run}.{visit.number}.{turn}@{_domain(visit)}>")
    mail["In-Reply-To"] = str(answered["Message-ID"])
    mail["References"] = f"{answered['References'] or ''} {answered['Message-ID']}".strip()
    _write(mail, visit, text, closing="", quoted=_quoted(visit, answered))
    return _with_boundaries(mail)


def text_of(mail: EmailMessage) -> str:
    """The plain text of a mail."""
    part = mail.get_body(("plain",))
    return str(part.get_content()) if part is not None else ""


def _with_boundaries(mail: EmailMessage) -> EmailMessage:
    """Boundaries that are not drawn by lot, so that the same mail is the same bytes."""
    for number, part in enumerate(mail.walk()):
        if part.is_multipart():
            part.set_boundary(f"=_part_{number}")
    return mail


def _addressed(visit: Visit, to: str, subject: str, message_id: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = formataddr((visit.person.name, visit.person.email))
    mail["To"], mail["Subject"], mail["Message-ID"] = to, subject, message_id
    return mail


def _write(mail: EmailMessage, visit: Visit, text: str, *, closing: str, quoted: str = "") -> None:
    name, phone = visit.person.name, "phone" in visit.quirks
    ending = name.split()[0] if visit.person.habit == "terse" or not closing else f"{closing}\n{name}"
    signature = f"\n\n-- \n{visit.talk.mail.phone}" if phone else ""
    mail.set_content(f"{text}\n\n{ending}{signature}\n{quoted}")
    if visit.person.html:
        mail.add_alternative(_html(text, ending, quoted), subtype="html")


def _html(text: str, ending: str, quoted: str) -> str:
    paragraphs = "".join(f"<p>{_lines(part)}</p>" for part in text.split("\n\n"))
    behind = f'<blockquote type="cite">{_lines(quoted.strip())}</blockquote>' if quoted else ""
    return (
        '<html><body><div style="font-family: Georgia, serif; font-size: 15px; color: #222">'
        f'{paragraphs}<p style="color: #555">{_lines(ending)}</p></div>{behind}</body></html>'
    )


def _lines(text: str) -> str:
    return "<br>".join(map(escape, text.split("\n")))


def _quoted(visit: Visit, answered: EmailMessage) -> str:
    """The answered text as mail programs quote it."""
    name, address = parseaddr(str(answered["From"]))
    attribution = visit.talk.mail.attribution.format(date=_day(answered), who=f"{name} <{address}>")
    lines = [line for long in text_of(answered).strip().split("\n") for line in wrap(long, 76) or [""]]
    kept = lines[:_QUOTED_LINES] + ["…"] * (len(lines) > _QUOTED_LINES)
    return "\n" + attribution + "\n" + "\n".join(f"> {line}".rstrip() for line in kept) + "\n"


def _day(mail: EmailMessage) -> str:
    date = getattr(mail["Date"], "datetime", None)
    return date.strftime("%d.%m.%Y %H:%M") if isinstance(date, datetime) else ""


def _domain(visit: Visit) -> str:
    return visit.person.email.rpartition("@")[2]
