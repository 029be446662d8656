"""Whether things are well, in a sentence, with what to do. Pure.

Findings stand in the order of their weight; the worst makes the verdict, the others stand beside it.
"""

from collections.abc import Callable, Iterator, Sequence

from .books import Books
from .state import AgentRow, Board, Level, QueueRow, Verdict

LAG_MS = 30_000  # an unfiled message older than this is behind
STUCK_MS = 60_000  # waiting so long for an agent with room is worth a look, although nothing is late
DEAD_LETTERS = "/board/dead"

Finding = tuple[Level, str, str]

_DECIDE = "What was given up is kept whole: retry it when the cause is gone, or drop it."


def verdict_on(board: Board) -> Verdict:
    """The verdict; `board.verdict` is not read."""
    found = sorted(_findings(board), key=lambda finding: finding[0] != "bad")
    if not found:
        return Verdict(level="good", sentence="All is well", advice=_calm(board))
    level, sentence, advice = found[0]
    see = DEAD_LETTERS if advice == _DECIDE else ""
    return Verdict(level=level, sentence=sentence, advice=advice, see=see, also=tuple(also for _, also, _ in found[1:]))


def _findings(board: Board) -> Iterator[Finding]:
    checks: Sequence[Callable[[Board], Iterator[Finding]]] = (
        _gate,
        _books,
        _lag,
        _late,
        _unserved,
        _at_risk,
        _full,
        _dead,
    )
    for check in checks:
        yield from check(board)


def _gate(board: Board) -> Iterator[Finding]:
    if board.engine.closed:
        safe = "Senders are asked to try again later; nothing that was accepted is lost."
        yield "bad", "No messages are taken in at the moment", f"{safe} {_sentence(board.engine.closed)}"


def _books(board: Board) -> Iterator[Finding]:
    if not board.books.balanced:
        advice = "Compare the rows in red below with the log of the gateway, and keep a copy of the data folder."
        yield "bad", f"The books of intake do not balance: {imbalance(board.books)}", advice


def imbalance(books: Books) -> str:
    """What is missing, or too much, and where."""
    found = [_amount(book.difference, f"of {book.channel}") for book in books.channels if book.difference]
    totals = (
        (books.entries_missing, "in the intake queue"),
        (books.dead_missing, "among the dead letters"),
        (books.suspended_missing, "on the suspended list"),
    )
    return ", ".join(found or [_amount(difference, where) for difference, where in totals if difference])


def _amount(difference: int, where: str) -> str:
    return f"{_count(abs(difference), 'message')} {where} {'missing' if difference > 0 else 'too many'}"


def _lag(board: Board) -> Iterator[Finding]:
    oldest = board.books.oldest_at
    if oldest is not None and board.at - oldest > LAG_MS:
        waiting = sum(book.works for book in board.books.channels)
        advice = "They are safe and keep their order. Look whether a worker runs, and what its log says."
        yield "bad", f"{_count(waiting, 'message waits', 'messages wait')} to be filed", advice


def _late(board: Board) -> Iterator[Finding]:
    late = [queue for queue in board.queues if queue.late]
    if late:
        total = sum(queue.late for queue in late)
        where = f"in {late[0].name}" if len(late) == 1 else f"in {len(late)} queues"
        worst = max(late, key=lambda queue: queue.late)
        waits = f"{_count(total, 'ticket waits', 'tickets wait')} longer than promised {where}"
        yield "bad", waits, _relief(worst, board)


def _unserved(board: Board) -> Iterator[Finding]:
    for queue in board.queues:
        if queue.waiting and not queue.late and not _on_duty(queue, board):
            waits = _count(queue.waiting, "ticket waits", "tickets wait")
            yield "bad", f"{waits} in {queue.name} and nobody is on duty there", _relief(queue, board)


def _at_risk(board: Board) -> Iterator[Finding]:
    soon = [queue for queue in board.queues if queue.at_risk > queue.late]
    if soon:
        total = sum(queue.at_risk - queue.late for queue in soon)
        where = f"in {soon[0].name}" if len(soon) == 1 else f"in {len(soon)} queues"
        worst = max(soon, key=lambda queue: queue.at_risk - queue.late)
        close = _count(total, "ticket comes close", "tickets come close")
        yield "watch", f"{close} to what was promised {where}", _relief(worst, board)


def _full(board: Board) -> Iterator[Finding]:
    stuck = [queue for queue in board.queues if _is_stuck(queue, board)]
    if stuck:
        total = sum(queue.waiting for queue in stuck)
        where = f"in {stuck[0].name}" if len(stuck) == 1 else f"in {len(stuck)} queues"
        worst = max(stuck, key=lambda queue: queue.waiting)
        waits = _count(total, "ticket waits", "tickets wait")
        yield "watch", f"{waits} {where}, and nobody there has room", _relief(worst, board)


def _is_stuck(queue: QueueRow, board: Board) -> bool:
    waits = board.at - (queue.oldest_since or board.at) > STUCK_MS
    return waits and bool(queue.waiting) and not queue.available and not queue.at_risk and _on_duty(queue, board)


def _dead(board: Board) -> Iterator[Finding]:
    if board.upkeep.dead:
        yield "watch", f"{_count(board.upkeep.dead, 'dead letter needs', 'dead letters need')} a decision", _DECIDE


def _relief(queue: QueueRow, board: Board) -> str:
    """What would help the queue most."""
    serving = [agent for agent in board.agents if queue.name in agent.queues]
    if not queue.configured:
        return f"{queue.name} is not in the configuration any more: move its tickets to another queue."
    if not serving:
        return f"Nobody serves {queue.name}: give an agent the queue in the configuration."
    if not queue.waiting and not queue.offered:
        return "They have agents and no first answer yet: help those who have most, below."
    if queue.available:
        return f"{_count(queue.available, 'agent', 'agents')} with room in {queue.name}; offers are on their way."
    away = [agent for agent in serving if agent.presence != "available" and agent.load < agent.capacity]
    if away:
        return f"No agent of {queue.name} has room. Ask {_names(away)} to come back."
    return f"Everybody in {queue.name} is full: {_names(serving)}. Let somebody help out, or raise a capacity."


def _on_duty(queue: QueueRow, board: Board) -> bool:
    return any(queue.name in agent.queues and agent.presence == "available" for agent in board.agents)


def _names(agents: Sequence[AgentRow]) -> str:
    named = [agent.name if agent.presence == "available" else f"{agent.name} ({agent.presence})" for agent in agents]
    return ", ".join(named[:3]) + (f" or {len(named) - 3} more" if len(named) > 3 else "")


def _calm(board: Board) -> str:
    numbers = board.numbers
    waiting = numbers.waiting.now
    waits = f"{_count(waiting, 'ticket waits', 'tickets wait')}, all in time" if waiting else "Nobody waits"
    if not numbers.on_duty:
        return f"{waits}; no agent is on duty."
    have = "has" if numbers.available.now == 1 else "have"
    return f"{waits}; {numbers.available.now} of {_count(numbers.on_duty, 'agent')} on duty {have} room."


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
