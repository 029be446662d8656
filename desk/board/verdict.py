"""Whether things are well, in a sentence, with what to do. Pure.

Findings stand in the order of their weight; the worst makes the verdict, the others stand beside it. A ticket waits
until somebody has accepted it. That nobody has room for it is told once it has waited so for `STUCK_MS` without being
offered, so that what a busy desk soon takes up does not make the headline change; until then nothing is said of room.
"""

from collections.abc import Callable, Iterator, Sequence

from ...router.parking import Parked
from ..views.token_words import token_words
from .advice import advice, counted, on_duty
from .balance import Balance
from .state import Board, Level, Numbers, QueueRow, Verdict

LAG_MS = 30_000  # an unfiled message older than this is behind
STUCK_MS = 10_000  # waiting so long for an agent with room is worth a look, although nothing is late
DEAD_LETTERS, UNDELIVERED = "/board/dead", "/board/undelivered"

Finding = tuple[Level, str, str]

_DECIDE = "What was given up is kept whole: retry it when the cause is gone, or drop it."
_REACH = "Send them again, to another address of the same person, or tell them otherwise and say so."
_NOBODY_AT_ALL = "Nobody of the queue is: give it to an agent in the configuration, or assign by hand."
_ANOTHER_SECRET = "Give another secret, which counts at once without a restart."  # noqa: S105  (words)
_SEE = {_DECIDE: DEAD_LETTERS, _REACH: UNDELIVERED}


def verdict_on(board: Board) -> Verdict:
    """The verdict; `board.verdict` is not read."""
    found = sorted(_findings(board), key=lambda finding: finding[0] != "bad")
    if not found:
        return Verdict(level="good", sentence="All is well", advice=_calm(board))
    level, sentence, advice = found[0]
    return Verdict(
        level=level,
        sentence=sentence,
        advice=advice,
        see=_SEE.get(advice, ""),
        also=tuple(also for _, also, _ in found[1:]),
    )


def _findings(board: Board) -> Iterator[Finding]:
    checks: Sequence[Callable[[Board], Iterator[Finding]]] = (
        _gate,
        _clock,
        _books,
        _lag,
        _late,
        _unserved,
        _orphans,
        _at_risk,
        _shutting,
        _lacking,
        _declined,
        _full,
        _refused,
        _unread,
        _undelivered,
        _parked,
        _absent,
        _filling,
        _dead,
    )
    for check in checks:
        yield from check(board)


def _gate(board: Board) -> Iterator[Finding]:
    if board.engine.strange:
        still = "Nothing is taken in and nothing is shown, so that nothing is lost or overwritten."
        yield "bad", "The engine is not the one of the data folder", f"{still} {_sentence(board.engine.closed)}"
    elif board.engine.closed:
        safe = "Senders are asked to try again later; nothing that was accepted is lost."
        yield "bad", "No messages are taken in at the moment", f"{safe} {_sentence(board.engine.closed)}"


def _clock(board: Board) -> Iterator[Finding]:
    if board.engine.clock:
        yield "bad", "Times that others write cannot be judged", _sentence(board.engine.clock)


def _books(board: Board) -> Iterator[Finding]:
    if not board.balance.even:
        advice = "Compare the rows in red below with the log of the gateway, and keep a copy of the data folder."
        yield "bad", f"Intake does not balance: {imbalance(board.balance)}", advice


def imbalance(balance: Balance) -> str:
    """What is missing, or too much, and where."""
    found = [_amount(row.difference, f"of {row.channel}") for row in balance.channels if row.difference]
    totals = (
        (balance.entries_missing, "in the intake queue"),
        (balance.dead_missing, "among the dead letters"),
        (balance.suspended_missing, "on the suspended list"),
    )
    return ", ".join(found or [_amount(difference, where) for difference, where in totals if difference])


def _amount(difference: int, where: str) -> str:
    return f"{counted(abs(difference), 'message')} {where} {'missing' if difference > 0 else 'too many'}"


def _lag(board: Board) -> Iterator[Finding]:
    oldest = board.balance.oldest_at
    if oldest is not None and board.at - oldest > LAG_MS:
        waiting = sum(row.in_progress for row in board.balance.channels)
        safe = "They are safe and keep their order; receipts can be among them."
        advice = f"{safe} Look whether a worker runs, and what its log says."
        yield "bad", f"{counted(waiting, 'message waits', 'messages wait')} to be filed", advice


