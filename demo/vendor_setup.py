"""The vendors that a demo stands in for: Telegram and Twilio, for accounts whose `api` is an address of this machine.

Of each the first account is played, whose webhook has a public address; what is written and answered there stays here.
A demo speaks to nobody else: an account at a vendor itself is refused, and so is any other channel that reaches one.
What the accounts show of themselves (a bot's token, an Auth Token) is made up and kept like every secret.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from aiohttp import web
from yarl import URL

from ..adapters.mail.settings import MailSettings
from ..adapters.telegram.settings import BotSettings, TelegramSettings, bot_token
from ..adapters.twilio.settings import TwilioAccountSettings, TwilioSettings, auth_token, looked_for
from ..config.errors import Misconfigured
from ..config.quantities import HostPort
from ..config.settings import Settings
from ..gateway.configuration import Configuration
from ..gateway.listener import Listener
from ..queue.clock import Clock
from ..queue.service import Service
from ..web.service import WebService
from .simulation.background_tasks import BackgroundTasks
from .simulation.pace import Pace
from .simulation.people import Way
from .simulation.phones.bot_platform import BotPlatform
from .simulation.phones.gateway_door import GatewayDoor
from .simulation.phones.number_platform import NumberPlatform
from .simulation.phones.phone_customers import LineOf

_OURS = frozenset({"mail", "http", "chat", "telegram", "twilio"})
_WHATSAPP = "whatsapp:"


def demand_nobody_else(settings: Settings) -> None:
    """Refuse what would reach a vendor. Raises Misconfigured naming it."""
    for channel, section in settings.channels.items():
        reaches = [channel] if channel not in _OURS else []
        if isinstance(section, MailSettings) and section.mailboxes:
            reaches = [channel, "mailboxes"]
        if isinstance(section, TelegramSettings | TwilioSettings):
            reaches = next(
                ([channel, name, "api"] for name, each in section.root.items() if not _is_here(each.api)), []
            )
        if reaches:
            place = settings.where("channels", *reaches)
            raise Misconfigured(
                f"{place}: a demo speaks to nobody but itself; leave channels.{'.'.join(reaches)} out, or give the "
                "demo a configuration of its own"
            )


def keep_secrets(configuration: Configuration) -> None:
    """Have the secrets that vendors would have given."""
    telegram, twilio = _telegram(configuration.settings), _twilio(configuration.settings)
    made = {bot_token(name).name: f"{secrets.randbelow(10**9) + 10**9}:{secrets.token_hex(16)}" for name in telegram}
    made |= {auth_token(name).name: secrets.token_hex(16) for name in twilio}
    if made:
        configuration.folder.prepare()
        known = configuration.secrets.gathered([*map(bot_token, telegram), *map(auth_token, twilio)])
        configuration.secrets.keep({name: value for name, value in made.items() if name not in known})


class VendorSetup:
    """Puts the vendors together; `url` says where the gateway listens, once it does."""

    def __init__(
        self, configuration: Configuration, clock: Clock, pace: Pace, tasks: BackgroundTasks, url: Callable[[], str]
    ) -> None:
        self._configuration = configuration
        self._clock = clock
        self._pace = pace
        self._tasks = tasks
        self._door = GatewayDoor(url, pace)
        self._listeners: list[Service] = []
        self.ways: dict[Way, LineOf] = {}
        """How somebody gets a line, on each way that is there."""
        settings = configuration.settings
        for name, bot in _telegram(settings).items():
            if bot.receive == "webhook" and bot.address is not None and "telegram" not in self.ways:
                self._stand_in_for_telegram(name, bot)
        for name, account in list(_twilio(settings).items())[:1]:
            self._stand_in_for_twilio(name, account)

    @property
    def services(self) -> Sequence[Service]:
        """They listen before the gateway asks them, and until it has ended."""
        return [self._door, *self._listeners]

    def _stand_in_for_telegram(self, name: str, bot: BotSettings) -> None:
        token = self._configuration.secrets.get(bot_token(name))
        platform = BotPlatform(token, self._door, self._pace, self._tasks, now=self._clock.now)
        self._listen(platform.application, bot.api, "telegram", name)
        self.ways["telegram"] = platform.line

    def _stand_in_for_twilio(self, name: str, account: TwilioAccountSettings) -> None:
        token = self._configuration.secrets.get(auth_token(name))
        at = account.sid, token, f"{account.address}/v1/twilio/{name}", account.api
        platform = NumberPlatform(*at, self._door, self._pace, self._tasks, now=self._clock.now)
        self._listen(platform.application, account.api, "twilio", name)
        for ours in looked_for(account):
            if ours.startswith((_WHATSAPP, "+")):
                way: Way = "whatsapp" if ours.startswith(_WHATSAPP) else "sms"
                self.ways.setdefault(way, partial(platform.line, ours=ours))

    def _listen(self, application: web.Application, api: str, channel: str, account: str) -> None:
        url = URL(api)
        address = HostPort(url.host or "", url.port or 80)
        service = WebService(application, address.host, address.port)
        setting = "channels", channel, account, "api"
        listener = Listener(service, self._configuration.settings, address, *setting, written=lambda at: f"http://{at}")
        self._listeners.append(listener)


def _is_here(api: str) -> bool:
    """Plain HTTP is for this machine only (config/vendor_settings.py)."""
    return api.startswith("http://")


def _telegram(settings: Settings) -> Mapping[str, BotSettings]:
    section = settings.channels.get("telegram")
    return section.root if isinstance(section, TelegramSettings) else {}


def _twilio(settings: Settings) -> Mapping[str, TwilioAccountSettings]:
    section = settings.channels.get("twilio")
    return section.root if isinstance(section, TwilioSettings) else {}
