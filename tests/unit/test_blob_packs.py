"""Packs: contents that come together are stored together, each with its own name; trouble reaches every one of them."""

import asyncio
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.config.errors import EngineFull, Unreadable
from trunkline.queue.blob_packs import PACK_BYTES, Packed, PackWriter


class Store:
    """Keeps packs in memory, one at a time when it is told to go on."""

    def __init__(self) -> None:
        self.packs: dict[str, bytes] = {}
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def put(self, content: bytes) -> str:
        await self.go_on.wait()
        sha = hashlib.sha256(content).hexdigest()
        self.packs[sha] = content
        return sha

    def get(self, name: str) -> bytes:
        place = Packed.parse(name)
        assert place is not None
        return place.check_content(self.packs[place.sha][place.offset : place.offset + place.length])


@given(st.lists(st.binary(max_size=50), max_size=20))
def test_every_content_comes_back_under_its_name(contents: list[bytes]) -> None:
    async def put_all() -> None:
        store = Store()
        writer = PackWriter(store.put)
        names = await asyncio.gather(*(writer.put(content) for content in contents))
        assert [store.get(name) for name in names] == contents

    asyncio.run(put_all())


async def test_what_comes_at_once_is_one_pack_and_no_empty_one() -> None:
    store = Store()
    writer = PackWriter(store.put)

    await asyncio.gather(*(writer.put(content) for content in (b"a", b"b", b"c")))
    await writer.stop()

    assert list(store.packs.values()) == [b"abc"]


async def test_what_comes_while_packs_are_written_gathers_in_the_next() -> None:
    store = Store()
    store.go_on.clear()
    writer = PackWriter(store.put)
    waiting = [asyncio.create_task(writer.put(b"first"))]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting += [asyncio.create_task(writer.put(str(number).encode())) for number in range(100)]
    await asyncio.sleep(0)
    store.go_on.set()
    await asyncio.gather(*waiting)

    assert len(store.packs) <= 3
    assert b"first" in store.packs.values()


async def test_a_pack_is_not_larger_than_it_may_be_but_one_large_content_is_taken() -> None:
    store = Store()
    writer = PackWriter(store.put)
    sizes = [PACK_BYTES // 2, PACK_BYTES // 2, PACK_BYTES // 2, PACK_BYTES * 3, 5]

    names = await asyncio.gather(*(writer.put(bytes([number]) * size) for number, size in enumerate(sizes)))

    assert sorted(len(pack) for pack in store.packs.values()) == [5, PACK_BYTES // 2, PACK_BYTES, PACK_BYTES * 3]
    assert [len(store.get(name)) for name in names] == sizes


async def test_trouble_reaches_everybody_in_the_pack_and_nobody_else() -> None:
    calls = 0

    async def fail_once(content: bytes) -> str:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise EngineFull
        return hashlib.sha256(content).hexdigest()

    writer = PackWriter(fail_once)
    first = await asyncio.gather(writer.put(b"a"), writer.put(b"b"), return_exceptions=True)

    assert [type(result) for result in first] == [EngineFull, EngineFull]
    assert Packed.parse(await writer.put(b"c")) is not None


async def test_a_caller_that_gives_up_does_not_disturb_the_others() -> None:
    store = Store()
    store.go_on.clear()
    writer = PackWriter(store.put)
    gives_up, stays = asyncio.create_task(writer.put(b"a")), asyncio.create_task(writer.put(b"b"))
    await asyncio.sleep(0)
    gives_up.cancel()
    store.go_on.set()

    assert store.get(await stays) == b"b"
    await writer.stop()


def test_a_content_that_is_not_what_was_put_is_not_given_out() -> None:
    place = Packed("0" * 64, 0, 3, hashlib.sha256(b"abc").hexdigest()[:16])

    assert place.check_content(b"abc") == b"abc"
    for damaged in (b"abd", b"ab", b""):
        with pytest.raises(Unreadable):
            place.check_content(damaged)


@pytest.mark.parametrize("name", ["0" * 64, "", "0" * 64 + ".1.2", "../" + "0" * 64 + ".1.2." + "0" * 16])
def test_other_names_are_no_places_in_packs(name: str) -> None:
    assert Packed.parse(name) is None
