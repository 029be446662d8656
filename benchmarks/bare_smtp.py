"""The yardstick for mail: a bare aiosmtpd that does one durable XADD a message and answers 250."""

import asyncio
import sys
from typing import Any

from aiosmtpd.smtp import SMTP
from redis.asyncio import Redis


class Handler:
    """Stores what comes."""

    def __init__(self, url: str) -> None:
        self._engine = Redis.from_url(url, max_connections=1000)

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802, ARG002 (aiosmtpd's name)
        await self._engine.xadd("tl:{bare}:stream", {"body": envelope.content})
        return "250 OK"


async def main(url: str, port: int) -> None:
    """Serve until killed."""
    handler = Handler(url)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(handler, enable_SMTPUTF8=True), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
