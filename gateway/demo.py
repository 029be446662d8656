"""`trunkline demo`: the gateway with simulated customers and agents, and everything that happens on the terminal.

The gateway is the real one, with the configuration as it is, apart from offers, which run out sooner so that a missed
one can be seen. The simulation speaks to its own listeners only: replies go to a mail server that the demo itself runs
on the smarthost's address, which must be loopback, and nothing else may listen there. It writes into the data folder of
the configuration, and plays only in a workspace that is empty or that a demo began (simulation/stage.py).
"""

import asyncio
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import typer

from ..adapters.http_source.settings import HttpSettings
from ..adapters.mail.settings import MailSettings
from ..config.errors import Misconfigured, Temporary
from ..config.secret_store import http_source
from ..config.settings import Settings
from ..desk.token_store import TokenStore
from ..queue.feed import FeedLine
from ..queue.service import Service
from ..router.policy import Policy
from ..router.rules import Rules
from . import following
from .assembly import SWEEP_FOUND, Assembly
from .configuration import Configuration
from .engine_source import engine_for_owner
from .feed_sentences import sentence
from .process import prepare, serve
from .running import Steps
from .simulation.agents import Agents
from .simulation.badges import Badges
from .simulation.customers import Customers
from .simulation.desk_client import DeskClient
from .simulation.errands import Errands
from .simulation.reply_server import ReplyServer
from .simulation.script import Script
from .simulation.stage import enter

__all__ = ["Script", "run_demo"]

OFFER_SECONDS = 15.0

_COUNTED = {
    "feed:message.received": "messages filed",
    "feed:ticket.created": "tickets",
    "feed:ticket.offered": "offers",
    "feed:ticket.assigned": "taken",
    "feed:ticket.declined": "declined",
    "feed:ticket.missed": "missed",
    "feed:message.sent": "mails sent",
    SWEEP_FOUND: "found by the sweep",
}


def run_demo(configuration: Configuration, script: Script) -> None:
    """Play until the time is over or somebody stops it. Raises Misconfigured or EngineUnavailable."""
    mail = _mail_settings(configuration.settings)
    prepare(configuration)
    source = engine_for_owner(configuration)
    play = Play(configuration, mail, script)
    asyncio.run(serve("serve", configuration, source, _greeted_already, first=_stage, further=play.services))


def _mail_settings(settings: Settings) -> MailSettings:
    mail = settings.channels.get("mail")
    if not isinstance(mail, MailSettings) or mail.smarthost is None or not mail.smarthost.loopback:
        where = settings.where("channels", "mail", "smarthost")
        raise Misconfigured(
            f"{where}: the demo sends its replies to itself and needs a smarthost such as 127.0.0.1:2526"
        )
    return mail


def _stage(assembly: Assembly) -> Sequence[Service]:
    """Looked at before anything works or listens here."""
    return [Steps(start=lambda: enter(assembly.engine), stop=assembly.engine.close)]


def _greeted_already(_: Assembly) -> None:
    """The greeting stands above the first event, so it comes before everything is ready."""


async def _welcome(assembly: Assembly) -> None:
    typer.echo(
        f"Trunkline demo: http://{assembly.http_address}, mail on {assembly.smtp_address}, "
        f"data in {assembly.configuration.folder.root}. Ctrl-C ends it.",
        err=True,
    )


class Play:
    """What a demo adds to the services of the gateway."""

    def __init__(self, configuration: Configuration, mail: MailSettings, script: Script) -> None:
        self._configuration = configuration
        self._mail = mail
        self._script = script

    def services(self, assembly: Assembly) -> Sequence[Service]:
        """Everybody who takes part, in the order of their entrance."""
        assert self._mail.smarthost is not None
        assembly.put_in_force(_with_short_offers(assembly.settings, self._script))
        errands, sources, names = Errands(), self._sources(), sorted(assembly.settings.agents)
        badges = Badges(TokenStore(assembly.engine, assembly.clock), names)
        client = DeskClient(
            f"http://{assembly.http_address}",
            self._configuration.secrets.admin_token(),
            badges=badges.of,
            secrets={name: self._configuration.secrets.get(http_source(name)).split()[0] for name in sources},
        )
        customers = Customers(
            self._script,
            client,
            errands,
            smtp=assembly.smtp_address,
            addresses=self._mail.addresses,
            sources=sources,
            now=assembly.clock.now,
        )
        agents = Agents(self._script, client, errands, names=names)
        replies = ReplyServer(self._mail.smarthost, customers.read)
        told = Steps(stop=lambda: _sum_up(assembly))
        ending = Steps(start=self._end_in_time)
        banner = Steps(start=lambda: _welcome(assembly))
        return [told, replies, badges, banner, Tail(assembly), client, errands, agents, customers, ending]

    def _sources(self) -> list[str]:
        """Sources to which a customer of the cast can write; those with a callback answer somebody else."""
        http = self._configuration.settings.channels.get("http")
        sources = http.root if isinstance(http, HttpSettings) else {}
        known = {"name", "email", "subject", "message", "conversation"}
        return [
            name
            for name, source in sources.items()
            if source.reply == "mail" and source.demanded <= known and all(k == v for k, v in source.fields.items())
        ]

    async def _end_in_time(self) -> None:
        if self._script.duration is not None:
            asyncio.get_running_loop().call_later(self._script.duration, signal.raise_signal, signal.SIGTERM)


class Tail:
    """A service that shows the feed from now on."""

    def __init__(self, assembly: Assembly) -> None:
        self._assembly = assembly
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin behind the last line."""
        if self._task is None:
            feed = self._assembly.feed
            self._task = asyncio.create_task(following.follow(feed, await feed.last(), _show, trouble=_trouble))

    async def stop(self) -> None:
        """Show no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
            self._task = None


async def _sum_up(assembly: Assembly) -> None:
    """What the workspace has seen in all its time."""
    with suppress(Temporary):
        totals = await assembly.tallies.totals()
        words = ", ".join(f"{totals.get(name, 0)} {what}" for name, what in _COUNTED.items())
        typer.echo(f"So far in this workspace: {words}.", err=True)


def _show(line: FeedLine) -> None:
    typer.echo(sentence(line, words=True))
    sys.stdout.flush()


async def _trouble(cause: str) -> None:
    typer.echo(f"waiting: {cause}", err=True)


def _with_short_offers(settings: Settings, script: Script) -> Policy:
    time = timedelta(seconds=script.seconds(OFFER_SECONDS))
    queues = {name: queue.model_copy(update={"offer_time": time}) for name, queue in settings.queues.items()}
    shorter = settings.model_copy(update={"queues": queues})
    return Policy(settings=shorter, rules=Rules(shorter))
