"""Telegram is told where to post the updates of a bot: at every start, until it has taken it.

What it is told is always the same, so telling it again changes nothing. A new secret or a new address is in force with
the start. While a webhook is set nobody can poll; Telegram keeps what it cannot deliver for a day.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from ...config.errors import DeliveryFailed, Temporary, TrunklineError
from ...queue.service import Background
from .bot_api import BotApi
from .settings import CHANNEL
from .updates import WANTED

log = structlog.get_logger()

MOST_AT_ONCE = 40
LONGEST_PAUSE = 300.0


class Registration:
    """The webhook of one bot at `address`, the public base of this gateway."""

    def __init__(
        self,
        bot: str,
        api: BotApi,
        address: str,
        secret: str,
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bot = bot
        self._api = api
        self._url = f"{address}/v1/{CHANNEL}/{bot}"
        self._secret = secret
        self._pause = pause
        self._background = Background(f"telegram:{bot}:webhook", self._until_taken)

    async def start(self) -> None:
        """Begin. Idempotent."""
        await self._background.start()

    async def stop(self) -> None:
        """Stop trying."""
        await self._background.stop()

    async def tell(self) -> None:
        """Tell Telegram once. Raises TrunklineError."""
        await self._api.raw(
            "setWebhook",
            {
                "url": self._url,
                "secret_token": self._secret,
                "allowed_updates": list(WANTED),
                "max_connections": MOST_AT_ONCE,
                "drop_pending_updates": False,
            },
        )

    async def _until_taken(self) -> None:
        pause = 5.0
        while True:
            try:
                await self.tell()
            except TrunklineError as error:
                words = "the webhook of a bot cannot be set"
                log.warning(words, action="webhook_refused", bot=self._bot, url=self._url, cause=error.detail)
                pause = LONGEST_PAUSE if isinstance(error, DeliveryFailed) else min(pause * 2, LONGEST_PAUSE)
                await self._pause(max(pause, error.retry_after if isinstance(error, Temporary) else 0))
            else:
                await asyncio.Event().wait()
