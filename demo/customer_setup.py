"""The customers of a demo, put together for what is configured: mail, and forms, a chat and phones where they are."""

import time
from collections.abc import Callable, Mapping

import jwt

from ..adapters.chat.settings import ChatSettings, site_secret
from ..adapters.http_source.settings import HttpSettings, SourceSettings
from ..config.quantities import HostPort
from ..config.settings import Settings
from ..gateway.configuration import Configuration
from ..queue.clock import Clock
from .simulation.background_tasks import BackgroundTasks
from .simulation.browser import Browser
from .simulation.chat_customer import ChatCustomers
from .simulation.contacts import contacts
from .simulation.correspondence import Correspondence
from .simulation.customers import CarryOut, Customers, Room
from .simulation.demo_options import DemoOptions
from .simulation.desk_client import DeskClient
from .simulation.form_customers import FormCustomers
from .simulation.pace import Pace
from .simulation.people import Person, Way
from .simulation.phones.phone_customers import LineOf, PhoneCustomers

IDENTITY_SECONDS = 3600
MOST_WAITING = 2  # tickets for each agent

_KNOWN = {"name", "email", "subject", "message", "conversation"}


def site_of(settings: Settings) -> str:
    """The site that customers of the demo chat on; empty when there is no chat."""
    chat = settings.channels.get("chat")
    return next(iter(chat.root), "") if isinstance(chat, ChatSettings) else ""


def form_sources(settings: Settings) -> dict[str, SourceSettings]:
    """Sources to which a customer of the demo can write; those with a callback answer somebody else."""
    http = settings.channels.get("http")
    sources = http.root if isinstance(http, HttpSettings) else {}
    return {
        name: source
        for name, source in sources.items()
        if source.reply == "mail" and source.demanded <= _KNOWN and all(k == v for k, v in source.fields.items())
    }


class CustomerSetup:
    """Puts the customers together."""

    def __init__(
        self, configuration: Configuration, clock: Clock, options: DemoOptions, pace: Pace, tasks: BackgroundTasks
    ) -> None:
        self._settings = configuration.settings
        self._secrets = configuration.secrets
        self._clock = clock
        self._options = options
        self._pace = pace
        self._tasks = tasks
        self._run = f"{clock.now():x}"  # keeps the ids of one demo apart from those of the next

    def letters(self, smtp: HostPort, addresses: tuple[str, ...]) -> Correspondence:
        """Their mailboxes; they write to the listener at `smtp`."""
        return Correspondence(
            smtp,
            self._pace,
            self._tasks,
            seed=self._options.seed,
            run=self._run,
            addresses=addresses,
        )

    def customers(
        self, letters: Correspondence, browser: Browser, client: DeskClient, lines: Mapping[Way, LineOf]
    ) -> Customers:
        """All of them, on every way that is there; `lines` are the ways by phone."""
        ways: dict[Way, CarryOut] = {"mail": letters.carry_out}
        if form_sources(self._settings):
            ways["form"] = self._forms(letters, browser, client).carry_out
        if site := site_of(self._settings):
            identity = self._identity_of(site)
            ways["chat"] = ChatCustomers(browser, self._pace, letters, site=site, identity_of=identity).carry_out
        for way, line_of in lines.items():
            ways[way] = PhoneCustomers(line_of, self._pace, seed=self._options.seed).carry_out
        per_minute = self._options.customers_a_minute(len(self._settings.agents))
        plan = contacts(self._options.seed, per_minute, sorted(ways))
        return Customers(plan, self._pace, self._tasks, ways, self._room(client))

    def _room(self, client: DeskClient) -> Room:
        """On a slow machine agents bear less; nobody comes while too many wait, unless so many were asked for."""
        most = MOST_WAITING * len(self._settings.agents)

        async def room() -> bool:
            if self._options.customers is not None:
                return True
            page = await client.get("/v1/queues?limit=200")
            return page is not None and sum(queue["waiting"] for queue in page["items"]) <= most

        return room

    def _forms(self, letters: Correspondence, browser: Browser, client: DeskClient) -> FormCustomers:
        sources: Mapping[str, SourceSettings] = form_sources(self._settings)
        return FormCustomers(
            browser,
            client,
            letters,
            seed=self._options.seed,
            run=self._run,
            sources=list(sources),
            pages=[name for name, source in sources.items() if source.form is not None and source.form.enabled],
            now=self._clock.now,
        )

    def _identity_of(self, site: str) -> Callable[[Person], str] | None:
        """Signs, as the shop's server would, who is signed in to its page."""
        chat = self._settings.channels["chat"]
        assert isinstance(chat, ChatSettings)
        if chat.root[site].identity == "off":
            return None
        secret = self._secrets.get(site_secret(site))

        def identity(person: Person) -> str:
            until = int(time.time()) + IDENTITY_SECONDS
            claims = {"sub": person.email, "email": person.email, "name": person.name, "aud": site, "exp": until}
            return jwt.encode(claims, secret, algorithm="HS256")

        return identity
