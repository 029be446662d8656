"""“typing…” in a customer's chat, while an agent writes an answer.

Telegram shows it for five seconds, or until a message comes, and the desk tells it every few seconds; so the last word
counts, at most one is on its way to a chat, and what does not arrive is forgotten. A guest's question shows none.
"""

import asyncio
from contextlib import suppress

from telegram.constants import ChatAction

from ...config.errors import TrunklineError
from .bot_api import BotApi
from .places import Place

MOST_CHATS = 200  # told at the same time


class TypingSigns:
    """Tells of one bot that somebody writes."""

    def __init__(self, api: BotApi) -> None:
        self._api = api
        self._telling: dict[str, asyncio.Task[None]] = {}

    def tell(self, place: Place) -> None:
        """Somebody writes an answer for this place. Returns at once."""
        name = str(place)
        if place.guest or place.direct or name in self._telling or len(self._telling) >= MOST_CHATS:
            return
        task = asyncio.create_task(self._tell(place), name=f"telegram:typing:{name}")
        self._telling[name] = task
        task.add_done_callback(lambda _: self._telling.pop(name, None))

    async def stop(self) -> None:
        """Break off what is on its way."""
        tasks = list(self._telling.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _tell(self, place: Place) -> None:
        with suppress(TrunklineError):
            async with self._api.fate(repeatable=True) as bot:
                await bot.send_chat_action(
                    place.chat,
                    ChatAction.TYPING,
                    message_thread_id=place.thread,
                    business_connection_id=place.business or None,
                )
