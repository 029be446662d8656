"""The signature of Twilio: X-Twilio-Signature over the public address that is posted to and what is posted.

    a form        HMAC-SHA1 of the address with its query, then each name and value, sorted; repeats count once
    anything else HMAC-SHA1 of the address alone, whose query holds `bodySHA256`, the digest of the body

base64, under the Auth Token ("Validating requests are coming from Twilio"; twilio-python, RequestValidator). Twilio
signs the address sometimes with a port and sometimes without, so both count. The address is what the configuration
says, never what a request says of itself. There is no time in it: a repeat is only known by the ids in it.
"""

import base64
import hashlib
import hmac
from urllib.parse import parse_qs, urlsplit

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
    said = "".join(f"{name}{value}" for name, value in sorted(set(parameters)))
    signatures = [_signature(each + said, token) for each in _spellings(url)]
    if not any(hmac.compare_digest(given.encode(), each) for each in signatures):
        raise Forged("the signature does not match; is `address` what is written at Twilio?")


def demand_signed_body(url: str, body: bytes, given: str, token: bytes) -> None:
    """Whether it is the signature of a body that is no form. Raises Forged."""
    digests = parse_qs(urlsplit(url).query).get("bodySHA256", [])
    if len(digests) != 1:
        raise Forged("the address does not hold the digest of the body")
    demand_signed(url, (), given, token)
    demand_equal(digests[0].lower(), hashlib.sha256(body).hexdigest())


def _signature(said: str, token: bytes) -> bytes:
    return base64.b64encode(hmac.digest(token, said.encode("utf-8", "replace"), hashlib.sha1))


def _spellings(url: str) -> tuple[str, ...]:
    """The address without its port, and with one. Raises ValueError."""
    parts = urlsplit(url)
    port = parts.port
    if port is None:
        there = f"{parts.netloc}:{443 if parts.scheme == 'https' else 80}"
        return url, url.replace(parts.netloc, there, 1)
    return url.replace(parts.netloc, parts.netloc.removesuffix(f":{port}"), 1), url
