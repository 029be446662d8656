"""The real gateway with one guarantee taken away, to see whether the checker notices:

    python mutant_gateway.py MUTATION serve --config …

    none                          nothing is taken away
    acknowledge_before_storing    intake answers at once and stores a moment later
    finish_before_filing          a worker takes a message off the queue, and files it a moment later
    append_lines_afterwards       a line of a chat is stored, and appended to the log a moment later
    append_lines_before           it is appended, and stored a moment later
    answer_repeats_anew           a line that comes again is answered with the newest position
    say_under_new_keys            our own lines are appended without saying which they are, and settled a moment later
    wake_nobody_after_trouble     whoever follows the logs hears nothing of what was said while it could not
    default_retries               intake uses the client as it comes, which repeats what may have run
    default_retries_without_ids   the same, and what is repeated is not known by an id that we chose before

The last two reach the engine through the proxy at CHAOS_PROXY. Leases are short, so that tests are.
"""

import asyncio
import contextvars
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from redis.asyncio import Redis

from trunkline.gateway.command.main import main
from trunkline.queue import intake, work, worker
from trunkline.queue.connection import Engine
from trunkline.queue.conversation_log import ConversationLogs, LogEntry
from trunkline.queue.identifiers import new_id
from trunkline.queue.intake import Accepted, Intake
from trunkline.queue.log_tail import LogTail
from trunkline.queue.scripts import Script, ScriptArguments, ScriptKeys
from trunkline.queue.work import Entry
from trunkline.router.intake_handler import IntakeHandler

A_MOMENT = 0.3
LEASE_MS = 3_000

# What every execution appends, it appends under an id of its own.
WITHOUT_IDS = """
local attempt = redis.call('INCR', queue.state .. ':attempts')
payload = string.gsub(payload, '"external_id":"', '"external_id":"' .. attempt .. '-', 1)
return { 'NEW', id, work_push(queue, lane, payload), 0 }
"""

_accept, _handle, _append = Intake.accept, IntakeHandler.handle, ConversationLogs.append
_run = Engine.run
_chosen: contextvars.ContextVar[str] = contextvars.ContextVar("chosen")
_later = set[asyncio.Task[Any]]()


def none() -> None:
    """The gateway as it is."""


def acknowledge_before_storing() -> None:
    """The raw id is chosen, or the position guessed, told, and only then stored under."""
    vars(intake)["new_id"] = lambda now: _chosen.get(None) or new_id(now)

    async def accept(self: Intake, **facts: Any) -> Accepted:
        raw_id, entry = new_id(self._clock.now()), facts.get("log")
        position = await _logs(self).last(entry.conversation) + 1 if entry else 0

        async def store() -> None:
            await asyncio.sleep(A_MOMENT)
            _chosen.set(raw_id)
            await _accept(self, **facts)

        task = asyncio.create_task(store())
        _later.add(task)
        task.add_done_callback(_later.discard)
        return Accepted(raw_id, duplicate=False, sequence=0, position=position)

    Intake.accept = accept  # type: ignore[method-assign]


def append_lines_afterwards() -> None:
    """Two steps: the message, then its line."""

    async def accept(self: Intake, *, log: LogEntry | None = None, **facts: Any) -> Accepted:
        accepted = await _accept(self, **facts)
        if log is None:
            return accepted
        if accepted.duplicate:
            return replace(accepted, position=await _logs(self).last(log.conversation))
        await asyncio.sleep(A_MOMENT)
        return replace(accepted, position=await _append(_logs(self), log.conversation, log.line, key=accepted.id))

    Intake.accept = accept  # type: ignore[method-assign]


def append_lines_before() -> None:
    """Two steps: the line, then the message."""

    async def accept(self: Intake, *, log: LogEntry | None = None, **facts: Any) -> Accepted:
        if log is None:
            return await _accept(self, **facts)
        position = await _append(_logs(self), log.conversation, log.line, key=new_id(self._clock.now()))
        await asyncio.sleep(A_MOMENT)
        return replace(await _accept(self, **facts), position=position)

    Intake.accept = accept  # type: ignore[method-assign]


def answer_repeats_anew() -> None:
    """The position of the first is not looked up."""

    async def accept(self: Intake, **facts: Any) -> Accepted:
        accepted, entry = await _accept(self, **facts), facts.get("log")
        if entry is None or not accepted.duplicate:
            return accepted
        return replace(accepted, position=await _logs(self).last(entry.conversation) + 1)

    Intake.accept = accept  # type: ignore[method-assign]


def say_under_new_keys() -> None:
    """A sender that died sends again, and nobody knows it for a repeat."""

    async def append(self: ConversationLogs, conversation: str, line: Any, *, key: str) -> int:
        position = await _append(self, conversation, line, key=f"{key} {new_id(self._clock.now())}")
        await asyncio.sleep(A_MOMENT)
        return position

    ConversationLogs.append = append  # type: ignore[method-assign]


def wake_nobody_after_trouble() -> None:
    """What was said while nothing could be heard is not looked for."""

    def nobody(_: LogTail) -> None:
        pass

    LogTail._wake_all = nobody  # type: ignore[method-assign]


def _logs(intake_: Intake) -> ConversationLogs:
    return ConversationLogs(intake_._engine, intake_._clock)


def finish_before_filing() -> None:
    """The lane is kept, so that nothing else goes wrong."""

    async def handle(self: IntakeHandler, entry: Entry) -> bool:
        queue = self._filer._intake
        await queue._settle("finish", replace(entry, last=False), self._clock.now())
        await asyncio.sleep(A_MOMENT)
        return await _handle(self, entry)

    IntakeHandler.handle = handle  # type: ignore[method-assign]


def default_retries() -> None:
    """Our script, by the client's own retries."""
    client = Redis(unix_socket_path=os.environ["CHAOS_PROXY"], socket_timeout=5)

    async def by_plain_client(self: Engine, script: Script, keys: ScriptKeys, args: ScriptArguments) -> Any:
        if script is not intake._INTAKE:
            return await _run(self, script, keys, args)
        words: Any = script.wire(keys, args, mark_key=self._mark_key, born="")
        return await client.eval(script.source.decode(), *words)

    Engine.run = by_plain_client  # type: ignore[method-assign]


def default_retries_without_ids() -> None:
    """The same with a script that does not look whether it knows the message."""
    head, _, _ = intake._INTAKE.source.partition(b"local known =")
    intake._INTAKE = Script("without_ids.lua", intake._INTAKE.head, head + WITHOUT_IDS.encode())
    default_retries()


MUTATIONS: dict[str, Callable[[], None]] = {
    mutation.__name__: mutation
    for mutation in (
        none,
        acknowledge_before_storing,
        finish_before_filing,
        append_lines_afterwards,
        append_lines_before,
        answer_repeats_anew,
        say_under_new_keys,
        wake_nobody_after_trouble,
        default_retries,
        default_retries_without_ids,
    )
}

if __name__ == "__main__":
    for module in (work, worker):
        module.LEASE_MS = LEASE_MS  # type: ignore[attr-defined]
    MUTATIONS[sys.argv.pop(1)]()
    main()
