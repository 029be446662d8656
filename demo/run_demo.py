"""`trunkline demo`: the gateway with simulated customers and agents, and everything that happens on the terminal.

The gateway is the real one, with the configuration as it is, apart from offers, which run out sooner so that a missed
one can be seen; while a person sits at a desk, offers in that desk's queues last as people need them. The simulation
speaks to its own listeners only: mails go to a server that the demo itself runs on the smarthost's address, which must
be loopback, and nothing else may listen there; so it is with vendors (vendor_setup.py). It writes into the data folder
of the configuration, and runs only in a workspace that is empty or that a demo began (simulation/demo_workspace.py).
Nothing is invented backwards: what the board shows of earlier hours is what happened in them.
"""

import asyncio
import signal
from collections.abc import Callable, Mapping, Sequence

from ..adapters.http_source.settings import signing_secret
from ..adapters.mail.settings import MailSettings
from ..config.errors import Misconfigured
from ..config.quantities import HostPort
from ..config.settings import Settings
from ..desk.stores.sessions import Sessions
from ..desk.stores.token_store import TokenStore
from ..gateway.assembly import Assembly
from ..gateway.configuration import BUILT_IN, Configuration
from ..gateway.engine_source import engine_for_owner
from ..gateway.listener import Listener
from ..gateway.process import prepare, serve
from ..gateway.service_order import Steps
from ..queue.service import Service
from ..router.policy import Policy
from . import terminal
from .customer_setup import CustomerSetup, form_sources, site_of
from .offer_times import OfferTimes
from .simulation.background_tasks import BackgroundTasks
from .simulation.browser import Browser
from .simulation.correspondence import Correspondence
from .simulation.demo_options import DemoOptions
from .simulation.demo_tokens import PERSON, DemoTokens
from .simulation.demo_workspace import enter
from .simulation.desk_client import DeskClient
from .simulation.pace import Pace
from .simulation.reply_server import ReplyServer
from .simulation.team import Team
from .terminal import Addresses
from .vendor_setup import VendorSetup, demand_nobody_else, keep_secrets

__all__ = ["CONFIGURATION", "DemoOptions", "run_demo"]

CONFIGURATION = BUILT_IN.with_name("demo.yaml")
"""Used when no other configuration is named."""

LAST_SECONDS = 4.0  # of life before everybody stands still: no offer runs out any more


def run_demo(configuration: Configuration, options: DemoOptions) -> None:
    """Run until the time is over or somebody stops it. Raises Misconfigured or EngineUnavailable."""
    mail = _mail_settings(configuration.settings)
    agents = configuration.settings.agents
    if options.me and options.me not in agents:
        raise Misconfigured(f"there is no agent {options.me!r} whom you could be; there are {_list(agents)}")
    demand_nobody_else(configuration.settings)
    keep_secrets(configuration)
    prepare(configuration)
    source = engine_for_owner(configuration)
    services = DemoServices(configuration, mail, options)
    asyncio.run(serve("serve", configuration, source, _greeted_already, first=services.first, further=services.of))


def _list(names: Mapping[str, object]) -> str:
    return ", ".join(sorted(names)) or "none"


def _mail_settings(settings: Settings) -> MailSettings:
    mail = settings.channels.get("mail")
    if not isinstance(mail, MailSettings) or mail.smarthost is None or not mail.smarthost.loopback:
        where = settings.where("channels", "mail", "smarthost")
        raise Misconfigured(
            f"{where}: the demo sends its replies to itself and needs a smarthost such as 127.0.0.1:2536"
        )
    return mail


def _greeted_already(*_: HostPort) -> None:
    """The greeting stands above the first event, so it comes before everything is ready."""


