"""The mails of the customers: pure, a contact in, a mail out.

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
from .contacts import Contact
from .pictures import broken_lamp

_QUOTED_LINES = 12
_PREFIX = re.compile(r"^(?:re|aw): ", re.IGNORECASE)


def first_letter(contact: Contact, to: str, *, run: str) -> EmailMessage:
    """What somebody writes first; `run` keeps apart the ids of one demo and the next."""
    mail = _addressed(contact, to, contact.subject, f"<{run}.{contact.number}@{_domain(contact)}>")
    dice = chance(contact.number, "letter")
    manners = contact.talk.mail
    text = f"{dice.choice(manners.greetings)}\n\n{contact.opening[0]}"
    _write(mail, contact, text, closing=dice.choice(manners.closings))
    if "file" in contact.quirks:
        picture = broken_lamp(contact.number % 4)
        mail.add_attachment(picture, "image", "png", filename=f"IMG_{2000 + contact.number % 800}.png")
    return _with_boundaries(mail)


def reminder(contact: Contact, first: EmailMessage, *, run: str) -> EmailMessage:
    """What somebody writes who has waited too long for an answer."""
    mail = _addressed(
        contact, str(first["To"]), f"Re: {contact.subject}", f"<{run}.{contact.number}.r@{_domain(contact)}>"
    )
    mail["In-Reply-To"] = mail["References"] = str(first["Message-ID"])
    _write(mail, contact, chance(contact.number, "reminder").choice(contact.talk.angry), closing="")
    return mail


def next_letter(contact: Contact, answered: EmailMessage, text: str, *, run: str, turn: int) -> EmailMessage:
    """What somebody answers to our answer, with the answer quoted."""
    to = parseaddr(str(answered["Reply-To"] or answered["From"]))[1]
    subject = f"Re: {_PREFIX.sub('', str(answered['Subject']))}"
    mail = _addressed(contact, to, subject, f"<{run}.{contact.number}.{turn}@{_domain(contact)}>")
    mail["In-Reply-To"] = str(answered["Message-ID"])
    mail["References"] = f"{answered['References'] or ''} {answered['Message-ID']}".strip()
    _write(mail, contact, text, closing="", quoted=_quoted(contact, answered))
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


def _addressed(contact: Contact, to: str, subject: str, message_id: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = formataddr((contact.person.name, contact.person.email))
    mail["To"], mail["Subject"], mail["Message-ID"] = to, subject, message_id
    return mail


def _write(mail: EmailMessage, contact: Contact, text: str, *, closing: str, quoted: str = "") -> None:
    name, phone = contact.person.name, "phone" in contact.quirks
    ending = name.split()[0] if contact.person.habit == "terse" or not closing else f"{closing}\n{name}"
    signature = f"\n\n-- \n{contact.talk.mail.phone}" if phone else ""
    mail.set_content(f"{text}\n\n{ending}{signature}\n{quoted}")
    if contact.person.html:
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


def _quoted(contact: Contact, answered: EmailMessage) -> str:
    """The answered text as mail programs quote it."""
    name, address = parseaddr(str(answered["From"]))
    attribution = contact.talk.mail.attribution.format(date=_day(answered), who=f"{name} <{address}>")
    lines = [line for long in text_of(answered).strip().split("\n") for line in wrap(long, 76) or [""]]
    kept = lines[:_QUOTED_LINES] + ["…"] * (len(lines) > _QUOTED_LINES)
    return "\n" + attribution + "\n" + "\n".join(f"> {line}".rstrip() for line in kept) + "\n"


def _day(mail: EmailMessage) -> str:
    date = getattr(mail["Date"], "datetime", None)
    return date.strftime("%d.%m.%Y %H:%M") if isinstance(date, datetime) else ""


def _domain(contact: Contact) -> str:
    return contact.person.email.rpartition("@")[2]
