"""The live board: seen once for all who watch, not at all for nobody, and honest when it cannot be seen."""

import asyncio
from collections.abc import Mapping
from typing import Any

from trunkline.config.errors import EngineUnavailable
from trunkline.desk.board.live import LiveBoard, News
from trunkline.desk.board.parts import Part

LIMIT = 10.0


class Board:
    """What there is to see; each look is a revision that the test can hold back."""

    def __init__(self) -> None:
        self.looks = 0
        self.marks = {"verdict": "a", "queues": "a"}
        self.trouble: Exception | None = None
        self.looked = asyncio.Event()

    async def look(self) -> Any:
        self.looks += 1
        self.looked.set()
        if self.trouble is not None:
            raise self.trouble
        return self

    @property
    def board(self) -> "Board":
        return self

    @property
    def at(self) -> int:
        return self.looks

    def render(self, _: Any) -> Mapping[str, Part]:
        return {name: Part(mark, f"<p>{name} {mark}") for name, mark in self.marks.items()}

    async def again(self) -> None:
        """Returns when it was looked at once more."""
        self.looked.clear()
        await asyncio.wait_for(self.looked.wait(), LIMIT)


def live(board: Board, *, sign: float = 1000.0) -> LiveBoard:
    return LiveBoard(board.look, board.render, every=0.001, sign=sign)


async def news(watching: Any) -> News:
    found: News = await asyncio.wait_for(anext(watching), LIMIT)
    return found


async def test_a_page_is_first_told_everything_and_then_what_changes() -> None:
    board = Board()
    watching = live(board).watch()
    assert set((await news(watching)).parts) == {"verdict", "queues"}
    board.marks["queues"] = "b"
    changed = await news(watching)
    assert {name: part.html for name, part in changed.parts.items()} == {"queues": "<p>queues b"}
    await watching.aclose()


async def test_a_quiet_board_gives_a_sign_of_life() -> None:
    watching = live(Board(), sign=0.0).watch()
    first = await news(watching)
    second = await news(watching)
    assert (dict(second.parts), second.trouble) == ({}, "")
    assert second.at > first.at
    await watching.aclose()


async def test_trouble_is_told_once_with_the_time_of_the_last_look_and_its_end_too() -> None:
    board = Board()
    watching = live(board).watch()
    await news(watching)
    board.trouble = EngineUnavailable("it is away")
    told = await news(watching)
    seen = told.at
    assert (told.trouble, dict(told.parts)) == ("it is away", {})
    board.trouble = None
    over = await news(watching)
    assert (over.trouble, over.at > seen) == ("", True)
    await watching.aclose()


async def test_a_board_that_cannot_be_made_is_trouble_too() -> None:
    board = Board()
    board.trouble = KeyError("a mistake of ours")
    watching = live(board).watch()
    assert "cannot be made" in (await news(watching)).trouble
    await watching.aclose()


async def test_it_is_seen_once_for_all_and_not_at_all_for_nobody() -> None:
    board = Board()
    shared = live(board)
    first, second = shared.watch(), shared.watch()
    await news(first)
    assert shared._seeing.running
    assert set((await news(second)).parts) == {"verdict", "queues"}
    await first.aclose()
    await board.again()
    await second.aclose()
    looks = board.looks
    await asyncio.sleep(0)
    assert (board.looks, shared._seeing.running) == (looks, False)
    third = shared.watch()
    await news(third)
    assert board.looks > looks
    await third.aclose()
