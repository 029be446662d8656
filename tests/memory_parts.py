"""What of an answer has arrived, kept in memory for tests, as adapters/sent_parts.py keeps it in the engine."""

from typing import Generic, TypeVar

VendorId = TypeVar("VendorId", int, str)


class MemoryParts(Generic[VendorId]):
    """`known` are the vendor's ids by article."""

    def __init__(self) -> None:
        self.known: dict[str, list[VendorId]] = {}

    async def read(self, article: str) -> list[VendorId]:
        return list(self.known.get(article, ()))

    async def write(self, article: str, ids: list[VendorId]) -> None:
        self.known[article] = list(ids)

    async def forget(self, article: str) -> None:
        self.known.pop(article, None)
