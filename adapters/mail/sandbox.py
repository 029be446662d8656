"""Mails are read in a process of their own, with limits, so that none of them can take the gateway with it.

A pool of parser processes, started when the first mail comes and replaced when they die. A mail that takes too much
processor time or memory is `Unreadable`: its bytes are kept, and the next one goes on. When a process is lost without
an answer, or keeps silent too long, that may have been the machine's fault: the mail is tried once more in a fresh one,
and only then given up. When no process can be started at all, that is our trouble and the mail waits (`Temporary`).

About 50 MB for each process. Memory is limited on Linux; elsewhere only processor time and silence are.
"""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog

from ...config.errors import Temporary, Unreadable
from ...normalizer.envelope import RawMessage
from ...normalizer.outgoing import Parsed
from .sandbox_frames import RESPONSE, Outcome, decode_parsed, encode_request

log = structlog.get_logger()

_MODULE = "trunkline.adapters.mail.sandbox_process"
_START_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class SandboxLimits:
    """What one mail may take."""

    processor_seconds: float = 5.0
    silence_seconds: float = 12.0  # two tries fit the lease under which the mail is worked on
    memory: int = 320 * 1024 * 1024  # on top of the process itself; a mail of 25 MiB needs a third of it


class _LostError(Exception):
    """The process ended or kept silent before it answered."""


class Sandbox:
    """Reads mails in parser processes."""

    def __init__(
        self,
        addresses: Sequence[str],
        key: bytes,
        *,
        forwarding: Mapping[str, str] | None = None,
        processes: int = 1,
        limits: SandboxLimits | None = None,
    ) -> None:
        self._limits = limits or SandboxLimits()
        self._settings: dict[str, object] = {
            "addresses": list(addresses),
            "forwarding": dict(forwarding or {}),
            "key": key.hex(),
            "memory": self._limits.memory,
            "processor_seconds": self._limits.processor_seconds,
        }
        self._free: list[_Parser] = []
        self._seats = asyncio.Semaphore(processes)
        self._processes = processes
        self._stopping = False

    def reconfigure(self, addresses: Sequence[str], forwarding: Mapping[str, str]) -> None:
        """Mails from now on are read for these addresses; processes that know others end when they are free."""
        self._settings = {**self._settings, "addresses": list(addresses), "forwarding": dict(forwarding)}

    async def parse(self, raw: RawMessage) -> Parsed:
        """Read a mail. Raises Unreadable, or Temporary when no process can be started."""
        async with self._seats:
            lost = ""
            for _ in range(2):
                parser = await self._parser()
                try:
                    return await parser.parse(raw)
                except _LostError as error:
                    lost = str(error)
                    log.warning("a parser process was lost", action="parser_lost", raw_id=raw.id, cause=lost)
                finally:
                    if self._is_fit(parser) and not self._stopping:
                        self._free.append(parser)
                    else:
                        await parser.end()
            raise Unreadable(f"reading it cost two parser processes: {lost}")

    def start(self) -> None:
        """Processes may be kept again; the first one starts with the first mail."""
        self._stopping = False

    async def stop(self) -> None:
        """Let the mails at work come to their end, and end the processes."""
        self._stopping = True
        for _ in range(self._processes):
            await self._seats.acquire()
        while self._free:
            await self._free.pop().end()
        for _ in range(self._processes):
            self._seats.release()

    async def _parser(self) -> "_Parser":
        while self._free:
            parser = self._free.pop()
            if self._is_fit(parser):
                return parser
            await parser.end()
        try:
            return await _Parser.started(self._settings, self._limits.silence_seconds)
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            raise Temporary(f"no parser process could be started: {error}") from error

    def _is_fit(self, parser: "_Parser") -> bool:
        return parser.is_fit and parser.settings is self._settings


class _Parser:
    def __init__(self, process: Process, settings: dict[str, object], silence_seconds: float) -> None:
        self.settings = settings
        self._process = process
        self._silence = silence_seconds
        self._in_step = True

    @classmethod
    async def started(cls, settings: dict[str, object], silence_seconds: float) -> "_Parser":
        # It need not know our secrets, and -P keeps the current folder from becoming a place to import from.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TRUNKLINE_")}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", _MODULE, stdin=PIPE, stdout=PIPE, env=environment
        )
        parser = cls(process, settings, silence_seconds)
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(settings).encode() + b"\n")
            async with asyncio.timeout(_START_SECONDS):
                await process.stdout.readexactly(len(b"ready\n"))
        except BaseException:
            await parser.end()
            raise
        return parser

    @property
    def is_fit(self) -> bool:
        """It can be given another mail."""
        return self._in_step and self._process.returncode is None

    async def parse(self, raw: RawMessage) -> Parsed:
        self._in_step = False
        outcome, answer, blob = await self._exchange(raw)
        self._in_step = outcome is not Outcome.EXHAUSTED
        if outcome is Outcome.READ:
            return decode_parsed(answer, blob)
        reason = json.loads(answer)
        if outcome is Outcome.BROKE:
            log.error("the mail reader broke", action="parser_broke", raw_id=raw.id, place=reason.get("place"))
        raise Unreadable(str(reason["reason"]))

    async def _exchange(self, raw: RawMessage) -> tuple[Outcome, bytes, bytes]:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            async with asyncio.timeout(self._silence):
                stdin.write(encode_request(raw))
                await stdin.drain()
                outcome, answer_length, blob_length = RESPONSE.unpack(await stdout.readexactly(RESPONSE.size))
                answer = await stdout.readexactly(answer_length)
                return Outcome(outcome), answer, await stdout.readexactly(blob_length)
        except TimeoutError:
            raise _LostError(f"no answer in {self._silence:g} s") from None
        except (asyncio.IncompleteReadError, ConnectionError):
            code = await self._process.wait()
            if code == -signal.SIGPROF:
                raise Unreadable("reading it takes too much processor time") from None
            raise _LostError(f"ended with {code}") from None

    async def end(self) -> None:
        """Kill it, if it still lives."""
        with suppress(ProcessLookupError):
            self._process.kill()
        # What it may still have said is not read any more; without this the pipes would stay open.
        self._process._transport.close()  # type: ignore[attr-defined]
        await self._process.wait()
