"""Makes docs/overview.md: one message on its way through the folders, with the JSON at each stage, as it really is.

    python docs/walk.py > docs/overview.md        (or: make overview)

It runs the parts of a gateway on an engine of its own in a temporary folder, with the example configuration, and prints
what each stage made of the same mail. Ids, times and secrets differ from run to run, so they are shortened.
"""

import asyncio
import json
import os
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from trunkline.gateway.assembly import Assembly
from trunkline.gateway.configuration import configure
from trunkline.gateway.engine_source import engine_for_owner
from trunkline.gateway.logs import start_logging
from trunkline.normalizer.copies import filing_keys
from trunkline.normalizer.envelope import RawMessage
from trunkline.queue.intake import unpack
from trunkline.queue.work import Entry, WorkQueue
from trunkline.queue.worker import Worker
from trunkline.router.mapped_fields import mapped_fields
from trunkline.router.placement import facts_of
from trunkline.router.reader import TicketFilter
from trunkline.router.resolver import Resolver
from trunkline.router.ticket_requests import Writing

HERE = Path(__file__).parent

MAIL = b"""\
From: =?utf-8?q?Mar=C3=ADa?= <maria@example.org>\r
To: support@example.test\r
Subject: Pedido 1042\r
Message-ID: <1042@example.org>\r
Date: Sun, 22 Nov 2026 10:00:00 +0100\r
MIME-Version: 1.0\r
Content-Type: text/plain; charset=utf-8\r
\r
Hola, el pedido no ha llegado y quiero que me devuelvan el dinero.\r
\r
-- \r
Mar\xc3\xada\r
"""

TEXTS = {
    "intake": "**adapters/mail** has checked the recipient and hands the bytes to **queue/intake.py**. One script writes them, their "
    "dedup record and their place in line; with `fsync always` they are on the disk when it answers, and only then the sender "
    "hears `250`. Nothing has been parsed. In the queue lies one line of JSON, then the mail as it came:",
    "envelope": "A worker claims the entry (**queue/worker.py**) and **adapters/mail** reads it, in a process of its own with limits. "
    "What comes out is the **envelope** (**normalizer/envelope.py**), the same for every channel: what was written now, the "
    "signature apart, the language, who it is and how well that is proven. The peer is one of our own mail servers, so the "
    "origin counts as proven (A2):",
    "resolve": "**router/resolver.py** looks up who that is and what the message belongs to; reads only. Nobody knows María yet, and "
    "it answers nothing, so it will be a new customer and a new ticket:",
    "rules": "**router/rules.py** decides on that snapshot, with the rules of the configuration. `trunkline explain` makes the same "
    "verdict again, with the trace of each rule:",
    "ticket": "**router/file_message.lua** first checks that nothing of this has changed, then writes customer, ticket, article, "
    "acknowledgement and feed in one step, and takes the entry off the intake queue. The ticket, already in its queue:",
    "articles": "Its articles: the message, and the acknowledgement with the case number, in her language, which waits in the outbox:",
    "decision": "The ticket waits, and that is an event in the offers queue. Carla comes on duty: another one. **router/offers.py** "
    "hands each to **router/place_ticket.lua**, which reserves the ticket for the best agent with room, and records what it saw:",
    "reply": "Carla accepts and answers (**router/actions.py**, whatever face she uses). The outbox hands the reply to **adapters/mail**, "
    "which is all it needs to send it. It goes to the address that wrote, from the address that it wrote to:",
    "feed": "Each of these steps left its line in the feed (**queue/feed.py**) in the script that made it, so whoever follows the feed "
    "has missed nothing. One line, as consumers get it, and the list of all:",
}


def short(text: str) -> str:
    """Ids and random words, cut to what a reader needs to tell them apart."""
    text = re.sub(r"\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-([0-9a-f]{4})[0-9a-f]{8}\b", r"\1…\2", text)
    text = re.sub(r"\b([0-9a-f]{8})[0-9a-f]{48,}\b", r"\1…", text)
    text = re.sub(r'("(?:reference|token)": ?")[\w-]{6,}"', r'\1…"', text)
    return re.sub(r"/tmp/[^\s\"]*", "…", text)


def block(value: object, kind: str = "json") -> str:
    """A code block."""
    text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
    return f"```{kind}\n{short(text)}\n```\n"


def filled(record: dict[str, Any]) -> dict[str, Any]:
    """The fields that hold something."""
    return {name: value for name, value in record.items() if value not in (None, "", [], {}, False)}


Seen = Iterator[tuple[str, str]]
TRANSPORT = {
    "peer": "127.0.0.1",
    "mail_from": "maria@example.org",
    "rcpt_to": ["support@example.test"],
    "trusted": True,
}


