"""What a message of WhatsApp says: its words and its files. Pure.

Files are fetched later by Meta's id of them, which is good for weeks; the address behind it for five minutes. Buttons,
choices, forms, orders, places and contacts are told in words. Such words are ours, and say nothing of the customer's
language. Raises KeyError, TypeError, ValueError for what is no message that is known here.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ...normalizer.envelope import Contact
from ...normalizer.later_files import later_file
from ..filled_forms import form_lines
from .refusals import told_error
from .said import Said, advertised, line, place, words

_FILES = {
    "image": "photo",
    "video": "video",
    "audio": "audio",
    "voice": "voice message",
    "document": "document",
    "sticker": "sticker",
}
_MOST = 50


def content_of(message: Mapping[str, Any]) -> Said:
    """Of an item of `messages` or `message_echoes`; of an edit, what it says now."""
    kind = str(message["type"])
    said = _file(kind, message[kind]) if kind in _FILES else _reader(message)(message)
    context, (told, ext) = message.get("context"), advertised(message.get("referral"))
    about: Mapping[str, Any] = context if isinstance(context, dict) else {}
    return Said(
        own=said.own,
        told=(*said.told, *_about(about), *told),
        attachments=said.attachments,
        contacts=said.contacts,
        quoted=str(about.get("id") or ""),
        ext={**said.ext, **ext},
    )


def _file(kind: str, item: Mapping[str, Any]) -> Said:
    called = "voice message" if item.get("voice") is True else _FILES[kind]
    name, media_type = str(item.get("filename") or ""), str(item.get("mime_type") or "")
    file = later_file(str(item.get("id") or ""), kind=called, name=name, media_type=media_type)
    return Said(own=words(item.get("caption") or ""), attachments=(file,))


def _about(context: Mapping[str, Any]) -> tuple[str, ...]:
    product = context.get("referred_product")
    forwarded = context.get("forwarded") or context.get("frequently_forwarded")
    asks = line(product.get("product_retailer_id")) if isinstance(product, dict) else ""
    return tuple(filter(None, ("(forwarded)" if forwarded else "", f"(about the product {asks})" if asks else "")))


def _text(message: Mapping[str, Any]) -> Said:
    return Said(own=words(message["text"]["body"]))


def _button(message: Mapping[str, Any]) -> Said:
    button = message["button"]
    return Said(told=(f"Pressed a button: {line(button['text'])}",), ext={"payload": line(button.get("payload"))})


def _chosen(message: Mapping[str, Any]) -> Said:
    item = message["interactive"]
    kind = str(item["type"])
    reply = item[kind]
    if kind == "nfm_reply":
        filled = form_lines(reply.get("response_json"))
        return Said(told=("Filled in a form", *filled), ext={"form_name": line(reply.get("name"))})
    if kind == "call_permission_reply":
        return Said(told=("Allowed calls" if reply.get("response") == "accept" else "Allowed no calls",))
    if kind not in ("button_reply", "list_reply"):
        raise ValueError(f"a choice {kind[:50]!r}")
    more = line(reply.get("description"))
    told = f"Chose: {line(reply['title'])}" + (f" ({more})" if more else "")
    return Said(told=(told,), ext={"payload": line(reply.get("id"))})


def _order(message: Mapping[str, Any]) -> Said:
    order = message["order"]
    items = [
        f"{line(each.get('quantity', 1))} × {line(each['product_retailer_id'])}"
        f" at {line(each.get('item_price', '?'))} {line(each.get('currency', ''))}".rstrip()
        for each in order["product_items"][:_MOST]
    ]
    return Said(
        own=words(order.get("text") or ""), told=("Order", *items), ext={"catalog": line(order.get("catalog_id"))}
    )


def _place(message: Mapping[str, Any]) -> Said:
    item = message["location"]
    return Said(told=place(item["latitude"], item["longitude"], item.get("name"), item.get("address"), item.get("url")))


def _contacts(message: Mapping[str, Any]) -> Said:
    cards = [_contact(each) for each in message["contacts"][:_MOST]]
    told = [
        ": ".join(filter(None, (each.name or "Contact", ", ".join((*each.phones, *each.emails))))) for each in cards
    ]
    return Said(told=("Contact", *told), contacts=tuple(cards))


def _contact(card: Mapping[str, Any]) -> Contact:
    name, company = card.get("name"), card.get("org")
    return Contact(
        name=line(name.get("formatted_name"), 200) if isinstance(name, dict) else "",
        organisation=line(company.get("company"), 200) if isinstance(company, dict) else "",
        phones=_each(card.get("phones"), "phone"),
        emails=_each(card.get("emails"), "email"),
    )


def _each(found: Any, name: str) -> tuple[str, ...]:
    given = [each.get(name) for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    return tuple(line(each, 100) for each in given[:_MOST] if each)


def _unsupported(message: Mapping[str, Any]) -> Said:
    errors = message.get("errors") or [{}]
    why = told_error(errors[0]) if errors[0] else ""
    inside = message.get("unsupported")
    kind = line(inside.get("type"), 50) if isinstance(inside, dict) else ""
    told = "a message that WhatsApp does not pass on"
    return Said(told=(f"({': '.join(filter(None, (told, kind or why)))})",))


def _began(_: Mapping[str, Any]) -> Said:
    return Said(told=("Opened the chat for the first time",))


def _reader(message: Mapping[str, Any]) -> "Callable[[Mapping[str, Any]], Said]":
    """What WhatsApp does not pass on says why, whatever it is called; raises KeyError for anything else not known."""
    kind = str(message["type"])
    return _unsupported if kind not in _READERS and message.get("errors") else _READERS[kind]


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Said]] = {
    "text": _text,
    "button": _button,
    "interactive": _chosen,
    "order": _order,
    "location": _place,
    "contacts": _contacts,
    "unsupported": _unsupported,
    "request_welcome": _began,
}
