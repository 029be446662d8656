"""How WeChat signs what it posts, and asks whether an address is ours. Pure.

After "Message push" (developers.weixin.qq.com): SHA-1, in hexadecimal, of the Token, `timestamp` and `nonce`, sorted
and joined; where WeChat encrypts, of the encrypted text as well, which is `msg_signature` then. All stand in the query.
In plain mode the body is no part of it: whoever knows such an address can post anything to it until it is stale.
Whatever stands in the query, the answer is Forged or nothing.
"""

import hashlib

from ...config.errors import Forged, Unreadable
from ..vendor_post import Post, demand_equal
from .xml_fields import fields_of

WINDOW_SECONDS = 300
_LONGEST_STAMP = 12


def signature_of(*parts: str) -> str:
    """What stands in `signature` and `msg_signature`."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def parameter(post: Post, name: str, longest: int = 128) -> str:
    """A value of the query that stands there once, in visible ASCII, not longer. Raises Forged."""
    values = post.query.getall(name, ())
    if len(values) != 1 or not 0 < len(values[0]) <= longest or not values[0].isascii() or not values[0].isprintable():
        raise Forged(f"{name} is missing in the query, there twice, or not what it has to be")
    return values[0]


def verify(post: Post, token: str, now: int, cipher: str = "") -> None:
    """Whether WeChat posted it around `now` (milliseconds since 1970), with this encrypted text where there is one.

    Raises Forged.
    """
    stamp, nonce = parameter(post, "timestamp", _LONGEST_STAMP), parameter(post, "nonce")
    if not stamp.isdigit():
        raise Forged("the timestamp is no number")
    given = parameter(post, "msg_signature" if cipher else "signature")
    demand_equal(given, signature_of(token, stamp, nonce, cipher) if cipher else signature_of(token, stamp, nonce))
    if abs(now // 1000 - int(stamp)) > WINDOW_SECONDS:
        raise Forged("the timestamp is more than five minutes from our time")


def cipher_of(body: bytes) -> str:
    """The encrypted text of a body. Raises Forged when there is none."""
    try:
        given = fields_of(body).get("Encrypt")
    except Unreadable as error:
        raise Forged(error.detail) from None
    if not isinstance(given, str) or not given or not given.isascii():
        raise Forged("there is nothing encrypted in it, as the account wants it")
    return given
