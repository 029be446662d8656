"""An agent in Slack who acts as a person does: by the words on the screen. Stories are written with it.

    ann = Robot(slack, transport, person)
    await ann.click("Take")
    await ann.click("Reply…")
    ann.fill("Answer", "Dear Maria, …")
    await ann.submit()

What Slack's own client refuses is refused here by an AssertionError: a field that is needed and empty, a text that is
too long for its field, an answer of the app that Slack does not understand. What the app does not take raises
NotAnswered.
"""

import html
from typing import Any

from . import interactions
from .arguments import Arguments
from .block_state import Filled
from .element_shapes import demand_options
from .fake import FakeSlackDesk
from .interactions import Actor
from .messages import delete, edit, react, unreact, write
from .readable import label_of, message_text, read, words_of
from .refusal import Json
from .robot_sight import RobotSight, Sighting, Where
from .robot_views import check_filled, submitted
from .transports import Transport
from .views import View
from .workspace import Channel, Person


class Robot:
    """One person at work. `confirmed` is what they were asked and said yes to, `errors` what a view complained of."""

    def __init__(self, slack: FakeSlackDesk, transport: Transport, person: Person) -> None:
        self.person = person
        self.confirmed: list[str] = []
        self.errors: Json = {}
        self._slack = slack
        self._workspace = slack.workspace
        self._views = slack.views
        self._transport = transport
        self._sight = RobotSight(slack.workspace, slack.views, person.id)
        self._actor = Actor(slack.workspace, person)

    # What is seen

    def sees(self, words: str) -> Json:
        """The newest message with these words. Raises AssertionError when there is none."""
        return self._sight.message(words)

    @property
    def view(self) -> View:
        """The modal in front."""
        return self._views.front(self.person.id)

    @property
    def home(self) -> View:
        """The App Home."""
        return self._views.homes[self.person.id]

    def reads(self, where: Where) -> str:
        """All words of a message or a view."""
        return read(where.blocks, where.filled) if isinstance(where, View) else message_text(where)

    # Controls

    async def click(self, label: str, on: Where | None = None) -> None:
        """A button."""
        found = self._sight.find(label, on)
        assert found.control["type"] == "button", f"{label!r} is no button"
        value: Json = {name: found.control[name] for name in ("value", "text", "style") if name in found.control}
        await self._act(found, value)

    async def choose(self, label: str, option: str, on: Where | None = None, *, typed: str = "") -> None:
        """An option of a menu, boxes or a list; what somebody types where the app tells the options."""
        found = self._sight.find(label, on)
        options = await self._options(found, typed)
        chosen = next((each for each in options if words_of(each["text"]) == option), None)
        assert chosen is not None, f"{label!r} has {[words_of(each['text']) for each in options]}"
        many = found.control["type"] == "checkboxes" or found.control["type"].startswith("multi_")
        state = {"selected_options": self._ticked(found, chosen)} if many else {"selected_option": chosen}
        if found.control["type"] != "overflow" and isinstance(found.where, View):
            found.where.filled[found.block["block_id"], found.control["action_id"]] = state
        if found.block["type"] != "input" or found.block.get("dispatch_action"):
            await self._act(found, state)

    def fill(self, label: str, text: str) -> None:
        """A field of the modal in front."""
        found = self._sight.find(label, self.view)
        self.view.filled[found.block["block_id"], found.control["action_id"]] = {"value": text or None}

    async def submit(self) -> None:
        """The modal in front; what it complains of is in `errors`."""
        view = self.view
        check_filled(view)
        payload = interactions.submission(self._actor, self._views.told(view), trigger=self._trigger(view.id))
        answer = await self._transport.interact("interactive", payload)
        self.errors = submitted(self._views, view, answer)

    async def close(self, *, all_of_them: bool = False) -> None:
        """The modal in front, or all that lie on each other."""
        for view in self._views.shut(self.person.id, all_of_them=all_of_them):
            if view.body.get("notify_on_close"):
                told = interactions.closing(self._actor, self._views.told(view), cleared=all_of_them)
                await self._transport.interact("interactive", told)

    # Shortcuts, commands, the App Home

    async def command(self, text: str, channel: Channel) -> None:
        """A slash command such as `/desk help`; what it answers at once is shown in passing."""
        name, _, rest = text.partition(" ")
        url = self._slack.response_urls.give(channel.id, self.person.id)
        told = interactions.command(self._actor, channel, name, html.escape(rest, quote=False), trigger=self._trigger(),
                                    url=url)  # fmt: skip
        answer = await self._transport.interact("slash_commands", told)
        if answer:
            said = {"text": answer} if isinstance(answer, str) else answer
            self._slack.response_urls.show(channel.id, self.person.id, Arguments(said))

    async def shortcut(self, callback: str, on: Json | None = None) -> None:
        """A shortcut by its callback id, on a message or anywhere."""
        if on is None:
            told = interactions.shortcut(self._actor, callback, trigger=self._trigger())
        else:
            channel = self._channel_of(on)
            url = self._slack.response_urls.give(channel.id, self.person.id, on["ts"])
            told = interactions.message_shortcut(self._actor, channel, on, callback, trigger=self._trigger(), url=url)
        await self._transport.interact("interactive", told)

    def open_home(self) -> None:
        """Look at the App Home; the app hears of it."""
        shown = self._views.homes.get(self.person.id)
        view = {"view": self._views.told(shown)} if shown else {}
        direct = self._workspace.direct_with(self.person.id)
        self._workspace.happened(
            {"type": "app_home_opened", "user": self.person.id, "channel": direct.id, "tab": "home", **view}
        )

    # Messages

    def writes(self, channel: Channel, text: str, **more: Any) -> Json:
        """A message; `mentions` are people it begins with."""
        called = "".join(f"<@{each.id}> " for each in more.pop("mentions", ()))
        client = {"client_msg_id": self._workspace.id_for("m")}
        return write(
            self._workspace, channel, self.person.id, called + html.escape(text, quote=False), **client, **more
        )

    def types_in_thread(self, thread: Json, text: str, **more: Any) -> Json:
        """An answer to a message."""
        first = thread.get("thread_ts", thread["ts"])
        return self.writes(self._channel_of(thread), text, thread_ts=first, **more)

    def puts_in_thread(self, thread: Json, name: str, content: bytes, kind: str, text: str = "") -> Json:
        """A file as an answer to a message."""
        channel, first = self._channel_of(thread), str(thread.get("thread_ts", thread["ts"]))
        return self._slack.files.share(channel, self.person.id, name, content, kind=kind, text=text, thread_ts=first)

    def edits(self, message: Json, text: str) -> None:
        """A message of their own."""
        changed = {"text": html.escape(text, quote=False)}
        edit(self._workspace, self._channel_of(message), message, self.person.id, changed)

    def deletes(self, message: Json) -> None:
        """A message of their own."""
        delete(self._workspace, self._channel_of(message), message)

    def reacts(self, message: Json, name: str) -> None:
        """An emoji by its name."""
        react(self._workspace, self._channel_of(message), message, self.person.id, name)

    def unreacts(self, message: Json, name: str) -> None:
        """The same taken back."""
        unreact(self._workspace, self._channel_of(message), message, self.person.id, name)

    # Within

    async def _act(self, found: Sighting, state: Json) -> None:
        if "confirm" in found.control:
            self.confirmed.append(words_of(found.control["confirm"]["text"]))
        names = {"action_id": found.control["action_id"], "block_id": found.block["block_id"]}
        action = {**names, "type": found.control["type"], "action_ts": self._workspace.moment(), **state}
        await self._transport.interact("interactive", self._click(found, action))

    def _click(self, found: Sighting, action: Json) -> Json:
        if isinstance(found.where, View):
            told = self._views.told(found.where)
            return interactions.in_view(self._actor, told, action, trigger=self._trigger(found.where.id))
        channel = self._channel_of(found.where)
        url = self._slack.response_urls.give(channel.id, self.person.id, found.where["ts"])
        return interactions.in_message(self._actor, channel, found.where, action, trigger=self._trigger(), url=url)

    async def _options(self, found: Sighting, typed: str) -> list[Json]:
        control = found.control
        if not control["type"].endswith("external_select"):
            groups = control.get("option_groups", ())
            return [*control.get("options", ()), *(each for group in groups for each in group["options"])]
        assert len(typed) >= control.get("min_query_length", 3), f"{label_of(control)!r} waits for more letters"
        where = self._click(found, {})
        asked = interactions.suggestion(self._actor, where, found.block, control, typed)
        answer = await self._transport.interact("interactive", asked)
        assert isinstance(answer, dict), f"no options: {answer!r}"
        return demand_options(answer)

    def _ticked(self, found: Sighting, chosen: Json) -> list[Json]:
        filled: Filled = found.where.filled if isinstance(found.where, View) else {}
        at = (found.block["block_id"], found.control["action_id"])
        before = filled.get(at, {"selected_options": found.control.get("initial_options", [])})["selected_options"]
        return [each for each in before if each != chosen] if chosen in before else [*before, chosen]

    def _trigger(self, view: str = "") -> str:
        return self._views.trigger(self.person.id, view)

    def _channel_of(self, message: Json) -> Channel:
        return self._workspace.channels[self._sight.channel_of(message)]
