"""The state of a workspace: its people, channels, messages and files, and what happened in it.

Whatever changes it goes through a method here, which also tells what happened (`told`) in the shape of Slack's Events
API, so that an event can neither be forgotten nor be told of what did not happen. Messages have times of their own
(`ts`), each later than the one before. Whether the app hears of an event is not decided here (app_events.py).
"""

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from .refusal import Json

Kind = Literal["private", "public", "direct"]
_PREFIX: dict[Kind, str] = {"private": "C", "public": "C", "direct": "D"}


@dataclass
class Person:
    """Somebody of the workspace, or of another one that shares a channel."""

    id: str
    name: str
    email: str = ""
    team: str = ""
    is_bot: bool = False
    is_guest: bool = False
    is_deleted: bool = False
    language: str = "en-US"
    presence: Literal["active", "away"] = "active"
    quiet_until: int = 0  # seconds since 1970; until then do-not-disturb holds

    @property
    def about(self) -> Json:
        """As users.info shows it, without what needs another scope."""
        return {
            "id": self.id,
            "team_id": self.team,
            "name": self.name.lower().replace(" ", "."),
            "deleted": self.is_deleted,
            "real_name": self.name,
            "tz": "Etc/UTC",
            "tz_offset": 0,
            "profile": {"real_name": self.name, "display_name": self.name, "team": self.team},
            "is_admin": False,
            "is_owner": False,
            "is_restricted": self.is_guest,
            "is_ultra_restricted": False,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "updated": 0,
        }


@dataclass
class Channel:
    """A channel or a direct message, with its messages in the order of their times."""

    id: str
    name: str
    kind: Kind
    creator: str
    created: int
    members: list[str] = field(default_factory=list)
    messages: list[Json] = field(default_factory=list)
    is_archived: bool = False
    is_shared: bool = False  # with another workspace

    @property
    def about(self) -> Json:
        """As conversations.info shows it."""
        common = {"id": self.id, "created": self.created, "is_archived": self.is_archived, "is_org_shared": False}
        if self.kind == "direct":
            return {**common, "is_im": True, "user": self.members[0], "is_user_deleted": False, "priority": 0}
        return {
            **common,
            "name": self.name,
            "name_normalized": self.name,
            "creator": self.creator,
            "is_channel": True,
            "is_group": False,
            "is_im": False,
            "is_mpim": False,
            "is_private": self.kind == "private",
            "is_general": False,
            "is_shared": self.is_shared,
            "is_ext_shared": self.is_shared,
            "is_pending_ext_shared": False,
            "num_members": len(self.members),
            "topic": {"value": "", "creator": "", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
        }

    def message(self, ts: str) -> Json | None:
        """The message of this time."""
        return next((each for each in self.messages if each["ts"] == ts), None)

    def thread(self, ts: str) -> list[Json]:
        """A message and what was answered to it."""
        return [each for each in self.messages if ts in (each["ts"], each.get("thread_ts"))]


@dataclass
class Workspace:
    """`now` tells the time in milliseconds since 1970; `base` is where the stand-in listens."""

    now: Callable[[], int]
    team: str
    app: str
    bot_user: str
    bot: str
    base: str = ""
    people: dict[str, Person] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    reactions: dict[tuple[str, str], dict[str, list[str]]] = field(default_factory=dict)
    ephemerals: list[Json] = field(default_factory=list)
    told: list[Json] = field(default_factory=list)
    listeners: list[Callable[[Json], None]] = field(default_factory=list)
    _last: int = 0
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    # Ids and times

    def id_for(self, prefix: str) -> str:
        """An id that nothing else has."""
        return f"{prefix}0{next(self._numbers):08d}"

    def moment(self) -> str:
        """A time for something that happens now, later than all before."""
        self._last = max(self.now() * 1_000, self._last + 100)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def happened(self, event: Json) -> None:
        """Tell whoever listens."""
        told = {"event_ts": event.get("ts") or self.moment(), **event}
        self.told.append(told)
        for listener in self.listeners:
            listener(told)

    # People and channels

    def add_person(self, name: str, *, email: str = "", **more: Any) -> Person:
        """Somebody new."""
        made = Person(id=self.id_for("U"), name=name, email=email, **{"team": self.team, **more})
        self.people[made.id] = made
        return made

    def add_channel(self, name: str, members: Iterable[str] = (), *, kind: Kind = "private", **more: Any) -> Channel:
        """A new channel in which the app is, unless `members` are all there are to be."""
        creator = more.pop("creator", self.bot_user)
        made = Channel(self.id_for(_PREFIX[kind]), name, kind, creator, self.now() // 1_000, list(members), **more)
        self.channels[made.id] = made
        return made

    def direct_with(self, user: str) -> Channel:
        """The direct message between somebody and the app, which is opened with the first call."""
        for each in self.channels.values():
            if each.kind == "direct" and each.members[0] == user:
                return each
        return self.add_channel("", [user, self.bot_user], kind="direct", creator=user)

    def join(self, channel: Channel, user: str, inviter: str = "") -> None:
        """Somebody becomes a member."""
        channel.members.append(user)
        by = {"inviter": inviter} if inviter else {}
        self.happened({"type": "member_joined_channel", "user": user, **self._of(channel), **by})

    def leave(self, channel: Channel, user: str) -> None:
        """Somebody is a member no longer."""
        channel.members.remove(user)
        self.happened({"type": "member_left_channel", "user": user, **self._of(channel)})

    def archive(self, channel: Channel, user: str) -> None:
        """Nothing can be written there any more."""
        channel.is_archived = True
        kind = "group_archive" if channel.kind == "private" else "channel_archive"
        self.happened({"type": kind, "channel": channel.id, "user": user})

    def share(self, channel: Channel, team: str) -> None:
        """Another workspace sees the channel too."""
        channel.is_shared = True
        self.happened({"type": "channel_shared", "connected_team_id": team, "channel": channel.id})

    def deactivate(self, user: str) -> None:
        """Somebody has left the workspace."""
        person = self.people[user]
        person.is_deleted = True
        self.happened({"type": "user_change", "user": person.about, "cache_ts": self.now() // 1_000})

    def _of(self, channel: Channel) -> Json:
        kind = {"private": "G", "public": "C", "direct": "D"}[channel.kind]
        return {"channel": channel.id, "channel_type": kind, "team": self.team}
