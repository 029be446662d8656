"""Which events the app hears, and how they are on their way to it.

The app hears what it has subscribed to (`subscribed`, by the names of the manifest such as `message.groups`) in
channels in which it is, its own messages too. Each event is told by a task of its own, so that a later one may come
first. A test may hold events back and let them go in another order (`hold`, `release`), or have each told twice
(`doubles`); `settled` waits until all are taken or given up.
"""

import asyncio
import itertools
from collections.abc import Callable, Iterable

from .refusal import Json
from .transports import Pause, Told, Transport, tell
from .workspace import Workspace

SUBSCRIBED = frozenset(
    {
        *("app_home_opened", "message.groups", "message.im", "reaction_added", "member_joined_channel", "file_shared"),
        *("member_left_channel", "channel_shared", "group_archive", "group_rename", "user_change", "tokens_revoked"),
        *("dnd_updated_user", "subteam_members_changed", "app_uninstalled"),
    }
)
_MESSAGES = {"group": "message.groups", "channel": "message.channels", "im": "message.im"}


class AppEvents:
    """Events on their way. `told` are all that were, with how each try ended."""

    def __init__(self, workspace: Workspace, transport: Transport, pause: Pause = asyncio.sleep) -> None:
        self.subscribed = set(SUBSCRIBED)
        self.doubles = False
        self.told: list[Told] = []
        self._workspace = workspace
        self._transport = transport
        self._pause = pause
        self._held: list[Json] | None = None
        self._under_way = set[asyncio.Task[None]]()
        self._numbers = itertools.count(1)
        workspace.listeners.append(self._happened)

    def hold(self) -> None:
        """Keep events back from now on."""
        self._held = []

    def release(self, order: Callable[[list[Json]], Iterable[Json]] = list) -> None:
        """Let those go that were kept back, in this order, and all others from now on."""
        held, self._held = self._held or [], None
        for envelope in order(held):
            self._send(envelope)

    async def settled(self) -> None:
        """Until nothing is on its way. Raises what a task raised."""
        while self._under_way:
            await asyncio.gather(*self._under_way)

    async def stop(self) -> None:
        """Break off what is on its way."""
        for each in self._under_way:
            each.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def envelope(self, event: Json) -> Json:
        """What is told of an event, under an id of its own."""
        workspace = self._workspace
        may = {"enterprise_id": None, "team_id": workspace.team, "user_id": workspace.bot_user, "is_bot": True}
        channel = workspace.channels.get(str(event.get("channel")))
        return {
            "token": "verification",
            "team_id": workspace.team,
            "api_app_id": workspace.app,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{next(self._numbers):010d}",
            "event_time": workspace.now() // 1_000,
            "authorizations": [{**may, "is_enterprise_install": False}],
            "is_ext_shared_channel": channel is not None and channel.is_shared,
            "event_context": "4-context",
        }

    def _happened(self, event: Json) -> None:
        if not self._is_heard(event):
            return
        envelope = self.envelope(event)
        if self._held is not None:
            self._held.append(envelope)
            return
        self._send(envelope)

    def _is_heard(self, event: Json) -> bool:
        kind = _MESSAGES[event["channel_type"]] if event["type"] == "message" else event["type"]
        place = event.get("channel") or event.get("item", {}).get("channel")
        channel = self._workspace.channels.get(place) if isinstance(place, str) else None
        is_there = channel is None or self._workspace.bot_user in channel.members
        is_about_it = event.get("user") == self._workspace.bot_user and kind == "member_left_channel"
        return kind in self.subscribed and (is_there or is_about_it)

    def _send(self, envelope: Json) -> None:
        for _ in range(2 if self.doubles else 1):
            task = asyncio.get_running_loop().create_task(self._tell(envelope))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _tell(self, envelope: Json) -> None:
        self.told.append(await tell(self._transport, envelope, self._pause))
