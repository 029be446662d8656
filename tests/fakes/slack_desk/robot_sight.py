"""What a robot finds on its screen: controls by the words that a person reads.

The front view is looked at before anything else, then what only this person sees, then messages, the newest first; a
message of a channel is seen by its members. Within a payload the first match counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from .block_check import controls_of
from .readable import label_of, message_text, read, words_of
from .refusal import Json
from .views import View, Views
from .workspace import Workspace

Where = Json | View


@dataclass(frozen=True)
class Sighting:
    """A control, the block in which it stands, and the message or view in which that stands."""

    where: Where
    block: Json
    control: Json


class RobotSight:
    """The screen of one person."""

    def __init__(self, workspace: Workspace, views: Views, user: str) -> None:
        self._workspace = workspace
        self._views = views
        self._user = user

    def find(self, label: str, on: Where | None = None) -> Sighting:
        """The control with these words. Raises AssertionError with all that is seen."""
        places = [on] if on is not None else list(self._places())
        for where in places:
            for block in _blocks(where):
                for control in controls_of(block):
                    if label in _labels(block, control):
                        return Sighting(where, block, control)
        seen = "\n\n".join(read(_blocks(each)) for each in places[:5])
        raise AssertionError(f"nothing on the screen says {label!r}; it shows\n{seen}")

    def message(self, words: str) -> Json:
        """The newest message, or what is shown in passing, in which these words are. Raises AssertionError."""
        found = next((each for each in self._messages() if words in message_text(each)), None)
        assert found is not None, f"no message says {words!r}"
        return found

    def _places(self) -> Iterator[Where]:
        if stack := self._views.stacks.get(self._user):
            yield stack[-1]
            return
        yield from (each for each in self._messages() if each.get("blocks"))

    def _messages(self) -> Iterator[Json]:
        """What is shown in passing, then messages, each the newest first."""
        yield from (each for each in reversed(self._workspace.ephemerals) if each["to"] == self._user)
        mine = [each for each in self._workspace.channels.values() if self._user in each.members]
        every = [message for channel in mine for message in channel.messages]
        yield from sorted(every, key=lambda message: str(message["ts"]), reverse=True)

    def channel_of(self, message: Json) -> str:
        """The id of the channel in which a message stands. Raises AssertionError for one that is gone."""
        if "to" in message:
            return str(message["channel"])
        for channel in self._workspace.channels.values():
            if channel.message(message["ts"]) is not None:
                return channel.id
        raise AssertionError("the message is gone")


def _blocks(where: Where) -> list[Json]:
    return where.blocks if isinstance(where, View) else where.get("blocks", [])


def _labels(block: Json, control: Json) -> set[str]:
    own = {words_of(block["label"])} if block["type"] == "input" else set()
    return {*own, label_of(control)} - {""}
