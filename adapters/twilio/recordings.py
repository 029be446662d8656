"""What Twilio posted as people write it down: the form itself, or its parameters as a JSON object. Pure."""

import json
from contextlib import suppress
from urllib.parse import urlencode

from ...config.errors import Unreadable
from ..vendor_post import read_json


def form_of(content: bytes) -> bytes:
    """The form. Whatever is neither stays as it is."""
    written = content.strip()
    if not written.startswith(b"{"):
        return written
    with suppress(Unreadable):
        told = read_json(written)
        parameters = {name: each if isinstance(each, str) else json.dumps(each) for name, each in told.items()}
        return urlencode(parameters).encode()
    return written
