"""The board over HTTP, for other displays and for alarms."""

from ...web.operations import Call, Operation
from .board_service import BoardService
from .state import Board


class BoardApi:
    """The operation on the board."""

    def __init__(self, keeping: BoardService) -> None:
        self._keeping = keeping

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

    async def get(self, _: Call) -> Board:
        """The board as it is now."""
        return (await self._keeping.see()).board
