import asyncio, json
import pytest

from trunkline.router.actions import TicketChanges
from trunkline.queue.connection import Engine

async def test_surrogate_hangs_batch(desk):
    good = asyncio.create_task(desk.engine.call("GET", desk.engine.keys("clock")))
    bad = asyncio.create_task(desk.engine.call("GET", "x\ud800"))
    done, pending = await asyncio.wait([good, bad], timeout=4)
    print("pending", pending)
    for p in pending: p.cancel()
    assert not pending

async def test_float_hangs(desk):
    bad = asyncio.create_task(desk.engine.call("GET", None))
    done, pending = await asyncio.wait([bad], timeout=3)
    for p in pending: p.cancel()
    assert not pending
