"""What is known of the pushes of answers on LINE, kept in memory for tests, as adapters/line/pushes.py keeps it."""

from trunkline.adapters.line.pushes import Progress
from trunkline.config.errors import EngineUnavailable


class MemoryPushes:
    """`known` is the progress by article; `away` says that the engine answers nobody."""

    def __init__(self) -> None:
        self.known: dict[str, Progress] = {}
        self.away = False

    async def read(self, article: str) -> Progress:
        self._demand()
        return self.known.get(article, Progress())

    async def write(self, article: str, progress: Progress) -> None:
        self._demand()
        self.known[article] = progress

    async def forget(self, article: str) -> None:
        self._demand()
        self.known.pop(article, None)

    def _demand(self) -> None:
        if self.away:
            raise EngineUnavailable("away")
