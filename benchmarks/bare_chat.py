"""The yardstick for chat: a bare aiohttp WebSocket that does one durable XADD a message and answers `stored`."""

import json
import sys

from aiohttp import web
from redis.asyncio import Redis


async def application(url: str) -> web.Application:
    """One route, one command."""
    engine = Redis.from_url(url, max_connections=1000)

    async def chat(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            frame = json.loads(message.data)
            if frame["type"] == "hello":
                await socket.send_str('{"type":"welcome","visitor":""}')
            else:
                await engine.xadd("tl:{bare}:stream", {"line": message.data})
                await socket.send_str(json.dumps({"type": "stored", "id": frame["id"], "position": 1}))
        return socket

    app = web.Application()
    app.router.add_get("/chat/{site}/socket", chat)
    return app


if __name__ == "__main__":
    web.run_app(application(sys.argv[1]), host="127.0.0.1", port=int(sys.argv[2]), access_log=None, print=None)
