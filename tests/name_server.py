"""A DNS server on loopback, for tests that let a real resolver ask.

It answers from a zone as tests/unit/mail_origin/zone.py has it; a name with `TIMEOUT` is never answered. `asked` counts
the questions that came over the wire.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from trunkline.config.errors import NameServiceUnavailable
from trunkline.config.quantities import HostPort

_TTL = 300


class NameServer(asyncio.DatagramProtocol):
    """Answers questions from a lookup such as ZoneLookup."""

    def __init__(self, lookup: Any) -> None:
        self.lookup = lookup
        self.asked: list[str] = []
        self.answers = True
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        task = asyncio.create_task(self._answer(data, addr))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, data: bytes, addr: Any) -> None:
        query = dns.message.from_wire(data)
        question = query.question[0]
        kind = dns.rdatatype.to_text(question.rdtype)
        self.asked.append(f"{question.name.to_text(omit_final_dot=True)} {kind}")
        if not self.answers:
            return
        try:
            found = await self.lookup(question.name.to_text(omit_final_dot=True), kind)
        except NameServiceUnavailable:
            return
        answer = dns.message.make_response(query, recursion_available=True)
        if found:
            texts = [_presented(kind, index, text) for index, text in enumerate(found)]
            answer.answer.append(dns.rrset.from_text(question.name, _TTL, "IN", kind, *texts))
        else:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        wire = answer.to_wire(max_size=65535)
        if len(wire) > 1232:
            answer = dns.message.make_response(query)
            answer.flags |= dns.flags.TC
            wire = answer.to_wire()
        self.transport.sendto(wire, addr)


def _presented(kind: str, index: int, text: str) -> str:
    if kind == "MX":
        return f"{index} {text}."
    if kind == "PTR":
        return f"{text}."
    if kind != "TXT":
        return text
    pieces = [text[at : at + 200] for at in range(0, len(text), 200)] or [""]
    return " ".join('"' + "".join(_escaped(each) for each in piece) + '"' for piece in pieces)


def _escaped(character: str) -> str:
    return f"\\{character}" if character in '"\\' else character if character.isascii() else f"\\{ord(character):03d}"


@asynccontextmanager
async def name_server(lookup: Any) -> AsyncIterator[tuple[NameServer, HostPort]]:
    """The server, and where it listens."""
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(lambda: NameServer(lookup), local_addr=("127.0.0.1", 0))
    try:
        yield server, HostPort("127.0.0.1", transport.get_extra_info("sockname")[1])
    finally:
        transport.close()