class DemoServices:
    """What a demo adds to the services of the gateway."""

    def __init__(self, configuration: Configuration, mail: MailSettings, options: DemoOptions) -> None:
        self._configuration = configuration
        self._mail = mail
        self._options = options
        self._pace = Pace(options.speed)
        self._tasks = BackgroundTasks()
        self._vendors: VendorSetup | None = None

    def first(self, assembly: Assembly) -> Sequence[Service]:
        """The workspace is looked at before anything works or listens here, and vendors are there before us."""
        engine, at = assembly.engine, lambda: f"http://{assembly.http_address}"
        self._vendors = VendorSetup(self._configuration, assembly.clock, self._pace, self._tasks, at)
        looked_at = [Steps(start=assembly.recognition.start), Steps(start=lambda: enter(engine))]
        return [Steps(stop=engine.close), *looked_at, *self._vendors.services]

    def of(self, assembly: Assembly) -> Sequence[Service]:
        """Everybody who takes part, in the order in which they start."""
        names = dict(sorted(assembly.settings.agent_names.items()))
        me = self._options.person_agent(list(names))
        tokens = DemoTokens(TokenStore(assembly.engine, assembly.clock), list(names), me)
        setup = CustomerSetup(self._configuration, assembly.clock, self._options, self._pace, self._tasks)
        letters = setup.letters(assembly.smtp_address, self._mail.addresses)
        client, browser = self._client(assembly, tokens), Browser(f"http://{assembly.http_address}")

        async def put_in_force(policy: Policy) -> None:
            assembly.put_in_force(policy)
            await assembly.register_agents()

        offer_times = OfferTimes(assembly.settings, put_in_force, self._options, me)
        team = self._team(assembly, client, offer_times, names, me)

        def addresses() -> Addresses:
            return self._addresses(assembly, names.get(me, ""), tokens.person)

        async def welcome() -> None:
            addresses().welcome()

        return [
            Steps(stop=lambda: terminal.sum_up(assembly.counters)),
            self._reply_server(letters),
            tokens,
            Steps(start=offer_times.shorten),
            Steps(start=welcome),
            terminal.Tail(assembly.feed),
            client,
            browser,
            self._tasks,
            team,
            setup.customers(letters, browser, client, self._vendors.ways if self._vendors else {}),
            Steps(start=lambda: self._end_in_time(offer_times, team, lambda: addresses().still())),
        ]

    def _addresses(self, assembly: Assembly, me: str, token: str) -> Addresses:
        return Addresses(
            http=assembly.http_address,
            smtp=assembly.smtp_address,
            data=self._configuration.folder.root,
            site=site_of(assembly.settings),
            me=me,
            token=token,
        )

    def _reply_server(self, letters: Correspondence) -> Service:
        address = self._mail.smarthost
        assert address is not None
        server = ReplyServer(address, letters.read)
        return Listener(server, self._configuration.settings, address, "channels", "mail", "smarthost")

    def _client(self, assembly: Assembly, tokens: DemoTokens) -> DeskClient:
        secrets = self._configuration.secrets
        return DeskClient(
            f"http://{assembly.http_address}",
            secrets.admin_token(),
            agent_tokens=tokens.of,
            secrets={name: secrets.get(signing_secret(name)).split()[0] for name in form_sources(assembly.settings)},
        )

    def _team(
        self, assembly: Assembly, client: DeskClient, offer_times: OfferTimes, names: Mapping[str, str], me: str
    ) -> Team:
        sessions = Sessions(assembly.engine, assembly.clock, TokenStore(assembly.engine, assembly.clock))

        return Team(
            client,
            self._tasks,
            self._pace,
            seed=self._options.seed,
            names=names,
            me=me,
            present=lambda: sessions.anybody(PERSON),
            typing=lambda conversation, name: assembly.signals.send(conversation, {"who": "agent", "name": name}),
            arriving=offer_times.person_is_here,
            arrived=lambda here: terminal.arrived(names[me], here),
        )

    async def _end_in_time(self, offer_times: OfferTimes, team: Team, tell: Callable[[], None]) -> None:
        if self._options.duration is None:
            return
        loop = asyncio.get_running_loop()
        if not self._options.hold:
            loop.call_later(self._options.duration, signal.raise_signal, signal.SIGTERM)
            return

        def stand_still() -> None:
            self._pace.hold()
            tell()

        def let_offers_last() -> None:
            team.be_attentive()
            self._tasks.run(offer_times.hold())

        last = self._pace.scaled(LAST_SECONDS)
        loop.call_later(max(0.0, self._options.duration - last), let_offers_last)
        loop.call_later(self._options.duration, stand_still)
