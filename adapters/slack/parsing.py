"""From what Slack posts to an envelope. Pure.

A thread is a conversation, and a message in a channel begins one, whichever of our workspaces tells of it: Slack's ids
are the same in all that share a channel. Direct messages with one person are one conversation, and a thread among them
goes on in it. Who wrote is known by workspace and member, for which Slack vouches (A1): the same name in another
workspace is somebody else. What was found out about them when the message came (people.py) stands in the transport
facts: their name, and their e-mail address, which is the word of the administrators of their workspace, so it is only
a claim (A0).

What a colleague answers in a customer's thread is an answer of ours that was written elsewhere (`out`).
"""

from collections.abc import Mapping
from typing import Any

from ...config.errors import Unreadable
from ...normalizer.addresses import normalise_address
from ...normalizer.envelope import (
    Assurance,
    Attachment,
    Envelope,
    Identity,
    RawMessage,
    Reaction,
    Sender,
    envelope_id,
    raw_from_file,
)
from ...normalizer.language import detect
from ...normalizer.later_files import later_file, missing_file
from ...normalizer.outgoing import Parsed
from ...normalizer.safe_names import safe_line, safe_text
from ..vendor_post import filed_as, read_json, what_is_wrong
from .blocks import words_of
from .events import (
    CHANGES,
    MESSAGES,
    channel_of,
    event_of,
    external_id,
    is_silent,
    is_tombstone,
    kind_of,
    message_id,
    not_an_event,
    written_of,
)
from .marks import emoji, plain
from .recordings import whole_of
from .settings import CHANNEL, SlackSettings, SlackWorkspaceSettings, elsewhere
from .writers import Workspace, is_machine, is_ours, own_user, team_of

_SIGNED = "told by Slack"
_MOST_FILES = 50


def read(raw: RawMessage, workspace: Workspace) -> Parsed:
    """The envelope of a raw message. Raises Unreadable."""
    return _read(raw, read_json(raw.content), workspace)


def _read(raw: RawMessage, body: Any, workspace: Workspace) -> Parsed:
    if kind := not_an_event(body):
        return Parsed(nothing=kind)
    try:
        event = event_of(body)
        if nothing := is_silent(body, workspace, _team(raw)):
            return Parsed(nothing=nothing)
        return Parsed(envelopes=(_envelope(raw, body, event, workspace),))
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise Unreadable(f"not an event of Slack that is known here: {what_is_wrong(error)}") from error


def read_file(content: bytes, settings: SlackSettings, account: str = "") -> Parsed:
    """A recorded body, of the first workspace when none is named. Raises Unreadable."""
    name = account or next(iter(settings.root), "")
    workspace = Workspace(settings.root[name], elsewhere(settings.root, name)) if name else Workspace(_ANY)
    return _read(raw_from_file(content, CHANNEL, account=name), whole_of(read_json(content)), workspace)


_ANY = SlackWorkspaceSettings(own_people="customers")


def _envelope(raw: RawMessage, body: Mapping[str, Any], event: Mapping[str, Any], workspace: Workspace) -> Envelope:
    channel, kind = channel_of(event), kind_of(event)
    at = _milliseconds(event["event_ts"] if kind != "message" else event["ts"])
    thread = _thread(event, channel)
    keys = (f"{CHANNEL}:{thread}", f"{CHANNEL}:{raw.account}:{thread}") if thread else ()  # the second from before
    return Envelope(
        id=envelope_id(raw.id, 0),
        raw_id=raw.id,
        received_at=raw.received_at,
        channel=raw.channel,
        account=raw.account,
        external_id=filed_as(raw, external_id(body)),
        order=f"{event['event_ts'] if kind != 'message' else event['ts']:0>20}:{raw.sequence:015d}",
        conversation=keys,
        announces=keys[:1],
        recipients=(raw.account,),
        sent_at=at,
        ext={"conversation": _answered_in(event, channel), "order_scope": thread or channel},
        direction="out" if _is_out(raw, body, event, workspace) else "in",
        **_said(kind, raw, body, event, workspace),
    )


def _team(raw: RawMessage) -> str:
    """The workspace of whoever wrote, as it was found out when it came."""
    return str(raw.transport.get("team") or "")


def _milliseconds(ts: str) -> int:
    seconds, _, rest = ts.partition(".")
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 11):
        raise ValueError("no time")
    return int(seconds) * 1000 + int((rest or "0")[:3].ljust(3, "0"))


def _thread(event: Mapping[str, Any], channel: str) -> str:
    """What the conversation is known by; empty where Slack does not tell."""
    if channel.startswith("D"):
        return channel
    if event.get("subtype") == "message_deleted" or "item" in event:
        return ""
    written = written_of(event)
    return message_id(channel, written.get("thread_ts") or written["ts"])


