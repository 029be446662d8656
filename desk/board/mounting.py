"""The pages of the board put together: `mount_board(application, shell)`."""

from aiohttp import web

from ..pages.shell import Shell
from ..upkeep_api import UpkeepApi
from .pages import BoardPages
from .upkeep_pages import UpkeepPages


def mount_board(application: web.Application, shell: Shell) -> None:
    """Serve the board and the lists behind it."""
    parts = shell.parts
    BoardPages(shell, parts.board).mount(application)
    UpkeepPages(shell, UpkeepApi(parts.engine, parts.blobs, parts.policy().channels)).mount(application)
