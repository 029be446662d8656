"""What bytes are, told by how they begin.

Whoever sends a file says what it is, and may be wrong or lie. Formats that begin in a way of their own are known by it,
and nothing else is called by their names: a page that says it is a picture is bytes of any kind. Nothing is decoded.
Signatures: the specifications of the formats, and the WHATWG's MIME Sniffing Standard, sections 6.1 and 6.2.
"""

from .safe_names import OCTETS, safe_media_type

HEAD = 64  # bytes that are enough

_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"OggS\0", "audio/ogg"),
    (b"#!AMR", "audio/amr"),
    (b"ID3", "audio/mpeg"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"fLaC", "audio/flac"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_BRANDS = {b"heic": "image/heic", b"heix": "image/heic", b"mif1": "image/heif", b"avif": "image/avif"}
_BRANDS |= {b"M4A ": "audio/mp4", b"M4B ": "audio/mp4", b"qt  ": "video/quicktime"}
_KINDS = {  # what else a container of this type holds
    "application/zip": ("application/vnd.", "application/epub", "application/java-archive", "application/x-zip"),
    "audio/ogg": ("video/ogg", "application/ogg", "audio/opus", "audio/vorbis"),
    "video/webm": ("audio/webm", "video/x-matroska", "audio/x-matroska"),
    "video/mp4": ("audio/mp4", "audio/m4a", "audio/x-m4a", "audio/aac", "video/3gpp", "audio/3gpp", "video/quicktime"),
    "audio/mpeg": ("audio/mp3",),
    "image/heif": ("image/heic",),
    "image/heic": ("image/heif",),
    "audio/wav": ("audio/x-wav", "audio/wave", "audio/vnd.wave"),
    "audio/mp4": ("audio/m4a", "audio/x-m4a", "audio/aac"),
}
_BITMAPS = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_KNOWN = _BITMAPS | {"application/pdf"}
"""Types that always begin as above: without that beginning it is something else."""


def bitmap_type(content: bytes) -> str | None:
    """The media type of a bitmap of a common type; None for anything else."""
    found = _beginning(content)
    return found if found in _BITMAPS else None


def told_type(head: bytes, said: str) -> str:
    """The media type of a file by its first `HEAD` bytes, and by what was said of it where these do not tell."""
    given, found = safe_media_type(said), _beginning(head)
    if found is None:
        return OCTETS if given in _KNOWN else given
    holds = _KINDS.get(found, ())
    return given if given == found or given.startswith(holds) else found


def _beginning(content: bytes) -> str | None:
    for beginning, media_type in _BEGINNINGS:
        if content.startswith(beginning):
            return media_type
    if content[:4] == b"RIFF":
        return _RIFF.get(content[8:12])
    if content[4:8] == b"ftyp":
        return _BRANDS.get(content[8:12], "video/mp4")
    if content[:1] == b"\xff" and content[1:2] in (b"\xfb", b"\xf3", b"\xf2"):
        return "audio/mpeg"
    return None
