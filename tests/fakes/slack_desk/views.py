"""Views that are open, and who may open one: modals in stacks of at most three, one App Home for each person.

A trigger comes with every click, command and shortcut and is good for three seconds and one view. A view has a hash
that changes with each of its versions.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from .block_state import Filled, kept, named, values_of
from .refusal import Json, Refused
from .workspace import Workspace

TRIGGER_MS = 3_000
DEEPEST = 3


@dataclass
class Trigger:
    """What lets the app open a view; `view` is where the click was, if it was in one."""

    user: str
    at: int
    view: str = ""
    is_used: bool = False


@dataclass
class View:
    """One that is open. `body` is as the app gave it, with names for all blocks and controls."""

    id: str
    user: str
    body: Json
    hash: str
    root: str
    previous: str = ""
    filled: Filled = field(default_factory=dict)

    @property
    def blocks(self) -> list[Json]:
        """Its blocks."""
        found: list[Json] = self.body["blocks"]
        return found


class Views:
    """All views of a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._triggers = dict[str, Trigger]()
        self.stacks = dict[str, list[View]]()  # by person, the one in front last
        self.homes = dict[str, View]()

    def trigger(self, user: str, view: str = "") -> str:
        """A new trigger of somebody's."""
        name = f"{self._workspace.id_for('1')}.{self._workspace.id_for('2')}.trigger"
        self._triggers[name] = Trigger(user, self._workspace.now(), view)
        return name

    def take_trigger(self, name: str) -> Trigger:
        """Use a trigger up. Refused by the name of what is wrong with it."""
        found = self._triggers.get(name)
        if found is None:
            raise Refused("invalid_trigger_id")
        if found.is_used:
            raise Refused("exchanged_trigger_id")
        if self._workspace.now() - found.at >= TRIGGER_MS:
            raise Refused("expired_trigger_id")
        found.is_used = True
        return found

    def open(self, user: str, body: Json) -> View:
        """A modal in front of everything."""
        made = self._made(user, body)
        self.stacks[user] = [made]
        return made

    def push(self, user: str, body: Json) -> View:
        """A modal on top of those that are open. Refused as `push_limit_reached`."""
        stack = self.stacks.get(user, [])
        if len(stack) >= DEEPEST:
            raise Refused("push_limit_reached")
        made = self._made(user, body)
        made.root, made.previous = stack[0].id if stack else made.id, stack[-1].id if stack else ""
        self.stacks[user] = [*stack, made]
        return made

    def update(self, view: View, body: Json) -> View:
        """Another version of a view; what was filled in stays where block and control are the same."""
        view.body = self._named(body)
        view.hash = self._hash()
        view.filled = kept(view.blocks, view.filled)
        return view

    def publish(self, user: str, body: Json) -> View:
        """The App Home of somebody."""
        if user in self.homes:
            return self.update(self.homes[user], body)
        self.homes[user] = self._made(user, body)
        return self.homes[user]

    def find(self, is_it: Callable[[View], bool]) -> View | None:
        """An open modal or a home."""
        every = [*(each for stack in self.stacks.values() for each in stack), *self.homes.values()]
        return next((each for each in every if is_it(each)), None)

    def front(self, user: str) -> View:
        """The modal that somebody sees. Raises AssertionError when none is open."""
        assert self.stacks.get(user), "no view is open"
        return self.stacks[user][-1]

    def shut(self, user: str, *, all_of_them: bool = False) -> list[View]:
        """Close the modal in front, or all; those that were closed."""
        stack = self.stacks.get(user, [])
        self.stacks[user] = [] if all_of_them else stack[:-1]
        return list(reversed(stack)) if all_of_them else stack[-1:]

    def told(self, view: View) -> Json:
        """The view as Slack tells it to the app."""
        workspace = self._workspace
        about = {
            "id": view.id,
            "team_id": workspace.team,
            "app_id": workspace.app,
            "app_installed_team_id": workspace.team,
            "bot_id": workspace.bot,
            "hash": view.hash,
            "root_view_id": view.root,
            "previous_view_id": view.previous or None,
        }
        usual = {"private_metadata": "", "callback_id": "", "external_id": "", "close": None, "submit": None}
        flags = {"clear_on_close": False, "notify_on_close": False}
        return {**usual, **flags, **view.body, "state": {"values": values_of(view.blocks, view.filled)}, **about}

    def _made(self, user: str, body: Json) -> View:
        name = self._workspace.id_for("V")
        return View(name, user, self._named(body), self._hash(), name)

    def _named(self, body: Json) -> Json:
        return {**body, "blocks": named(body["blocks"], lambda: self._workspace.id_for("b"))}

    def _hash(self) -> str:
        return f"{self._workspace.moment()}.{self._workspace.id_for('h')}"
