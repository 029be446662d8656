"""The engine writes its files anew: what was deleted before is in none of them."""

from pathlib import Path

from trunkline.queue.connection import Engine
from trunkline.queue.file_rewrite import rewrite_files


async def test_what_was_deleted_is_in_no_file_afterwards(engine: Engine) -> None:
    reply = await engine.call("CONFIG", "GET", "dir", "appenddirname")
    told = dict(zip(reply[::2], reply[1::2], strict=True))
    files = Path(told[b"dir"].decode()) / told[b"appenddirname"].decode()
    key, words = engine.keys("kept"), b"words-that-are-nowhere-else"
    await engine.call("SET", key, words)
    await engine.call("DEL", key)

    def found() -> list[str]:
        return [each.name for each in files.iterdir() if words in each.read_bytes()]

    assert found()
    assert await rewrite_files(engine)
    assert found() == []


async def test_an_engine_without_such_files_is_left_alone(engine: Engine) -> None:
    await engine.call("CONFIG", "SET", "appendonly", "no")
    try:
        assert not await rewrite_files(engine)
    finally:
        await engine.call("CONFIG", "SET", "appendonly", "yes")
        assert await rewrite_files(engine)
