"""The channel `telegram`: bots, by the Bot API.

Updates come by webhook (receiving.py) or are asked for (polling.py), and both ways store the same. They are read in
parsing.py, albums put together in albums.py, files fetched in fetching.py, replies sent in sending.py; this puts them
together as the contract asks. The library gives types and methods; its own queues, which would lose what it had
acknowledged, are not used.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from aiohttp import web
from prometheus_client.core import Metric

from ...config.secret_store import Secret
from ...normalizer.envelope import RawMessage
from ...normalizer.outgoing import Fetched, FileSink, Outgoing, Parsed, Sent
from ...normalizer.sending_limits import Destination
from ...queue.clock import Clock
from ...queue.connection import Engine
from ...queue.intake import Intake
from ...queue.service import Service
from ...queue.unread_sources import UnreadSources
from ...web.peers import Peers
from ..contract import Adapter
from ..poll_place import PollPlace
from ..sent_parts import Parts
from ..source_watch import Remedies, SourceWatch
from ..vendor_accounts import VendorAccounts
from ..vendor_post import Event
from ..vendor_webhook import VendorWebhook
from .albums import Albums
from .bot_api import BotApi
from .bots import Bot
from .fetching import TelegramFiles
from .parsing import read
from .places import place_of
from .poll_metrics import poll_metrics
from .polling import Poller
from .receiving import contract
from .registering import Registration
from .sending import ReadBlob, TelegramSender
from .settings import CHANNEL, BotSettings, TelegramSettings, bot_id, bot_token, webhook_secret
from .typing_signs import TypingSigns

POLLED = "polled"


class TelegramChannel(Adapter):
    """Telegram, both directions."""

    channel = CHANNEL

    def __init__(
        self,
        settings: TelegramSettings,
        *,
        engine: Engine,
        clock: Clock,
        intake: Intake,
        secret_of: Callable[[Secret], str],
        read_blob: ReadBlob,
        parts: Parts[int],
        peers: Peers | None = None,
    ) -> None:
        """Raises Misconfigured when a secret is missing."""
        tokens = {name: secret_of(bot_token(name)) for name in settings.root}
        self._engine, self._clock = engine, clock
        self._settings = settings.root
        self._bots = {name: Bot(bot, bot_id(tokens[name])) for name, bot in settings.root.items()}
        self._apis = {name: BotApi(bot.api, tokens[name]) for name, bot in settings.root.items()}
        files = {name: TelegramFiles(self._apis[name], bot.api, tokens[name]) for name, bot in settings.root.items()}
        senders = {name: TelegramSender(api, read_blob, parts) for name, api in self._apis.items()}
        self._files = VendorAccounts("Telegram bot", files)
        self._senders = VendorAccounts("Telegram bot", senders)
        self._signs = {name: TypingSigns(api) for name, api in self._apis.items()}
        self._pollers: list[Poller] = []
        posted = [name for name, bot in settings.root.items() if bot.receive == "webhook"]
        self._secrets = {name: secret_of(webhook_secret(name)) for name in posted}
        wants = contract(self._secrets.__getitem__)
        self._face = VendorWebhook(CHANNEL, posted, wants, intake, peers, told=Albums(engine, self._bots).told)

    def routes(self, application: web.Application) -> None:
        """Mount the face."""
        self._face.mount(application)

    def metrics(self) -> Iterable[Metric]:
        """How posts of Telegram ended, and whether bots can be asked."""
        return [*self._face.metrics(), *poll_metrics(self._pollers)]

    def workers(self) -> Sequence[Service]:
        """What asks for updates, and what sees to it that Telegram posts them to us."""
        return [service for name, bot in self._settings.items() for service in self._services(name, bot)]

    def outgoing_id(self, article_id: str, account: str) -> str:  # noqa: ARG002
        """Telegram names messages itself, and knows no id of ours."""
        return article_id

    async def parse(self, raw: RawMessage) -> Parsed:
        """Read a raw message; raises Unreadable."""
        return read(raw, self._bots.get(raw.account) or Bot(BotSettings()))

    async def send(self, outgoing: Outgoing) -> Sent:
        """Send a reply; raises DeliveryDeferred, CredentialsRefused, DeliveryFailed, DeliveryUnknown."""
        return await self._senders.sending(outgoing.account).send(outgoing)

    def typing(self, to: Destination) -> None:
        """The customer sees that somebody writes."""
        place = place_of(to.conversation or to.to)
        if place is not None and to.account in self._signs:
            self._signs[to.account].tell(place)

    async def fetch(self, account: str, reference: str, into: FileSink) -> Fetched:
        """Fetch the file of a message; raises DeliveryDeferred, DeliveryFailed."""
        return await self._files.fetching(account).fetch(reference, into)

    async def stop(self) -> None:
        """Close connections."""
        for signs in self._signs.values():
            await signs.stop()
        for files in self._files.values():
            await files.close()
        for api in self._apis.values():
            await api.close()

    def _services(self, name: str, bot: BotSettings) -> Iterable[Service]:
        if bot.receive == "poll":
            place = PollPlace(self._engine, self._clock, CHANNEL, name)
            poller = Poller(name, self._apis[name], place, self._store, self._watch(name))
            self._pollers.append(poller)
            yield poller
        else:
            yield Registration(name, self._apis[name], bot.address, self._secrets[name], self._watch(name))

    def _watch(self, bot: str) -> SourceWatch:
        remedies = Remedies(
            refused=f"take the token from @BotFather, write it into the secret {bot_token(bot).name}, and restart",
            away="it is tried again by itself; if Telegram is not reached from here, open the way to its API",
        )
        return SourceWatch(UnreadSources(self._engine, self._clock), CHANNEL, bot, remedies)

    async def _store(self, bot: str, events: Sequence[Event]) -> None:
        facts: Mapping[str, object] = {"face": POLLED}
        await self._face.store(bot, events, facts)
