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
    "front-blockquote",  # Front
    "missive_quote",  # Missive
}
_QUOTED_IDS = {
    "olk_src_body_section",  # Outlook for Mac
    "mail-editor-reference-message-container",  # new Outlook
    "isreplycontent",  # NetEase
    "orimsghtmlseperator",  # NetEase Flashmail
    "blockquote_zmail",  # Zoho
    "yahoo_quoted",  # Yahoo
}
_QUOTED_NAMES = {"messagereplysection", "quote"}  # Spark; GMX and Web.de
_HEADING_CLASSES = {
    "gmail_attr",  # Gmail
    "moz-cite-prefix",  # Thunderbird
    "outlookmessageheader",  # Outlook Express, Windows Mail
    "yahoo-quoted-begin",  # Yahoo on iOS
}
_HEADING_IDS = {
    "divrplyfwdmsg",  # Outlook on the web
    "appendonsend",  # Outlook on the web, before the heading
    "reply-intro",  # Roundcube
}
_SIGNATURE_CLASSES = {
    "gmail_signature",  # Gmail
    "moz-signature",  # Thunderbird
    "protonmail_signature_block",  # Proton
    "bloop_sign",  # Airmail
    "gmail_signature_prefix",
    "front-signature",  # Front
    "hs_signature",  # HubSpot
    "sh-signature",  # Superhuman
    "missive_signature",  # Missive
    "signature",  # Yahoo and several others
}
_SIGNATURE_IDS = {
    "signature",  # Outlook on the web
    "ms-outlook-mobile-signature",  # Outlook on phones
    "applemailsignature",  # Apple Mail
    "composer_signature",  # Samsung
    "ymail_android_signature",  # Yahoo on phones
    "ymail_ios_signature",
    "bloop_sign",  # Airmail
}
_BAR = re.compile(
    r"border(?:-left|-inline-start)?(?:-width|-style)?\s*:(?!\s*(?:none|0|medium none)\b)[^;]*(?:\d|solid|thin)",
    re.IGNORECASE,
)
_NO_BAR = re.compile(r"border(?:-left|-width)?\s*:\s*(?:none|0|medium none)", re.IGNORECASE)
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
    """Buttons that set a paragraph in make the same element as answers do, but draw no bar beside it."""
    classes, style = given.get("class", "").lower(), given.get("style", "")
    if given.get("type", "").lower() == "cite" or "cite" in given or _BAR.search(style):
        return Mark.QUOTED
    if "gmail_quote" in classes:
        return Mark.QUOTED if any("gmail_quote" in name or "gmail_extra" in name for name in around) else None
    if "quote" in classes or "quote" in given.get("id", "").lower():
        return Mark.QUOTED
    return None if _NO_BAR.search(style) else Mark.INDENTED
