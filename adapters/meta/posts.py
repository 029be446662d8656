"""What Meta posts: verified, and taken apart into bodies of one event each. Pure.

Messenger and Instagram put events into `messaging`, or `standby` while another app has the conversation, everything
else into `changes`; a change of WhatsApp holds several messages and receipts. Instagram Login puts the only change into
the entry itself. Recorded bodies and stored ones are read alike, because a body of one event is a body of Meta.
"""

import hmac
import re
from collections.abc import Iterator, Mapping
from typing import Any

from aiohttp import web

from ...config.errors import Forged, Unreadable
from ..vendor_post import Post, demand_equal, single_header
from .settings import Product

PRODUCTS: Mapping[str, Product] = {
    "page": "messenger",
    "instagram": "instagram",
    "whatsapp_business_account": "whatsapp",
}
WAYS = ("messaging", "standby", "changes")
LISTS: Mapping[str, tuple[str, ...]] = {
    "messages": ("messages", "statuses", "errors"),
    "smb_message_echoes": ("message_echoes",),
}
"""By the field of a change of WhatsApp, where its events stand."""

_ASKS = ("GET", "HEAD")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{1,128}\Z")


def verify(post: Post, secret: bytes, token: str) -> None:
    """A post is signed over its bytes; a question shows the verify token. Raises Forged."""
    if post.method in _ASKS:
        if post.query.get("hub.mode") != "subscribe":
            raise Forged("not a question of Meta")
        demand_equal(post.query.get("hub.verify_token", ""), token, "verify token")
        return
    given = single_header(post, "x-hub-signature-256", 71)
    demand_equal(given, "sha256=" + hmac.digest(secret, post.body, "sha256").hex())


def challenge(post: Post) -> web.Response | None:
    """The answer to a verified question, its challenge, which can be nothing but one. Raises Forged."""
    if post.method not in _ASKS:
        return None
    given = post.query.get("hub.challenge", "")
    if not _CHALLENGE.match(given):
        raise Forged("the challenge is none of Meta's")
    return web.Response(text=given, content_type="text/plain", headers={"X-Content-Type-Options": "nosniff"})


def product_of(body: Any) -> Product:
    """Whose events these are. Raises Unreadable."""
    product = PRODUCTS.get(str(body.get("object"))) if isinstance(body, dict) else None
    if product is None:
        raise Unreadable("not a post of Meta: it names no object that is known here")
    return product


def single_bodies(body: Any) -> list[dict[str, Any]]:
    """The same in bodies of one event each. Raises Unreadable for what is no body of Meta."""
    product = product_of(body)
    entries = body.get("entry")
    if not isinstance(entries, list) or not entries:
        raise Unreadable("not a post of Meta: it has no entries")
    return [{**body, "entry": [each]} for entry in entries for each in _single_entries(product, entry)]


def _single_entries(product: Product, entry: Any) -> Iterator[Any]:
    if not isinstance(entry, dict):
        yield entry
        return
    whole = _with_changes(entry)
    rest = {name: each for name, each in whole.items() if name not in WAYS}
    events = [(way, each) for way in WAYS for each in _list(whole.get(way))]
    if not events:
        yield entry
    for way, found in events:
        event = _with_field(found) if (product, way) == ("whatsapp", "changes") else found
        for single in _single_changes(event) if (product, way) == ("whatsapp", "changes") else (event,):
            yield {**rest, way: [single]}


def _with_changes(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    if "field" not in entry or "value" not in entry or "changes" in entry:
        return entry
    rest = {name: each for name, each in entry.items() if name not in ("field", "value")}
    return {**rest, "changes": [{"field": entry["field"], "value": entry["value"]}]}


def _with_field(change: Any) -> Any:
    """A change that does not say of which kind it is, by what stands in it."""
    value = change.get("value") if isinstance(change, dict) else None
    if not isinstance(value, dict) or "field" in change:
        return change
    field = next((each for each, names in LISTS.items() if any(_list(value.get(name)) for name in names)), None)
    return {**change, "field": field} if field else change


def _single_changes(change: Any) -> Iterator[Any]:
    value = change.get("value") if isinstance(change, dict) else None
    names = LISTS.get(str(change.get("field")), ()) if isinstance(value, dict) else ()
    if value is None or not isinstance(value, dict) or not any(_list(value.get(name)) for name in names):
        yield change
        return
    around = {name: each for name, each in value.items() if name not in names}
    for name in names:
        for item in _list(value.get(name)):
            yield {**change, "value": {**around, name: [item]}}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
