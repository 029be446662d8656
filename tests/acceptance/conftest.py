"""A gateway that runs: one for the tests of a module, or a fresh one for a test."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from trunkline.queue.server_binary import ServerBinary

from ..ports import free_port
from .api import Api
from .gateway import Gateway, Process, gateway
from .mails import Sink, listening_sink


@dataclass(frozen=True)
class Running:
    """A gateway in one process, with the server that takes its mails, and a client of its API."""

    gateway: Gateway
    process: Process
    sink: Sink
    api: Api


@pytest.fixture
async def fresh(request: pytest.FixtureRequest, server_binary: ServerBinary) -> AsyncIterator[Gateway]:
    """A gateway of which nothing runs yet; its processes load the program themselves where the module is `COLD`."""
    async with gateway(cold=getattr(request.module, "COLD", False)) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running(request: pytest.FixtureRequest, server_binary: ServerBinary) -> AsyncIterator[Running]:
    """A gateway that serves, shared by the tests of a module; each uses people of its own.

    A reply from the desk page can be taken back for the module's `UNDO`, or for a second.
    """
    undo = {f"undo__{channel}": getattr(request.module, "UNDO", "1s") for channel in ("mail", "http", "chat")}
    settings = {"channels__mail__smarthost": f"127.0.0.1:{(port := free_port())}", **undo}
    async with listening_sink(port) as sink, gateway(**settings) as made:
        process = await made.start()
        async with made.api() as api:
            yield Running(made, process, sink, api)
