"""What sources of messages say of themselves, kept in memory."""

import asyncio


class MemorySources:
    """As `queue/unread_sources.py`; `told` has each call: the account, why, and what to do; `read` where it is read."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, str]] = []
        self._news = asyncio.Event()

    async def until(self, why: str) -> None:
        """Returns when this was told."""
        async with asyncio.timeout(20):
            while why not in [each for _, each, _ in self.told]:
                self._news.clear()
                await self._news.wait()

    async def failed(
        self,
        channel: str,
        account: str,
        cause: str,
        *,
        credentials: bool,
        elsewhere: bool = False,
        remedy: str = "",
    ) -> None:
        why = "credentials" if credentials else "elsewhere" if elsewhere else "away"
        assert cause
        self.told.append((f"{channel} {account}", why, remedy))
        self._news.set()

    async def read(self, channel: str, account: str) -> None:
        self.told.append((f"{channel} {account}", "read", ""))
        self._news.set()
