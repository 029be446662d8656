"""The pages of a whole desk on a real engine, and browsers that look at them."""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientSession, CookieJar
from yarl import URL

from trunkline.desk.board.board_service import BoardService
from trunkline.desk.board.faces import mount_board
from trunkline.desk.pages.cookies import NAME as COOKIE
from trunkline.desk.pages.mounting import mount_pages
from trunkline.desk.pages.page_parts import PageParts
from trunkline.desk.stores.token_store import AGENT_SCOPES
from trunkline.queue.conversation_log import ConversationLogs
from trunkline.queue.signals import Signals
from trunkline.router.cases import Cases
from trunkline.router.customer_writing import CustomerWriting
from trunkline.router.merging import Merging
from trunkline.router.splits import Splits
from trunkline.web.service import WebService, new_application

from ..conftest import ADMIN, Face, board_service

SIGN_IN, NAVIGATION = "/desk/sign-in", {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "same-origin"}
BY_SCRIPT = {"X-Requested-With": "trunkline", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "same-origin"}

_CSRF = re.compile(r'data-csrf="([0-9a-f]{64})"')


@dataclass(frozen=True)
class Page:
    """What came back."""

    status: int
    headers: Any
    text: str
    raw: bytes

    @property
    def csrf(self) -> str:
        """The token that this page was given."""
        found = _CSRF.search(self.text)
        assert found is not None, self.text[:500]
        return found[1]

    @property
    def location(self) -> str:
        assert self.status == 303, (self.status, self.text[:500])
        return str(self.headers["Location"])


class Browser:
    """One browser: its cookie, and requests as a browser sends them."""

    def __init__(self, session: ClientSession, base: str) -> None:
        self._session = session
        self._base = URL(base)

    @property
    def cookie(self) -> str:
        """The session id that it has; empty for none."""
        found = self._session.cookie_jar.filter_cookies(self._base).get(COOKIE)
        return found.value if found is not None else ""

    @cookie.setter
    def cookie(self, value: str) -> None:
        self._session.cookie_jar.clear()
        self._session.cookie_jar.update_cookies({COOKIE: value}, self._base)

    async def request(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **options: Any
    ) -> Page:
        """One request; no redirect is followed."""
        sent = NAVIGATION if headers is None else headers
        async with self._session.request(
            method,
            self._base.joinpath("").join(URL(path, encoded=True)),
            headers=sent,
            allow_redirects=False,
            **options,
        ) as response:
            raw = await response.read()
            return Page(response.status, response.headers, raw.decode("utf-8", "replace"), raw)

    async def open(self, path: str, **options: Any) -> Page:
        """A person goes there."""
        return await self.request("GET", path, **options)

    async def send(self, path: str, fields: Mapping[str, str], **options: Any) -> Page:
        """A person sends a form."""
        return await self.request("POST", path, data=dict(fields), **options)

    async def sign_in(self, token: str = ADMIN, **fields: str) -> Page:
        """Sign in; the answer."""
        return await self.send(SIGN_IN, {"token": token, **fields})

    async def csrf(self) -> str:
        """The token of the page that it sees."""
        return (await self.open("/desk/nowhere")).csrf

    async def act(self, path: str, fields: Mapping[str, str] | None = None, **options: Any) -> Page:
        """Send a form of a page that it sees."""
        return await self.send(path, {"csrf": await self.csrf(), **(fields or {})}, **options)


@dataclass(frozen=True)
class Site:
    """The pages as they are served."""

    desk: Any
    face: Face
    parts: PageParts
    board: BoardService
    base: str
    service: WebService
    browser: Callable[[], Browser]

    async def token(self, agent: str, name: str = "") -> str:
        """A token of this agent's own."""
        return await self.face.tokens.create(name or f"{agent}-page", scopes=AGENT_SCOPES, agent=agent)


def page_parts(desk: Any, face: Face) -> PageParts:
    """What the gateway would hand over."""
    return PageParts(
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
        tokens=face.parts.tokens,
        given_up=face.parts.given_up,
        suspended=face.parts.suspended,
        held_replies=desk.held,
        feed=desk.feed,
        logs=ConversationLogs(desk.engine, desk.clock),
        signals=Signals(desk.engine),
    )


@pytest.fixture
async def site(desk: Any, face: Face) -> AsyncIterator[Site]:
    """The pages, on a port of their own."""
    application = new_application()
    parts = page_parts(desk, face)
    board = board_service(desk)
    mount_board(application, mount_pages(application, parts), board)
    service = WebService(application, "127.0.0.1", 0)
    await service.start()
    base = f"http://127.0.0.1:{service.address[1]}"
    async with AsyncExitStack() as open_:
        made: list[ClientSession] = []

        def browser() -> Browser:
            made.append(ClientSession(cookie_jar=CookieJar(unsafe=True)))
            return Browser(made[-1], base)

        yield Site(desk, face, parts, board, base, service, browser)
        for session in made:
            await session.close()
        open_.push_async_callback(service.stop)


@pytest.fixture
async def browser(site: Site) -> Browser:
    """A browser that has seen nothing."""
    return site.browser()


@pytest.fixture
async def admin(site: Site) -> Browser:
    """A browser in which the admin token has signed in."""
    browser = site.browser()
    assert (await browser.sign_in()).location == "/desk"
    return browser


@pytest.fixture
async def ada(site: Site) -> Browser:
    """A browser in which Ada has signed in with her own token."""
    browser = site.browser()
    assert (await browser.sign_in(await site.token("ada"))).location == "/desk"
    return browser
