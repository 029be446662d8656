"""The desk's pages put together: `mount_pages(application, parts)`; its shell is for the board's as well."""

from functools import partial

from aiohttp import web

from ...config.errors import NotFound
from ...queue.clock import Clock
from ..stores.sessions import PageSession
from ..views.chat_presence import ChatPresence
from .changes import Changes
from .customer_page import CustomerPage
from .desk_page import DeskPage
from .events import DeskEvents
from .file_links import FileLinks, file_link
from .macros_page import MacrosPage
from .merge_page import MergePage
from .openid_sign_in import OpenIdSignIn
from .page_parts import PageParts
from .proposals_page import ProposalsPage
from .sandboxed_html import HtmlFrames
from .shell import Shell
from .sign_in import SignIn
from .split_page import SplitPage
from .ticket_posts import TicketPosts
from .writing_posts import WritingPosts


def mount_pages(application: web.Application, parts: PageParts) -> Shell:
    """Serve the desk's pages."""
    shell = Shell(parts)
    shell.mount(application)
    SignIn(shell).mount(application)
    OpenIdSignIn(shell).mount(application)
    HtmlFrames(shell).mount(application)
    FileLinks(shell).mount(application)
    CustomerPage(shell).mount(application)
    ProposalsPage(shell).mount(application)
    _mount_desk(application, shell)
    application.router.add_route("*", "/desk/{rest:.*}", shell.page(no_such_page))
    return shell


def _mount_desk(application: web.Application, shell: Shell) -> None:
    """The desk page: what it shows, what its buttons do, what it is told of."""
    parts = shell.parts
    presence = ChatPresence(parts.logs, parts.signals, parts.policy().channels, parts.typing)
    events = DeskEvents(shell, Changes(parts.feed), parts.signals, presence)
    page = DeskPage(shell, presence, events, partial(_file_url, parts.clock))
    page.mount(application)
    TicketPosts(shell, page, presence).mount(application)
    WritingPosts(shell, page).mount(application)
    MacrosPage(shell).mount(application)
    MergePage(shell).mount(application)
    SplitPage(shell).mount(application)


def _file_url(clock: Clock, session: PageSession, article: str, sha256: str, _: str) -> str:
    return file_link(session, article, sha256, clock.now())


async def no_such_page(_: web.Request) -> web.StreamResponse:
    """What every other address below answers. Raises NotFound."""
    raise NotFound("no page of the desk has this address")
