"""The desk page put together: what it shows, what its buttons do, what it is told of."""

from aiohttp import web

from ..views.chat_presence import ChatPresence
from .changes import Changes
from .desk_page import DeskPage, FileUrl
from .events import DeskEvents
from .shell import Shell
from .ticket_posts import TicketPosts
from .writing_posts import WritingPosts


def mount_desk(application: web.Application, shell: Shell, *, file_url: FileUrl) -> None:
    """Serve it."""
    parts = shell.parts
    presence = ChatPresence(parts.logs, parts.signals, parts.policy().channels)
    events = DeskEvents(shell, Changes(parts.feed), parts.signals, presence)
    page = DeskPage(shell, presence, events, file_url)
    page.mount(application)
    TicketPosts(shell, page, presence).mount(application)
    WritingPosts(shell, page).mount(application)
