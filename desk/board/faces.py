"""Where the board is to be had: as `GET /v1/board`, for other displays and for alarms, and as pages."""

from aiohttp import web

from ...router.blocked_senders import BlockedSenders
from ...web.operations import Call, Operation
from ..access.access import Access
from ..pages.mounting import no_such_page
from ..pages.shell import Shell
from ..upkeep_api import UpkeepApi
from .agent_page import AgentPage
from .board_service import BoardService
from .pages import BoardPages
from .state import Board
from .undelivered_page import UndeliveredPage
from .upkeep_pages import UpkeepPages


class BoardApi:
    """The operation on the board."""

    def __init__(self, board: BoardService, access: Access) -> None:
        self._board = board
        self._access = access

    def operations(self) -> list[Operation]:
        """What is offered at `/v1/board`."""
        return [
            Operation(
                method="GET",
                path="/v1/board",
                handler=self.get,
                scope="tickets:read",
                tag="board",
                summary="Read the live board",
                description="All numbers were seen in one moment. Ask as often as you like, up to about once a second.",
            )
        ]

    async def get(self, call: Call) -> Board:
        """The board as it is now, of the queues that are seen."""
        return (await self._board.see(self._access.of(call.principal).queues)).board


def mount_board(application: web.Application, shell: Shell, board: BoardService) -> None:
    """Serve the board and the lists behind it, within the shell of the desk's pages."""
    parts = shell.parts
    BoardPages(shell, board).mount(application)
    upkeep = UpkeepApi(parts.given_up, parts.suspended, BlockedSenders(parts.engine, parts.clock), parts.clock)
    UpkeepPages(shell, upkeep).mount(application)
    UndeliveredPage(shell).mount(application)
    AgentPage(shell).mount(application)
    application.router.add_route("*", "/board/{rest:.*}", shell.page(no_such_page))
