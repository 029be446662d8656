"""Telegram is told where to post the updates of a bot: at every start, until it has taken it.

What it is told is always the same, so telling it again changes nothing. A new secret or a new address is in force with
the start. While a webhook is set nobody can poll; Telegram keeps what it cannot deliver for a day. Where no address is
set somebody else tells Telegram, and it is only asked whether that was done, until it was. What keeps messages from us
is told (source_watch.py).
"""

import asyncio
from collections.abc import Awaitable, Callable

from ...config.errors import DeliveryFailed, Temporary, TrunklineError
from ...queue.service import Background
from ..source_watch import SourceWatch
from .bot_api import BotApi
from .settings import CHANNEL
from .updates import WANTED

MOST_AT_ONCE = 40
LONGEST_PAUSE = 300.0


class Registration:
    """The webhook of one bot at `address`, the public base of this gateway, or at one that is set elsewhere."""

    def __init__(
        self,
        bot: str,
        api: BotApi,
        address: str | None,
        secret: str,
        watch: SourceWatch,
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._api = api
        self._path = f"/v1/{CHANNEL}/{bot}"
        self._address = address
        self._secret = secret
        self._watch = watch
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
                "url": f"{self._address}{self._path}",
                "secret_token": self._secret,
                "allowed_updates": list(WANTED),
                "max_connections": MOST_AT_ONCE,
                "drop_pending_updates": False,
            },
        )

    async def place(self) -> str:
        """Where Telegram posts to; empty for nowhere. Raises TrunklineError."""
        told = await self._api.raw("getWebhookInfo", {})
        return str(told.get("url") or "") if isinstance(told, dict) else ""

    async def _until_taken(self) -> None:
        pause = 5.0
        while True:
            try:
                is_right = await self._placed()
            except TrunklineError as error:
                await self._watch.failed(error)
                pause = LONGEST_PAUSE if isinstance(error, DeliveryFailed) else min(pause * 2, LONGEST_PAUSE)
                await self._pause(max(pause, error.retry_after if isinstance(error, Temporary) else 0))
            else:
                await (asyncio.Event().wait() if is_right else self._pause(LONGEST_PAUSE))

    async def _placed(self) -> bool:
        """Whether Telegram posts to us now; it is told, where that is our task."""
        if self._address is not None:
            await self.tell()
        elif not (url := await self.place()).endswith(self._path):
            remedy = "set the address of the bot here, or receive: poll, and restart; or call setWebhook yourself"
            await self._watch.elsewhere(f"Telegram posts to {url or 'nobody'}, and not to …{self._path}", remedy)
            return False
        await self._watch.well()
        return True
