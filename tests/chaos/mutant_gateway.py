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
import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from redis.asyncio import Redis

from trunkline.gateway.command import main
from trunkline.queue import intake, work, worker
from trunkline.queue.conversation_log import ConversationLogs, LogEntry, conversation_keys
from trunkline.queue.identifiers import new_id
from trunkline.queue.intake import Accepted, Intake
from trunkline.queue.log_tail import LogTail
from trunkline.queue.scripts import Script
from trunkline.queue.work import Entry
from trunkline.router.filing import Filing

A_MOMENT = 0.3
LEASE_MS = 3_000

# What every execution appends, it appends under an id of its own.
WITHOUT_IDS = """#!lua
local attempt = redis.call('INCR', KEYS[10])
local payload = string.gsub(ARGV[5], '"external_id":"', '"external_id":"' .. attempt .. '-', 1)
local sequence = redis.call('HINCRBY', KEYS[4], 'seq', 1)
redis.call('HSET', KEYS[1], sequence, payload)
redis.call('ZADD', KEYS[2], 0, ARGV[4] .. '\\0' .. string.format('%016d', sequence))
if redis.call('HEXISTS', KEYS[4], 'l:' .. ARGV[4]) == 0 then redis.call('ZADD', KEYS[3], 'LT', sequence, ARGV[4]) end
return { 'NEW', ARGV[3], sequence }
"""

_accept, _handle, _append = Intake.accept, Filing.handle, ConversationLogs.append
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

    async def handle(self: Filing, entry: Entry) -> bool:
        queue = self._filer._intake
        await queue._settle("finish", entry, self._clock.now(), release=False)
        await asyncio.sleep(A_MOMENT)
        return await _handle(self, entry)

    Filing.handle = handle  # type: ignore[method-assign]


def default_retries() -> None:
    """Our script, by the client's own retries."""
    _by_plain_client(intake._INTAKE, [])


def default_retries_without_ids() -> None:
    """The same with a script that does not look whether it knows the message."""
    source = WITHOUT_IDS.encode()
    _by_plain_client(Script("without_ids.lua", source, ""), ["chaos:attempts"])


def _by_plain_client(script: Script, more_keys: list[str]) -> None:
    client = Redis(unix_socket_path=os.environ["CHAOS_PROXY"], socket_timeout=5)

    async def store(
        self: Intake, names: list[Any], header: dict[str, Any], content: bytes, log: LogEntry | None, _: Any
    ) -> Accepted:
        payload = intake.pack(json.loads(json.dumps(header)) | {"blob": ""}, content)
        logged = conversation_keys(self._engine, log.conversation) if log and not more_keys else []
        keys = [*self._keys, *logged, *(self._engine.keys(each) for each in more_keys)]
        line = [log.conversation, json.dumps(dict(log.line))] if log and logged else ["", ""]
        arguments: list[Any] = [*names, payload, "", *line]
        reply: Any = await client.eval(script.source.decode(), len(keys) + 1, *keys, "", *arguments, "")
        return Accepted(reply[1].decode(), reply[0] == b"KNOWN", int(reply[2]), int(reply[3]) if logged else 0)

    Intake._store = store  # type: ignore[method-assign]


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
