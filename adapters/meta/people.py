"""Who wrote, as Meta vouches for them: by an id for this page or Instagram account alone, or by their number.

A number of WhatsApp is one identity in every spelling that its country keeps side by side (Brazil's ninth digit,
normalizer/phone.py); an answer goes to the spelling that wrote. Who has a username on WhatsApp may hide the number, and
is known by WhatsApp's id of them for the business. Names are their owners' words. Pure.
"""

from collections.abc import Mapping
from typing import Any

from ...normalizer.envelope import Assurance, Identity, Sender
from ...normalizer.phone import normalise_whatsapp
from .said import line
from .settings import Product

_SIGNED = "signed by Meta"
_NAMES = {
    "message": ("from", "from_user_id"),
    "echo": ("to", "to_user_id"),
    "status": ("recipient_id", "recipient_user_id"),
}


def scoped_sender(product: Product, owner: str, id_: str, name: str = "") -> Sender:
    """Somebody of Messenger or Instagram."""
    if not id_:
        return Sender(identities=())
    identity = Identity(kind=product, value=f"{owner}:{id_}", assurance=Assurance.CHANNEL, evidence=_SIGNED)
    return Sender(identities=(identity,), name=name)


def whatsapp_ids(kind: str, item: Mapping[str, Any]) -> list[str]:
    """The customer of an event of WhatsApp: number, then id, so far as they are told. Raises KeyError for neither."""
    found = [str(item[name]) for name in _NAMES[kind] if item.get(name)]
    if not found:
        raise KeyError(_NAMES[kind][0])
    return found


def whatsapp_key(id_: str) -> str:
    """The identity's value: the number in E.164, or the id as it is."""
    return normalise_whatsapp(id_) or id_[:200]


def whatsapp_sender(item: Mapping[str, Any], around: Mapping[str, Any]) -> Sender:
    """Who wrote a message on WhatsApp."""
    keys = dict.fromkeys(whatsapp_key(each) for each in whatsapp_ids("message", item))
    return Sender(identities=tuple(map(_whatsapp, keys)), name=_name(item, around))


def moved(item: Mapping[str, Any], around: Mapping[str, Any]) -> Sender:
    """Somebody who took their account to another number, by WhatsApp's word: first the one they have now."""
    system = item["system"]
    now = str(system.get("wa_id") or system["new_wa_id"])
    keys = dict.fromkeys(map(whatsapp_key, (now, *whatsapp_ids("message", item))))
    evidence = "WhatsApp says that they changed their number"
    identities = (Identity(kind="whatsapp", value=each, assurance=Assurance.ORIGIN, evidence=evidence) for each in keys)
    return Sender(identities=tuple(identities), name=_name(item, around))


def _whatsapp(key: str) -> Identity:
    return Identity(kind="whatsapp", value=key, assurance=Assurance.CHANNEL, evidence=_SIGNED)


def _name(item: Mapping[str, Any], around: Mapping[str, Any]) -> str:
    """What they call themselves."""
    ours = {str(item.get("from") or ""), str(item.get("from_user_id") or "")} - {""}
    for contact in around.get("contacts") or ():
        profile = contact.get("profile")
        if isinstance(profile, dict) and ours & {str(contact.get("wa_id")), str(contact.get("user_id"))}:
            return line(profile.get("name") or profile.get("username"), 200)
    return ""
