"""The pages of the board put together: `mount_board(application, shell, board)`."""

from aiohttp import web

from ..pages.mounting import no_such_page
from ..pages.shell import Shell
from ..upkeep_api import UpkeepApi
from .board_service import BoardService
from .pages import BoardPages
from .upkeep_pages import UpkeepPages


def mount_board(application: web.Application, shell: Shell, board: BoardService) -> None:
    """Serve the board and the lists behind it, within the shell of the desk's pages."""
    parts = shell.parts
    BoardPages(shell, board).mount(application)
    UpkeepPages(shell, UpkeepApi(parts.engine, parts.blobs, parts.policy().channels)).mount(application)
    application.router.add_route("*", "/board/{rest:.*}", shell.page(no_such_page))
