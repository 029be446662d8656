"""How a process is asked to end: SIGTERM or SIGINT once, and it ends in order; twice, and it ends at once."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger()

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Shutdown:
    """Listens to the signals of one process."""

    def __init__(self, at_once: Callable[[], None]) -> None:
        self._at_once = at_once
        self._asked = asyncio.Event()

    def listen(self) -> None:
        """From now on the signals mean this."""
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self.ask)
        loop.add_signal_handler(signal.SIGHUP, nothing_to_reload)

    def ask(self) -> None:
        """Somebody wants us to end."""
        if self._asked.is_set():
            log.warning("asked twice: ending at once", action="ending_at_once")
            self._at_once()
        self._asked.set()

    async def wait(self) -> None:
        """Returns when somebody wants us to end."""
        await self._asked.wait()

    async def unless_asked(self, work: Awaitable[None]) -> bool:
        """Do the work, and break it off when we are asked to end; whether it was done. Raises what the work raises."""
        doing = asyncio.ensure_future(work)
        asked = asyncio.create_task(self._asked.wait())
        await asyncio.wait({doing, asked}, return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        if doing.done():
            doing.result()
            return True
        doing.cancel()
        await asyncio.wait({doing})
        return False


def nothing_to_reload() -> None:
    """SIGHUP before and after the time in which it means to reload; it must not end the process."""
    log.info("nothing can be reloaded now", action="reload_ignored")
