"""What X posts: verified, and taken apart into bodies of one event each. Pure.

X has two ways of telling what happens, and an app may have both. The Account Activity API posts lists of events under
the id of an account, with the people of all of them beside; the X Activity API one event or several as `data`, where
direct messages stand in the form of the first. A body of one event is a body of X again, so recorded and stored ones
are read alike.

The address answers a challenge, which X sends without a signature, with the digest of whatever stands in it: the very
digest that is the signature of a post. So only what can be a challenge is answered, and a post that could be one is
refused; otherwise anybody could have their posts signed here.
"""

import base64
import hmac
import re
from collections.abc import Iterator, Mapping
from typing import Any

from aiohttp import web

from ...config.errors import Forged, Unreadable
from ..vendor_post import Post, demand_equal, single_header

SIGNATURE = "x-twitter-webhooks-signature"
SIGNATURE_BY_CLIENT = "x-twitter-webhooks-signature-oauth2"
DIRECT = "direct_message_events"

_ASKS = ("GET", "HEAD")
_CHALLENGE = re.compile(rb"[A-Za-z0-9_=+/.-]{1,200}\Z")


def verify(post: Post, secret: bytes, *, by_client: bool = False) -> None:
    """A post is signed over its bytes; a challenge is not signed, and has to look like one. Raises Forged."""
    if post.method in _ASKS:
        if not _CHALLENGE.match(post.query.get("crc_token", "").encode("utf-8", "replace")):
            raise Forged("the challenge is none of X's")
        return
    if _CHALLENGE.match(post.body):
        raise Forged("a post that could be a challenge proves nothing")
    given = single_header(post, SIGNATURE_BY_CLIENT if by_client else SIGNATURE, 60)
    demand_equal(given, _digest(post.body, secret))


def challenge(post: Post, secret: bytes) -> web.Response | None:
    """The answer to a verified challenge."""
    if post.method not in _ASKS:
        return None
    return web.json_response({"response_token": _digest(post.query["crc_token"].encode(), secret)})


def _digest(content: bytes, secret: bytes) -> str:
    return "sha256=" + base64.b64encode(hmac.digest(secret, content, "sha256")).decode()


def single_bodies(body: Any) -> list[dict[str, Any]]:
    """The same in bodies of one event each. Raises Unreadable for what is no body of X."""
    if not isinstance(body, dict):
        raise Unreadable("not a post of X: it is no object")
    if isinstance(body.get("data"), dict | list):
        return list(_activities(body["data"]))
    lists = [name for name, value in body.items() if name.endswith("_events") and isinstance(value, list)]
    if lists:
        around = {name: value for name, value in body.items() if name not in lists}
        return [{**around, name: [each]} for name in lists for each in body[name]]
    if any(name in body for name in ("user_event", "replay_job_status", "replay_event")):
        return [body]
    raise Unreadable("not a post of X: it has no events")


def _activities(data: Any) -> Iterator[dict[str, Any]]:
    for event in data if isinstance(data, list) else [data]:
        payload = event.get("payload") if isinstance(event, dict) else None
        messages = payload.get(DIRECT) if isinstance(payload, Mapping) else None
        if not isinstance(messages, list) or not isinstance(payload, Mapping):
            yield {"data": event}
            continue
        for each in messages:
            yield {"data": {**event, "payload": {**payload, DIRECT: [each]}}}
