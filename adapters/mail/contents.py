"""What a mail carries: what it says, its files, what protects it, what it passes on, what its calendar says.

The text is what the person wrote. Where they wrote nothing it is what else the mail says: an invitation, the mails that
it passes on, that it is encrypted and what to do. What Outlook packs into winmail.dat is taken out (module `tnef`). A
reply of files alone has no text, and the quotation below it is not taken for one.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ...normalizer.envelope import Attachment, Automation, CalendarEvent, Contact, Original, Protection
from ...normalizer.quoting import FirstMail, Split, split_message
from ...normalizer.text import html_to_text
from .bodies import CALENDARS, REACTION, Bodies, find_bodies
from .contact_cards import read_contacts
from .files import collect_files, content_id
from .invitations import read_invitation, says_only_that
from .mime import Part
from .passed_on import read_originals, shown
from .protection import BEGIN, find_protection, words_for
from .tnef import Letter, is_tnef, open_tnef

_QUOTATION = re.compile(
    r"<blockquote|gmail_quote|yahoo_quoted|divrplyfwdmsg|moz-cite-prefix|appendonsend|olk_src_body_section|"
    r"border-top:\s?solid #(?:e1e1e1|b5c4df)",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Contents:
    """All of it; `said` is what of the text a person wrote."""

    split: Split
    said: str
    html: str
    automation: Automation
    is_reaction: bool
    attachments: tuple[Attachment, ...]
    originals: tuple[Original, ...]
    protection: tuple[Protection, ...]
    event: CalendarEvent | None
    contacts: tuple[Contact, ...]
    files: Mapping[str, bytes]


def read_contents(
    mail: Part, *, subject: str, author: str, first: FirstMail | None, automation: Automation
) -> Contents:
    """What this mail carries; `first` when it answers none of ours."""
    bodies = _with_letters(find_bodies(mail))
    others = [part for part in bodies.files if part.content.value != REACTION]
    plain, markup = _texts(bodies)
    opened = find_protection(mail, others, plain)
    files = any(_is_new(part, bodies.markup) for part in opened.files)
    split = split_message(opened.text, markup, subject=subject, author=author, first=first, files=files)
    invitation = read_invitation(bodies.files)
    if invitation and invitation.is_answer and automation == "none" and says_only_that(split.visible):
        automation = "auto_reply"
    originals = read_originals(split.visible, opened.files, answers=first is None) if automation != "bounce" else ()
    said = split.visible or (invitation.text if invitation else "") or "\n\n".join(map(shown, originals))
    attachments, contents = collect_files(opened.files, bodies.markup)
    return Contents(
        split=replace(split, visible=said or words_for(opened.protection, opened.files)),
        said=said,
        html=bodies.markup,
        automation=automation,
        is_reaction=len(others) < len(bodies.files),
        attachments=attachments if said else _beside_nothing(attachments),
        originals=originals,
        protection=opened.protection,
        event=invitation.event if invitation else None,
        contacts=read_contacts(opened.files),
        files=contents,
    )


def _with_letters(bodies: Bodies) -> Bodies:
    """With what Outlook has put into a file of its own: its files, and its text where there is no other."""
    found: list[Letter] = []
    files: list[Part] = []
    for part in bodies.files:
        letter = open_tnef(part.body) if is_tnef(part) else None
        files += letter.files if letter else []
        files += [] if letter and letter.whole else [part]
        found += [letter] if letter else []
    if bodies.plain.strip() or bodies.markup.strip():
        return Bodies(text=bodies.text, html=bodies.html, files=files)
    texts = [letter.text for letter in found if letter.text] or bodies.text
    return Bodies(text=texts, html=list(texts), files=files)


def _texts(bodies: Bodies) -> tuple[str, str]:
    """Plain text and HTML; where there is armour, only the text."""
    plain, markup = bodies.plain, bodies.markup
    if BEGIN in markup and BEGIN not in plain:
        plain = html_to_text(markup)
    return plain, "" if BEGIN in plain else markup


def _is_new(part: Part, markup: str) -> bool:
    """Whether the file came with what was written now, rather than with the quotation below."""
    if part.content.value in CALENDARS:
        return False
    place = markup.find(f"cid:{name}") if (name := content_id(part)) else -1
    quotation = _QUOTATION.search(markup) if place >= 0 else None
    return place < 0 or quotation is None or place < quotation.start()


def _beside_nothing(attachments: Sequence[Attachment]) -> tuple[Attachment, ...]:
    """Where nothing is said, the pictures are what is said, and shown as files."""
    return tuple(each.model_copy(update={"inline": False}) for each in attachments)
