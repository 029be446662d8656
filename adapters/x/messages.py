"""Events of X as parts of envelopes: direct messages, public posts, changes of them, receipts. Pure.

All direct messages of a person are one conversation, and all that they write to an account in public another; what they
write directly after a public post joins its ticket. A post is a message that says so, with `came_as` mention, reply
or quote. What the account writes itself to a customer is an echo. An edited post changes the first of its versions.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ...normalizer.envelope import Assurance, Delivery, Identity, Sender
from ...normalizer.language import detect
from ...normalizer.safe_names import safe_line
from .contents import message_files, message_words, post_files, post_words
from .events import POST, Told, external_id
from .limits import DIRECT
from .public_posts import PublicPost
from .settings import CHANNEL, Posts

WITHDRAWN = (
    "the account does not let the app in any more: nothing comes and nothing goes until it authorises the app anew and "
    "is subscribed again"
)
_SIGNED = "signed by X"
_ENCRYPTED = "(an encrypted message, which only X itself can show; answer there, or ask for an unencrypted one)"
_FORMS = {
    "mention": "a post that mentions us",
    "reply": "an answer to a post of ours",
    "quote": "a post that quotes us",
}


def parts_of(told: Told, account: str, posts: Posts) -> dict[str, Any] | None:
    """What differs from one envelope to the next; None for what is for nobody here."""
    if told.post is not None and not told.mine and not _is_wanted(told.post, told.owner, posts):
        return None
    return _READERS[told.kind](told, account)


def thread_key(account: str, other: str, *, public: bool = False) -> str:
    """By which the messages of a person find their ticket."""
    return f"{CHANNEL}:{account}:{POST if public else ''}{other}"


def form_of(post: PublicPost, owner: str) -> str:
    """As what it came: a reply to us, a quote of us, or a mention."""
    if post.answers_person == owner:
        return "reply"
    return "quote" if post.quotes and post.quotes_person == owner else "mention"


def _is_wanted(post: PublicPost, owner: str, posts: Posts) -> bool:
    """Whether the account hears of it. Who answers somebody else names all whom that one named, without typing it."""
    if posts != "addressed":
        return posts == "all"
    typed = _typed_from(post) if post.answers else 0
    named = any(who == owner and place >= typed for who, place in post.mentioned)
    return form_of(post, owner) != "mention" or named


def _typed_from(post: PublicPost) -> int:
    """Where in the text of an answer begins what its writer has typed: behind the names that X puts there."""
    words = post.text.split(" ")
    names = next((place for place, word in enumerate(words) if not word.startswith("@")), len(words))
    return len(" ".join(words[:names]))


def _about(told: Told, account: str, *, public: bool) -> dict[str, Any]:
    key = thread_key(account, told.other, public=public)
    scope = f"{POST if public else ''}{told.other}"
    return {
        "external_id": external_id(told),
        "sender": Sender(identities=()) if told.mine else _sender(told),
        "direction": "out" if told.mine else "in",
        "conversation": (key,),
        "announces": (key,),
        "ext": {"order_scope": scope},
    }


def _sender(told: Told) -> Sender:
    identity = Identity(kind=CHANNEL, value=told.other, assurance=Assurance.CHANNEL, evidence=_SIGNED)
    if told.post is not None:
        return Sender(identities=(identity,), name=_name(told.post.name, told.post.handle))
    user = told.users.get(told.other) or {}
    about = user.get("data", user)
    name = _name(about.get("name"), about.get("screen_name") or about.get("username"))
    return Sender(identities=(identity,), name=name)


def _name(name: Any, handle: Any) -> str:
    """What they call themselves, and their @name, by which they are found on X."""
    called, found = safe_line(str(name or ""), 100), safe_line(str(handle or ""), 50)
    return f"{called} (@{found})" if called and found else called or (f"@{found}" if found else "")


def _direct(told: Told, account: str) -> dict[str, Any]:
    parts, data = _about(told, account, public=False), told.item["message_create"]["message_data"]
    own, besides = message_words(data)
    if told.mine:
        parts["conversation"] += (thread_key(account, told.other, public=True),)
    parts["ext"] |= {"conversation": told.other}
    language = {"language": detect(own)} if own and not told.mine else {}
    text = "\n".join(filter(None, (own, besides)))
    return {**parts, **language, "kind": "message", "text": text, "attachments": message_files(data)}


def _encrypted(told: Told, account: str) -> dict[str, Any]:
    parts = _about(told, account, public=False)
    parts["ext"] |= {"conversation": told.other}
    return {**parts, "kind": "message", "text": _ENCRYPTED}


def _post(told: Told, account: str) -> dict[str, Any]:
    post = told.post
    if post is None:
        raise TypeError("no post")
    parts, own = _about(told, account, public=True), post_words(post)
    amended = {"amends": f"{told.owner}:{POST}{post.first}"} if post.first != post.id else {}
    parts |= {"kind": "edit" if amended else "message", **amended, "attachments": post_files(post)}
    parts["in_reply_to"] = f"{told.owner}:{POST}{post.answers}" if post.answers else ""
    if told.mine:
        return {**parts, "text": own}
    form, link = form_of(post, told.owner), f"https://x.com/{post.handle or 'i'}/status/{post.id}"
    parts["announces"] += (thread_key(account, told.other),)
    parts["ext"] |= {"conversation": f"{POST}{post.id}", "reply_there": True, "public": True}
    parts["ext"] |= {"came_as": form, "link": link}
    seen = f"({_FORMS[form]}, for everybody to see: {link})"
    return {**parts, "text": "\n".join(filter(None, (own, seen))), "language": detect(own)}


def _read(told: Told, account: str) -> dict[str, Any]:
    """All that was sent to them directly up to then has been read, in whichever of their tickets."""
    parts = _about(told, account, public=False)
    parts["conversation"] += (thread_key(account, told.other, public=True),)
    receipt = Delivery(state="read", reference="", until=told.at, mode=DIRECT, shared=True)
    return {**parts, "kind": "delivery", "delivery": receipt}


def _deleted(told: Told, account: str) -> dict[str, Any]:
    parts = _about(told, account, public=True)
    where: dict[str, Any] = {} if told.other else {"conversation": (), "announces": (), "ext": {}}
    return {**parts, **where, "kind": "delete", "amends": f"{told.owner}:{POST}{told.id}"}


def _revoked(_told: Told, _account: str) -> dict[str, Any]:
    raise ValueError(WITHDRAWN)


_READERS: Mapping[str, Callable[[Told, str], dict[str, Any]]] = {
    "direct": _direct,
    "encrypted": _encrypted,
    "post": _post,
    "read": _read,
    "deleted": _deleted,
    "revoked": _revoked,
}
