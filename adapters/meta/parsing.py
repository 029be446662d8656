"""From a body of Meta to envelopes, of one account each. Pure.

The account is the one that has the id which Meta names, among those of the Meta app that posted it; an event for none
of them is set aside until it is configured. A customer is one conversation on each account. What somebody changes or
takes back is an envelope of its own that names their message, and so are receipts. While another app has the
conversation (`standby`), a message waits for somebody to release it, or is passed over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...config.errors import Unreadable
from ...normalizer.envelope import Envelope, RawMessage, envelope_id, raw_from_file
from ...normalizer.outgoing import Parsed
from ..vendor_post import read_json, safe_id, what_is_wrong
from .events import BROKEN, Told, told_of
from .posts import single_bodies
from .recordings import body_of
from .scoped_messages import scoped_parts
from .settings import CHANNEL, MetaSettings, Product
from .whatsapp_messages import whatsapp_parts

STANDBY = "another app has this conversation now (standby); release it if the desk should answer as well"


@dataclass(frozen=True)
class Account:
    """What is asked of an account."""

    name: str
    ignores_standby: bool = False
    human_agent: bool = False


class Accounts:
    """The accounts of the Meta app that posted something, and in a file those that are not configured as well."""

    def __init__(self, settings: MetaSettings, posted_to: str = "", *, anybody: bool = False) -> None:
        self._settings = settings
        self._app = settings.app_of(posted_to) if posted_to in settings.root else ""
        self._posted_to = posted_to
        self._anybody = anybody
        self.foreign: dict[str, None] = {}
        """Accounts that events were about and that are not configured, in words."""

    def are_asked(self, told: Told) -> bool:
        """Whether it is for an account at all, or only somebody's test whether a post arrives."""
        return self._anybody or not told.is_test

    def of(self, product: Product, id_: str) -> Account:
        """The account that an event is about. Raises Unreadable."""
        name = self._settings.account_of(product, id_)
        if name and (self._anybody or self._settings.app_of(name) == self._app):
            known = self._settings.root[name]
            return Account(name, known.standby == "ignore", known.human_agent)
        if self._anybody:
            self.foreign[f"the {product} account {id_}"] = None
            return Account(self._posted_to or id_)
        raise Unreadable(
            f"it is for the {product} account {id_}, which no account of this Meta app is; configure it and retry"
        )


def read(raw: RawMessage, accounts: Accounts) -> Parsed:
    """The envelopes of a raw message. Raises Unreadable."""
    try:
        events = [told_of(body) for body in single_bodies(read_json(raw.content))]
        parts = [each for told in events for each in _of_event(accounts, told)]
        envelopes = tuple(_finished(raw, number, each) for number, each in enumerate(parts))
    except BROKEN as error:
        raise Unreadable(f"not an event of Meta that is known here: {what_is_wrong(error)}") from error
    if envelopes:
        return Parsed(envelopes=envelopes)
    return Parsed(nothing=", ".join(map(_nothing, events)))


def read_file(content: bytes, settings: MetaSettings, account: str = "") -> Parsed:
    """A recorded body, also of accounts that are not configured, which is remarked upon. Raises Unreadable."""
    accounts = Accounts(settings, account, anybody=True)
    parsed = read(raw_from_file(body_of(content), CHANNEL, account=account), accounts)
    if not accounts.foreign or not settings.root:
        return parsed
    whose = " and ".join(accounts.foreign)
    return parsed.model_copy(update={"remark": f"posted here it would be set aside: no account of ours is {whose}"})


def _nothing(told: Told) -> str:
    return f"{told.product}: {'a test of the console' if told.is_test else told.what or told.kind}"


def _of_event(accounts: Accounts, told: Told) -> list[dict[str, Any]]:
    if told.kind == "silent":
        return []
    if not accounts.are_asked(told):
        return []
    if told.kind == "unknown":
        raise ValueError(f"an event {told.what[:50]!r}")
    account = accounts.of(told.product, told.owner)
    if told.standby and account.ignores_standby:
        return []
    read_parts = whatsapp_parts if told.product == "whatsapp" else scoped_parts
    parts = read_parts(told, account.name, human_agent=account.human_agent)
    return [{"account": account.name, "sent_at": told.at, **_standing_by(told, each), **each} for each in parts]


def _standing_by(told: Told, parts: Mapping[str, Any]) -> dict[str, str]:
    """What a customer says to another app waits."""
    said = parts["kind"] in ("message", "edit") and parts.get("direction") != "out"
    return {"suspend": STANDBY} if told.standby and said else {}


def _finished(raw: RawMessage, number: int, parts: Mapping[str, Any]) -> Envelope:
    """An envelope of its parts. The name under which intake knows the event is that of the only envelope of it."""
    name = safe_id(str(parts["external_id"]))
    known = raw.external_id if raw.external_id.startswith(f"{name}#") and "#" not in name else name
    given = {
        "id": envelope_id(raw.id, number),
        "raw_id": raw.id,
        "received_at": raw.received_at,
        "channel": raw.channel,
        "order": f"{parts['sent_at']:015d}:{raw.sequence:015d}:{number:03d}",
        "recipients": (parts["account"],),
    }
    return Envelope(**{**given, **parts, "external_id": known})
