"""What the tests of the chaos run share."""

import asyncio
import uuid
from copy import deepcopy
from pathlib import Path

import pytest

from trunkline.queue.connection import Engine
from trunkline.queue.keys import Keys

from .chat_desk import ChatDesk
from .evidence import Evidence
from .scene import Scene


@pytest.fixture(scope="module")
def clean_evidence(engine_url: str, tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """What a small day at a real desk leaves behind, with nothing wrong."""
    return asyncio.run(_clean_day(engine_url, tmp_path_factory.mktemp("clean") / "blobs"))


@pytest.fixture
def evidence(clean_evidence: Evidence) -> Evidence:
    """The same, to put a fault into."""
    return deepcopy(clean_evidence.afresh())


async def _clean_day(engine_url: str, blobs: Path) -> Evidence:
    engine = Engine(engine_url, Keys(f"t{uuid.uuid4().hex[:16]}"))
    desk = ChatDesk(engine, blobs)
    await desk.blobs.start()
    await desk.start()
    scene = Scene(desk, blobs)
    try:
        await scene.play()
        return await scene.evidence()
    finally:
        await desk.blobs.stop()
        await engine.close()
