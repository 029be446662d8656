"""The keys of a workspace's desk, as the router's scripts are given them (see the groups in the Lua files)."""

from ..queue.blobs import blob_keys
from ..queue.connection import Engine
from ..queue.dedup import dedup_register
from ..queue.feed import Feed
from ..queue.recognition import counters_key
from ..queue.script_head import Group, KeyGroup
from ..queue.work import WorkQueue
from .alert import QUEUE as ALERTS
from .file_fetches import QUEUE as MEDIA

_ACKNOWLEDGEMENTS = Group.beside(__file__, "acknowledge.lua", "acknowledgements")
_ROOM = Group.beside(__file__, "waiting_room.lua", "waiting_room")
_STAFF = Group.beside(__file__, "free_agents.lua", "free_agents")
_DESK = Group.beside(__file__, "ticket.lua", "desk")
_PLACES = Group.beside(__file__, "article.lua", "article_places")
_OUTBOX = Group.beside(__file__, "outbox.lua", "outbox")


class TicketKeys:
    """Key names of one workspace's desk."""

    def __init__(self, engine: Engine) -> None:
        keys = engine.keys
        self._keys = keys
        self.offers = WorkQueue(engine, "offers")
        self.outbox = WorkQueue(engine, "outbox")
        self.clocks = WorkQueue(engine, "clocks")
        self.alerts = WorkQueue(engine, ALERTS)
        self.media = WorkQueue(engine, MEDIA)
        self.index = keys("index")
        self.waiting = keys("waiting")
        self.agents = keys("agents")
        self.known_agents = keys("agents", "known")
        self.filed = dedup_register(engine, "filed")
        self.copies = dedup_register(engine, "copies")
        self.awaited = dedup_register(engine, "awaited")
        self.identities = keys("identities")
        self.directory = keys("customers")
        self.passed_on = keys("passed_on")
        self.threads = keys("threads")
        self.counters = counters_key(engine)
        self.acknowledgements = _ACKNOWLEDGEMENTS(
            hour=keys("acknowledgements"),
            day=keys("acknowledgements", "day"),
            recent=keys("acknowledgements", "recent"),
        )
        self.senders = keys("senders")
        self.unsent = keys("unsent")
        self.blobs = blob_keys(engine)
        self.feed = Feed(engine).keys
        self.room = _ROOM(**{name: keys("room", name) for name in _ROOM.names})
        self.staff = _STAFF(**{name: keys("staff", name) for name in _STAFF.names})
        self.desk = _DESK(
            index=self.index,
            waiting=self.waiting,
            agents=self.agents,
            feed=self.feed,
            offers=self.offers.keys,
            clocks=self.clocks.keys,
            room=self.room,
            staff=self.staff,
        )
        self.outgoing = _OUTBOX(queue=self.outbox.keys, unsent=self.unsent)

    def ticket(self, ticket: str) -> str:
        """The ticket's hash."""
        return self._keys("ticket", ticket)

    def places(self, ticket: str) -> KeyGroup:
        """Where the articles of the ticket stand."""
        return _PLACES(articles=self.articles(ticket), scopes=self.scopes(ticket))

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
