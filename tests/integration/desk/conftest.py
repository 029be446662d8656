"""The HTTP API of a whole desk on a real engine, served on a port of its own."""

import hashlib
import itertools
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from trunkline.desk.access.role_tokens import RoleTokens
from trunkline.desk.api import DeskParts, desk_api
from trunkline.desk.board.board_query import BoardQuery
from trunkline.desk.board.board_service import BoardService
from trunkline.desk.board.faces import BoardApi
from trunkline.desk.board.feed_counts import FeedCounts
from trunkline.desk.board.state import EngineFacts
from trunkline.desk.dead_letters import GivenUp, durable_queues
from trunkline.desk.stores.token_store import AGENT_SCOPES, TokenStore, desk_tokens
from trunkline.normalizer.envelope import Assurance, Attachment, Envelope, Identity, Sender, envelope_id
from trunkline.queue.dead_letters import DeadLetters, by_name
from trunkline.queue.feed_place import FeedPlace
from trunkline.queue.identifiers import new_id
from trunkline.queue.work import WorkQueue
from trunkline.router.cases import Cases
from trunkline.router.customer_writing import CustomerWriting
from trunkline.router.filer import Origin
from trunkline.router.merging import Merging
from trunkline.router.private_fields import ArticleWork
from trunkline.router.records import Article, Ticket
from trunkline.router.splits import Splits
from trunkline.router.suspended import SuspendedMessages
from trunkline.web.service import WebService, new_application

ADMIN = "the-admin-token"
FOLLOWER = "archive"
FILE = b"%PDF-1.4 not really"


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    raw: bytes
    body: Any

    def refused(self, status: int, code: str) -> str:
        """The detail of a problem document that must be one."""
        assert (self.status, self.headers["Content-Type"]) == (status, "application/problem+json"), self.raw
        assert (self.body["status"], self.body["code"]) == (status, code)
        return str(self.body["detail"])


ENGINE = EngineFacts(memory=12.5, disk=40.0, backlog=0, closed="")


def board_service(desk: Any) -> BoardService:
    """The board of the desk, as one process sees it."""
    counts = FeedCounts(desk.engine, desk.clock, lambda: desk.policy)
    query = BoardQuery(desk.engine, sources_of(desk))
    return BoardService(query, counts, desk.clock, policy=lambda: desk.policy, facts=lambda: ENGINE)


def sources_of(desk: Any) -> Mapping[str, DeadLetters]:
    """What can have dead letters: the queues of the desk, and a follower of its feed."""
    queues = (WorkQueue(desk.engine, name) for name in durable_queues(desk.policy.channels))
    return by_name([*queues, FeedPlace(desk.engine, FOLLOWER)])


