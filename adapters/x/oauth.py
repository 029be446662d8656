"""OAuth 1.0a: the signature of a request in the name of an account (RFC 5849 section 3). Pure, but for `fresh`.

HMAC-SHA1 over the method, the address without its query, and all parameters: those of the query, those of the header,
and those of a body that is a form. Bodies of JSON and of several parts are not signed, and X is sent no others.
"""

import base64
import hmac
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote

from yarl import URL

_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Credentials:
    """Key and secret of the app, and of the access token of an account."""

    key: str
    key_secret: str = field(repr=False)
    token: str = field(repr=False)
    token_secret: str = field(repr=False)


def fresh() -> dict[str, str]:
    """A nonce, and the time: what makes two equal requests differ (section 3.3)."""
    return {"oauth_nonce": secrets.token_hex(16), "oauth_timestamp": str(int(time.time()))}


def authorization(
    method: str, url: str, credentials: Credentials, once: Mapping[str, str], form: Iterable[tuple[str, str]] = ()
) -> str:
    """The header of a request to this address, with its query (section 3.5.1); `once` is what `fresh` gave."""
    protocol = {
        "oauth_consumer_key": credentials.key,
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_token": credentials.token,
        "oauth_version": "1.0",
        **once,
    }
    base = base_string(method, url, [*protocol.items(), *form])
    protocol["oauth_signature"] = signature(base, credentials.key_secret, credentials.token_secret)
    return "OAuth " + ", ".join(f'{escape(name)}="{escape(value)}"' for name, value in sorted(protocol.items()))


def base_string(method: str, url: str, parameters: Iterable[tuple[str, str]]) -> str:
    """What is signed (section 3.4.1)."""
    target = URL(url)
    host, port = (target.raw_host or "").lower(), target.port
    place = host if port in (None, _DEFAULT_PORTS.get(target.scheme)) else f"{host}:{port}"
    address = f"{target.scheme}://{place}{target.raw_path}"
    query = parse_qsl(target.raw_query_string, keep_blank_values=True)
    given = sorted((escape(name), escape(value)) for name, value in (*query, *parameters))
    normalised = "&".join(f"{name}={value}" for name, value in given)
    return "&".join((method.upper(), escape(address), escape(normalised)))


def signature(base: str, key_secret: str, token_secret: str) -> str:
    """By the two secrets (section 3.4.2)."""
    key = f"{escape(key_secret)}&{escape(token_secret)}".encode()
    return base64.b64encode(hmac.digest(key, base.encode(), "sha1")).decode()


def escape(text: str) -> str:
    """Percent encoding of everything but letters, digits and -._~ (section 3.6)."""
    return quote(text, safe="-._~")
