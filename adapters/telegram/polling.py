"""Long polling: we ask Telegram for updates, store them, and only then ask for those behind them.

Asking for what is behind an update tells Telegram to forget it, so the place is moved after the durable write and
never before; it lies in the engine, and whoever goes on begins there. Of all our processes one asks for a bot at a
time, by a lease, because Telegram answers two at once with 409. What was stored and asked for again is known and filed
once. A webhook that is set for the bot would keep everything from us; it is removed when polling begins, and what waits
there is not lost.

Whatever hinders is tried again, after as long as Telegram asks for, and told once (source_watch.py).
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

from ...config.errors import CredentialsRefused, Temporary, TrunklineError
from ...queue.service import Background
from ..poll_place import PollPlace
from ..source_watch import SourceWatch
from ..vendor_post import Event
from .bot_api import BotApi
from .updates import WANTED, event_of, is_update, pressed

WAIT_SECONDS = 25
AT_ONCE = 100
PAUSE = 5.0
LONG_PAUSE = 60.0  # before what only an operator can mend is tried again

Store = Callable[[str, Sequence[Event]], Awaitable[None]]
"""Returns when all events of a bot are durable; raises Temporary."""


class Poller:
    """Asks for the updates of one bot, as long as it runs."""

    def __init__(
        self,
        bot: str,
        api: BotApi,
        place: PollPlace,
        store: Store,
        watch: SourceWatch,
        *,
        wait: int = WAIT_SECONDS,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.bot, self.stored = bot, 0
        self._api = api
        self._place = place
        self._store = store
        self._wait = wait
        self._pause = pause
        self._is_ours = self._has_asked = False
        self._watch = watch
        self._background = Background(f"telegram:{bot}", self._turns)

    @property
    def is_hindered(self) -> bool:
        """Whether updates cannot be asked for now."""
        return self._watch.is_hindered

    async def start(self) -> None:
        """Begin. Idempotent."""
        await self._background.start()

    async def stop(self) -> None:
        """Break off; what was not stored is asked for again."""
        await self._background.stop()
        if self._has_asked:
            self._has_asked = self._is_ours = False
            with suppress(Temporary):  # the lease ends by itself
                await self._place.leave()

    async def run_once(self) -> int | None:
        """Ask once and store what comes: how many updates; None while another process asks. Raises TrunklineError."""
        offset = await self._place.take()
        if offset is None:
            self._is_ours = False
            return None
        if not self._is_ours:
            await self._api.raw("deleteWebhook", {"drop_pending_updates": False})
            self._is_ours = self._has_asked = True
        updates = await self._asked(offset)
        if updates:
            await self._store(self.bot, [event_of(each) for each in updates])
            self.stored += len(updates)
            await self._place.take(max(each["update_id"] for each in updates) + 1)
            await self._answer_presses(updates)
        return len(updates)

    async def _asked(self, offset: int) -> Sequence[dict[str, Any]]:
        asked = {"offset": offset, "limit": AT_ONCE, "timeout": self._wait, "allowed_updates": list(WANTED)}
        told = await self._api.raw("getUpdates", asked)
        return [each for each in told if is_update(each)] if isinstance(told, list) else []

    async def _answer_presses(self, updates: Sequence[dict[str, Any]]) -> None:
        """Say that a press was heard of; one that is told too late, or to nobody any more, is no matter."""
        for query in filter(None, map(pressed, updates)):
            with suppress(TrunklineError):
                await self._api.raw("answerCallbackQuery", {"callback_query_id": query})

    async def _turns(self) -> None:
        while True:
            try:
                if await self.run_once() is None:
                    await self._pause(PAUSE)
                else:
                    await self._watch.well()
            except TrunklineError as error:
                self._is_ours = False
                await self._watch.failed(error)
                await self._pause(_pause_after(error))


def _pause_after(error: TrunklineError) -> float:
    if isinstance(error, Temporary) and not isinstance(error, CredentialsRefused):
        return error.retry_after
    return LONG_PAUSE
