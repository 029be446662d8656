"""What a demo says on the terminal: the addresses to open, everything that happens, and the sums at the end."""

import asyncio
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import typer

from ..config.errors import Temporary
from ..config.quantities import HostPort
from ..desk.views.feed_sentences import sentence
from ..gateway.workspace_counters import SWEEP_FOUND, WorkspaceCounters
from ..queue import feed_tail
from ..queue.feed import Feed, FeedLine

_COUNTED = {
    "feed:message.received": "messages filed",
    "feed:ticket.created": "tickets",
    "feed:ticket.offered": "offers",
    "feed:ticket.assigned": "taken",
    "feed:ticket.declined": "declined",
    "feed:ticket.missed": "missed",
    "feed:message.sent": "answers sent",
    SWEEP_FOUND: "found by the sweep",
}


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where the demo is to be seen, and which agent a person can be."""

    http: HostPort
    smtp: HostPort
    data: Path
    site: str
    """The chat's; empty when there is none."""
    me: str
    """The name of the agent whom a person can be; empty when there is none."""
    token: str

    def welcome(self) -> None:
        """Where to look, and how one becomes an agent."""
        say(f"Trunkline demo: http://{self.http}, mail on {self.smtp}, data in {self.data}. Ctrl-C ends it.")
        self._show()
        if self.me:
            say(
                f"{self.me} is simulated like the others until you sign in. From then on you are {self.me}: you are "
                "offered tickets, and what you write in the chat comes to you. Sign out to hand over again."
            )

    def still(self) -> None:
        """Nothing is simulated any more; the addresses once more, since they have scrolled away."""
        say("Everybody stands still now, and the gateway goes on. Ctrl-C ends it.")
        self._show()

    def _show(self) -> None:
        url, me = f"http://{self.http}", self.me
        if self.site:
            say(f"  Chat as a customer   {url}/chat/{self.site}")
        if me:
            say(f"  Work as {me:<12} {url}/desk/sign-in#{self.token}   (fills in {me}'s token; press Sign in)")
            say(f"  See the board        {url}/board   (after signing in)")


def arrived(name: str, here: bool) -> None:
    """The person has come, or gone."""
    say(f"{name} is you from now on." if here else f"{name} is simulated again.")


async def sum_up(counters: WorkspaceCounters) -> None:
    """What the workspace has seen in all its time."""
    with suppress(Temporary):
        totals = await counters.totals()
        words = ", ".join(f"{totals.get(name, 0)} {what}" for name, what in _COUNTED.items())
        say(f"So far in this workspace: {words}.")


def say(words: str) -> None:
    """Tell the person, on the error output."""
    typer.echo(words, err=True)


class Tail:
    """A service that shows the feed from now on."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin behind the last line."""
        if self._task is None:
            follow = feed_tail.follow(self._feed, await self._feed.last(), _show, trouble=_trouble)
            self._task = asyncio.create_task(follow)

    async def stop(self) -> None:
        """Show no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
            self._task = None


def _show(line: FeedLine) -> None:
    typer.echo(sentence(line, words=True))
    sys.stdout.flush()


async def _trouble(cause: str) -> None:
    say(f"waiting: {cause}")
