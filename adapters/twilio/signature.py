"""The signature of Twilio: X-Twilio-Signature over the public address that is posted to and what is posted.

    a form        HMAC-SHA1 of the address with its query, then each name and value, sorted; repeats count once
    anything else HMAC-SHA1 of the address alone, whose query holds `bodySHA256`, the digest of the body

Judged by Twilio's own package (`RequestValidator`), which is handed only what it can judge: it raises on a missing
signature, on a body that is no text and on a form that is none, takes a body without `bodySHA256` for a form, and cuts
an IPv6 address at its first colon. So the digest of a body is compared here. Twilio signs the address sometimes with a
port and sometimes without, so both count. The address is what the configuration says, never what a request says of
itself. There is no time in it: a repeat is only known by the ids in it.
"""

import hashlib
from urllib.parse import parse_qs, urlsplit

from multidict import MultiDict
from twilio.request_validator import RequestValidator

from ...config.errors import Forged
from ..vendor_post import Post, demand_equal, single_header
from .parameters import Parameters, demand_names, form_parameters

HEADER = "X-Twilio-Signature"
FORM = "application/x-www-form-urlencoded"
_LONGEST = 64


def verify(post: Post, address: str, token: bytes) -> None:
    """Whether Twilio posted it to `address`, our public base. Raises Forged."""
    given = single_header(post, HEADER, _LONGEST)
    url = f"{address}{post.target}"
    if post.headers.get("Content-Type", "").partition(";")[0].strip().lower() == FORM:
        parameters = form_parameters(post.body)
        demand_signed(url, parameters, given, token)
        demand_names(parameters)
    else:
        demand_signed_body(url, post.body, given, token)


def demand_signed(url: str, parameters: Parameters, given: str, token: bytes) -> None:
    """Whether it is the signature of a form. Raises Forged."""
    _demand(url, MultiDict(parameters), given, token)


def demand_signed_body(url: str, body: bytes, given: str, token: bytes) -> None:
    """Whether it is the signature of a body that is no form. Raises Forged."""
    digests = parse_qs(urlsplit(url).query).get("bodySHA256", [])
    if len(digests) != 1:
        raise Forged("the address does not hold the digest of the body")
    _demand(url, MultiDict(), given, token)
    demand_equal(digests[0].lower(), hashlib.sha256(body).hexdigest())


def _demand(url: str, said: MultiDict[str], given: str, token: bytes) -> None:
    validator = RequestValidator(token.decode())
    try:
        valid = any(validator.validate(each, said, given) for each in _spellings(url))
    except ValueError as error:
        raise Forged(f"the signature cannot be checked ({type(error).__name__})") from error
    if not valid:
        raise Forged("the signature does not match; is `address` what is written at Twilio?")


def _spellings(url: str) -> tuple[str, ...]:
    """The address without its port, and with one. Raises ValueError."""
    parts = urlsplit(url)
    port = parts.port
    if port is None:
        there = f"{parts.netloc}:{443 if parts.scheme == 'https' else 80}"
        return url, url.replace(parts.netloc, there, 1)
    return url.replace(parts.netloc, parts.netloc.removesuffix(f":{port}"), 1), url
