"""`conversations.*`: channels and direct messages, who is in them, and what was written there.

After the pages of the methods on docs.slack.dev. History comes newest first and without answers in threads; a thread
comes oldest first with its first message; `oldest` and `latest` are not included unless `inclusive` says so. Metadata
is shown with `include_all_metadata`, that of other apps besides only with the scope `metadata.message:read`.
"""

import re

from .arguments import shown_page
from .methods import Call, Method, words
from .refusal import Json, Refused
from .workspace import Channel

_READS = tuple(f"{each}:read" for each in ("channels", "groups", "im"))
_HISTORIES = tuple(f"{each}:history" for each in ("channels", "groups", "im"))
_KINDS = {"public_channel": "public", "private_channel": "private", "im": "direct", "mpim": ""}


def _open(call: Call) -> Json:
    users = call.given.listed("users")
    if not users:
        raise Refused("users_list_not_supplied")
    if len(users) > 1:
        raise Refused("too_many_users")  # the desk has no need of conversations of several
    person = call.workspace.people.get(users[0])
    if person is None:
        raise Refused("user_not_found")
    if person.is_bot:
        raise Refused("cannot_dm_bot")
    if person.is_deleted:
        raise Refused("user_disabled")
    return {"channel": {"id": call.workspace.direct_with(person.id).id}}


def _create(call: Call) -> Json:
    name, private = call.given.text("name"), call.given.flag("is_private")
    call.demand_scope("groups:write" if private else "channels:manage")
    if not name:
        raise Refused("invalid_name_required")
    if len(name) > 80:
        raise Refused("invalid_name_maxlength")
    if not re.fullmatch(r"[\w-]+", name) or name != name.lower():
        raise Refused("invalid_name_specials")
    if any(each.name == name for each in call.workspace.channels.values()):
        raise Refused("name_taken")
    made = call.workspace.add_channel(name, [call.user], kind="private" if private else "public")
    return {"channel": made.about}


def _invite(call: Call) -> Json:
    channel = call.writable()
    if channel.kind == "direct":
        raise Refused("method_not_supported_for_channel_type")
    prefix = "groups" if channel.kind == "private" else "channels"
    call.demand_scope(f"{prefix}:write.invites", f"{prefix}:write", f"{prefix}:manage")
    users = call.given.listed("users")
    if not users:
        raise Refused("no_user")
    faults = {each: error for each in users if (error := _uninvitable(call, channel, each))}
    if faults:
        told = [{"user": user, "ok": False, "error": error} for user, error in faults.items()]
        raise Refused(next(iter(faults.values())), errors=told)
    for each in users:
        call.workspace.join(channel, each, call.user)
    return {"channel": channel.about}


def _uninvitable(call: Call, channel: Channel, user: str) -> str:
    person = call.workspace.people.get(user)
    if user == call.user:
        return "cant_invite_self"
    if person is None or person.is_deleted:
        return "user_not_found"
    return "already_in_channel" if user in channel.members else ""


def _members(call: Call) -> Json:
    return shown_page("members", call.channel("read").members, call.given)


def _info(call: Call) -> Json:
    return {"channel": call.channel("read").about}


def _list(call: Call) -> Json:
    asked = call.given.listed("types") or ["public_channel"]
    if not set(asked) <= _KINDS.keys():
        raise Refused("invalid_types")
    kinds = {_KINDS[each] for each in asked}
    for kind, scope in (("public", "channels:read"), ("private", "groups:read"), ("direct", "im:read")):
        if kind in kinds:
            call.demand_scope(scope)
    found = [each for each in call.workspace.channels.values() if each.kind in kinds and _is_seen(call, each)]
    if call.given.flag("exclude_archived"):
        found = [each for each in found if not each.is_archived]
    shown = [{**each.about, "is_member": call.user in each.members} for each in found]
    return shown_page("channels", shown, call.given)


def _is_seen(call: Call, channel: Channel) -> bool:
    return channel.kind == "public" or call.user in channel.members


def _history(call: Call) -> Json:
    channel = call.channel("history")
    if call.user not in channel.members:
        raise Refused("not_in_channel")
    own = [each for each in channel.messages if each.get("thread_ts", each["ts"]) == each["ts"]]
    return _shown(call, list(reversed(_between(call, own))))


def _replies(call: Call) -> Json:
    channel = call.channel("history")
    if call.user not in channel.members:
        raise Refused("not_in_channel")
    asked = call.message(channel, "ts", "thread_not_found")
    first, *others = channel.thread(str(asked.get("thread_ts", asked["ts"])))
    return _shown(call, [first, *_between(call, others)])


def _between(call: Call, messages: list[Json]) -> list[Json]:
    oldest, latest = call.time("oldest", "invalid_ts_oldest"), call.time("latest", "invalid_ts_latest")
    inclusive = call.given.flag("inclusive")
    return [
        each
        for each in messages
        if (float(each["ts"]) > float(oldest or 0) or (inclusive and each["ts"] == oldest))
        and (not latest or float(each["ts"]) < float(latest) or (inclusive and each["ts"] == latest))
    ]


def _shown(call: Call, messages: list[Json]) -> Json:
    shown = shown_page("messages", [_with_metadata(call, each) for each in messages], call.given)
    return {**shown, "has_more": bool(shown["response_metadata"]["next_cursor"])}


def _with_metadata(call: Call, message: Json) -> Json:
    is_own, may = message.get("app_id") == call.workspace.app, "metadata.message:read" in call.grant.scopes
    if call.given.flag("include_all_metadata") and (is_own or may):
        return dict(message)
    return {name: value for name, value in message.items() if name != "metadata"}


_PAGE = "limit cursor"
_READ = f"{_PAGE} oldest latest inclusive include_all_metadata"

METHODS = {
    "conversations.open": Method(
        run=_open, a_minute=50, scopes=("im:write",), needs=words("users"), takes=words("return_im")
    ),
    "conversations.create": Method(run=_create, a_minute=20, needs=words("name"), takes=words("is_private")),
    "conversations.invite": Method(run=_invite, a_minute=50, needs=words("channel users"), takes=words("force")),
    "conversations.members": Method(
        run=_members, a_minute=100, scopes=_READS, needs=words("channel"), takes=words(_PAGE), takes_json=False
    ),
    "conversations.info": Method(
        run=_info, a_minute=50, scopes=_READS, needs=words("channel"),
        takes=words("include_num_members include_locale"), takes_json=False,
    ),
    "conversations.list": Method(
        run=_list, a_minute=20, scopes=_READS, takes=words(f"{_PAGE} types exclude_archived"), takes_json=False
    ),
    "conversations.history": Method(
        run=_history, a_minute=50, scopes=_HISTORIES, needs=words("channel"), takes=words(_READ), takes_json=False
    ),
    "conversations.replies": Method(
        run=_replies, a_minute=50, scopes=_HISTORIES, needs=words("channel ts"), takes=words(_READ), takes_json=False
    ),
}  # fmt: skip