def _late(board: Board) -> Iterator[Finding]:
    late = [queue for queue in board.queues if queue.late]
    if late:
        total = sum(queue.late for queue in late)
        worst = max(late, key=lambda queue: (queue.late, _age(queue, board)))
        waits = f"{counted(total, 'ticket waits', 'tickets wait')} longer than promised {_where(late)}"
        yield "bad", waits, advice(worst, board)


def _unserved(board: Board) -> Iterator[Finding]:
    unserved = [queue for queue in board.queues if queue.unoffered and not queue.late and not on_duty(queue, board)]
    for queue in sorted(unserved, key=lambda queue: _need(queue, board), reverse=True):
        yield "bad", f"{_waits([queue])} and nobody is on duty there", advice(queue, board)


def _orphans(board: Board) -> Iterator[Finding]:
    if orphans := board.numbers.orphans:
        has = counted(orphans, "open ticket has", "open tickets have")
        how = "A process with an older configuration gave it away: reload all of them (SIGHUP), and it goes back."
        yield "bad", f"{has} an agent who is not in the configuration", how


def _declined(board: Board) -> Iterator[Finding]:
    declined = [queue for queue in board.queues if queue.declined]
    if declined:
        were = counted(sum(queue.declined for queue in declined), "ticket was", "tickets were")
        again = min((queue.asked_again_at for queue in declined if queue.asked_again_at), default=None)
        minutes = max(1, -(-(again - board.at) // 60_000)) if again else 0
        when = f"They are asked again in {minutes} min" if again else "They are asked again later"
        how = f"{when}; to be sooner, assign them, or let somebody else come on duty."
        yield "watch", f"{were} declined by everybody there {_where(declined)}", how


def _lacking(board: Board) -> Iterator[Finding]:
    for queue in board.queues:
        for lacking in queue.lacking:
            waits = counted(lacking.tickets, "ticket waits", "tickets wait")
            what = token_words(lacking.token)
            it = "it" if lacking.tickets == 1 else "them"
            how = f"Ask {_named(lacking.agents)} to come on duty." if lacking.agents else _NOBODY_AT_ALL
            yield "watch", f"{waits} in {queue.name} for somebody {what}, and nobody on duty can have {it}", how


def _absent(board: Board) -> Iterator[Finding]:
    """What nobody waits for, and is not due, may stay with an agent over night."""
    holders = [agent for agent in board.agents if agent.presence == "offline" and agent.pressing]
    if holders:
        are = counted(
            sum(agent.pressing for agent in holders), "ticket that cannot wait is", "tickets that cannot wait are"
        )
        one = len(holders) == 1
        whose = (
            f"{holders[0].name}’s, who is offline"
            if one
            else f"those of {_named([holder.name for holder in holders])}, who are offline"
        )
        how = "They go back to their queues as `absent` says there; on the desk page colleagues can take them over."
        yield "watch", f"{are} {whose}", how


def _named(agents: Sequence[str]) -> str:
    names = list(agents[:3])
    if len(agents) > 3:
        return f"{', '.join(names)} and {len(agents) - 3} more"
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def _at_risk(board: Board) -> Iterator[Finding]:
    soon = [queue for queue in board.queues if queue.at_risk > queue.late]
    if soon:
        total = sum(queue.at_risk - queue.late for queue in soon)
        worst = max(soon, key=lambda queue: (queue.at_risk - queue.late, _age(queue, board)))
        close = counted(total, "ticket comes close", "tickets come close")
        yield "watch", f"{close} to what was promised {_where(soon)}", advice(worst, board)


def _full(board: Board) -> Iterator[Finding]:
    stuck = [queue for queue in board.queues if _is_stuck(queue, board)]
    if stuck:
        worst = max(stuck, key=lambda queue: _need(queue, board))
        yield "watch", f"{_waits(stuck)}, and nobody there has room", advice(worst, board)


def _is_stuck(queue: QueueRow, board: Board) -> bool:
    waits = _age(queue, board) > STUCK_MS
    return waits and not queue.available and not queue.at_risk and on_duty(queue, board)


def _age(queue: QueueRow, board: Board) -> int:
    """For how long the oldest has waited that is not even offered."""
    return board.at - (queue.unoffered_since or board.at)


def _need(queue: QueueRow, board: Board) -> tuple[int, int]:
    """By what queues are compared: how long the oldest has waited, then how many wait."""
    return _age(queue, board), queue.unoffered


def _waits(queues: Sequence[QueueRow]) -> str:
    """How many wait there, and how many of them are offered."""
    offered = sum(queue.offered for queue in queues)
    waits = counted(sum(queue.waiting for queue in queues), "ticket waits", "tickets wait")
    return f"{waits} {_where(queues)}" + (f" ({offered:,} offered)" if offered else "")


def _where(queues: Sequence[QueueRow]) -> str:
    return f"in {queues[0].name}" if len(queues) == 1 else f"in {len(queues)} queues"


def _shutting(board: Board) -> Iterator[Finding]:
    shutting = [queue for queue in board.queues if queue.shutting]
    if shutting:
        waits = counted(sum(queue.shutting for queue in shutting), "customer", "customers")
        how = "Answer them first; the desk lists them at the top. Later only a template reaches them there."
        yield "watch", f"{waits} can be answered freely for less than an hour {_where(shutting)}", how


def _undelivered(board: Board) -> Iterator[Finding]:
    if missing := board.numbers.undelivered:
        yield "watch", f"Answers in {counted(missing, 'ticket')} did not arrive", _REACH


def _refused(board: Board) -> Iterator[Finding]:
    for each in board.parked:
        if each.credentials:
            whose = f"of the account {each.account} any more; {_answers_wait(each)}"
            how = "Nothing is lost. Put another token in force and restart; until then it is tried every five minutes."
            yield "bad", f"The channel {each.channel} does not take the credentials {whose}", f"{how} {each.cause}"


def _unread(board: Board) -> Iterator[Finding]:
    for each in board.unread:
        what = f"What comes to {each.account} by {each.channel} is not read"
        remedy = each.remedy or (_ANOTHER_SECRET if each.credentials else "")
        if each.elsewhere:
            yield "bad", f"{what}, because it is not handed to us", _advice(remedy, each.cause)
        elif each.credentials:
            why = f"{what}, because our credentials are refused"
            yield "bad", why, _advice("Nothing is lost: it waits there.", remedy, each.cause)
        else:
            why = f"{what}, because it is not reached"
            yield "bad", why, _advice("It waits there and is read when it is.", remedy, each.cause)


def _advice(*sentences: str) -> str:
    return " ".join(_sentence(each.rstrip(".")) for each in sentences if each)


def _parked(board: Board) -> Iterator[Finding]:
    for each in board.parked:
        if not each.credentials:
            how = f"They leave by themselves when it does. {each.cause}"
            takes = f"The channel {each.channel} takes nothing of the account {each.account} now"
            yield "watch", f"{takes}; {_answers_wait(each)}", how


def _answers_wait(parked: Parked) -> str:
    return counted(parked.waiting, "answer waits", "answers wait")


def _filling(board: Board) -> Iterator[Finding]:
    if board.engine.filling:
        yield "watch", "The engine fills up", _sentence(board.engine.filling)


def _dead(board: Board) -> Iterator[Finding]:
    if board.upkeep.dead:
        yield "watch", f"{counted(board.upkeep.dead, 'dead letter needs', 'dead letters need')} a decision", _DECIDE


def _calm(board: Board) -> str:
    numbers = board.numbers
    waits = _waits_in_time(numbers)
    if not numbers.on_duty:
        return f"{waits}; no agent is on duty."
    if numbers.waiting.now and not numbers.available.now:
        return f"{waits}."
    have = "has" if numbers.available.now == 1 else "have"
    return f"{waits}; {numbers.available.now} of {counted(numbers.on_duty, 'agent')} on duty {have} room."


def _waits_in_time(numbers: Numbers) -> str:
    waiting, offered = numbers.waiting.now, numbers.offered
    if not waiting:
        return "Nobody waits"
    time = "in time" if waiting == 1 else "all in time"
    waits = f"{counted(waiting, 'ticket waits', 'tickets wait')}, {time}"
    if offered == waiting:
        return f"{waits} and offered to {'an agent' if waiting == 1 else 'agents'}"
    return f"{waits}, {offered:,} of them offered" if offered else waits


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
