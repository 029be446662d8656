"""What a message through Twilio says: its words, its files, where it is, by which advertisement it came. Pure.

What is not the customer's own words stands behind them, in words of ours. Files are fetched later, from Twilio.
"""

from collections.abc import Iterator, Mapping

from ...normalizer.envelope import Attachment
from ...normalizer.later_files import later_file
from ...normalizer.safe_names import safe_line, safe_text
from ..filled_forms import form_lines
from .wishes import wish_of

MOST_FILES = 30
_KINDS = {"image": "photo", "video": "video", "audio": "audio", "application": "file"}
_OPTED = {
    "STOP": "They have opted out: nothing reaches them until they write START.",
    "START": "They have opted in again.",
    "HELP": "They asked for HELP, which Twilio has answered.",
}


def own_words(fields: Mapping[str, str]) -> str:
    """What the customer wrote, or the button that they pressed."""
    body = safe_text(fields.get("Body", "")).strip()
    return body or safe_line(fields.get("ButtonText", "") or fields.get("ListTitle", ""), 300)


def text_of(fields: Mapping[str, str]) -> str:
    """All of it. Raises ValueError."""
    return "\n\n".join(filter(None, (own_words(fields), *_told(fields))))


def files_of(fields: Mapping[str, str]) -> tuple[Attachment, ...]:
    """The files that it names. Raises ValueError."""
    count = int(fields["NumMedia"]) if fields.get("NumMedia") else _named(fields)
    if not 0 <= count <= MOST_FILES:
        raise ValueError(f"{count} files")
    return tuple(_file(fields, index) for index in range(count))


def _told(fields: Mapping[str, str]) -> Iterator[str]:
    if "Latitude" in fields:
        yield _place(fields)
    if headline := " ".join(filter(None, (fields.get("ReferralHeadline"), fields.get("ReferralSourceUrl")))):
        yield f"They came by: {safe_line(headline, 500)}"
    if filled := fields.get("InteractiveData"):
        yield "\n".join(("Filled in a form", *form_lines(filled)))
    if "true" in (fields.get("Forwarded"), fields.get("FrequentlyForwarded")):
        yield "(forwarded)"
    if fields.get("MessageType") == "unsupported":
        yield "(a message that Twilio does not pass on)"
    wish = wish_of(fields)
    if wish == "STOP" or "OptOutType" in fields:
        yield _OPTED.get(wish, "")


def _named(fields: Mapping[str, str]) -> int:
    """How many files there are where they are not counted."""
    return next(index for index in range(MOST_FILES + 1) if not fields.get(f"MediaUrl{index}"))


def _place(fields: Mapping[str, str]) -> str:
    named = (safe_line(fields.get(name, ""), 200) for name in ("Label", "Address"))
    where = f"{float(fields['Latitude'])}, {float(fields['Longitude'])}"
    return "\n".join(("Location", *filter(None, named), where))


def _file(fields: Mapping[str, str], index: int) -> Attachment:
    media_type = fields.get(f"MediaContentType{index}", "")
    kind = _KINDS.get(media_type.partition("/")[0], "file")
    return later_file(fields.get(f"MediaUrl{index}", ""), kind=kind, media_type=media_type)
