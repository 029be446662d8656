"""What a demo says on the terminal: the addresses to open, everything that happens, and the sums at the end."""

import asyncio
import sys
from contextlib import suppress

import typer

from ..config.errors import Temporary
from ..desk.views.feed_sentences import sentence
from ..gateway.assembly import SWEEP_FOUND, Assembly
from ..queue import feed_tail
from ..queue.feed import FeedLine
from .casting import site_of

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


def welcome(assembly: Assembly, *, me: str, token: str) -> None:
    """Where to look, and how the free seat is taken."""
    say(
        f"Trunkline demo: http://{assembly.http_address}, mail on {assembly.smtp_address}, "
        f"data in {assembly.configuration.folder.root}. Ctrl-C ends it."
    )
    addresses(assembly, me=me, token=token)
    if me:
        name = assembly.settings.agents[me].name
        say(
            f"{name} is played like the others until you sign in. From then on the seat is yours: you are offered "
            "tickets, and what you write in the chat comes to you. Sign out to give the seat back."
        )


def still(assembly: Assembly, *, me: str, token: str) -> None:
    """Nothing is played any more; the addresses once more, since they have scrolled away."""
    say("Everybody stands still now, and the gateway goes on. Ctrl-C ends it.")
    addresses(assembly, me=me, token=token)


def addresses(assembly: Assembly, *, me: str, token: str) -> None:
    """What to open in a browser."""
    url, site = f"http://{assembly.http_address}", site_of(assembly.settings)
    if site:
        say(f"  Chat as a customer   {url}/chat/{site}")
    if me:
        name = assembly.settings.agents[me].name
        say(f"  Work as {name:<12} {url}/desk/sign-in#{token}   (fills in {name}'s token; press Sign in)")
        say(f"  See the board        {url}/board   (after signing in)")


def arrived(assembly: Assembly, me: str, here: bool) -> None:
    """The person has taken the free seat, or left it."""
    name = assembly.settings.agents[me].name
    say(f"{name} is you from now on." if here else f"{name} is played again.")


async def sum_up(assembly: Assembly) -> None:
    """What the workspace has seen in all its time."""
    with suppress(Temporary):
        totals = await assembly.counters.totals()
        words = ", ".join(f"{totals.get(name, 0)} {what}" for name, what in _COUNTED.items())
        say(f"So far in this workspace: {words}.")


def say(words: str) -> None:
    """Tell the person, on the error output."""
    typer.echo(words, err=True)


class Tail:
    """A service that shows the feed from now on."""

    def __init__(self, assembly: Assembly) -> None:
        self._assembly = assembly
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin behind the last line."""
        if self._task is None:
            feed = self._assembly.feed
            self._task = asyncio.create_task(feed_tail.follow(feed, await feed.last(), _show, trouble=_trouble))

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
