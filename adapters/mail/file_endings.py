"""The ending of a file name, by media type: for what mail carries without a name.

The system's own tables differ from machine to machine, and `.bin` is opened by no program.
"""

_ENDINGS = {
    "application/gzip": "gz",
    "application/ics": "ics",
    "application/json": "json",
    "application/ms-tnef": "dat",
    "application/msword": "doc",
    "application/pdf": "pdf",
    "application/pgp-encrypted": "asc",
    "application/pgp-keys": "asc",
    "application/pgp-signature": "asc",
    "application/pkcs7-mime": "p7m",
    "application/pkcs7-signature": "p7s",
    "application/rtf": "rtf",
    "application/vnd.ms-excel": "xls",
    "application/vnd.ms-excel.sheet.macroenabled.12": "xlsm",
    "application/vnd.ms-outlook": "msg",
    "application/vnd.ms-powerpoint": "ppt",
    "application/vnd.oasis.opendocument.presentation": "odp",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.rar": "rar",
    "application/x-7z-compressed": "7z",
    "application/x-gzip": "gz",
    "application/x-pdf": "pdf",
    "application/x-pkcs7-mime": "p7m",
    "application/x-pkcs7-signature": "p7s",
    "application/x-rar-compressed": "rar",
    "application/x-rtf": "rtf",
    "application/x-tar": "tar",
    "application/x-zip-compressed": "zip",
    "application/xml": "xml",
    "application/zip": "zip",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/vnd.wave": "wav",
    "audio/x-pn-wav": "wav",
    "image/jpeg": "jpg",
    "image/pjpeg": "jpg",
    "image/svg+xml": "svg",
    "image/tiff": "tif",
    "image/vnd.microsoft.icon": "ico",
    "image/x-icon": "ico",
    "image/x-ms-bmp": "bmp",
    "image/x-windows-bmp": "bmp",
    "message/delivery-status": "txt",
    "message/disposition-notification": "txt",
    "message/rfc822": "eml",
    "text/calendar": "ics",
    "text/directory": "vcf",
    "text/html": "html",
    "text/markdown": "md",
    "text/plain": "txt",
    "text/rfc822-headers": "txt",
    "text/richtext": "rtf",
    "text/tab-separated-values": "tsv",
    "text/vcard": "vcf",
    "text/x-vcalendar": "ics",
    "text/x-vcard": "vcf",
    "video/3gpp": "3gp",
    "video/3gpp2": "3g2",
    "audio/3gpp": "3gp",
    "video/quicktime": "mov",
    "video/x-matroska": "mkv",
    "video/x-ms-wmv": "wmv",
    "video/x-msvideo": "avi",
}
_SPEAKING = frozenset({"image", "audio", "video", "text"})


def ending(media_type: str) -> str:
    """Without the dot. Short names of pictures and sounds are their own endings: `png`, `amr`."""
    main, _, sub = media_type.partition("/")
    plain = sub.removeprefix("x-")
    if known := _ENDINGS.get(media_type):
        return known
    return plain if main in _SPEAKING and plain.isascii() and plain.isalnum() and len(plain) <= 5 else "bin"
