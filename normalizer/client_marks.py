"""How mail programs mark quotations and signatures in HTML.

Each entry names the program whose mark it is. The marks are exact, unlike the wording of the lines around them, so they
work in every language. Outlook and Hotmail put `x_` and `ecx` before the names they re-send; these are looked through.
"""

import re
from collections.abc import Iterable, Mapping

from .text import Mark

_QUOTED_CLASSES = {
    "yahoo_quoted",  # Yahoo
    "protonmail_quote",  # Proton
    "tutanota_quote",  # Tuta
    "zmail_extra",  # Zoho: heading and quotation
    "sh-quoted",  # Superhuman
    "front-blockquote",  # Front
    "missive_quote",  # Missive
    "hs_reply",  # HubSpot
    "moz-signature-quoted",
    "mail_quote",
    "bloop-original",
    "wm-quoted",
    "quote-container",
}
_QUOTED_IDS = {
    "olk_src_body_section",  # Outlook for Mac
    "isreplycontent",  # NetEase
    "mail-editor-reference-message-container",  # new Outlook
    "yahoo_quoted",
    "quoted-content",
    "orig-msg",
    "replysplit",
    "blockquote_zmail",  # Zoho
    "edo-original",  # Edison
    "mqbody",
    "orimsghtmlseperator",  # Alibaba Mail
}
_QUOTED_NAMES = {"messagereplysection", "quote", "quoted-content"}  # Spark; GMX and Web.de
_HEADING_CLASSES = {
    "gmail_attr",  # Gmail
    "moz-cite-prefix",  # Thunderbird
    "outlookmessageheader",  # Outlook Express, Windows Mail
    "yahoo-quoted-begin",
    "tutanota_quote_header",
    "mail-quote-heading",
}
_HEADING_IDS = {
    "divrplyfwdmsg",  # Outlook on the web
    "appendonsend",  # Outlook on the web, before the heading
    "reply-intro",  # Roundcube
    "mail-quote-attribution",
    "replyheader",
}
_SIGNATURE_CLASSES = {
    "gmail_signature",
    "moz-signature",
    "protonmail_signature_block",
    "tutanota_signature",
    "zmail_signature",
    "yahoo-signature",
    "mail-signature",
    "sh-signature",
    "hs_signature",
    "bloop_sign",
    "front-signature",
    "email-signature",
}
_SIGNATURE_IDS = {
    "signature",  # Outlook on the web
    "ms-outlook-mobile-signature",
    "ms-outlook-mobile-body-separator-line-signature",
    "applemailsignature",
    "composer_signature",  # Samsung
    "zmail_signature",
    "gmail_signature",
    "divsignature",
    "mailsignature",
    "reply-signature",
}
_FOREIGN_PREFIX = re.compile(r"^(?:x_|ecx|ydp[0-9a-f]{6,12})+")
_NUMBERED = re.compile(r"(?:[_-]?\d[\w-]*)$")


def mark_of(tag: str, given: Mapping[str, str], around: Iterable[str]) -> Mark | None:
    """The mark of an element, or None when no mail program is known to mark it."""
    if tag == "blockquote":
        return _blockquote(given, around)
    if not given:
        return None
    identifier = _NUMBERED.sub("", _FOREIGN_PREFIX.sub("", given.get("id", "").lower()))
    classes = {_FOREIGN_PREFIX.sub("", name) for name in given.get("class", "").lower().split()[:20]}
    if given.get("data-smartmail") == "gmail_signature" or "data-signatureblock" in given:
        return Mark.SIGNATURE
    for mark, known_classes, known_ids in (
        (Mark.QUOTED, _QUOTED_CLASSES, _QUOTED_IDS),
        (Mark.HEADING, _HEADING_CLASSES, _HEADING_IDS),
        (Mark.SIGNATURE, _SIGNATURE_CLASSES, _SIGNATURE_IDS),
    ):
        if identifier in known_ids or not classes.isdisjoint(known_classes):
            return mark
    if tag == "div" and given.get("name", "").lower() in _QUOTED_NAMES:
        return Mark.QUOTED
    return None


def _blockquote(given: Mapping[str, str], around: Iterable[str]) -> Mark | None:
    # Gmail's *indent* button makes the same element as its replies do, but outside of a reply.
    if "gmail_quote" in given.get("class", "") and not any(
        "gmail_quote" in name or "gmail_extra" in name for name in around
    ):
        return None if given.get("type", "").lower() != "cite" else Mark.QUOTED
    return Mark.QUOTED
