"""The yardstick for HTTP: a bare aiohttp handler that does one durable XADD and answers 202."""

import sys

from aiohttp import web
from redis.asyncio import Redis


async def application(url: str) -> web.Application:
    """One route, one command."""
    engine = Redis.from_url(url, max_connections=1000)

    async def accept(request: web.Request) -> web.Response:
        body = await request.read()
        await engine.xadd("tl:{bare}:stream", {"body": body})
        return web.Response(status=202, body=b'{"id":"1"}', content_type="application/json")

    app = web.Application()
    app.router.add_post("/v1/{tail:.*}", accept)
    return app


if __name__ == "__main__":
    web.run_app(application(sys.argv[1]), host="127.0.0.1", port=int(sys.argv[2]), access_log=None, print=None)