async def stages(assembly: Assembly) -> AsyncIterator[tuple[str, str]]:
    """Take the mail through all stages; gives the name of each and what there was to see."""
    entry = await stored(assembly)
    for part in await read_and_decided(assembly, entry):
        yield part
    await assembly.intake_handler.handle(entry)
    (ticket,) = (await assembly.reader.tickets(TicketFilter())).items
    yield "ticket", block(filled(ticket.model_dump(mode="json")))
    articles = [filled(article.model_dump(mode="json")) for article in await assembly.reader.articles(ticket.id)]
    yield "articles", block(articles)
    yield "decision", await offered(assembly, ticket.id)
    yield "reply", await answered(assembly, ticket.id)
    yield "feed", await told(assembly)


async def stored(assembly: Assembly) -> Entry:
    """The mail as it lies in the intake queue, claimed."""
    await assembly.intake.accept(
        channel="mail",
        account="support@example.test",
        external_id="1042@example.org",
        kind="message",
        lane="mail:maria@example.org",
        content=MAIL,
        transport=TRANSPORT,
    )
    ((entry,),) = (await WorkQueue(assembly.engine, "intake").claim(assembly.clock.now(), lanes=1)).lanes
    return entry


async def read_and_decided(assembly: Assembly, entry: Entry) -> Seen:
    """From the stored bytes to what the rules decide."""
    header, content = unpack(entry.payload)
    raw = RawMessage(**header, content=content, sequence=entry.sequence)
    (envelope,) = (await assembly.channels["mail"].parse(raw)).envelopes
    found = await Resolver(assembly.engine).resolve(envelope, filing_keys(envelope, assembly.policy().channels["mail"]))
    looked_up = {"identities": found.identities, "threads": found.threads, "join": found.join.reason}
    explanation = assembly.policy().rules.explain(
        facts_of(envelope, found, mapped_fields(envelope, assembly.settings.own_fields))
    )
    return iter(
        [
            ("intake", block(header) + block(content.decode(), "text")),
            ("envelope", block(filled(envelope.model_dump(mode="json")))),
            ("resolve", block(looked_up)),
            ("rules", block(filled(explanation.verdict.model_dump(mode="json")))),
        ]
    )


async def offered(assembly: Assembly, ticket: str) -> str:
    """Carla comes on duty and is offered the ticket."""
    offers = Worker(WorkQueue(assembly.engine, "offers"), assembly.clock, assembly.router_events.handle)
    await offers.drain()
    await assembly.actions.presence("carla", "available", actor="agent:carla")
    await offers.drain()
    (decision,) = await assembly.reader.decisions(ticket)
    return block(filled(decision.model_dump(mode="json")))


async def answered(assembly: Assembly, ticket: str) -> str:
    """She accepts and answers; what the outbox hands to the channel."""
    await assembly.actions.accept(ticket, "carla", actor="agent:carla")
    text = "Hola María, el reembolso está en camino."
    article = await assembly.actions.reply(
        ticket, Writing(text=text, agent="carla", actor="agent:carla", status="solved")
    )
    outgoing = await assembly.delivery.outgoing(article, ticket)
    assert outgoing is not None
    return block(filled(outgoing.model_dump(mode="json")))


async def told(assembly: Assembly) -> str:
    """One line of the feed as consumers get it, and the list of all."""
    lines = await assembly.feed.read(0, 100)
    event = lines[1].cloud_event(assembly.settings.workspace)
    event["data"] = dict.fromkeys(event["data"], "…")
    table = "\n".join(f"{line.position:3}  {line.kind:24} sequence {line.sequence}" for line in lines)
    return block(event) + block(table, "text")


async def main() -> None:
    """Print the page."""
    with tempfile.TemporaryDirectory(prefix="tl-") as folder:
        environ = {"TRUNKLINE_DATA": folder, "TRUNKLINE_CONFIG": str(HERE.parent / "config" / "example.yaml")}
        configuration = configure(None, environ)
        configuration.folder.prepare()
        source = engine_for_owner(configuration)
        assembly = Assembly(configuration, await source.start())
        try:
            await assembly.recognition.start()
            await assembly.clock.start()
            await assembly.blobs.start()
            await assembly.register_agents()
            print(page(iter([part async for part in stages(assembly)])))
        finally:
            await assembly.close_channels()
            await assembly.blobs.stop()
            await assembly.engine.close()
            await source.stop()


def page(parts: Seen) -> str:
    """The whole page."""
    head = (HERE / "overview_head.md").read_text(encoding="utf-8")
    titles = {
        "intake": "Stored",
        "envelope": "Read",
        "resolve": "Resolved",
        "rules": "Decided",
        "ticket": "Filed",
        "articles": "The conversation",
        "decision": "Offered",
        "reply": "Answered",
        "feed": "Told",
    }
    sections = [f"## {n}. {titles[name]}\n\n{TEXTS[name]}\n\n{shown}" for n, (name, shown) in enumerate(parts, 1)]
    return head + "\n" + "\n".join(sections).rstrip()


if __name__ == "__main__":
    os.environ.pop("TRUNKLINE_CONFIG", None)
    start_logging("error")
    asyncio.run(main())
    sys.exit(0)
