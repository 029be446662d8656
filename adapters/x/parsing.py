"""From a body of X to envelopes, of one account each. Pure.

The account is the one that has the id which X names, among those that gave access to the app which posted it; an event
for none of them is set aside until it is configured. That an account has withdrawn its access is set aside as well, so
that somebody sees it.
"""

from typing import Any

from ...config.errors import Unreadable
from ...normalizer.envelope import Envelope, RawMessage, envelope_id, raw_from_file
from ...normalizer.outgoing import Parsed
from ..vendor_post import filed_as, read_json, what_is_wrong
from .events import BROKEN, Told, told_of
from .messages import WITHDRAWN, parts_of
from .posts import single_bodies
from .settings import CHANNEL, Posts, XSettings


class Accounts:
    """The accounts of the app that posted something, and in a file those that are not configured as well."""

    def __init__(self, settings: XSettings, posted_to: str = "", *, anybody: bool = False) -> None:
        self._settings = settings
        self._app = settings.app_of(posted_to) if posted_to in settings.root else ""
        self._posted_to = posted_to
        self._anybody = anybody
        self.foreign: dict[str, None] = {}
        """Accounts that events were about and that are not configured."""

    def of(self, id_: str) -> tuple[str, Posts]:
        """The account that an event is about, and of which posts it hears. Raises Unreadable."""
        name = self._settings.account_of(id_)
        if name and (self._anybody or self._settings.app_of(name) == self._app):
            return name, self._settings.root[name].posts
        if self._anybody:
            self.foreign[id_] = None
            return self._posted_to or id_, "all"
        raise Unreadable(f"it is for the account {id_[:20]}, which no account of this app is; configure it and retry")


def read(raw: RawMessage, accounts: Accounts) -> Parsed:
    """The envelopes of a raw message. Raises Unreadable."""
    try:
        events = [told_of(body) for body in single_bodies(read_json(raw.content))]
        parts = [each for told in events if (each := _of_event(accounts, told)) is not None]
        envelopes = tuple(_finished(raw, number, each) for number, each in enumerate(parts))
    except BROKEN as error:
        if str(error) == WITHDRAWN:
            raise Unreadable(WITHDRAWN) from error
        raise Unreadable(f"not an event of X that is known here: {what_is_wrong(error)}") from error
    if envelopes:
        return Parsed(envelopes=envelopes)
    return Parsed(nothing=", ".join(told.what or told.kind for told in events) or "no events")


def read_file(content: bytes, settings: XSettings, account: str = "") -> Parsed:
    """A recorded body, also of accounts that are not configured, which is remarked upon. Raises Unreadable."""
    accounts = Accounts(settings, account, anybody=True)
    parsed = read(raw_from_file(content, CHANNEL, account=account), accounts)
    if not accounts.foreign or not settings.root:
        return parsed
    whose = " and ".join(accounts.foreign)
    return parsed.model_copy(update={"remark": f"posted here it would be set aside: no account of ours is {whose}"})


def _of_event(accounts: Accounts, told: Told) -> dict[str, Any] | None:
    if told.kind == "silent":
        return None
    if told.kind == "unknown":
        raise ValueError(f"an event {told.what[:50]!r}")
    name, posts = accounts.of(told.owner)
    parts = parts_of(told, name, posts)
    return parts if parts is None else {"account": name, "sent_at": told.at or None, **parts}


def _finished(raw: RawMessage, number: int, parts: dict[str, Any]) -> Envelope:
    """An envelope of its parts. The name under which intake knows the event is that of the only envelope of it."""
    at = parts["sent_at"] or raw.received_at
    given = {
        "id": envelope_id(raw.id, number),
        "raw_id": raw.id,
        "received_at": raw.received_at,
        "channel": raw.channel,
        "order": f"{at:015d}:{raw.sequence:015d}:{number:03d}",
        "recipients": (parts["account"],),
    }
    return Envelope(**{**given, **parts, "external_id": filed_as(raw, str(parts["external_id"]))})
