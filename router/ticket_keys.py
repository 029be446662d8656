"""The keys that the router's scripts are given, in the order that they expect (see ticket.lua)."""

from ..queue.connection import Engine
from ..queue.dedup import dedup_keys
from ..queue.feed import Feed
from ..queue.work import WorkQueue


class TicketKeys:
    """Key names of one workspace's desk."""

    def __init__(self, engine: Engine) -> None:
        keys = engine.keys
        self._keys = keys
        self.offers = WorkQueue(engine, "offers")
        self.outbox = WorkQueue(engine, "outbox")
        self.index = keys("index")
        self.waiting = keys("waiting")
        self.agents = keys("agents")
        self.known_agents = keys("agents", "known")
        self.filed = dedup_keys(engine, "filed")
        self.identities = keys("identities")
        self.threads = keys("threads")
        self.counters = keys("counters")
        self.acknowledgements = keys("acknowledgements")
        self.unsent = keys("unsent")
        self.blobs = [keys("blobs", "references"), keys("blobs", "condemned")]
        self._feed = Feed(engine).keys

    def head(self, ticket: str) -> list[str]:
        """The keys with which every script that changes a ticket begins."""
        return [self.ticket(ticket), self.index, self.waiting, self.agents, *self._feed, *self.offers.push_keys]

    def ticket(self, ticket: str) -> str:
        """The ticket's hash."""
        return self._keys("ticket", ticket)

    def articles(self, ticket: str) -> str:
        """The ticket's list of articles."""
        return self._keys("ticket", ticket, "articles")

    def scopes(self, ticket: str) -> str:
        """Where each order of each conversation stands in that list."""
        return self._keys("ticket", ticket, "scopes")

    def decisions(self, ticket: str) -> str:
        """The ticket's routing decisions."""
        return self._keys("ticket", ticket, "decisions")

    def article(self, article: str) -> str:
        """The article's hash."""
        return self._keys("article", article)

    def customer(self, customer: str) -> str:
        """The customer's hash."""
        return self._keys("customer", customer)
