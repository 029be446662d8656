"""Mails that providers post in pieces: Postmark's JSON without RawEmail, forms of SendGrid and Mailgun. Pure.

    postmark   FromFull, ToFull, Subject, TextBody, HtmlBody, Headers, Attachments ("Inbound webhook")
    sendgrid   headers, from, to, subject, text, html, attachment-info, attachment1 … ("Inbound Parse", default)
    mailgun    message-headers, From, To, Subject, body-plain, body-html, content-id-map, attachment-1 … ("Routes")

Raises Unreadable for a post without a writer, or without anything that was said.
"""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from ....config.errors import Unreadable
from .forms import Field, bytes_of, text_of
from .rebuilt import File, Headers, Text, header_lines, mail_of, with_missing

_MOST_FILES = 100


def postmark_mail(told: Mapping[str, Any], missing: str) -> bytes:
    """Of Postmark's JSON."""
    pairs = [(str(each.get("Name", "")), str(each.get("Value", ""))) for each in _mappings(told.get("Headers"))]
    headers = with_missing(
        pairs,
        [
            ("From", _person(told.get("FromFull")) or str(told.get("From") or "")),
            ("To", _people(told, "To")),
            ("Cc", _people(told, "Cc")),
            ("Reply-To", str(told.get("ReplyTo") or "")),
            ("Subject", str(told.get("Subject") or "")),
            ("Date", str(told.get("Date") or "")),
            ("Message-ID", _message_id(told.get("MessageID"))),
        ],
    )
    files = [_postmark_file(each) for each in _mappings(told.get("Attachments"))]
    text, html = (Text(str(told.get(name) or "").encode("utf-8", "replace")) for name in ("TextBody", "HtmlBody"))
    return _mail(headers, text, html, files, missing)


def sendgrid_mail(fields: Mapping[str, Field], missing: str) -> bytes:
    """Of SendGrid's form; its texts are in the character sets that it names."""
    charsets, info = _json(fields, "charsets"), _json(fields, "attachment-info")
    told = [("From", "from"), ("To", "to"), ("Cc", "cc"), ("Subject", "subject")]
    headers = with_missing(
        header_lines(text_of(fields, "headers")), [(name, text_of(fields, field)) for name, field in told]
    )
    files = []
    for name in sorted(info, key=_in_order) if info else [each for each in fields if each.startswith("attachment")]:
        about = info.get(name)
        about = about if isinstance(about, dict) else {}
        if (field := fields.get(name)) is not None and (field.file_name or about):
            named = str(about.get("filename") or about.get("name") or field.file_name)
            kind = str(about.get("type") or field.media_type)
            files.append(
                File(name=named, media_type=kind, content=field.content, content_id=str(about.get("content-id") or ""))
            )
    text, html = (Text(bytes_of(fields, name), str(charsets.get(name) or "utf-8")) for name in ("text", "html"))
    return _mail(headers, text, html, files, missing)


def mailgun_mail(fields: Mapping[str, Field], missing: str) -> bytes:
    """Of Mailgun's form."""
    given: Any = None
    with suppress(ValueError, RecursionError):
        given = json.loads(text_of(fields, "message-headers") or "[]")
    pairs = [(str(each[0]), str(each[1])) for each in given if _is_pair(each)] if isinstance(given, list) else []
    names = ("From", "To", "Cc", "Subject", "Date", "Message-Id", "In-Reply-To", "References", "Reply-To")
    headers = with_missing(pairs, [(name, text_of(fields, name) or text_of(fields, name.lower())) for name in names])
    ids = {str(name): str(id_) for id_, name in _json(fields, "content-id-map").items()}
    files = [
        File(name=each.file_name, media_type=each.media_type, content=each.content, content_id=ids.get(name, ""))
        for name, each in fields.items()
        if name.startswith("attachment-") and each.file_name
    ]
    text, html = (Text(bytes_of(fields, name)) for name in ("body-plain", "body-html"))
    return _mail(headers, text, html, files, missing)


def _mail(headers: Headers, text: Text, html: Text, files: list[File], missing: str) -> bytes:
    named = {name.lower() for name, value in headers if value.strip()}
    if "from" not in named or not (text.content or html.content or files or "subject" in named):
        raise Unreadable(missing)
    return mail_of(headers, text, html, files[:_MOST_FILES])


def _postmark_file(told: Mapping[str, Any]) -> File:
    content = b""
    with suppress(binascii.Error, ValueError):
        content = base64.b64decode(str(told.get("Content") or told.get("Data") or ""))
    return File(
        name=str(told.get("Name") or ""),
        media_type=str(told.get("ContentType") or ""),
        content=content,
        content_id=str(told.get("ContentID") or ""),
    )


def _people(told: Mapping[str, Any], name: str) -> str:
    full = ", ".join(filter(None, map(_person, _mappings(told.get(f"{name}Full")))))
    return full or str(told.get(name) or "")


def _person(told: Any) -> str:
    if not isinstance(told, dict) or not told.get("Email"):
        return ""
    address, name = str(told["Email"]), str(told.get("Name") or "").replace("\\", "").replace('"', "'")
    return f'"{name}" <{address}>' if name else address


def _message_id(given: Any) -> str:
    """Postmark's own id, where the mail has none among its headers."""
    return f"<{given}@inbound.postmarkapp.com>" if given else ""


def _json(fields: Mapping[str, Field], name: str) -> Mapping[str, Any]:
    found: Any = {}
    with suppress(ValueError, RecursionError):
        found = json.loads(text_of(fields, name) or "{}")
    return found if isinstance(found, dict) else {}


def _in_order(name: str) -> tuple[int, str]:
    return len(name), name


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2


def _mappings(given: Any) -> Iterator[Mapping[str, Any]]:
    for each in given[:1000] if isinstance(given, list) else ():
        if isinstance(each, dict):
            yield each
