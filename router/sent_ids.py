"""The messages that we sent, by the ids under which others speak of them: receipts, echoes, edits, answers that quote.

    sent:<channel>:<our id>                  from when it is queued; ours is one in the whole world
    sent:<channel>:<account>:<vendor's id>   from when the vendor has told it; one for each message that it became

An id of a vendor counts within an account of ours: two bots may have sent a message 7:12 each. Where the channel says
that its ids are the same for all accounts, the account is left out. What an earlier Trunkline wrote has no account, and
leads only to what left from the account that is asked for.
"""

from collections.abc import Iterable

from ..normalizer.channel_facts import Channels
from ..queue.connection import Engine
from .private_fields import ArticleWork
from .ticket_keys import TicketKeys


def sent_keys(channels: Channels, channel: str, account: str, ids: Iterable[str]) -> list[str]:
    """Under which keys of the threads a message is found by these ids of its vendor."""
    scope = f"{channel}:{account}" if channels[channel].ids_by_account else channel
    return [f"sent:{scope}:{id_}" for id_ in dict.fromkeys(ids) if id_]


class SentIds:
    """Finds articles by such ids."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._keys = TicketKeys(engine)

    async def article(self, channels: Channels, channel: str, account: str, id_: str) -> str:
        """The article that is meant; empty when it is none that we sent. Raises EngineUnavailable."""
        (key,) = sent_keys(channels, channel, account, [id_]) or [""]
        found, plain = await self._engine.call("HMGET", self._keys.threads, key, f"sent:{channel}:{id_}")
        if found is not None:
            return str(found.decode())
        article = plain.decode() if plain is not None else ""
        return article if article and await self._is_meant(article, account, id_) else ""

    async def _is_meant(self, article: str, account: str, id_: str) -> bool:
        if id_.partition("@")[0] == article:
            return True
        piece = await self._engine.call("HGET", self._keys.article(article), "_outgoing")
        outgoing = ArticleWork.from_hash({b"_outgoing": piece} if piece else {}).outgoing
        return outgoing is None or outgoing.account == account
