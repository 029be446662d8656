"""Events of Messenger and Instagram as parts of envelopes: messages, comments, changes of them, receipts. Pure.

An answer that we sent comes back as an echo with the id of our article and is a receipt of it. One that somebody wrote
elsewhere, in Meta's own inbox for instance, is an outgoing message. A comment is a message with the form `comment` or
`live_comment`, in a conversation of its own for each person and post; the first that they write after it joins it. What
a visitor posts on the page itself is one too, with the form `post`.
Raises KeyError, TypeError, ValueError for what is broken.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ...normalizer.envelope import Delivery, DeliveryState, Reaction, Sender
from ...normalizer.language import detect
from ...normalizer.later_files import later_file
from ..vendor_post import safe_id
from .events import Told, event_id
from .limits import COMMENT
from .message_contents import content_of, pressed
from .people import scoped_sender
from .said import Said, line, words
from .sent_marks import read_mark
from .settings import CHANNEL

DAY_MS = 86_400_000
WINDOW_MS = DAY_MS
HUMAN_AGENT_MS = 7 * DAY_MS

_INBOXES = frozenset({"263902037430900", "1217981644879628"})
"""The apps by which people write in Meta's own inboxes, of pages and of Instagram; other apps are machines."""
_FORMS = {"live_comments": "live_comment", "post": "post"}
_PLACES = {
    "comment": "a comment below a post",
    "live_comment": "a comment in a live video",
    "post": "a post on your page",
}
_MARKS = {"love": "❤️", "like": "👍", "dislike": "👎", "smile": "😆", "wow": "😮", "sad": "😢", "angry": "😠"}
"""What Messenger calls reactions, where it does not show the emoji."""
_DELETING = "remove"


def scoped_parts(told: Told, account: str, *, human_agent: bool) -> list[dict[str, Any]]:
    """What differs from one envelope to the next; nothing for an event in which nobody says anything."""
    if told.kind in ("delivery", "read"):
        return _receipts(told, account)
    if told.kind in ("message", "postback") and not told.item.get("is_deleted"):
        said = pressed(told.item) if told.kind == "postback" else content_of(told.item)
        return [_message(told, account, said, HUMAN_AGENT_MS if human_agent else WINDOW_MS)]
    reader = _READERS.get(told.kind)
    return [reader(told, account)] if reader else []


def thread_key(account: str, other: str) -> str:
    """By which the messages of one customer find their ticket."""
    return f"{CHANNEL}:{account}:{other}"


def _about(told: Told, account: str) -> dict[str, Any]:
    """What every event of a conversation has."""
    key = thread_key(account, told.other)
    return {
        "external_id": event_id(told),
        "sender": scoped_sender(told.product, told.owner, told.other),
        "conversation": (key,),
        "announces": (key,),
        "ext": _ext(told, told.other),
    }


def _ext(told: Told, conversation: str) -> dict[str, Any]:
    return {"conversation": conversation, "order_scope": conversation, "product": told.product}


def _message(told: Told, account: str, said: Said, window: int) -> dict[str, Any]:
    parts = _about(told, account)
    form = {"came_as": said.form} if said.form else {}
    language = {"language": detect(said.own)} if said.own else {}
    return {
        **parts,
        **language,
        "kind": "message",
        "text": said.text,
        "attachments": said.attachments,
        "in_reply_to": said.quoted,
        "reply_by": told.at + window,
        "ext": {**parts["ext"], **form, **said.ext},
    }


def _echo(told: Told, account: str) -> dict[str, Any]:
    parts = _about(told, account)
    mark = read_mark(told.item.get("metadata"))
    if mark.article:
        delivery = Delivery(
            state="sent",
            reference=mark.article,
            detail="Meta shows it",
            part=mark.part,
            last=mark.last,
            shared=True,
        )
        return {**parts, "kind": "delivery", "delivery": delivery}
    ours = {**parts, "direction": "out", "sender": Sender(identities=())}
    if told.item.get("is_deleted"):
        return {**ours, "kind": "delete", "amends": safe_id(str(told.item["mid"]))}
    said, app = content_of(told.item), str(told.item.get("app_id") or "")
    shown = {"text": said.text, "attachments": said.attachments, "in_reply_to": said.quoted}
    machine = {"automation": "auto_reply"} if app and app not in _INBOXES else {}
    return {**ours, "kind": "message", **shown, **machine, "ext": {**parts["ext"], **({"app": app} if app else {})}}


