"""How Slack signs what it posts: HMAC-SHA256 over `v0:<timestamp>:<body>`, as `X-Slack-Signature: v0=<hex>`.

After "Verifying requests from Slack" (docs.slack.dev). A post older or younger than five minutes is refused, so that
one that somebody caught cannot be posted again later. Whatever stands in the two headers, the answer is Forged or
nothing.
"""

import hmac

from ..config.errors import Forged
from .vendor_post import Post, demand_equal, single_header

WINDOW_SECONDS = 300
_LONGEST_STAMP = 12


def signature_of(secret: bytes, stamp: str, body: bytes) -> str:
    """What stands in `X-Slack-Signature`."""
    return "v0=" + hmac.digest(secret, b"v0:" + stamp.encode() + b":" + body, "sha256").hex()


def verify(post: Post, secret: bytes, now: int) -> None:
    """Whether Slack signed it around `now` (milliseconds since 1970). Raises Forged."""
    stamp = single_header(post, "x-slack-request-timestamp", _LONGEST_STAMP)
    given = single_header(post, "x-slack-signature", 128)
    if not stamp.isdigit():
        raise Forged("the timestamp is no number")
    demand_equal(given, signature_of(secret, stamp, post.body))
    if abs(now // 1000 - int(stamp)) > WINDOW_SECONDS:
        raise Forged("the timestamp is more than five minutes from our time")
