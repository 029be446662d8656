"""Updates that lack what the Bot API promises today: recorded years ago, or passed on by another program. Pure.

The library refuses a user without `is_bot`, a file without `file_unique_id`, a poll without what came in the last
release; Telegram did not tell them once, and who replays a recording has no others. What an envelope is made of is
never made up: what we hardly read gets a value, and a number that was written as a text is the number.
"""

import re
from collections.abc import Mapping
from typing import Any

_NUMBER = re.compile(r"-?[0-9]{1,18}\Z", re.ASCII)
_NUMBERS = frozenset({"update_id", "message_id", "message_thread_id", "date", "edit_date", "forward_date", "file_size"})
_PEOPLE = frozenset({"from", "user", "via_bot", "forward_from", "left_chat_member", "sender_user"})
_CHATS = frozenset({"chat", "sender_chat", "forward_from_chat", "actor_chat"})
_PICTURE = {"width": 0, "height": 0}
_TIMED = {"duration": 0}
_LACKED: Mapping[str, Mapping[str, Any]] = {
    **{name: {"is_bot": False, "first_name": ""} for name in _PEOPLE},
    "photo": _PICTURE,
    "thumb": _PICTURE,
    "thumbnail": _PICTURE,
    "video": _PICTURE | _TIMED,
    "animation": _PICTURE | _TIMED,
    "audio": _TIMED,
    "voice": _TIMED,
    "video_note": _TIMED | {"length": 0},
    "sticker": _PICTURE | {"is_animated": False, "is_video": False, "type": "regular"},
    "contact": {"first_name": "", "phone_number": ""},
    "poll": {"total_voter_count": 0, "is_closed": False, "is_anonymous": True, "type": "regular"}
    | {"allows_multiple_answers": False, "allows_revoting": False, "members_only": False},
    "options": {"voter_count": 0, "persistent_id": "0"},
    "callback_query": {"chat_instance": ""},
}


def number(value: Any) -> int | None:
    """A number, also one that is written as a text; None for what is none."""
    if isinstance(value, str) and _NUMBER.match(value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def completed(update: Mapping[str, Any]) -> dict[str, Any]:
    """The update as the library takes it. Raises RecursionError for one that is nested too deeply."""
    return {name: _value(name, each) for name, each in update.items()}


def _value(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_value(name, each) for each in value]
    if not isinstance(value, dict):
        found = number(value) if name in _NUMBERS else None
        return value if found is None else found
    whole = {**_LACKED.get(name, {}), **completed(value)}
    if name in _PEOPLE | _CHATS and (id_ := number(whole.get("id"))) is not None:
        whole["id"] = id_
        if name in _CHATS:
            whole.setdefault("type", "private" if id_ > 0 else "supergroup")
    if "file_id" in whole:
        whole.setdefault("file_unique_id", whole["file_id"])
    return whole
