"""The words of articles that are stored: made from what lies in the engine and in the blobs, and written to them."""

from ..config.errors import Unreadable
from ..queue.blobs import Blobs
from ..queue.connection import Engine
from ..queue.scripts import Script
from .records import Article, json_bytes
from .search_words import article_words
from .stored_ticket import StoredArticle
from .ticket_keys import TicketKeys

_STORE = Script.beside(__file__, "store_words.lua")


class StoredWords:
    """Writes the words of articles."""

    def __init__(self, engine: Engine, blobs: Blobs) -> None:
        self._engine = engine
        self._blobs = blobs
        self._keys = TicketKeys(engine)

    async def write(self, article: str, *, only_new: bool = False) -> int:
        """Give an article the words that it has by now; 0 when it is not to be found by any.

        `only_new`: unless it has some, which may be newer than what was read here.
        """
        key = self._keys.article(article)
        flat = await self._engine.call("HGETALL", key)
        stored = StoredArticle.from_flat(flat) if flat else None
        if stored is None or stored.record.erased_at or (stored.work.outgoing and stored.work.outgoing.automatic):
            return 0
        words = article_words((await self.whole(stored)).model_dump(mode="json"))
        return int(await self._engine.run(_STORE, {"article": key}, {"words": json_bytes(words), "only_new": only_new}))

    async def whole(self, stored: StoredArticle) -> Article:
        """An article with its whole texts, or with their beginning when they cannot be read."""
        if not stored.work.body:
            return stored.record
        try:
            return stored.whole(await self._blobs.get(stored.work.body))
        except Unreadable:
            return stored.record