def _deleted(told: Told, account: str) -> dict[str, Any]:
    return _about(told, account) | {"kind": "delete", "amends": safe_id(str(told.item["mid"]))}


def _edited(told: Told, account: str) -> dict[str, Any]:
    said = {"text": words(told.item["text"]), "amends": safe_id(str(told.item["mid"]))}
    return _about(told, account) | {"kind": "edit", **said}


def _reaction(told: Told, account: str) -> dict[str, Any]:
    item = told.item
    mark = line(item.get("emoji") or _MARKS.get(str(item.get("reaction"))), 20)
    removed = item["action"] == "unreact"
    reaction = Reaction(emoji="" if removed else mark or "?", removed=removed, alone=True)
    return _about(told, account) | {"kind": "reaction", "amends": safe_id(str(item["mid"])), "reaction": reaction}


def _receipts(told: Told, account: str) -> list[dict[str, Any]]:
    """Receipts name messages, or a moment up to which all have arrived or were read."""
    item = told.item
    state: DeliveryState = "delivered" if told.kind == "delivery" else "read"
    parts = _about(told, account) | {"kind": "delivery"}
    mids = [str(item["mid"])] if item.get("mid") else [str(each) for each in item.get("mids") or ()]
    if not mids or (told.kind == "read" and "watermark" in item):
        until = int(item["watermark"])
        return [parts | {"delivery": Delivery(state=state, reference="", until=until, shared=True)}]
    return [
        parts | {"external_id": f"{told.kind}:{mid}", "delivery": Delivery(state=state, reference=mid, shared=True)}
        for mid in mids
    ]


def _comment(told: Told, account: str) -> dict[str, Any]:
    value = told.item
    id_ = str(value.get("comment_id") or value["id"])
    about = value.get("media")
    post = str(about["id"] if isinstance(about, Mapping) else value.get("post_id") or value.get("parent_id") or id_)
    key = thread_key(account, f"{COMMENT}{post}:{told.other or id_}")
    writer = value.get("from")
    named = line(writer.get("username") or writer.get("name"), 200) if isinstance(writer, Mapping) else ""
    parts = {
        "external_id": event_id(told),
        "sender": scoped_sender(told.product, told.owner, told.other, named),
        "conversation": (key,),
        "announces": (key, *((thread_key(account, told.other),) if told.other else ())),
    }
    verb, form = value.get("verb", "add"), _FORMS.get(str(told.around.get("field")), "comment")
    if verb == _DELETING:
        return {**parts, "kind": "delete", "amends": safe_id(id_), "ext": _ext(told, f"{COMMENT}{id_}")}
    text = words(value.get("text") or value.get("message") or "")
    if verb != "add":
        changed = {"amends": safe_id(id_), "text": _below(text, form, value)}
        return {**parts, "kind": "edit", **changed, "ext": _ext(told, f"{COMMENT}{id_}")}
    facts = {"came_as": form, "public": True, "post": post, "link": _link(value)}
    pictures = [later_file(str(value[name]), kind=name) for name in ("photo", "video") if value.get(name)]
    return {
        **parts,
        "kind": "message",
        "text": _below(text, form, value),
        "language": detect(text),
        "attachments": tuple(pictures),
        "in_reply_to": str(value.get("parent_id") or ""),
        "reply_by": told.at + HUMAN_AGENT_MS,
        "ext": {**_ext(told, f"{COMMENT}{id_}"), **{name: each for name, each in facts.items() if each}},
    }


def _below(text: str, form: str, value: Mapping[str, Any]) -> str:
    """The comment, and in our words that it is one, for everybody to see."""
    return "\n".join(filter(None, (text, f"({': '.join(filter(None, (_PLACES[form], _link(value))))})")))


def _link(value: Mapping[str, Any]) -> str:
    post = value.get("post")
    return line(post.get("permalink_url"), 2000) if isinstance(post, Mapping) else ""


_READERS: Mapping[str, Callable[[Told, str], dict[str, Any]]] = {
    "message": _deleted,
    "message_edit": _edited,
    "echo": _echo,
    "reaction": _reaction,
    "comment": _comment,
}
