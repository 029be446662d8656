"""Lists by time are paged without a gap and without a repeat, however many entries share a millisecond."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.config.errors import NotFound
from trunkline.desk.list_positions import TimedList, TimedPosition, name_position, ticket_position
from trunkline.web.paging import PageQuery, cursor_at

Entry = tuple[int, str]

ENTRIES = st.sets(st.tuples(st.integers(0, 3), st.text("0123456789", min_size=1, max_size=2)), max_size=30)


def listed(entries: set[Entry]) -> TimedList[Entry]:
    """A list that is kept as the engine keeps it."""

    async def newest(limit: int, before: int | None) -> Sequence[Entry]:
        found = sorted((entry for entry in entries if before is None or entry[0] < before), reverse=True)
        return found[:limit]

    return TimedList(newest, lambda entry: TimedPosition(*entry))


@given(ENTRIES, st.integers(1, 7))
def test_every_entry_comes_once_and_the_newest_first(entries: set[Entry], limit: int) -> None:
    async def walked() -> list[Entry]:
        seen: list[Entry] = []
        position = None
        while page := await listed(entries).behind(position, limit):
            assert len(page) <= limit
            seen += page
            position = TimedPosition(*page[-1])
        return seen

    assert asyncio.run(walked()) == sorted(entries, reverse=True)


@given(ENTRIES, st.integers(1, 7), st.integers(0, 4), st.text("0123456789", max_size=2))
def test_a_position_whose_entry_is_gone_goes_on_where_it_stood(
    entries: set[Entry], limit: int, at: int, member: str
) -> None:
    page = asyncio.run(listed(entries).behind(TimedPosition(at, member), limit))
    assert page == sorted((entry for entry in entries if entry < (at, member)), reverse=True)[:limit]


@pytest.mark.parametrize("place", [(1,), ("a", 1), (1, 2), (1, "a", 2)])
def test_a_cursor_of_another_list_names_no_place_by_time(place: tuple[str | int, ...]) -> None:
    with pytest.raises(NotFound):
        TimedPosition.of(PageQuery(cursor=cursor_at(place)))


def test_cursors_name_the_places_of_their_lists() -> None:
    assert TimedPosition.of(PageQuery(cursor=cursor_at((5, "a-1")))) == TimedPosition(5, "a-1")
    assert ticket_position(PageQuery(cursor=cursor_at(("000000001042",)))) == "000000001042"
    assert name_position(PageQuery(cursor=cursor_at(("ada",)))) == "ada"
    assert (TimedPosition.of(PageQuery()), ticket_position(PageQuery()), name_position(PageQuery())) == (None, None, "")
    for place in (("1042",), (1,), ("000000001042", "x")):
        with pytest.raises(NotFound):
            ticket_position(PageQuery(cursor=cursor_at(place)))
    with pytest.raises(NotFound):
        name_position(PageQuery(cursor=cursor_at((1,))))