def _answered_in(event: Mapping[str, Any], channel: str) -> str:
    """Where an answer goes: the thread of a message; in direct messages only one that they opened themselves."""
    if event.get("subtype") == "message_deleted" or "item" in event:
        return channel
    written = written_of(event)
    thread = written.get("thread_ts") or ("" if channel.startswith("D") else written["ts"])
    return message_id(channel, thread) if thread else channel


def _is_out(raw: RawMessage, body: Mapping[str, Any], event: Mapping[str, Any], workspace: Workspace) -> bool:
    """Whether it is ours: what a colleague wrote, or what happened to what we wrote."""
    if kind_of(event) != "delete":
        return is_ours(body, written_of(event), workspace, _team(raw))
    written = event.get("previous_message")
    return (
        isinstance(written, dict)
        and "user" in written
        and (is_machine(body, written) or is_ours(body, written, workspace))
    )


def _said(
    kind: str, raw: RawMessage, body: Mapping[str, Any], event: Mapping[str, Any], workspace: Workspace
) -> dict[str, Any]:
    channel = channel_of(event)
    if kind == "delete":
        ts = event["message"]["ts"] if is_tombstone(event) else event["deleted_ts"]
        return {"kind": "delete", "amends": message_id(channel, ts), "sender": Sender(identities=())}
    written = written_of(event)
    sender = _sender(raw, body, written)
    if kind == "message" and is_ours(body, written, workspace, _team(raw)):
        sender = sender.model_copy(update={"identities": ()})  # no customer, and no record of one
    if kind == "reaction":
        name = str(event["reaction"])
        mark = Reaction(emoji=emoji(name) or f":{safe_line(name, 60)}:", removed=event["type"] == "reaction_removed")
        amends = message_id(channel, event["item"]["ts"])
        return {"kind": "reaction", "amends": amends, "reaction": mark, "sender": sender}
    if event["type"] not in ("message", "app_mention") or event.get("subtype", "") not in MESSAGES | CHANGES | {None}:
        raise ValueError(f"a message {str(event.get('subtype') or event['type'])[:50]!r}")
    text = _text(raw, body, written)
    said: dict[str, Any] = {"sender": sender, "text": text, "language": detect(text), "attachments": _files(written)}
    if kind == "edit":
        said |= {"kind": "edit", "amends": message_id(channel, written["ts"])}
    return said


def _sender(raw: RawMessage, body: Mapping[str, Any], written: Mapping[str, Any]) -> Sender:
    known = raw.transport
    team = team_of(body, written) if "user_team" in written or "team" in written else ""
    who = f"{team or known.get('team') or team_of(body, written)}:{written['user']}"
    identities = [Identity(kind=CHANNEL, value=who, assurance=Assurance.CHANNEL, evidence=_SIGNED)]
    if address := normalise_address(str(known.get("email") or "")):
        evidence = "the administrators of their Slack workspace say so"
        identities.append(Identity(kind="email", value=address, evidence=evidence))
    return Sender(identities=tuple(identities), name=safe_line(str(known.get("name") or ""), 100))


def _text(raw: RawMessage, body: Mapping[str, Any], written: Mapping[str, Any]) -> str:
    text = words_of(written)
    names = {str(id_): safe_line(str(name), 100) for id_, name in dict(raw.transport.get("names") or {}).items()}
    parts = [plain(text, names, own_user(body)), *_passed_on(written, names), *_links(written)]
    return safe_text("\n\n".join(filter(None, parts)))


def _passed_on(written: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """Messages that somebody shares from elsewhere in Slack; previews of addresses are left out."""
    shared = (each for each in written.get("attachments") or () if each.get("is_share") or each.get("is_msg_unfurl"))
    told = ((safe_line(str(each.get("author_name") or ""), 100), str(each.get("text") or "")) for each in shared)
    return [f"{author or 'Somebody'} wrote:\n{plain(text, names)}" for author, text in told if text]


def _links(written: Mapping[str, Any]) -> list[str]:
    """Files that lie elsewhere, as in Google Drive, and are only named."""
    outside = (each for each in written.get("files") or () if each.get("is_external"))
    return [f"{_name(each)}: {safe_line(str(each.get('url_private') or 'no address'), 2000)}" for each in outside]


def _files(written: Mapping[str, Any]) -> tuple[Attachment, ...]:
    told = written.get("files") or [each for each in (written.get("file"),) if isinstance(each, dict)]  # one, once
    return tuple([_file(each) for each in told if not each.get("is_external")][:_MOST_FILES])


def _file(told: Mapping[str, Any]) -> Attachment:
    size = told.get("size")
    mime = str(told.get("mimetype") or "")
    name = _name(told) if told.get("name") else ""
    file = later_file(str(told["id"]), name=name, media_type=mime, size=size if isinstance(size, int) else 0)
    if told.get("mode") in ("tombstone", "hidden_by_limit"):
        return missing_file(file, "it was deleted, or the workspace's plan hides it")
    return file


def _name(told: Mapping[str, Any]) -> str:
    return safe_line(str(told.get("name") or told.get("title") or "file"), 200)
