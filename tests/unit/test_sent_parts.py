"""No part of an answer leaves twice, also while the engine takes nothing."""

import pytest

from trunkline.adapters.sent_parts import send_parts
from trunkline.config.errors import DeliveryDeferred, DeliveryFailed, DeliveryUnknown, EngineUnavailable

from ..memory_parts import MemoryParts


class _Full(MemoryParts[str]):
    async def write(self, article: str, ids: list[str]) -> None:
        raise EngineUnavailable(f"{article} and {ids} have no room")


class _Away(MemoryParts[str]):
    async def forget(self, article: str) -> None:
        raise EngineUnavailable(f"nothing is heard of {article}")


class _Vendor:
    """Takes parts, but for one that it answers with an error."""

    def __init__(self, error: Exception | None = None) -> None:
        self.took: list[str] = []
        self._error = error

    async def send(self, part: str, _: object) -> str:
        if part == "bad" and self._error is not None:
            raise self._error
        self.took.append(part)
        return f"id of {part}"


async def test_a_part_that_arrived_and_cannot_be_written_down_makes_the_fate_of_the_answer_unknown() -> None:
    vendor = _Vendor()
    with pytest.raises(DeliveryUnknown, match="first 1 parts have arrived, which could not be written down") as told:
        await send_parts(_Full(), "a", ["one", "two"], vendor.send)
    assert vendor.took == ["one"]
    assert told.value.facts["arrived"] == ("id of one",)


async def test_an_answer_that_is_through_is_so_although_its_parts_cannot_be_forgotten() -> None:
    vendor = _Vendor()
    assert await send_parts(_Away(), "a", ["one", "two"], vendor.send) == ["id of one", "id of two"]
    assert vendor.took == ["one", "two"]


async def test_what_is_refused_for_good_stays_refused_although_its_parts_cannot_be_forgotten() -> None:
    with pytest.raises(DeliveryFailed, match="first 1 parts have arrived; then: no"):
        await send_parts(_Away(), "a", ["one", "bad"], _Vendor(DeliveryFailed("no")).send)


async def test_an_answer_goes_on_behind_the_parts_that_have_arrived() -> None:
    store, vendor = MemoryParts[str](), _Vendor(DeliveryDeferred("later"))
    with pytest.raises(DeliveryDeferred) as told:
        await send_parts(store, "a", ["one", "bad"], vendor.send)
    assert told.value.facts["arrived"] == ("id of one",)
    await send_parts(store, "a", ["one", "two"], vendor.send)
    assert vendor.took == ["one", "two"]
    assert store.known == {}
