"""The way to the gateway for those who stand in for vendors: posts to its own listener, again while it is too busy.

Vendors know the gateway by a public address. It is not looked up: what is posted there goes to the listener.
"""

from collections.abc import Callable, Mapping
from typing import Final

from aiohttp import ClientError, ClientSession, ClientTimeout

from ..pace import Pace

TRIES: Final = 5
AGAIN: Final = 2.0  # seconds of life
_SECONDS: Final = 20.0


class GatewayDoor:
    """A service; `url` says where the listener is, once it is."""

    def __init__(self, url: Callable[[], str], pace: Pace) -> None:
        self._url = url
        self._pace = pace
        self._session: ClientSession | None = None

    async def start(self) -> None:
        """Ready to post."""
        if self._session is None:
            self._session = ClientSession(timeout=ClientTimeout(total=_SECONDS))

    async def stop(self) -> None:
        """Close connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def post(self, target: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Post to a path with its query. Raises ConnectionError when it is not taken in the end."""
        assert self._session is not None
        status = 0
        for _ in range(TRIES):
            try:
                async with self._session.post(self._url() + target, data=body, headers=headers) as response:
                    status = response.status
            except (ClientError, OSError, TimeoutError):
                status = 0
            if 200 <= status < 300:
                return
            await self._pace.wait(AGAIN)
        raise ConnectionError(f"the gateway did not take a post of a vendor of the demo: {status or 'no answer'}")
