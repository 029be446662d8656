"""The channel x, told of by the X Activity API, which puts one event around what the Account Activity API lists."""

import json
from typing import Any

from tests.fakes.x import OWNER

from .subject import Answer
from .x_subject import XSubject


class XActivitySubject(XSubject):
    """One account and one person who writes to it."""

    async def _post(self, body: dict[str, Any]) -> Answer:
        return await super()._post(activity_of(body))


def activity_of(body: dict[str, Any]) -> dict[str, Any]:
    """The same in the other way of telling."""
    around = {"event_uuid": "2080765901528535096", "filter": {"user_id": OWNER}}
    for name, type_ in (("direct_message_events", "dm.received"), ("direct_message_mark_read_events", "dm.read")):
        if name in body:
            told = {id_: {**user, "username": user["screen_name"]} for id_, user in body.get("users", {}).items()}
            payload = {name: body[name], "users": {id_: {"data": user} for id_, user in told.items()}}
            return {"data": {**around, "event_type": type_, "payload": payload}}
    (post,) = json.loads(json.dumps(body["tweet_create_events"]))
    user, id_ = post["user"], post["id_str"]
    payload = {
        "id": id_,
        "text": post["text"],
        "author_id": user["id_str"],
        "created_at": "2026-11-28T09:00:00.000Z",
        "edit_history_tweet_ids": post.get("edit_history", {}).get("edit_tweet_ids", [id_]),
    }
    users = [{"id": user["id_str"], "name": user["name"], "username": user["screen_name"]}]
    return {"data": {**around, "event_type": "post.mention.create", "payload": payload, "includes": {"users": users}}}


SUBJECT = XActivitySubject
