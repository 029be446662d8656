"""Load for the chat: a process with many visitors, which does what it reads from its standard input.

    {"do": "open", "sockets": 5000}                 so many more are opened, a few at once; ids, how long each took
    {"do": "write", "visitors": 64, "messages": 50} the first so many write so many each; how long that and each took
    {"do": "heard"}                                 how long lines took from being written until they came; forgets them

Each answer is one line of JSON; times are in seconds. `python benchmarks/chat_load.py 127.0.0.1 8080 /chat/web/socket`
"""

import asyncio
import json
import sys
import time
from typing import Any

from chat_client import Visitor

WORDS = "My order has not arrived yet and the tracking page shows nothing since Monday. Could you please look into it?"
AT_ONCE = 32


class Load:
    """The visitors."""

    def __init__(self, host: str, port: int, path: str) -> None:
        self._where = host, port, path
        self._visitors: list[Visitor] = []
        self._lines: list[float] = []

    async def open(self, sockets: int) -> dict[str, Any]:
        """Open more."""
        few, took = asyncio.Semaphore(AT_ONCE), list[float]()

        async def one(visitor: Visitor) -> None:
            async with few:
                begun = time.perf_counter()
                await visitor.open(*self._where)
                took.append(time.perf_counter() - begun)

        new = [Visitor(self._lines) for _ in range(sockets)]
        begun = time.perf_counter()
        await asyncio.gather(*map(one, new))
        self._visitors += new
        return {"seconds": time.perf_counter() - begun, "took": took, "ids": [visitor.id for visitor in new]}

    async def write(self, visitors: int, messages: int) -> dict[str, Any]:
        """Write and wait."""
        writers = self._visitors[:visitors]
        for writer in writers:
            writer.took.clear()
        begun = time.perf_counter()
        await asyncio.gather(*(writer.write(messages, WORDS) for writer in writers))
        seconds = time.perf_counter() - begun
        return {"seconds": seconds, "took": [each for writer in writers for each in writer.took]}

    async def heard(self) -> dict[str, Any]:
        """What came."""
        took = list(self._lines)
        self._lines.clear()
        return {"took": took}


async def main(host: str, port: str, path: str) -> None:
    """Until the input ends."""
    load = Load(host, int(port), path)
    reader, loop = asyncio.StreamReader(), asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        command = json.loads(line)
        answer = await getattr(load, command.pop("do"))(**command)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