class Face:
    """The API as a client sees it, and the desk behind it as a test sees it."""

    def __init__(self, desk: Any, folder: Path) -> None:
        self.desk = desk
        self.folder = folder
        self.tokens = TokenStore(desk.engine, desk.clock)
        self._secrets = {"admin": ADMIN}
        self.parts = DeskParts(
            engine=desk.engine,
            clock=desk.clock,
            blobs=desk.blobs,
            policy=lambda: desk.policy,
            actions=desk.actions,
            writing=CustomerWriting(desk.engine, desk.clock),
            merging=Merging(desk.engine, desk.clock),
            cases=Cases(desk.engine, desk.clock),
            splits=Splits(desk.engine, desk.clock, lambda: desk.policy),
            reader=desk.reader,
            agents=desk.agents,
            tokens=RoleTokens(desk_tokens(ADMIN, self.tokens), lambda: desk.policy),
            given_up=GivenUp(sources_of(desk), desk.blobs, desk.policy.channels, desk.clock),
            suspended=SuspendedMessages(desk.engine),
        )
        self.api = desk_api(self.parts)
        self.api.add(*BoardApi(board_service(desk), self.parts.access).operations())
        application = new_application()
        self.api.mount(application)
        self.service = WebService(application, "127.0.0.1", 0)
        self._numbers = itertools.count(1)

    async def start(self) -> None:
        await self.service.start()
        self.session = ClientSession(f"http://127.0.0.1:{self.service.address[1]}")
        for agent in ("ada", "boris"):
            self._secrets[agent] = await self.tokens.create(agent, scopes=AGENT_SCOPES, agent=agent)

    async def stop(self) -> None:
        await self.session.close()
        await self.service.stop()

    def headers(self, token: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._secrets.get(token, token)}"}

    async def call(
        self, method: str, path: str, body: Any = None, *, token: str = "admin", headers: dict[str, str] | None = None
    ) -> Reply:
        """One request, as `token`."""
        given = self.headers(token) | (headers or {})
        options = {} if body is None else {"json": body}
        async with self.session.request(method, path, headers=given, **options) as response:
            raw = await response.read()
            parsed = await response.json(content_type=None) if "json" in response.content_type else None
            return Reply(response.status, response.headers, raw, parsed)

    async def get(self, path: str, **options: Any) -> Reply:
        return await self.call("GET", path, **options)

    async def post(self, path: str, body: Any = None, **options: Any) -> Reply:
        return await self.call("POST", path, body, **options)

    async def all(self, path: str, *, limit: int = 2) -> list[Any]:
        """All items of a list, page by page."""
        found: list[Any] = []
        cursor = ""
        for _ in range(1000):
            joint = "&" if "?" in path else "?"
            page = await self.get(f"{path}{joint}limit={limit}{cursor}")
            assert page.status == 200, page.raw
            assert len(page.body["items"]) <= limit
            found += page.body["items"]
            if page.body["next"] is None:
                return found
            cursor = f"&cursor={page.body['next']}"
        raise AssertionError("the pages have no end")

    async def ticket(self, text: str = "My lamp is broken", **facts: Any) -> Ticket:
        """A ticket that a customer's message opened."""
        await self.desk.write(text, **{"sender": f"c{next(self._numbers)}@example.org"} | facts)
        await self.desk.filers.drain()
        newest: Ticket = (await self.desk.tickets())[-1]
        return newest

    async def give_up(self, queue: str, payload: bytes, cause: str = "unreadable") -> str:
        """Put one entry of a queue, which must be empty, on the dead-letter list; returns its id."""
        work, now = WorkQueue(self.desk.engine, queue), self.desk.clock.now()
        await work.push("lane", payload)
        ((entry,),) = (await work.claim(now, lanes=1)).lanes
        assert await work.give_up(entry, now, cause=cause)
        return f"{queue}-{entry.sequence}"

    async def attached(self, name: str = "Ré port\r\n.pdf", content: bytes = FILE) -> tuple[Ticket, Article]:
        """A ticket whose message has a file."""
        sha = await self.desk.blobs.put(content)
        now = self.desk.clock.now()
        raw_id = new_id(now)
        identity = Identity(kind="email", value="file@example.org", assurance=Assurance.ORIGIN)
        envelope = Envelope(
            id=envelope_id(raw_id, 0),
            channel="mail",
            external_id=raw_id,
            order="0000000000000001",
            sender=Sender(identities=(identity,)),
            text="see attached",
            html="<script>alert(1)</script>",
            attachments=(Attachment(name=name, media_type="text/html", size=len(content), sha256=sha),),
            received_at=now,
            raw_id=raw_id,
        )
        raw = b"From: file@example.org\r\n\r\nsee attached"
        filed = await self.desk.filer.file(envelope, Origin(raw=ArticleWork(raw_content=raw.decode("latin-1"))))
        ticket = (await self.desk.reader.ticket(filed.ticket)).record
        return ticket, (await self.desk.reader.articles(ticket.id))[0]


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def desk_url(engine_url: str) -> str:
    """One engine is enough here: the scripts of the desk run on both in the tests of the router."""
    return engine_url


@pytest.fixture
async def face(desk: Any, tmp_path: Path) -> AsyncIterator[Face]:
    """The API of the desk."""
    face = Face(desk, tmp_path)
    await face.start()
    yield face
    await face.stop()
