"""A post of a provider from a file, whichever it is of: the mail in it, and what the provider said of it. Pure.

A recording has no header that tells of what type it is, and no name of a provider: a form is known by how it begins,
JSON by its fields. A form may also be kept as a JSON object of its fields. What is no post of a provider is a mail.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from ....config.errors import Unreadable
from ...vendor_post import read_json
from .arrived import Arrived
from .forms import Field, read_form
from .providers import mailgun_arrived, postmark_arrived, sendgrid_arrived
from .sns import ses_arrived

_BOUNDARY = re.compile(rb"--([^\r\n]{1,200})\r\n")
_URLENCODED = re.compile(rb"[A-Za-z%][\w%.+-]{0,60}=[^\s]*\Z", re.ASCII)

Fields = Mapping[str, Field]


def arrived_in(content: bytes) -> Arrived | None:
    """The mail in a post; None for what is none. Raises Unreadable for one that holds no mail."""
    given = content.strip(b"\r\n\t ")
    if given.startswith(b"{"):
        return _of_json(read_json(given))
    fields = _fields(given)
    return _of_fields(fields) if fields is not None else None


def _of_json(told: Any) -> Arrived:
    if "notificationType" in told or told.get("Type") == "Notification":
        (arrived,) = ses_arrived(told)
        return arrived
    if "FromFull" in told or "RawEmail" in told or "TextBody" in told:
        (arrived,) = postmark_arrived(told)
        return arrived
    if told.get("type") == "email.received":
        raise Unreadable("Resend only names the mail; its bytes are had from Resend")
    return _of_fields({name: Field(str(each).encode("utf-8", "replace")) for name, each in told.items()})


def _of_fields(fields: Fields) -> Arrived:
    reader: Callable[[Fields], list[Arrived]]
    is_mailgun = not fields.keys().isdisjoint(("body-mime", "body-plain", "body-html", "recipient", "message-headers"))
    reader = mailgun_arrived if is_mailgun else sendgrid_arrived
    (arrived,) = reader(fields)
    return arrived


def _fields(content: bytes) -> Fields | None:
    if boundary := _BOUNDARY.match(content):
        name = boundary[1].decode("latin-1")
        return read_form(f'multipart/form-data; boundary="{name}"', content + b"\r\n")
    if _URLENCODED.match(content) and b"&" in content:
        return read_form("application/x-www-form-urlencoded", content)
    return None
