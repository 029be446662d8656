"""Open time: how much of it lies between two instants, and when so much of it has passed.

It is exact to the millisecond, over changes of daylight saving time too: an hour that is missing has no open time, one
that comes twice has it twice, and spans that overlap count once. Pauses have none. Without business hours every instant
is open. Instants are milliseconds since 1970. A search ends after `FARTHEST` days; None then.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo

from .business_hours import BusinessHours

Interval = tuple[int, int]
"""From and to, of which `to` lies outside."""

FARTHEST = 3 * 366
FOREVER = 1 << 52

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 -- wall-clock times are counted from it
_MS = timedelta(milliseconds=1)


class OpenTime:
    """The open time of one calendar; None: all hours."""

    def __init__(self, hours: BusinessHours | None = None) -> None:
        self._hours = hours
        self._days: dict[date, Sequence[Interval]] = {}

    def between(self, since: int, until: int, pauses: Sequence[Interval] = ()) -> int:
        """How much there is, in ms."""
        total = 0
        for begin, end in self.intervals(since, pauses):
            if begin >= until:
                break
            total += min(end, until) - begin
        return total

    def after(self, since: int, amount: int, pauses: Sequence[Interval] = ()) -> int | None:
        """When so much of it, in ms, has passed since then."""
        left = amount
        for begin, end in self.intervals(since, pauses):
            if end - begin >= left:
                return begin + left
            left -= end - begin
        return None

    def intervals(self, since: int, pauses: Sequence[Interval] = ()) -> Iterator[Interval]:
        """The open intervals from then on, in order and apart."""
        rests = sorted(pauses)
        for begin, end in self._open(since):
            at = max(begin, since)
            for first, last in rests:
                if first < end and last > at:
                    if first > at:
                        yield at, first
                    at = last
            if at < end:
                yield at, end

    def _open(self, since: int) -> Iterator[Interval]:
        if self._hours is None:
            yield since, FOREVER
            return
        current: Interval | None = None
        first = _instant(since).astimezone(self._hours.zone).date() - timedelta(days=2)  # a night that runs on
        for ahead in range(FARTHEST):
            for begin, end in self._on(self._hours, first + timedelta(days=ahead)):
                if current is not None and begin <= current[1]:
                    current = current[0], max(end, current[1])
                    continue
                if current is not None and current[1] > since:
                    yield current
                current = begin, end
        if current is not None and current[1] > since:
            yield current

    def _on(self, hours: BusinessHours, day: date) -> Sequence[Interval]:
        found = self._days.get(day)
        if found is None:
            midnight = datetime.combine(day, datetime.min.time())
            spans = [[midnight + timedelta(minutes=minute) for minute in span] for span in hours.spans_on(day)]
            found = sorted(piece for begin, end in spans for piece in _instants(hours.zone, begin, end))
            if len(self._days) > FARTHEST:
                self._days.clear()
            self._days[day] = found
        return found


def _instants(zone: tzinfo, begin: datetime, end: datetime) -> Iterator[Interval]:
    """The instants at which the clocks on the wall show times of a span; they are two where the clocks are changed."""
    before, after = _offset(zone, begin, fold=0), _offset(zone, end, fold=1)
    first, last = (begin - _NAIVE_EPOCH) // _MS, (end - _NAIVE_EPOCH) // _MS
    if before == after:
        yield first - before, last - before
        return
    change = _change(zone, first - max(before, after), last - min(before, after), before)
    for piece in ((first - before, min(last - before, change)), (max(first - after, change), last - after)):
        if piece[0] < piece[1]:
            yield piece


def _change(zone: tzinfo, since: int, until: int, before: int) -> int:
    """The instant between the two from which on the offset is not `before` any more."""
    while since < until:
        middle = (since + until) // 2
        if _utc_offset(zone, middle) == before:
            since = middle + 1
        else:
            until = middle
    return since


def _offset(zone: tzinfo, wall: datetime, *, fold: int) -> int:
    return (wall.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta()) // _MS


def _utc_offset(zone: tzinfo, at: int) -> int:
    return (_instant(at).astimezone(zone).utcoffset() or timedelta()) // _MS


def _instant(at: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=at)
