"""Who wants no more messages, kept in memory for tests."""

from collections.abc import Collection

from trunkline.adapters.twilio.wishes import Wish


class MemoryWishes:
    """As `Wishes`; `noted` is what was asked, the last at the end."""

    def __init__(self) -> None:
        self.noted: list[tuple[str, str, Wish, str, int | None]] = []

    async def note(self, account: str, whose: str, wish: Wish, message: str, at: int | None = None) -> None:
        self.noted.append((account, whose, wish, message, at))

    async def is_out(self, account: str, whose: str) -> bool:
        asked = [each[2] for each in self.noted if each[:2] == (account, whose)]
        return asked[-1:] == ["STOP"]

    async def forget(self, names: Collection[str]) -> None:
        self.noted = [each for each in self.noted if each[1].rpartition(" ")[2] not in names]
