"""What a method of the Web API is: how often it may be called, what it needs, what it takes, and what it does.

A `Call` is one call that was let in; it finds channels, people and messages as the app's token sees them and refuses
with Slack's names of errors where there are none.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .arguments import TS, Arguments
from .refusal import Json, Refused, refused_with
from .workspace import Channel, Person, Workspace

_EVERYWHERE = frozenset({"team_id"})  # for tokens of a whole organisation; Slack's clients send it always
_PREFIXES = {"private": "groups", "public": "channels", "direct": "im"}


@dataclass
class Grant:
    """A token and what it is good for. `fault` is what Slack says of it when it is good for nothing any more."""

    token: str
    kind: str  # bot, app
    scopes: set[str]
    expires_at: int = 0  # milliseconds; 0: never
    fault: str = ""


@dataclass(frozen=True)
class Call:
    """One call; `user` is whom the token stands for."""

    workspace: Workspace
    given: Arguments
    grant: Grant

    @property
    def user(self) -> str:
        """The app's user."""
        return self.workspace.bot_user

    def demand_scope(self, *scopes: str) -> None:
        """That the token has one of these. Refused as `missing_scope`."""
        if scopes and not self.grant.scopes.intersection(scopes):
            provided = ",".join(sorted(self.grant.scopes))
            raise Refused("missing_scope", needed=",".join(scopes), provided=provided)

    def channel(self, right: str = "") -> Channel:
        """The channel that is asked about. Refused where the app cannot see it; `right` is such as `read`."""
        found = self.workspace.channels.get(self.given.text("channel"))
        if found is None or (found.kind != "public" and self.user not in found.members):
            raise Refused("channel_not_found")
        if right:
            self.demand_scope(f"{_PREFIXES[found.kind]}:{right}")
        return found

    def writable(self) -> Channel:
        """The same, for writing. Refused as `not_in_channel` and `is_archived`."""
        found = self.channel()
        if found.is_archived:
            raise Refused("is_archived")
        if self.user not in found.members:
            raise Refused("not_in_channel")
        return found

    def message(self, channel: Channel, argument: str = "ts", error: str = "message_not_found") -> Json:
        """The message that is asked about."""
        found = channel.message(self.given.text(argument))
        if found is None:
            raise Refused(error)
        return found

    def person(self, argument: str = "user", error: str = "user_not_found") -> Person:
        """The person that is asked about."""
        found = self.workspace.people.get(self.given.text(argument))
        if found is None:
            raise Refused(error)
        return found

    def time(self, argument: str, error: str) -> str:
        """A time of a message; empty where it was not given."""
        said = self.given.text(argument)
        if said and said != "0" and not TS.match(said):
            raise Refused(error)
        return said


@dataclass(frozen=True, kw_only=True)
class Method:
    """`scopes`: one of them is needed. `takes_json`: a body of JSON is read; else it is not."""

    run: Callable[[Call], Json]
    a_minute: int
    needs: frozenset[str] = frozenset()
    takes: frozenset[str] = frozenset()
    scopes: tuple[str, ...] = ()
    token: str = "bot"
    takes_json: bool = True

    def demand_arguments(self, given: Arguments) -> None:
        """That all are there which it needs, and none that it does not know. Refused as `invalid_arguments`."""
        missing = [f"missing required field: {name} [json-pointer:/]" for name in sorted(self.needs - set(given.given))]
        unknown = sorted(set(given.given) - self.needs - self.takes - _EVERYWHERE)
        found = missing + [f"invalid additional property: {name} [json-pointer:/]" for name in unknown]
        if found:
            raise refused_with("invalid_arguments", found)


Methods = Mapping[str, Method]


def words(text: str) -> frozenset[str]:
    """The names of arguments, written with spaces between them."""
    return frozenset(text.split())
