"""A public post, whichever of X's two forms it has: the older one of version 1.1, or that of version 2. Pure.

Both tell the same under other names. A long post stands whole in a part of its own, with a beginning where the text
usually is. An edited post is a post of its own with a new id, which tells the ids of all before it. Raises KeyError,
TypeError, ValueError for what is broken.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_LATEST = 10**14


@dataclass(frozen=True, kw_only=True)
class Link:
    """An address in a text: as it stands there, shortened by X, and what it leads to."""

    short: str
    full: str


@dataclass(frozen=True, kw_only=True)
class PublicPost:
    """`text` is as X gives it; `mentioned` are the ids of people with the place of the mention."""

    id: str
    author: str
    name: str
    handle: str
    text: str
    at: int
    first: str
    answers: str = ""
    answers_person: str = ""
    quotes: str = ""
    quotes_person: str = ""
    is_repost: bool = False
    links: tuple[Link, ...] = ()
    mentioned: tuple[tuple[str, int], ...] = ()
    media: tuple[Mapping[str, Any], ...] = ()
    unshown_media: int = 0


def post_of(item: Mapping[str, Any], includes: Mapping[str, Any]) -> PublicPost:
    """Of either form; `includes` is what stands beside a post of version 2."""
    return _new_form(item, includes) if "author_id" in item else _old_form(item)


def _old_form(item: Mapping[str, Any]) -> PublicPost:
    whole = _whole(item, "extended_tweet")
    user, id_ = item["user"], _id(item)
    entities = whole.get("entities") or {}
    media = (whole.get("extended_entities") or item.get("extended_entities") or entities).get("media") or ()
    edits = (item.get("edit_history") or {}).get("initial_tweet_id")
    quoted = item.get("quoted_status") or {}
    return PublicPost(
        id=id_,
        author=_id(user),
        name=str(user.get("name") or ""),
        handle=str(user.get("screen_name") or ""),
        text=_text(whole.get("full_text") or item.get("full_text") or item["text"]),
        at=milliseconds(item["timestamp_ms"]) if item.get("timestamp_ms") else _old_date(item["created_at"]),
        first=str(edits or id_),
        answers=str(item.get("in_reply_to_status_id_str") or ""),
        answers_person=str(item.get("in_reply_to_user_id_str") or ""),
        quotes=str(item.get("quoted_status_id_str") or quoted.get("id_str") or ""),
        quotes_person=str((quoted.get("user") or {}).get("id_str") or ""),
        is_repost=bool(item.get("retweeted_status")),
        links=_links(entities.get("urls") or (), media),
        mentioned=tuple((_id(each), int(each["indices"][0])) for each in entities.get("user_mentions") or ()),
        media=tuple(media),
    )


def _new_form(item: Mapping[str, Any], includes: Mapping[str, Any]) -> PublicPost:
    whole = _whole(item, "note_tweet")
    entities, id_, author = whole.get("entities") or {}, str(item["id"]), str(item["author_id"])
    user = _found(includes.get("users"), "id", author)
    referred = {str(each.get("type")): str(each.get("id")) for each in item.get("referenced_tweets") or ()}
    quotes = referred.get("quoted", "")
    keys = [str(each) for each in (item.get("attachments") or {}).get("media_keys") or ()]
    media = [found for key in keys if (found := _found(includes.get("media"), "media_key", key))]
    pictures = [each for each in entities.get("urls") or () if each.get("media_key")]
    history = item.get("edit_history_tweet_ids") or [id_]
    return PublicPost(
        id=id_,
        author=author,
        name=str(user.get("name") or ""),
        handle=str(user.get("username") or ""),
        text=_text(whole["text"]),
        at=_iso(item["created_at"]),
        first=str(history[0]),
        answers=referred.get("replied_to", "") or str(item.get("in_reply_to_tweet_id") or ""),
        answers_person=str(item.get("in_reply_to_user_id") or ""),
        quotes=quotes,
        quotes_person=str(_found(includes.get("tweets"), "id", quotes).get("author_id") or ""),
        is_repost="retweeted" in referred,
        links=_links([each for each in entities.get("urls") or () if not each.get("media_key")], pictures),
        mentioned=tuple((str(each.get("id") or ""), int(each["start"])) for each in entities.get("mentions") or ()),
        media=tuple(media),
        unshown_media=len(keys) - len(media),
    )


def milliseconds(given: Any) -> int:
    """A moment. Raises ValueError."""
    moment = int(given)
    if not 0 <= moment < _LATEST:
        raise ValueError("no timestamp")
    return moment


def _id(item: Mapping[str, Any]) -> str:
    """The number is the same, where it was not rounded on the way."""
    return str(item.get("id_str") or item["id"])


def _links(urls: Iterable[Mapping[str, Any]], media: Iterable[Mapping[str, Any]]) -> tuple[Link, ...]:
    """Of pictures and films nothing remains: they are files."""
    full = [Link(short=str(each["url"]), full=str(each.get("expanded_url") or each["url"])) for each in urls]
    return (*full, *(Link(short=str(each["url"]), full="") for each in media if each.get("url")))


def _found(listed: Sequence[Any] | None, name: str, value: str) -> Mapping[str, Any]:
    for each in listed or ():
        given = each.get("data", each) if isinstance(each, dict) else {}
        if value and isinstance(given, dict) and str(given.get(name)) == value:
            return given
    return {}


def _whole(item: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Where a long post stands; else the post."""
    found = item.get(name)
    return found if isinstance(found, dict) else item


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _old_date(given: Any) -> int:
    return milliseconds(datetime.strptime(str(given), "%a %b %d %H:%M:%S %z %Y").timestamp() * 1000)


def _iso(given: Any) -> int:
    moment = datetime.fromisoformat(str(given))
    if moment.tzinfo is None:
        raise ValueError("no timestamp")
    return milliseconds(moment.timestamp() * 1000)
