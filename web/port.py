"""A port that is listened on, in a way that a burst of connections cannot take all open files.

The event loop accepts as many connections in one turn as it is given as backlog, and it takes some turns until those
that are too many are closed again. So it is given few, while the system lets many wait.
"""

import asyncio
import socket
from collections.abc import Callable

ACCEPTED_AT_ONCE = 16
WAITING = 512


async def open_port(protocol: Callable[[], asyncio.BaseProtocol], host: str, port: int) -> asyncio.Server:
    """Listen; raises OSError when the address cannot be had."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(protocol, host, port, backlog=ACCEPTED_AT_ONCE)
    for listening in server.sockets:
        with socket.fromfd(listening.fileno(), listening.family, listening.type) as same:
            same.listen(WAITING)
    return server
