"""What every stand-in of a vendor is: a web service on loopback, begun and ended with the test that uses it."""

from typing import Self

from aiohttp import web

from trunkline.web.service import WebService


class VendorService:
    """Where a stand-in listens. Whoever inherits it calls `serve` before it starts."""

    def serve(self, application: web.Application) -> None:
        """This is what it answers with."""
        self._service = WebService(application, "127.0.0.1", 0)

    async def start(self) -> None:
        """Begin to listen."""
        await self._service.start()

    async def stop(self) -> None:
        """End."""
        await self._service.stop()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def base(self) -> str:
        """Where it is."""
        return "http://{}:{}".format(*self._service.address)


def broken_off(request: web.Request) -> web.Response:
    """No answer: the connection breaks."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()
