"""Files that a message only names, and that are fetched after it was filed.

`later_file` is what parsers make of a vendor's word of such a file; `as_fetched` what it is once its bytes are here.
The name comes from the customer or is made up from the type, safe to show either way; the type is told by the bytes
as far as they tell it (content_types.py). What is not to be had keeps its place, with the reason.
"""

from .content_types import told_type
from .envelope import Attachment
from .file_endings import ending
from .outgoing import Fetched
from .safe_names import OCTETS, safe_line, safe_media_type, safe_name

LONGEST_REFERENCE = 4_000
LONGEST_PROBLEM = 300


def later_file(
    reference: str, *, kind: str = "file", name: str = "", media_type: str = "", size: int = 0, inline: bool = False
) -> Attachment:
    """A file by what its channel fetches it by.

    `kind` is what it is called without a name of its own: photo, voice, video. Without a reference it is missing.
    """
    plain = safe_media_type(media_type) if media_type else OCTETS
    called = safe_name(name) if name.strip() else _made_up(kind, plain)
    file = Attachment(name=called, media_type=plain, size=max(0, size), inline=inline)
    if not reference or len(reference) > LONGEST_REFERENCE:
        return missing_file(file, "the channel does not say where it is")
    return file.model_copy(update={"state": "fetching", "fetch": reference})


def delayed_file(file: Attachment, problem: str) -> Attachment:
    """It is not here yet, and this holds it up."""
    return file.model_copy(update={"state": "fetching", "problem": safe_line(problem, LONGEST_PROBLEM)})


def missing_file(file: Attachment, problem: str) -> Attachment:
    """It cannot be had. Its reference is kept: somebody may want to try again."""
    return file.model_copy(update={"state": "missing", "problem": safe_line(problem, LONGEST_PROBLEM)})


def as_fetched(file: Attachment, told: Fetched, *, sha256: str, size: int, head: bytes) -> Attachment:
    """It is here. What the message called it stays, unless that says less than the vendor's name.

    By its reference an edit that names it again is known to bring nothing.
    """
    said = file.media_type if file.media_type != OCTETS else told.media_type
    media_type = told_type(head, said)
    name = file.name
    if not _has_ending(name):
        name = safe_name(told.name) if _has_ending(told.name) else _with_ending(name, media_type)
    update = {"name": name, "media_type": media_type, "size": size, "sha256": sha256}
    return file.model_copy(update={**update, "state": "stored", "problem": ""})


def _made_up(kind: str, media_type: str) -> str:
    return safe_name(_with_ending(kind, media_type))


def _with_ending(name: str, media_type: str) -> str:
    return name if media_type == OCTETS else f"{name}.{ending(media_type)}"


def _has_ending(name: str) -> bool:
    stem, dot, end = name.rpartition(".")
    return bool(stem and dot) and 1 <= len(end) <= 5 and end.isalnum()
