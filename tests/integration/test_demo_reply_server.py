"""The demo's mail server: it ends without a complaint, whatever its connections are doing."""

import asyncio
from email.message import EmailMessage
from typing import Any

import aiosmtplib
import pytest

from trunkline.config.quantities import HostPort
from trunkline.demo.simulation.reply_server import ReplyServer


def written() -> EmailMessage:
    """A reply of the gateway."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "support@example.test", "maria@example.org", "Lamp"
    mail.set_content("Try another bulb.")
    return mail


@pytest.fixture
async def complaints() -> list[dict[str, Any]]:
    """What the event loop complains of."""
    found: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: found.append(context))
    return found


async def connected(server: ReplyServer) -> aiosmtplib.SMTP:
    """A sender that keeps its connection, as the gateway does."""
    assert server._server is not None
    port = server._server.sockets[0].getsockname()[1]
    return aiosmtplib.SMTP(hostname="127.0.0.1", port=port, timeout=10)


async def test_a_connection_that_waits_is_ended_without_a_complaint(complaints: list[dict[str, Any]]) -> None:
    read = asyncio.Queue[EmailMessage]()
    server = ReplyServer(HostPort("127.0.0.1", 0), read.put)
    await server.start()
    sender = await connected(server)
    await sender.connect()
    await sender.send_message(written())
    assert str((await read.get())["Subject"]) == "Lamp"
    await server.stop()
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await sender.noop()
    assert asyncio.all_tasks() == {asyncio.current_task()}, "nothing is left to be cancelled at the end of the process"
    assert complaints == []


async def test_a_mail_that_is_being_read_gets_its_answer_first(complaints: list[dict[str, Any]]) -> None:
    reading, go_on = asyncio.Event(), asyncio.Event()

    async def read(_: EmailMessage) -> None:
        reading.set()
        await go_on.wait()

    server = ReplyServer(HostPort("127.0.0.1", 0), read)
    await server.start()
    sender = await connected(server)
    await sender.connect()
    sending = asyncio.create_task(sender.send_message(written()))
    await reading.wait()
    stopping = asyncio.create_task(server.stop())
    go_on.set()
    errors, answer = await sending
    await stopping
    assert (errors, answer[:3]) == ({}, "250") or answer.startswith("2.0.0")
    sender.close()
    assert complaints == []


async def test_started_again_it_serves_again() -> None:
    read = asyncio.Queue[EmailMessage]()
    server = ReplyServer(HostPort("127.0.0.1", 0), read.put)
    for _ in range(2):
        await server.start()
        sender = await connected(server)
        await sender.connect()
        await sender.send_message(written())
        await sender.quit()
        await read.get()
        await server.stop()
